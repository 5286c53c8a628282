"""What is forgotten after half a year, and what never is while somebody needs it."""

from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest
from sqlalchemy import func, select

from hub.catalog.models import Instrument
from hub.catalog.service import deliveries, schedule, sync
from hub.core.runtime import Runtime
from hub.federation import queries
from hub.federation.models import File, FilePart, Raw
from hub.federation.service import deliveries as kept
from tests.hub.catalog.fake_province import PROVINCE, UPLOADED, FakeProvince, instrument_body
from tests.hub.catalog.looking import listed

pytestmark = pytest.mark.database

HALF_A_YEAR = 181 * 86_400


def rows(hub: Runtime, table: type[Raw | FilePart]) -> int:
    with hub.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_old_payloads_are_retired_and_those_in_use_are_kept(hub: Runtime, fake: FakeProvince) -> None:
    fake.append(instrument_body("X1", bad="火星仪器"))
    sync.sync_province(hub, PROVINCE)
    for number in range(10):
        fake.put(instrument_body(f"N{number}", name="改过"))
    hub.clock.advance(601)
    sync.sync_province(hub, PROVINCE)
    before = rows(hub, Raw)
    hub.clock.advance(HALF_A_YEAR)
    assert schedule.retire_old(hub) == 2  # pages of instruments; the third still holds the quarantined one
    assert rows(hub, Raw) == before - 2
    with hub.database.read() as session:
        ids = session.scalars(select(Instrument.id)).all()
        found = [s for sources in queries.sources_of(session, ids).values() for s in sources]
        assert all(queries.raw_payload(session, s.raw_run, s.raw_number) for s in found)
        [held] = queries.quarantined(session)
        assert queries.raw_payload(session, held.raw_run, held.raw_number) is not None
        assert queries.raw_payload(session, found[0].raw_run, 10_000) is None
    assert schedule.retire_old(hub) == 0


@pytest.fixture
def upload(hub: Runtime, fake: FakeProvince) -> Callable[[], File]:
    """Upload the same workbook with one instrument, as the province's staff does."""
    fake.resource_list = (replace(UPLOADED, name="workbook"),)
    content = orjson.dumps(instrument_body("W1"))
    told = kept.Upload(PROVINCE, "workbook", "仪器.xlsx", content, "account:staff")
    return lambda: deliveries.receive_upload(hub, told)


def test_the_content_of_a_file_is_forgotten_and_its_entry_stays(
    hub: Runtime, upload: Callable[[], File]
) -> None:
    file = deliveries.take_upload(hub, upload().id, owner="outbox:1")
    assert schedule.retire_old(hub) == 0
    hub.clock.advance(HALF_A_YEAR)
    assert schedule.retire_old(hub) == 1
    assert rows(hub, FilePart) == 0
    with hub.database.read() as session:
        [held] = queries.files(session, PROVINCE)
        assert (held.id, held.state, held.sha256, held.run_id) == (file.id, "done", file.sha256, file.run_id)
        [sources] = queries.sources_of(session, session.scalars(select(Instrument.id)).all()).values()
        raw = queries.raw_payload(session, sources[0].raw_run, sources[0].raw_number)
    assert raw == orjson.dumps(instrument_body("W1"), option=orjson.OPT_SORT_KEYS)
    assert schedule.retire_old(hub) == 0


def test_a_file_that_waits_to_be_read_keeps_its_content(hub: Runtime, upload: Callable[[], File]) -> None:
    file = upload()
    hub.clock.advance(HALF_A_YEAR)
    assert schedule.retire_old(hub) == 0
    deliveries.take_upload(hub, file.id, owner="outbox:1")
    assert listed(hub) == ["W1"]


def test_a_file_whose_content_was_forgotten_may_be_uploaded_again(
    hub: Runtime, upload: Callable[[], File]
) -> None:
    first = deliveries.take_upload(hub, upload().id, owner="outbox:1")
    hub.clock.advance(HALF_A_YEAR)
    schedule.retire_old(hub)
    again = upload()
    assert (again.id, again.state, again.uploaded_at) == (first.id, "queued", hub.clock())
    assert deliveries.take_upload(hub, again.id, owner="outbox:2").state == "done"
    assert rows(hub, FilePart) == 1
    assert schedule.retire_old(hub) == 0  # kept for half a year from now on


def test_a_large_file_is_forgotten_in_short_transactions(hub: Runtime, upload: Callable[[], File]) -> None:
    file = deliveries.take_upload(hub, upload().id, owner="outbox:1")
    with hub.database.write() as session:
        for number in range(1, 20):
            kept.store_part(session, file.id, number, b"part")
    hub.clock.advance(HALF_A_YEAR)
    with hub.database.write() as session:
        assert kept.retire_parts(session, before=hub.clock()) == 8
    assert schedule.retire_old(hub) == 12
    assert rows(hub, FilePart) == 0
