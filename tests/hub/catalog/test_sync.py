"""Reading a province: what arrives, what is a touch, what an interrupted run leaves behind."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from adapters.contract import Damaged, Limits
from adapters.errors import AuthRejected, Throttled, Unreachable
from hub.catalog.models import Institution, Instrument, ServiceItem
from hub.catalog.service.schedule import schedule_due_syncs
from hub.catalog.service.sync import beating, sync_province
from hub.core.errors import LeaseLost
from hub.core.runtime import Runtime
from hub.core.sequencer import AnnouncedChange
from hub.federation import queries
from hub.federation.errors import ProvinceUnknown, SyncDeferred
from hub.federation.models import Raw, Run
from hub.federation.service import runs
from tests.hub.catalog.fake_province import (
    INSTRUMENTS,
    PROVINCE,
    FakeProvince,
    Holdings,
    Manifest,
    instrument_body,
    survey_body,
)

pytestmark = pytest.mark.database


def announced(hub: Runtime) -> int:
    with hub.database.read() as session:
        return session.scalar(select(func.count()).where(AnnouncedChange.topic == "catalog")) or 0


def listed(hub: Runtime) -> list[str]:
    with hub.database.read() as session:
        keys = session.scalars(
            select(Instrument.native_key).where(Instrument.is_listed).order_by(Instrument.native_key)
        )
        return [key.partition("|")[2] for key in keys]


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


def documents(hub: Runtime) -> dict[str, Any]:
    with hub.database.read() as session:
        return {
            row.native_key.partition("|")[2]: row.document
            for row in session.scalars(select(Instrument).where(Instrument.is_listed))
        }


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


class Killed(BaseException):
    """The process is gone."""


def kill_at(steps: int) -> Callable[[str], None]:
    left = steps

    def step(_name: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    return step


def state(hub: Runtime) -> tuple[Any, ...]:
    with hub.database.read() as session:
        points = queries.checkpoints(session, PROVINCE)
        return (
            documents(hub),
            {q.raw_hash for q in queries.quarantined(session)},
            session.scalar(select(func.count()).select_from(ServiceItem)),
            {name: (point.cursor, point.is_read_open, point.read_rows) for name, point in points.items()},
        )


@pytest.mark.parametrize("after", [0, 2, 7, 10, 14, 18])
def test_a_killed_run_is_taken_over_and_ends_as_if_nothing_had_happened(
    hub: Runtime, fake: FakeProvince, after: int
) -> None:
    fake.append(instrument_body("X1", bad="火星仪器"))
    fake.append(instrument_body("N2", name="同一编号的另一台"))
    with pytest.raises(Killed):
        sync_province(hub, PROVINCE, owner="first", step=kill_at(after))
    sync_province(hub, PROVINCE, "manual", owner="second")  # the lease of the dead one still runs
    with hub.database.read() as session:
        left = [run for run in queries.active_runs(session) if run.owner == "first"]
    hub.clock.advance(runs.LEASE_SECONDS + 1)
    sync_province(hub, PROVINCE, "manual", owner="second")
    with hub.database.read() as session:
        assert queries.active_runs(session) == []
        for run in left:
            again = queries.run_by_id(session, run.id)
            assert again is not None
            assert (again.owner, again.fence, again.verdict) == ("second", 2, "complete")
        newest = queries.latest_runs(session)
        assert {run.verdict for run in newest.values()} == {"complete"}
    assert len(listed(hub)) == 10
    with hub.database.read() as session:
        assert {q.native_key for q in queries.quarantined(session)} == {"U1|X1", "U1|N2"}
        assert session.scalar(select(func.count()).select_from(ServiceItem)) == 10
        points = queries.checkpoints(session, PROVINCE)
        assert {name: point.read_rows for name, point in points.items()} in (
            {"institutions": 1, "survey": 10, "instruments": 12},
            {"institutions": 1, "survey": 10, "instruments": 0},
        )


def test_a_page_that_was_half_written_is_written_again(hub: Runtime, fake: FakeProvince) -> None:
    fake.resource_list = (INSTRUMENTS,)
    fake.page_size = 700
    for number in range(600):
        fake.put(instrument_body(f"M{number}"))
    fake.append(instrument_body("M5", name="同一编号的另一台"))
    with pytest.raises(Killed):
        sync_province(hub, PROVINCE, owner="first", step=kill_at(3))  # claimed, page, written, then dead
    assert 0 < len(listed(hub)) < 610
    hub.clock.advance(runs.LEASE_SECONDS + 1)
    [end] = sync_province(hub, PROVINCE, owner="second")
    assert end.verdict == "complete"
    assert len(listed(hub)) == 610
    with hub.database.read() as session:
        run = queries.latest_runs(session)[PROVINCE, "instruments"]
        assert (run.received, run.duplicates, run.takeovers, run.pages) == (611, 1, 1, 1)
        assert queries.checkpoints(session, PROVINCE)["instruments"].read_rows == 611


def test_the_same_work_item_takes_its_run_over_at_once(hub: Runtime, fake: FakeProvince) -> None:
    with pytest.raises(Killed):
        sync_province(hub, PROVINCE, owner="outbox:7", step=kill_at(9))
    served = fake.served
    sync_province(hub, PROVINCE, owner="outbox:7")
    with hub.database.read() as session:
        assert queries.active_runs(session) == []
        assert sum(run.takeovers for run in queries.latest_runs(session).values()) == 1
    assert len(listed(hub)) == 10
    assert fake.served - served < 8  # it went on; it did not begin again


def test_a_holder_that_was_taken_over_writes_nothing_more(hub: Runtime, fake: FakeProvince) -> None:
    def steal(name: str) -> None:
        if name == "page" and fake.served == 6:
            hub.clock.advance(60)
            sync_province(hub, PROVINCE, "manual", owner="thief")
            fake.put(instrument_body("N3", name="后来的名字"))
            sync_province(hub, PROVINCE, "manual", owner="thief")

    with pytest.raises(LeaseLost):
        sync_province(hub, PROVINCE, owner="slow", step=steal)
    assert documents(hub)["N3"]["name_zh"] == "后来的名字"
    assert len(listed(hub)) == 10


def test_a_province_that_fails_in_the_middle_is_read_on_later(hub: Runtime, fake: FakeProvince) -> None:
    fake.fail_on_page[6] = Throttled("请稍候", "please wait", retry_after=30)
    with pytest.raises(SyncDeferred) as deferred:
        sync_province(hub, PROVINCE)
    assert deferred.value.retry_after == 30
    assert sync_province(hub, PROVINCE) == []  # nothing is due before that
    hub.clock.advance(31)
    [end] = sync_province(hub, PROVINCE)
    assert (end.resource, end.verdict) == ("instruments", "complete")
    with hub.database.read() as session:
        run = queries.latest_runs(session)[PROVINCE, "instruments"]
        assert (run.received, run.pages, run.takeovers) == (10, 3, 0)
    assert len(listed(hub)) == 10


def test_the_breaker_opens_and_a_sign_of_life_closes_it(hub: Runtime, fake: FakeProvince) -> None:
    fake.fail_always = Unreachable("连接被拒绝", "connection refused")
    for _ in range(5):
        with pytest.raises(SyncDeferred):
            sync_province(hub, PROVINCE)
        hub.clock.advance(33)
    with hub.database.read() as session:
        assert queries.provinces(session)[PROVINCE].state == "offline"
    served = fake.served
    assert sync_province(hub, PROVINCE) == []
    assert fake.served == served
    hub.clock.advance(60)
    fake.probe_error = Unreachable("连接被拒绝", "connection refused")
    assert sync_province(hub, PROVINCE) == []
    assert schedule_due_syncs(hub) == []
    fake.probe_error = fake.fail_always = None
    hub.clock.advance(3600)
    assert schedule_due_syncs(hub) == [PROVINCE]
    assert {end.verdict for end in sync_province(hub, PROVINCE)} == {"complete"}
    with hub.database.read() as session:
        assert queries.provinces(session)[PROVINCE].state == "connected"


def test_attempts_without_progress_end_the_run_as_partial(hub: Runtime, fake: FakeProvince) -> None:
    fake.fail_always = Throttled("请稍候", "please wait", retry_after=1)
    for _ in range(5):
        with pytest.raises(SyncDeferred):
            sync_province(hub, PROVINCE, "manual")
        hub.clock.advance(3700)
    [end, *_] = sync_province(hub, PROVINCE, "manual")
    assert end.verdict == "partial"
    with hub.database.read() as session:
        run = queries.latest_runs(session)[PROVINCE, "institutions"]
        assert run.error == {"code": "throttled", "zh": "请稍候", "en": "please wait"}


def test_refused_credentials_suspend_the_province(hub: Runtime, fake: FakeProvince) -> None:
    fake.fail_always = AuthRejected("令牌无效", "token refused")
    [end] = sync_province(hub, PROVINCE)
    assert end.verdict == "partial"
    with hub.database.read() as session:
        assert queries.provinces(session)[PROVINCE].state == "suspended"
    assert schedule_due_syncs(hub) == []


def test_a_page_repeated_for_ever_is_a_named_error(hub: Runtime, fake: FakeProvince) -> None:
    fake.repeats_for_ever = True
    ends = sync_province(hub, PROVINCE)
    assert {end.verdict for end in ends} == {"partial"}
    with hub.database.read() as session:
        run = queries.latest_runs(session)[PROVINCE, "instruments"]
        assert run.reasons[0]["code"] == "loop-detected"
        assert run.pages == 1


@pytest.mark.parametrize(
    "limits",
    [Limits(run_pages=2), Limits(run_bytes=500), Limits(run_seconds=0.5)],
    ids=["pages", "bytes", "seconds"],
)
def test_a_run_has_caps_and_the_next_run_goes_on(hub: Runtime, fake: FakeProvince, limits: Limits) -> None:
    fake.resource_list = (INSTRUMENTS,)
    fake.manifest = Manifest(limits=limits)
    verdicts = []
    for _ in range(6):
        [end] = sync_province(hub, PROVINCE, "manual", step=lambda _name: hub.clock.advance(0.2))
        verdicts.append(end.verdict)
        if end.verdict == "complete":
            break
    assert verdicts[0] == "partial"
    assert verdicts[-1] == "complete"
    assert len(listed(hub)) == 10


def test_a_cursor_the_source_forgot_starts_a_full_read(hub: Runtime, fake: FakeProvince) -> None:
    sync_province(hub, PROVINCE)
    fake.put(instrument_body("N10"))
    hub.clock.advance(601)
    fake.refuses_cursor = True
    [end] = sync_province(hub, PROVINCE)
    assert end.verdict == "complete"
    with hub.database.read() as session:
        run = queries.latest_runs(session)[PROVINCE, "instruments"]
        assert (run.is_full, run.received) == (True, 11)


def test_fewer_than_declared_is_partial_and_deletes_nothing(hub: Runtime, fake: FakeProvince) -> None:
    sync_province(hub, PROVINCE)
    fake.vanish("N1")
    fake.declares = 10
    end = sync_province(hub, PROVINCE, "manual", wants_full=True)[-1]
    assert end.verdict == "partial"
    assert "N1" in listed(hub)


def test_damaged_pieces_are_kept(hub: Runtime, fake: FakeProvince) -> None:
    fake.holdings().damaged.append(
        Damaged("instruments.csv 第 12 行", b"a;b", "columns", "列数不符", "wrong columns")
    )
    sync_province(hub, PROVINCE)
    with hub.database.read() as session:
        [held] = queries.quarantined(session)
        assert held.position == "instruments.csv 第 12 行"
        assert queries.raw_payload(session, held.raw_run, held.raw_number) == b"a;b"


def test_a_province_nobody_installed_is_named(hub: Runtime) -> None:
    with pytest.raises(ProvinceUnknown):
        sync_province(hub, "990000")


def test_the_lease_lives_while_a_province_is_slow(hub: Runtime) -> None:
    assert runs.HEARTBEAT_SECONDS < runs.LEASE_SECONDS / 3
    order = runs.Order("manual", "slow", "system:test")
    with hub.database.write() as session:
        claim = runs.claim_run(session, PROVINCE, INSTRUMENTS, order, mapping_version="1", now=hub.clock())
    hub.clock.advance(600)

    def lease() -> datetime:
        with hub.database.read() as session:
            [run] = queries.active_runs(session)
            return run.lease_until

    with beating(hub, claim, every=0.01):
        until = time.monotonic() + 10
        while lease() <= hub.clock() and time.monotonic() < until:
            time.sleep(0.01)
    assert lease() > hub.clock()
    with hub.database.write() as session:
        session.get_one(Run, claim.run_id).fence += 1
    before = lease()
    hub.clock.advance(600)
    with beating(hub, claim, every=0.01):  # a lease that was lost ends the heartbeat quietly
        time.sleep(0.1)
    assert lease() == before
