"""Payment lists, their lines and orders, commitments, redemption results that wait for a person, and credits."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, cast, func, literal, select
from sqlalchemy.orm import Session

from hub.settlement.models import Credit, PaymentItem, PaymentLine, PaymentList, RatedLine, Redemption


@dataclass(frozen=True, slots=True)
class ListShown:
    """A payment list, and how many of its lines are in which state; `owed_fen` is what is still to be paid."""

    id: str
    period_id: str
    batch_id: str | None
    payer_area: str
    programme_id: str
    budget_year: int
    total_fen: int
    document_id: str
    issued_at: datetime
    states: Mapping[str, int]
    owed_fen: int


@dataclass(frozen=True, slots=True)
class LineShown:
    """A payment line; `owed_fen` is what it comes to without what credits took back."""

    id: str
    list_id: str
    payer_area: str
    programme_id: str
    batch_id: str | None
    replaces: str | None
    payee_kind: str
    payee_id: str
    fen: int
    voided_fen: int
    state: str
    version: int
    paid_on: date | None
    bank_reference: str | None
    proof_sha256: str | None
    paid_by: str | None
    paid_at: datetime | None
    bounce_reason: str | None
    bounce_text: str | None
    bounced_at: datetime | None
    carried_year: int | None
    orders: int

    @property
    def owed_fen(self) -> int:
        """What is or was to be paid."""
        return self.fen - self.voided_fen


@dataclass(frozen=True, slots=True)
class ItemShown:
    """One order inside a payment line."""

    source: str
    order_number: str
    reference: str
    fen: int
    redeemed_by: str | None
    voided_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A redemption result that could not be applied, and why (`code`); `payer_area` is whose payment it is about."""

    id: int
    province: str
    payer_area: str
    message_id: str
    line_id: str
    verdict: str
    code: str | None
    document: Mapping[str, Any]
    received_at: datetime
    is_open: bool
    closed_by: str | None
    closed_at: datetime | None
    resolution: str | None


@dataclass(frozen=True, slots=True)
class CreditShown:
    """A credit: proposed, issued or refused. `payer_area` pays or paid the voucher share, `paid_line` is what has paid it."""

    id: int
    line_id: int
    batch_id: str
    order_number: str
    fee_fen: int
    voucher_fen: int
    reason: str
    text: str
    state: str
    maker: str
    proposed_at: datetime
    checker: str | None
    document_id: str | None
    payback_fen: int
    payback_reference: str | None
    payback_on: date | None
    payback_sha256: str | None
    paid_back_by: str | None
    paid_back_at: datetime | None
    payer_area: str | None
    paid_line: str | None

    @property
    def is_owed_back(self) -> bool:
        """Whether the payee still has to pay it back."""
        return self.payback_fen > 0 and self.paid_back_at is None


def payment_lists(
    session: Session, *, payer: str | None = None, batch_id: str | None = None, limit: int = 200
) -> list[ListShown]:
    """Payment lists, the newest first; `payer` is the prefix of an area code."""
    mine = select(PaymentList)
    if payer:
        mine = mine.where(PaymentList.payer_area.startswith(payer, autoescape=True))
    if batch_id is not None:
        mine = mine.where(PaymentList.batch_id == batch_id)
    rows = session.scalars(
        mine.order_by(
            PaymentList.issued_at.desc(), func.length(PaymentList.id).desc(), PaymentList.id.desc()
        ).limit(limit)
    ).all()
    return _shown(session, rows)


def payers_of(session: Session, batch_ids: Collection[str]) -> dict[str, list[str]]:
    """Batch → the areas that still have to pay something of it, by code; a batch that is paid is left out."""
    owed = select(PaymentList.batch_id, PaymentList.payer_area).join(
        PaymentLine, PaymentLine.list_id == PaymentList.id
    )
    mine = owed.where(PaymentList.batch_id.in_(batch_ids), PaymentLine.state.in_(("due", "carried")))
    found: dict[str, list[str]] = {}
    for batch_id, area in session.execute(mine.distinct().order_by(PaymentList.payer_area)):
        found.setdefault(str(batch_id), []).append(area)
    return found


def find_list(session: Session, list_id: str) -> ListShown | None:
    """One payment list."""
    row = session.get(PaymentList, list_id)
    return None if row is None else _shown(session, [row])[0]


def payment_lines(session: Session, list_id: str) -> list[LineShown]:
    """The lines of a list, in the order of the document."""
    return _lines(session, PaymentLine.list_id == list_id)


def find_line(session: Session, line_id: str) -> LineShown | None:
    """One payment line."""
    found = _lines(session, PaymentLine.id == line_id)
    return found[0] if found else None


def chain_of(session: Session, line_id: str) -> list[LineShown]:
    """A payment line with everything that it replaces or that replaced it, in order."""
    root = select(PaymentLine.root_id).where(PaymentLine.id == line_id).scalar_subquery()
    return _lines(session, PaymentLine.root_id == root)


def items_of(session: Session, line_id: str) -> list[ItemShown]:
    """The orders that a payment line pays."""
    root = select(PaymentLine.root_id).where(PaymentLine.id == line_id).scalar_subquery()
    mine = select(PaymentItem).where(PaymentItem.root_id == root)
    return [
        ItemShown(row.source, row.order_number, row.reference, row.fen, row.redeemed_by, row.voided_at)
        for row in session.scalars(mine.order_by(PaymentItem.order_number, PaymentItem.source))
    ]


