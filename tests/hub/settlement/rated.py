"""Rated lines, statements and their postings for tests of exports and audits. Everything is synthetic."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from hub.settlement import ledger
from hub.settlement.ledger import Account, Transfer
from hub.settlement.models import RatedLine
from hub.settlement.service import documents
from schemas.examples import valid_examples

NOW = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
LINE = valid_examples("rated-line")[0].document
STATEMENT = {
    name: value
    for name, value in valid_examples("statement")[0].document.items()
    if name not in ("number", "previous_sha256")
}


def line(session: Session, number: int, **changes: Any) -> RatedLine:
    """The `number`-th line: a day later than the one before, a little dearer, posted like any other."""
    fee = 10_000 + 100 * number
    told: dict[str, Any] = {
        "usage_id": f"us-{number:026}", "usage_version": 1, "reference": f"bk-{number:026}",
        "order_number": f"BK-20260302-{number:06}", "visited": "310000", "home": "330000",
        "enterprise_id": "en-jiaxing", "institution_id": "31-u-aaaaaaaaaaaa",
        "programme_id": "demo-330400-voucher", "programme_version": 1, "payer_area": "330400",
        "fee_fen": fee, "voucher_fen": fee // 2, "own_fen": fee - fee // 2, "state": "ready", "document": LINE,
        "rated_at": NOW - timedelta(days=30) + timedelta(days=number), **changes,
    }  # fmt: skip
    row = RatedLine(**told)
    session.add(row)
    session.flush()
    owed = Transfer(
        Account("payable", row.enterprise_id), Account("receivable", row.institution_id), row.fee_fen
    )
    ledger.post(session, f"rate:{row.usage_id}.{row.usage_version}", "rate", [owed], now=row.rated_at)
    return row


def without_voucher() -> dict[str, Any]:
    """Changes that make a line that no voucher pays."""
    return {
        "programme_id": None,
        "programme_version": None,
        "payer_area": None,
        "voucher_fen": 0,
        "own_fen": 9_000,
        "fee_fen": 9_000,
    }


def statement(session: Session, **changes: Any) -> documents.Issued:
    """The next statement of Shanghai and Zhejiang."""
    return documents.issue(session, "statement", "statement:310000-330000", {**STATEMENT, **changes}, now=NOW)
