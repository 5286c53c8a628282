"""Bank details of institutions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.settlement.models.payees import PayeeRow


@dataclass(frozen=True, slots=True)
class Payee:
    """One version of an institution's bank details. `state`: proposed, approved, refused or replaced."""

    id: int
    institution_id: str
    account_name: str
    bank_name: str
    account_number: str
    state: str
    entered_by: str
    entered_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str

    @property
    def approved_at(self) -> datetime | None:
        """When it came into force."""
        return self.decided_at if self.state == "approved" else None

    @property
    def masked_number(self) -> str:
        """The account's number for those who do not pay into it: its last four digits."""
        return masked(self.account_number)


def masked(account_number: str) -> str:
    """`6222020100012345678` → `**** 5678`."""
    return f"**** {account_number[-4:]}"


def bank_of(session: Session, institution_id: str) -> Payee | None:
    """Where the institution is paid now: its approved details; None when none were approved yet."""
    return banks_of(session, [institution_id]).get(institution_id)


def banks_of(session: Session, institution_ids: Iterable[str]) -> dict[str, Payee]:
    """The approved details of institutions, in one question: institution → details."""
    mine = select(PayeeRow).where(
        PayeeRow.institution_id.in_(list(institution_ids)), PayeeRow.state == "approved"
    )
    return {row.institution_id: as_payee(row) for row in session.scalars(mine)}


def payees_of(session: Session, institution_id: str, *, limit: int = 20) -> list[Payee]:
    """Every version of an institution's details, the newest first."""
    mine = select(PayeeRow).where(PayeeRow.institution_id == institution_id)
    return [as_payee(row) for row in session.scalars(mine.order_by(PayeeRow.id.desc()).limit(limit))]


def payees_within(session: Session, area: str, *, state: str, limit: int = 200) -> list[Payee]:
    """Details in a state, of institutions of a province (two digits; empty: of the belt), the oldest first."""
    mine = select(PayeeRow).where(PayeeRow.state == state)
    if area:
        mine = mine.where(PayeeRow.institution_id.like(f"{area[:2]}-%"))
    return [as_payee(row) for row in session.scalars(mine.order_by(PayeeRow.id).limit(limit))]


def find_payee(session: Session, payee_id: int) -> Payee | None:
    """One version of an institution's details."""
    row = session.get(PayeeRow, payee_id)
    return None if row is None else as_payee(row)


def as_payee(row: PayeeRow) -> Payee:
    """The row as others see it."""
    return Payee(
        row.id,
        row.institution_id,
        row.account_name,
        row.bank_name,
        row.account_number,
        row.state,
        row.entered_by,
        row.entered_at,
        row.decided_by,
        row.decided_at,
        row.note,
    )
