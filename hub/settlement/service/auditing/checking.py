"""The buttons of an auditor: does the ledger still hold, do the documents still chain, do the statements still add up.

All of them read only, and look at what is stored, never at what somebody noted about it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.settlement import ledger
from hub.settlement.models import Document
from hub.settlement.service.documents import digest


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `checked` things were looked at; `broken` names the first that does not fit and `why` says how."""

    checked: int
    broken: str | None = None
    why: str = ""
    waiting: int = 0


def check_ledger(session: Session) -> Finding:
    """The whole ledger: chain, postings against what was chained, stored balances against their folds."""
    found = ledger.verify(session)
    return Finding(found.postings, found.broken, found.why, found.waiting)


def check_documents(session: Session) -> Finding:
    """Every issued document: its hash, its number without gaps, and the hash of the one before it.

    `why`: altered, renumbered, chain broken, gap.
    """
    numbers: dict[str, int] = defaultdict(int)
    last: dict[str, str] = {}
    checked = 0
    asked = select(Document).order_by(Document.series, Document.number).execution_options(yield_per=500)
    with session.scalars(asked) as rows:
        for row in rows:
            why = _fault(row, numbers[row.series], last.get(row.series))
            if why:
                return Finding(checked, row.id, why)
            numbers[row.series], last[row.series] = row.number, row.sha256
            checked += 1
    return Finding(checked)


def check_statements(session: Session) -> Finding:
    """Every statement: its totals are the sums over its programmes, and fee is voucher share plus own share.

    `why`: shares differ, programmes differ.
    """
    checked = 0
    asked = select(Document).where(Document.kind == "statement").order_by(Document.id)
    with session.scalars(asked.execution_options(yield_per=500)) as rows:
        for row in rows:
            why = _sums(row.body)
            if why:
                return Finding(checked, row.id, why)
            checked += 1
    return Finding(checked)


def _sums(body: Mapping[str, Any]) -> str:
    totals, by_programme = body["totals"], body.get("programmes")
    if totals["fee_fen"] != totals["voucher_fen"] + totals["own_fen"]:
        return "shares differ"
    if by_programme is None:
        return ""
    paid = sum(each.get("voucher_fen", 0) for each in by_programme)
    return "" if totals["voucher_fen"] == paid else "programmes differ"


def _fault(row: Document, number: int, previous: str | None) -> str:
    if row.number != number + 1:
        return "gap"
    if digest(row.body) != row.sha256:
        return "altered"
    if row.body.get("number") != row.number or row.id != f"{row.series}/{row.number}":
        return "renumbered"
    if row.body.get("previous_sha256") != previous or row.previous_sha256 != previous:
        return "chain broken"
    return ""
