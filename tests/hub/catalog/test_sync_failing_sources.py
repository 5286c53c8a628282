"""Sources that are away, refuse, forget their cursors, cap, lie or go in circles."""

import pytest

from adapters.contract import Limits
from adapters.errors import AuthRejected, Throttled, Unreachable
from hub.catalog.service.schedule import schedule_due_syncs
from hub.catalog.service.sync import sync_province
from hub.core.runtime import Runtime
from hub.federation import queries
from hub.federation.errors import SyncDeferred
from tests.hub.catalog.fake_province import INSTRUMENTS, PROVINCE, FakeProvince, Manifest, instrument_body
from tests.hub.catalog.looking import listed

pytestmark = pytest.mark.database


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
        assert run.pages == 2  # once more might have been a source that began anew


def test_a_source_that_begins_anew_in_the_middle_is_read_to_its_end(hub: Runtime, fake: FakeProvince) -> None:
    fake.resource_list = (INSTRUMENTS,)
    fake.forgets_its_place_after = 8
    [end] = sync_province(hub, PROVINCE)
    assert (end.verdict, end.why) == ("complete", "")
    assert listed(hub) == [f"N{n}" for n in range(10)]
    with hub.database.read() as session:
        run = queries.latest_runs(session)[PROVINCE, "instruments"]
        assert (run.pages, run.received, run.created, run.unchanged, run.quarantined) == (5, 18, 10, 8, 0)


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