def redeemed(session: Session, reference: str) -> list[LineShown]:
    """The payment lines that have paid for an order."""
    mine = select(PaymentItem.redeemed_by).where(
        PaymentItem.reference == reference, PaymentItem.redeemed_by.is_not(None)
    )
    return _lines(session, PaymentLine.id.in_(mine))


def commitments(session: Session, area: str, year: int) -> list[LineShown]:
    """What was unpaid at the end of a budget year and is carried as a commitment; `area` is a prefix."""
    return _lines(
        session,
        PaymentLine.carried_year == year,
        PaymentLine.state == "carried",
        PaymentList.payer_area.startswith(area, autoescape=True),
    )


def redemption_cases(session: Session, area: str, *, is_open: bool = True) -> list[CaseShown]:
    """Redemption results that were not applied, the newest first; `area` is a prefix of whose they are."""
    mine = select(Redemption).where(Redemption.verdict.in_(("contradictory", "refused")))
    mine = mine.where(Redemption.is_open.is_(is_open))
    if area:
        mine = mine.where(Redemption.payer_area.startswith(area, autoescape=True))
    return [
        CaseShown(
            row.id, row.province, row.payer_area, row.message_id, row.line_id, row.verdict, row.code, row.document, row.received_at,
            row.is_open, row.closed_by, row.closed_at, row.resolution,
        )
        for row in session.scalars(mine.order_by(Redemption.id.desc()).limit(200))
    ]  # fmt: skip


def credits(
    session: Session, *, batch_id: str | None = None, state: str | None = None, list_id: str | None = None
) -> list[CreditShown]:
    """Credits, the newest first; `list_id` keeps those of what a payment list has paid."""
    source = literal("line:").concat(cast(Credit.line_id, Text))
    mine = (
        select(Credit, RatedLine, PaymentItem.redeemed_by)
        .join(RatedLine, RatedLine.id == Credit.line_id)
        .outerjoin(PaymentItem, PaymentItem.source == source)
    )
    if list_id is not None:
        mine = mine.join(PaymentLine, PaymentLine.id == PaymentItem.redeemed_by)
        mine = mine.where(PaymentLine.list_id == list_id)
    if batch_id is not None:
        mine = mine.where(Credit.batch_id == batch_id)
    if state is not None:
        mine = mine.where(Credit.state == state)
    return [
        CreditShown(
            row.id, row.line_id, row.batch_id, line.order_number, line.fee_fen, line.voucher_fen, row.reason, row.text,
            row.state, row.maker, row.proposed_at, row.checker, row.document_id, row.payback_fen, row.payback_reference,
            row.payback_on, row.payback_sha256, row.paid_back_by, row.paid_back_at, line.payer_area, paid_line,
        )
        for row, line, paid_line in session.execute(mine.order_by(Credit.id.desc()).limit(200))
    ]  # fmt: skip


def find_credit(session: Session, credit_id: int) -> CreditShown | None:
    """One credit."""
    row = session.get(Credit, credit_id)
    if row is None:
        return None
    return next(each for each in credits(session, batch_id=row.batch_id) if each.id == credit_id)


def _shown(session: Session, rows: Any) -> list[ListShown]:
    owed = func.sum(PaymentLine.fen - PaymentLine.voided_fen)
    counted = select(PaymentLine.list_id, PaymentLine.state, func.count(), owed).where(
        PaymentLine.list_id.in_([row.id for row in rows])
    )
    states: dict[str, dict[str, int]] = {}
    left: dict[str, int] = {}
    for list_id, state, count, fen in session.execute(
        counted.group_by(PaymentLine.list_id, PaymentLine.state)
    ):
        states.setdefault(list_id, {})[state] = count
        if state in {"due", "carried"}:
            left[list_id] = left.get(list_id, 0) + int(fen)
    return [
        ListShown(
            row.id, row.period_id, row.batch_id, row.payer_area, row.programme_id, row.budget_year, row.total_fen,
            row.document_id, row.issued_at, states.get(row.id, {}), left.get(row.id, 0),
        )
        for row in rows
    ]  # fmt: skip


def _lines(session: Session, *conditions: Any) -> list[LineShown]:
    count = (
        select(func.count())
        .select_from(PaymentItem)
        .where(PaymentItem.root_id == PaymentLine.root_id)
        .scalar_subquery()
    )
    mine = select(PaymentLine, PaymentList, count).join(PaymentList, PaymentList.id == PaymentLine.list_id)
    rows = session.execute(
        mine.where(*conditions).order_by(
            PaymentList.issued_at, PaymentList.id, func.length(PaymentLine.id), PaymentLine.id
        )
    )
    own = [name for name in LineShown.__slots__ if hasattr(PaymentLine, name)]
    return [
        LineShown(
            **{name: getattr(line, name) for name in own},
            payer_area=held.payer_area,
            programme_id=held.programme_id,
            batch_id=held.batch_id,
            orders=orders,
        )
        for line, held, orders in rows
    ]
