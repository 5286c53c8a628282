"""A small world of rated lines between provinces, with what usage and vouchers have posted for them before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.core.db import Database
from hub.settlement import ledger, rules
from hub.settlement.ledger import Account, Transfer
from hub.settlement.models import RatedLine
from hub.settlement.queries import periods as queries
from hub.settlement.rules import periods as period_rules
from hub.settlement.service import load_programmes, periods
from hub.settlement.service.periods import Acting, Proof

PERIOD, NEXT = "2026-03", "2026-04"
NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
CUTOFF = period_rules.month(PERIOD).cutoff_at
AFTER = CUTOFF + timedelta(hours=1)
SHANGHAI, ZHEJIANG, GUIZHOU, ANHUI = "310000", "330000", "520000", "340000"
BATCH = f"{PERIOD}.{SHANGHAI}-{ZHEJIANG}"
PROGRAMME, PAYER = "demo-330400-voucher", "330400"
PAYERS = {"demo-330400-voucher": "330400", "demo-310000-voucher": "310000", "demo-520000-voucher": "520000"}
INSTITUTION = "31-u-abcdefgh2345"

VISITED = Acting("person:p-visited", "visited_finance")
HOME = Acting("person:p-home", "home_finance")
VISITED_STAFF = Acting("person:p-vstaff", "visited_staff")
HOME_STAFF = Acting("person:p-hstaff", "home_staff")


@dataclass(frozen=True)
class Usage:
    """One usage as it was rated."""

    usage_id: str
    fee_fen: int = 60_000
    voucher_fen: int = 30_000
    version: int = 1
    visited: str = SHANGHAI
    home: str = ZHEJIANG
    programme: str = PROGRAMME
    enterprise: str = "en-1"
    institution: str = INSTITUTION
    rated_at: datetime = NOW
    state: str = "ready"

    @property
    def document(self) -> dict[str, Any]:
        """What stands for the rated line's document."""
        own = self.fee_fen - self.voucher_fen
        return {
            "usage_id": self.usage_id,
            "version": self.version,
            "explanation": f"{self.fee_fen} 分，自付 {own} 分",
        }


def furnish(database: Database) -> None:
    """The demo's programmes, two periods, and money that was captured for the programmes long ago."""
    with database.write() as session:
        load_programmes(session, rules.demo(), actor="system:test", now=NOW)
        periods.keep_calendar(session, PERIOD, 2, now=NOW)


def rate(session: Session, usage: Usage) -> int:
    """Write a rated line and post what its usage and its voucher have brought about; the line's number."""
    has_voucher = usage.voucher_fen > 0
    row = RatedLine(
        usage_id=usage.usage_id,
        usage_version=usage.version,
        reference=f"bk-{usage.usage_id}",
        order_number=f"{usage.visited[:2]}-20260310-{usage.usage_id.upper():0>6}",
        visited=usage.visited,
        home=usage.home,
        enterprise_id=usage.enterprise,
        institution_id=usage.institution,
        programme_id=usage.programme if has_voucher else None,
        programme_version=1 if has_voucher else None,
        payer_area=PAYERS[usage.programme] if has_voucher else None,
        fee_fen=usage.fee_fen,
        voucher_fen=usage.voucher_fen,
        own_fen=usage.fee_fen - usage.voucher_fen,
        state=usage.state,
        document=usage.document,
        rated_at=usage.rated_at,
        ready_at=usage.rated_at,
    )
    session.add(row)
    session.flush()
    name = f"{usage.usage_id}.{usage.version}"
    debt, owed = Account("payable", usage.enterprise), Account("receivable", usage.institution)
    if usage.fee_fen:
        ledger.post(
            session, f"rate:{name}", "rate", [Transfer(debt, owed, usage.fee_fen)], now=usage.rated_at
        )
    if has_voucher and usage.version == 1:
        area = Account("authority", PAYERS[usage.programme])
        made = [Transfer(area, Account("captured", usage.programme), usage.voucher_fen)]
        ledger.post(session, f"capture:{name}", "capture", made, now=usage.rated_at)
    if row.own_fen:
        bank = Account("bank", "outside")
        paid = [Transfer(bank, debt, row.own_fen), Transfer(owed, bank, row.own_fen)]
        ledger.post(session, f"paid:{name}.1", "paid", paid, now=usage.rated_at)
    return row.id


def rated(database: Database, *usages: Usage) -> list[int]:
    """Write several lines; their numbers."""
    with database.write() as session:
        return [rate(session, usage) for usage in usages]


def close(database: Database, period: str = PERIOD, now: datetime = AFTER) -> None:
    """Cut the period and calculate all of it."""
    with database.write() as session:
        cut = periods.close_period(session, period, now=now)
    for batch_id in cut.batches:
        if cut.lines.get(batch_id) or batch_id == BATCH:
            with database.write() as session:
                periods.calculate_batch(session, batch_id, now=now)


def batch(database: Database, batch_id: str = BATCH) -> queries.BatchShown:
    """The batch as it stands."""
    with database.read() as session:
        found = queries.find_batch(session, batch_id)
    assert found is not None
    return found


def submit(
    database: Database, batch_id: str = BATCH, acting: Acting = VISITED, now: datetime = AFTER
) -> None:
    with database.write() as session:
        periods.submit_batch(session, batch_id, acting, now=now)


def agree(database: Database, batch_id: str = BATCH, acting: Acting = HOME, now: datetime = AFTER) -> None:
    with database.write() as session:
        sha256 = batch(database, batch_id).sha256 or ""
        periods.agree_batch(session, batch_id, acting, sha256=sha256, now=now)


def post(database: Database, batch_id: str = BATCH, now: datetime = AFTER) -> None:
    with database.write() as session:
        periods.post_batch(session, batch_id, now=now)


def posted(database: Database, *usages: Usage) -> list[int]:
    """Lines that went all the way into the ledger."""
    ids = rated(database, *usages)
    close(database)
    submit(database)
    agree(database)
    post(database)
    return ids


def pay(
    database: Database, line_id: str, fen: int, reference: str = "B-1", now: datetime = AFTER
) -> periods.Paid:
    """Record that a payment line was paid."""
    with database.write() as session:
        proof = Proof(date(2026, 4, 20), reference, fen)
        return periods.record_payment(session, line_id, HOME, proof, now=now)


def set_state(database: Database, line_id: int, state: str) -> None:
    """What another part of settlement makes of a line."""
    with database.write() as session:
        session.execute(update(RatedLine).where(RatedLine.id == line_id).values(state=state))


def states(database: Database) -> dict[str, str]:
    """Usage and version → the line's state."""
    with database.read() as session:
        rows = session.execute(select(RatedLine.usage_id, RatedLine.usage_version, RatedLine.state))
        return {f"{usage}.{version}": state for usage, version, state in rows}


def corrected(usage: Usage, **changes: Any) -> Usage:
    """The next version of a usage."""
    return replace(usage, version=usage.version + 1, **changes)
