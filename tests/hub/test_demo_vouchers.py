"""The demo's vouchers: every programme once, and money that its enterprise can spend at once."""

import pytest

from hub.cli import demo_people, demo_vouchers
from hub.core.db import Database
from hub.identity import queries as identity
from hub.settlement import queries, rules
from tests.hub.settlement.laws import broken
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


def test_the_demo_s_enterprise_has_a_voucher_once(database: Database, clock: VirtualClock) -> None:
    demo_people.put_offices(database, [], clock=clock)
    for _ in range(2):
        demo_vouchers.put_vouchers(database, clock=clock)
        clock.advance(86400)
    with database.read() as session:
        enterprise = identity.enterprise_by_code(session, demo_people.ENTERPRISE[1])
        assert enterprise is not None
        (held,) = queries.wallets(session, enterprise.id)
        assert len(queries.everything(session)) == len(rules.published()) + len(rules.demo())
    assert (held.programme_id, held.left_fen) == ("demo-330400-voucher", 10_000_000)
    assert broken(database) == []
