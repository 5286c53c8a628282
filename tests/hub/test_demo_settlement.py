"""The demo's settlement periods: one sealed, one with batches in three states, one that runs; lawful, once."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from hub.catalog.models import Institution
from hub.cli import demo_people, demo_settlement, demo_vouchers
from hub.core import sequencer
from hub.core.db import Database
from hub.identity import rules
from hub.identity import service as identity
from hub.identity.service import parties
from hub.settlement.models import RatedLine
from hub.settlement.queries import periods as queries
from hub.settlement.service import auditing, periods
from tests.hub.settlement.laws import broken

pytestmark = pytest.mark.database

NOW = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)


def prepare(database: Database, *, has_institutions: bool = True) -> None:
    demo_people.put_offices(database, demo_people.belt(), clock=lambda: NOW)
    demo_vouchers.put_programmes(database, clock=lambda: NOW)
    if not has_institutions:
        return
    with database.write() as session:
        for code in (demo_settlement.SHANGHAI_CODE, demo_settlement.ZHEJIANG):
            unit = f"{code[:2]}-u-abcdefgh2345"
            named = {"id": unit, "province": code, "name_zh": "合成研究所"}
            session.add(
                Institution(
                    id=unit, province=code, is_listed=True, native_key="U1", name_zh="合成研究所", created_at=NOW,
                    changed_at=NOW, content_hash="", document=named,
                )
            )  # fmt: skip
            session.flush()
            parties.put_institution(session, unit, "合成研究所", now=NOW)
            identity.put_account(
                session, f"institution-{code}", demo_people.PASSWORD, role=rules.INSTITUTION_MANAGER, party_id=unit,
                display_name="单位管理员（演示）", is_demo=True, actor="test", now=NOW,
            )  # fmt: skip


def test_three_batches_stand_in_three_states_and_every_law_holds(database: Database) -> None:
    prepare(database)
    for _ in range(2):
        assert demo_settlement.put_settlement(database, clock=lambda: NOW)
    while sequencer.number_once(database, now=NOW):
        pass
    with database.read() as session:
        found = queries.batches(session)
        assert sorted((each.period_id, each.state, each.lines) for each in found) == [
            ("2026-01", "closed", 6),
            ("2026-01", "closed", 6),
            ("2026-02", "paid", 6),
            ("2026-02", "posted", 6),
            ("2026-02", "under_review", 6),
        ]
        waiting = select(RatedLine.visited).where(RatedLine.state == "ready")
        assert set(session.scalars(waiting)) == {"310000", "330000"}, "the month that runs has lines, too"
        for each in found:
            assert periods.verify_batch(session, each.id).broken is None
            assert all("演示" in str(line.document["text_zh"]) for line in queries.members(session, each.id))
        assert auditing.check_ledger(session).broken is None
        assert auditing.check_documents(session).broken is None
        assert auditing.check_statements(session) == auditing.Finding(4)
    assert broken(database) == []


def test_it_waits_for_the_catalogue(database: Database) -> None:
    prepare(database, has_institutions=False)
    assert not demo_settlement.put_settlement(database, clock=lambda: NOW)


def test_the_period_is_the_newest_whose_cut_off_is_over(database: Database) -> None:
    early = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
    prepare(database)
    assert demo_settlement.put_settlement(database, clock=lambda: early)
    with database.read() as session:
        assert {each.period_id for each in queries.batches(session)} == {"2025-12", "2026-01"}
