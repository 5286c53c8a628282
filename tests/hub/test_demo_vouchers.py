"""The demo's vouchers: every programme once, and money that its home authority hands over through its adapter."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.simulators.purse.demo import HOLDER, open_purse
from adapters.simulators.purse.keeping import keep_office
from hub.cli import demo_people, demo_vouchers
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.identity import queries as identity
from hub.settlement import queries, rules
from tests.adapters.settlement.offices import face
from tests.hub.settlement.laws import broken

pytestmark = pytest.mark.database


def test_the_demo_s_enterprise_has_a_voucher_once_also_after_another_start(
    database: Database, tmp_path: Path
) -> None:
    for day in range(2):
        zhejiang = face("330000", tmp_path / "330000")
        zhejiang.spoken.clock.advance(86400 * day)
        if not keep_office(zhejiang.office, tmp_path / "state"):
            open_purse(zhejiang.office)
        clock = zhejiang.spoken.clock
        runtime = Runtime(tmp_path, database, adapters={"330000": zhejiang.adapter}, clock=clock)
        demo_people.put_offices(database, [], clock=clock)
        demo_vouchers.put_programmes(database, clock=clock)
        assert demo_vouchers.take_allotments(runtime) == 1 - day
        assert zhejiang.office.purse.left(HOLDER) == 3_800_000
        zhejiang.spoken.line.end()
    with database.read() as session:
        enterprise = identity.enterprise_by_code(session, demo_people.ENTERPRISE[1])
        assert enterprise is not None
        (held,) = queries.wallets(session, enterprise.id)
        assert len(queries.everything(session)) == len(rules.published()) + len(rules.demo())
    assert (held.programme_id, held.left_fen) == ("demo-330400-voucher", 10_000_000)
    assert broken(database) == []


def test_a_home_system_that_is_down_does_not_stop_the_demo(database: Database, tmp_path: Path) -> None:
    zhejiang = face("330000", tmp_path)
    zhejiang.spoken.line.faults = ["refused"] * 9
    runtime = Runtime(tmp_path, database, adapters={"330000": zhejiang.adapter}, clock=zhejiang.spoken.clock)
    assert demo_vouchers.take_allotments(replace(runtime)) == 0
    zhejiang.spoken.line.end()
