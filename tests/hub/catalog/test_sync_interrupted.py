"""Readers that die, are slow or are taken over: the read ends as if nothing had happened."""

import time
from datetime import datetime

import pytest
from sqlalchemy import func, select

from hub.catalog.models import ServiceItem
from hub.catalog.service.sync import beating, sync_province
from hub.core.errors import LeaseLost
from hub.core.runtime import Runtime
from hub.federation import queries
from hub.federation.models import Run
from hub.federation.service import claims, runs
from tests.hub.catalog.fake_province import INSTRUMENTS, PROVINCE, FakeProvince, instrument_body
from tests.hub.catalog.looking import Killed, documents, kill_at, listed

pytestmark = pytest.mark.database


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
    hub.clock.advance(claims.LEASE_SECONDS + 1)
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
    hub.clock.advance(claims.LEASE_SECONDS + 1)
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


def test_the_lease_lives_while_a_province_is_slow(hub: Runtime) -> None:
    assert claims.HEARTBEAT_SECONDS < claims.LEASE_SECONDS / 3
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
