"""Reading a province: what arrives, what is a touch, which facts make an instrument."""

import pytest
from sqlalchemy import func, select

from hub.catalog.models import Institution, Instrument, ServiceItem
from hub.catalog.service.sync import sync_province
from hub.core.runtime import Runtime
from hub.federation import queries
from hub.federation.errors import ProvinceUnknown
from hub.federation.models import Raw
from tests.hub.catalog.fake_province import PROVINCE, FakeProvince, Holdings, instrument_body, survey_body
from tests.hub.catalog.looking import announced, documents, listed

pytestmark = pytest.mark.database


def test_a_first_read_brings_everything(hub: Runtime, fake: FakeProvince) -> None:
    ends = sync_province(hub, PROVINCE)
    assert [(end.resource, end.verdict) for end in ends] == [
        ("institutions", "complete"), ("survey", "complete"), ("instruments", "complete"),
    ]  # fmt: skip
    with hub.database.read() as session:
        row = session.scalars(select(Instrument).where(Instrument.native_key == "U1|N3")).one()
        assert row.document["sharing_mode"] == "external"
        assert row.document["annual"] == {"year": 2025, "effective_hours": 1400, "external_hours": 200}
        assert row.value_band == "50-200"
        assert session.scalar(select(func.count()).select_from(ServiceItem)) == 10
        assert session.scalars(select(Institution.name_zh)).all() == ["合成大学 U1"]
        run = queries.latest_runs(session)[PROVINCE, "instruments"]
        assert (run.received, run.updated, run.pages, run.is_full) == (10, 10, 3, True)
    assert listed(hub) == [f"N{n}" for n in range(10)]
    assert announced(hub) == 11


def test_an_unchanged_read_maps_nothing_and_announces_nothing(hub: Runtime, fake: FakeProvince) -> None:
    sync_province(hub, PROVINCE)
    before, mapped = announced(hub), fake.mapped
    hub.clock.advance(7200)
    sync_province(hub, PROVINCE, "manual", wants_full=True)
    assert fake.mapped == mapped
    assert announced(hub) == before
    with hub.database.read() as session:
        run = queries.latest_runs(session)[PROVINCE, "instruments"]
        assert (run.unchanged, run.created, run.updated, run.verdict) == (10, 0, 0, "complete")
        seen = queries.sources_of(session, session.scalars(select(Instrument.id)).all())
        assert {source.seen_at for sources in seen.values() for source in sources} == {hub.clock()}


def test_a_new_mapping_version_maps_again_and_equal_content_is_a_touch(
    hub: Runtime, fake: FakeProvince
) -> None:
    sync_province(hub, PROVINCE)
    before, mapped = announced(hub), fake.mapped
    fake.version = "2-bbbbbbbb"
    sync_province(hub, PROVINCE, "manual")
    assert fake.mapped == mapped + 21
    assert announced(hub) == before
    with hub.database.read() as session:
        sources = queries.sources_of(session, session.scalars(select(Instrument.id)).all())
        assert {s.mapping_version for found in sources.values() for s in found} == {"2-bbbbbbbb"}
        raws = session.scalar(select(func.sum(Raw.count)))
    assert raws == 21  # the same bytes are not kept twice


def test_a_later_read_asks_for_changes_only(hub: Runtime, fake: FakeProvince) -> None:
    sync_province(hub, PROVINCE)
    fake.put(instrument_body("N4", name="新名称"))
    fake.put(instrument_body("N77"))
    hub.clock.advance(601)
    served, mapped = fake.served, fake.mapped
    ends = sync_province(hub, PROVINCE)
    assert [end.resource for end in ends] == ["instruments"]  # the others are not due
    assert fake.served == served + 1
    assert fake.mapped == mapped + 2
    assert listed(hub) == [*(f"N{n}" for n in range(8)), "N77", "N8", "N9"]


def test_survey_and_main_record_may_come_in_any_order(hub: Runtime, fake: FakeProvince) -> None:
    fake.held["instruments"] = Holdings()
    sync_province(hub, PROVINCE)
    assert listed(hub) == []
    with hub.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ServiceItem)) == 0
    assert announced(hub) == 1  # the institution; a survey row alone names no instrument
    for number in range(10):
        fake.put(instrument_body(f"N{number}"))
    hub.clock.advance(601)
    sync_province(hub, PROVINCE)
    assert len(listed(hub)) == 10
    before = documents(hub)
    assert before["N1"]["funding_source"] == "own"
    fake.put(survey_body("N1", year=2024, funds="other"), resource="survey")  # an older form comes late
    hub.clock.advance(86401)
    sync_province(hub, PROVINCE)
    assert documents(hub) == before


def test_a_province_nobody_installed_is_named(hub: Runtime) -> None:
    with pytest.raises(ProvinceUnknown):
        sync_province(hub, "990000")
