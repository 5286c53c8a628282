"""Reading the provinces' settlement faces: papers on their way, cases, figures of allotments, comparisons."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.settlement import ledger
from hub.settlement.models import (
    Comparison,
    ComparisonLine,
    Document,
    FaceCase,
    FaceState,
    Grant,
    Hold,
    HoldPart,
    PaperDelivery,
    PaymentItem,
)
from hub.settlement.queries.wallets import held_account, voucher_account


@dataclass(frozen=True, slots=True)
class Figures:
    """One allotment in the hub's ledger, in fen: allotted = left + held + captured; redeemed is a part of captured."""

    grant_id: str
    programme_id: str
    external_id: str
    area: str
    holder: str
    revision: int
    allotted: int
    left: int
    held: int
    redeemed: int

    @property
    def captured(self) -> int:
        """What was used."""
        return self.allotted - self.left - self.held


def figures(session: Session, province: str) -> list[Figures]:
    """The hub's figures of every allotment of a province's home authorities, by programme and name."""
    grants = session.scalars(
        select(Grant)
        .where(Grant.authority == "home", Grant.area.startswith(province[:2]))
        .order_by(Grant.programme_id, Grant.external_id)
    ).all()
    accounts = [account for row in grants for account in (voucher_account(row.id), held_account(row.id))]
    balances = ledger.balances(session, accounts) if accounts else {}
    redeemed = _redeemed(session, [row.id for row in grants])
    return [
        Figures(
            grant_id=row.id,
            programme_id=row.programme_id,
            external_id=row.external_id,
            area=row.area,
            holder=row.holder,
            revision=row.revision,
            allotted=row.fen,
            left=balances[voucher_account(row.id)],
            held=balances[held_account(row.id)],
            redeemed=redeemed.get(row.id, 0),
        )
        for row in grants
    ]


def deliveries(
    session: Session, province: str | None, *, states: Sequence[str] = (), limit: int = 100
) -> list[PaperDelivery]:
    """Papers on their way, newest first; of one province, or of all where None."""
    rows = select(PaperDelivery).order_by(PaperDelivery.id.desc()).limit(limit)
    if province is not None:
        rows = rows.where(PaperDelivery.province == province)
    if states:
        rows = rows.where(PaperDelivery.state.in_(states))
    return list(session.scalars(rows))


def find_delivery(session: Session, delivery_id: int, province: str | None) -> PaperDelivery | None:
    """One paper on its way, if it is this province's."""
    row = session.get(PaperDelivery, delivery_id)
    return None if row is None or province not in {None, row.province} else row


def to_read(
    session: Session, province: str, *, after: int, limit: int
) -> list[tuple[PaperDelivery, Document]]:
    """Papers that wait for a province's platform to read them, oldest first."""
    rows = (
        select(PaperDelivery, Document)
        .join(Document, Document.id == PaperDelivery.document_id)
        .where(PaperDelivery.province == province, PaperDelivery.state == "waiting", PaperDelivery.id > after)
        .order_by(PaperDelivery.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(rows)]


def face_states(session: Session, province: str | None) -> list[FaceState]:
    """How each province's settlement interface is doing."""
    rows = select(FaceState).order_by(FaceState.province)
    return list(session.scalars(rows if province is None else rows.where(FaceState.province == province)))


def face_cases(
    session: Session, province: str | None, *, state: str = "open", limit: int = 50
) -> list[FaceCase]:
    """Cases for a person, newest first."""
    rows = select(FaceCase).where(FaceCase.state == state).order_by(FaceCase.id.desc()).limit(limit)
    return list(session.scalars(rows if province is None else rows.where(FaceCase.province == province)))


def comparisons(session: Session, province: str | None, *, limit: int = 14) -> list[Comparison]:
    """Nightly comparisons, newest first."""
    rows = select(Comparison).order_by(Comparison.id.desc()).limit(limit)
    return list(session.scalars(rows if province is None else rows.where(Comparison.province == province)))


def comparison_lines(
    session: Session, comparison_id: int, area: str, *, only_different: bool = True, limit: int = 500
) -> list[ComparisonLine]:
    """The lines of a comparison whose programme is of an area (prefix); what the hub does not know has none."""
    rows = (
        select(ComparisonLine)
        .where(ComparisonLine.comparison_id == comparison_id)
        .order_by(ComparisonLine.line)
        .limit(limit)
    )
    if only_different:
        rows = rows.where(ComparisonLine.kind != "same")
    found = session.scalars(rows)
    return [row for row in found if row.area is None or row.area.startswith(area)]


def _redeemed(session: Session, grant_ids: Sequence[str]) -> dict[str, int]:
    """What was paid of what each grant gave. Several grants in one hold share it in the order of use."""
    if not grant_ids:
        return {}
    paid = (
        select(PaymentItem.reference, func.sum(PaymentItem.fen).label("fen"))
        .where(PaymentItem.redeemed_by.is_not(None), PaymentItem.voided_at.is_(None))
        .group_by(PaymentItem.reference)
        .subquery()
    )
    rows = session.execute(
        select(HoldPart.hold_id, HoldPart.grant_id, HoldPart.fen, paid.c.fen)
        .join(Hold, Hold.id == HoldPart.hold_id)
        .join(paid, paid.c.reference == Hold.reference)
        .where(Hold.state == "captured", HoldPart.grant_id.in_(grant_ids))
        .order_by(HoldPart.hold_id, HoldPart.line)
    )
    found: dict[str, int] = defaultdict(int)
    left: dict[str, int] = {}
    for hold_id, grant_id, fen, total in rows:
        rest = left.setdefault(hold_id, int(total))
        taken = min(rest, fen)
        left[hold_id] = rest - taken
        found[grant_id] += taken
    return found
