"""Records that cannot become documents: they stop nothing, are kept, and end when they are mended."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from adapters.contract import Damaged
from hub.catalog.models import Instrument
from hub.catalog.service.sync import sync_province
from hub.core.runtime import Runtime
from hub.federation import queries
from tests.hub.catalog.fake_province import PROVINCE, FakeProvince, instrument_body
from tests.hub.catalog.looking import documents, listed

pytestmark = pytest.mark.database


def test_bad_records_stop_neither_the_run_nor_the_checkpoint(hub: Runtime, fake: FakeProvince) -> None:
    fake.append(instrument_body("X1", bad="火星仪器"))
    fake.append(instrument_body("", name="没有编号"))
    fake.append(instrument_body("X2", boom=True))
    fake.append(instrument_body("N2", name="同一编号的另一台"))
    fake.put(instrument_body("N11"))
    [*_, end] = sync_province(hub, PROVINCE)
    assert end.verdict == "complete"
    assert "N11" in listed(hub)
    assert documents(hub)["N2"]["name_zh"] == "扫描电镜 N2"  # the first one stands
    with hub.database.read() as session:
        held = {q.native_key: q for q in queries.quarantined(session, PROVINCE)}
        assert {key: q.reasons[0]["code"] for key, q in held.items()} == {
            "U1|X1": "unmapped-code", None: "missing", "U1|X2": "mapping-failed", "U1|N2": "duplicate-key",
        }  # fmt: skip
        raw = queries.raw_payload(session, held["U1|X1"].raw_run, held["U1|X1"].raw_number)
        assert raw is not None
        assert "火星仪器" in raw.decode()
        assert [(w.code_table, w.value, w.occurrences) for w in queries.worklist(session)] == [
            ("class", "火星仪器", 1)
        ]
        assert queries.checkpoints(session, PROVINCE)["instruments"].is_read_open is False


def test_quarantine_is_the_same_after_every_read_and_ends_when_the_record_is_mended(
    hub: Runtime, fake: FakeProvince
) -> None:
    fake.append(instrument_body("X1", bad="火星仪器"))
    fake.append(instrument_body("N2", name="同一编号的另一台"))
    sync_province(hub, PROVINCE)
    sync_province(hub, PROVINCE, "manual", wants_full=True)
    with hub.database.read() as session:
        assert {q.native_key for q in queries.quarantined(session)} == {"U1|X1", "U1|N2"}
    fake.put(instrument_body("X1"))
    hub.clock.advance(601)
    sync_province(hub, PROVINCE)  # changes only
    assert "X1" in listed(hub)
    with hub.database.read() as session:
        assert {q.native_key for q in queries.quarantined(session)} == {"U1|N2"}
        assert [q.resolved_why for q in queries.quarantined(session, state="resolved")] == ["mapped"]
    fake.holdings().rows = [row for row in fake.holdings().rows if row.body.get("name") != "同一编号的另一台"]
    sync_province(hub, PROVINCE, "manual", wants_full=True)
    with hub.database.read() as session:
        assert queries.quarantined(session) == []


def test_a_duplicate_in_a_read_of_changes_does_not_win(hub: Runtime, fake: FakeProvince) -> None:
    fake.append(instrument_body("N2", name="同一编号的另一台"))
    sync_province(hub, PROVINCE)
    # an overlapping window delivers both again
    held = fake.holdings()
    held.changes += [held.rows[2], held.rows[-1]]
    hub.clock.advance(601)
    sync_province(hub, PROVINCE)
    assert documents(hub)["N2"]["name_zh"] == "扫描电镜 N2"


def test_a_record_that_changes_while_it_is_read_is_no_duplicate(hub: Runtime, fake: FakeProvince) -> None:
    later = hub.clock() + timedelta(seconds=5)
    fake.append(instrument_body("N2", name="刚改过"), modified=later)
    sync_province(hub, PROVINCE)
    assert documents(hub)["N2"]["name_zh"] == "刚改过"
    with hub.database.read() as session:
        assert queries.quarantined(session) == []


def test_a_record_that_gets_worse_keeps_its_last_good_state_and_says_so(
    hub: Runtime, fake: FakeProvince
) -> None:
    sync_province(hub, PROVINCE)
    fake.put(instrument_body("N5", bad="火星仪器"))
    sync_province(hub, PROVINCE, "manual", wants_full=True)
    assert "N5" in listed(hub)
    with hub.database.read() as session:
        ids = {row.native_key: row.id for row in session.scalars(select(Instrument))}
        assert queries.stale_subjects(session, list(ids.values())) == {ids["U1|N5"]}
    fake.put(instrument_body("N5"))
    sync_province(hub, PROVINCE, "manual", wants_full=True)
    with hub.database.read() as session:
        assert queries.stale_subjects(session, list(ids.values())) == set()


def test_damaged_pieces_are_kept(hub: Runtime, fake: FakeProvince) -> None:
    fake.holdings().damaged.append(
        Damaged("instruments.csv 第 12 行", b"a;b", "columns", "列数不符", "wrong columns")
    )
    sync_province(hub, PROVINCE)
    with hub.database.read() as session:
        [held] = queries.quarantined(session)
        assert held.position == "instruments.csv 第 12 行"
        assert queries.raw_payload(session, held.raw_run, held.raw_number) == b"a;b"
