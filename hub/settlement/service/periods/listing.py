"""Payment lists: what each paying area owes to whom under a programme, as issued documents and as lines to be paid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from hub.settlement import queries
from hub.settlement.models import Batch, Member, PaymentItem, PaymentLine, PaymentList
from hub.settlement.queries import payees
from hub.settlement.rules import periods as rules
from hub.settlement.service import documents


@dataclass(frozen=True, slots=True)
class OwedLine:
    """One amount that is owed to a payee: `source` is `line:<id>` or `claim:<id>`."""

    payer_area: str
    programme_id: str
    budget_year: int
    payee_kind: str
    payee_id: str
    source: str
    order_number: str
    reference: str
    enterprise_id: str
    institution_id: str | None
    fen: int


@dataclass(frozen=True, slots=True)
class ListHead:
    """What all lines of a list have in common. `batch_id` None: claims."""

    period_id: str
    batch_id: str | None
    statement_id: str | None
    payer_area: str
    programme_id: str
    budget_year: int


@dataclass(frozen=True, slots=True)
class Due:
    """One payment to be listed, with the orders that it pays. `replaces`: the bounced line, `root_id`: the first of its chain."""

    payee_kind: str
    payee_id: str
    items: Sequence[OwedLine]
    replaces: str | None = None
    root_id: str | None = None

    @property
    def fen(self) -> int:
        """The whole amount."""
        return sum(item.fen for item in self.items)


def owed_by(session: Session, batch: Batch) -> list[OwedLine]:
    """Every voucher share of the batch's newest calculation, in the order of lists and payees."""
    mine = select(Member).where(
        Member.batch_id == batch.id, Member.revision == batch.revision, Member.voucher_fen > 0
    )
    known: dict[tuple[str, int], tuple[str, int]] = {}
    found = []
    for row in session.scalars(mine.order_by(Member.position)):
        assert row.programme_id is not None, "no voucher share without a programme"
        assert row.payer_area is not None, "a programme has a payer"
        key = (row.programme_id, row.programme_version or 0)
        if key not in known:
            known[key] = _payee_and_year(session, *key, default=int(batch.period_id[:4]))
        kind, year = known[key]
        payee = row.enterprise_id if kind == "enterprise" else row.institution_id
        line = OwedLine(
            row.payer_area,
            row.programme_id,
            year,
            kind,
            payee,
            f"line:{row.line_id}",
            row.order_number,
            row.reference,
            row.enterprise_id,
            row.institution_id,
            row.voucher_fen,
        )
        found.append(line)
    return found


def issue_lists(session: Session, batch: Batch, owed: Iterable[OwedLine], *, now: datetime) -> int:
    """One list for each paying area, programme and budget year; how many."""
    count = 0
    for (payer, programme, year), group in groupby(sorted(owed, key=_place), key=_list_of):
        head = ListHead(batch.period_id, batch.id, batch.statement_id, payer, programme, year)
        issue_list(session, head, dues(group), now=now)
        count += 1
    return count


def dues(owed: Iterable[OwedLine]) -> list[Due]:
    """What is owed, one payment for each payee."""
    return [
        Due(kind, payee, list(group))
        for (kind, payee), group in groupby(
            sorted(owed, key=_place), key=lambda x: (x.payee_kind, x.payee_id)
        )
    ]


def issue_list(session: Session, head: ListHead, payments: Sequence[Due], *, now: datetime) -> str:
    """Write and issue one list; its identifier. Payments without `root_id` bring their orders with them."""
    list_id = _new_id(session, head)
    lines = [(f"{list_id}-{number}", due) for number, due in enumerate(payments, 1)]
    body = _document(session, list_id, head, lines, now=now)
    issued = documents.issue(session, "payment-list", f"payment-list:{head.payer_area}", body, now=now)
    row = PaymentList(
        id=list_id,
        period_id=head.period_id,
        batch_id=head.batch_id,
        payer_area=head.payer_area,
        programme_id=head.programme_id,
        budget_year=head.budget_year,
        total_fen=body["total_fen"],
        document_id=issued.id,
        issued_at=now,
    )
    session.add(row)
    session.flush()
    session.execute(insert(PaymentLine), [_line(list_id, line_id, due) for line_id, due in lines])
    items = [_item(line_id, item) for line_id, due in lines if due.root_id is None for item in due.items]
    if items:
        session.execute(insert(PaymentItem), items)
    return list_id


def owed_again(head: PaymentList, line: PaymentLine, item: PaymentItem) -> OwedLine:
    """What a bounced line owed, to be listed again."""
    return OwedLine(
        head.payer_area,
        head.programme_id,
        head.budget_year,
        line.payee_kind,
        line.payee_id,
        item.source,
        item.order_number,
        item.reference,
        item.enterprise_id,
        item.institution_id,
        item.fen,
    )


def _payee_and_year(session: Session, programme_id: str, version: int, *, default: int) -> tuple[str, int]:
    """Who is paid by this version of the programme, and out of which year's budget."""
    programme = queries.find_programme(session, programme_id, version)
    terms = programme.document.get("terms", {}) if programme is not None else {}
    return terms.get("payee", "institution"), terms.get("budget", {}).get("year", default)


def _list_of(owed: OwedLine) -> tuple[str, str, int]:
    return owed.payer_area, owed.programme_id, owed.budget_year


def _place(owed: OwedLine) -> tuple[Any, ...]:
    return (*_list_of(owed), owed.payee_kind, owed.payee_id, owed.order_number, owed.source)


def _new_id(session: Session, head: ListHead) -> str:
    """`pl-<batch or period>-<payer>-<programme>-<number>`; lists of one payer are issued one after the other."""
    mine = select(func.count()).where(
        PaymentList.period_id == head.period_id,
        PaymentList.batch_id == head.batch_id if head.batch_id else PaymentList.batch_id.is_(None),
        PaymentList.payer_area == head.payer_area,
        PaymentList.programme_id == head.programme_id,
    )
    number = (session.scalar(mine) or 0) + 1
    return f"pl-{head.batch_id or head.period_id}-{head.payer_area}-{head.programme_id}-{number}"


def _document(
    session: Session, list_id: str, head: ListHead, lines: Sequence[tuple[str, Due]], *, now: datetime
) -> dict[str, Any]:
    banks = payees.banks_of(session, {due.payee_id for _, due in lines if due.payee_kind == "institution"})
    told: dict[str, Any] = {
        "id": list_id,
        "period": head.period_id,
        "payer_area": head.payer_area,
        "programme_id": head.programme_id,
        "budget_year": head.budget_year,
        "lines": [_told(line_id, due, banks.get(due.payee_id)) for line_id, due in lines],
        "total_fen": sum(due.fen for _, due in lines),
        "issued_at": rules.instant(now),
    }
    if head.batch_id is not None:
        told["batch_id"] = head.batch_id
    if head.statement_id is not None:
        told["statement"] = head.statement_id
    return told


def _told(line_id: str, due: Due, bank: payees.Payee | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": line_id,
        "payee_kind": due.payee_kind,
        "payee_id": due.payee_id,
        "amount_fen": due.fen,
        "orders": [
            {"order_number": item.order_number, "source": item.source, "fen": item.fen} for item in due.items
        ],
    }
    if bank is not None:
        told["payee_name"] = bank.account_name
        told["account"] = {
            "account_name": bank.account_name,
            "bank_name": bank.bank_name,
            "account_number": bank.account_number,
        }
    if due.replaces is not None:
        told["replaces"] = due.replaces
    return told


def _line(list_id: str, line_id: str, due: Due) -> dict[str, Any]:
    return {
        "id": line_id,
        "list_id": list_id,
        "root_id": due.root_id or line_id,
        "replaces": due.replaces,
        "payee_kind": due.payee_kind,
        "payee_id": due.payee_id,
        "fen": due.fen,
        "voided_fen": 0,
        "state": "due",
        "version": 1,
    }


def _item(line_id: str, item: OwedLine) -> dict[str, Any]:
    return {
        "source": item.source,
        "root_id": line_id,
        "order_number": item.order_number,
        "reference": item.reference,
        "enterprise_id": item.enterprise_id,
        "institution_id": item.institution_id,
        "fen": item.fen,
    }
