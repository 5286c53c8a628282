"""Bank details of institutions: entered by the institution's manager, approved by a second person, every change audited.

Who diverts an account diverts every payment after it. So what is entered pays nobody until another person (of the
institution, or of its province's finance) has compared it; until then the details before stay in force.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.identity import service as identity
from hub.identity.rules import Principal, Subject
from hub.settlement.errors.payees import PayeeDecided, PayeeInvalid, PayeeSamePerson, PayeeUnknown
from hub.settlement.models.payees import PayeeRow
from hub.settlement.queries.payees import Payee, as_payee, masked

PROPOSE, DECIDE, READ = "payee.propose", "payee.decide", "payee.read"
_DIGITS = re.compile(r"[0-9]{8,30}")
_MOST = {"account_name": 100, "bank_name": 100}


@dataclass(frozen=True, slots=True)
class BankDetails:
    """What is entered: the account's name, bank with branch, and number (spaces are taken out)."""

    account_name: str
    bank_name: str
    account_number: str


def subject_of(institution_id: str, name: str = "-") -> Subject:
    """The institution as the access matrix sees it: its province is the first two digits of its identifier."""
    return Subject(institution_id=institution_id, station_province=f"{institution_id[:2]}0000", name=name)


def propose_payee(
    session: Session, me: Principal, institution_id: str, details: BankDetails, *, now: datetime
) -> Payee:
    """Enter details; what waited before is replaced, what is in force stays so. Safe to repeat: the same again is the same.

    Raises `PayeeInvalid` naming the field, and what `identity.allow` raises.
    """
    identity.allow(session, me, PROPOSE, subject_of(institution_id, f"institution:{institution_id}"), now=now)
    told = _checked(details)
    waiting = session.scalar(
        select(PayeeRow).where(PayeeRow.institution_id == institution_id, PayeeRow.state == "proposed")
    )
    if waiting is not None:
        if told == BankDetails(waiting.account_name, waiting.bank_name, waiting.account_number):
            return as_payee(waiting)
        _replace(session, waiting, me.name, now)
    row = PayeeRow(
        institution_id=institution_id,
        account_name=told.account_name,
        bank_name=told.bank_name,
        account_number=told.account_number,
        state="proposed",
        entered_by=me.name,
        entered_at=now,
    )
    session.add(row)
    session.flush()
    detail = {"bank": told.bank_name, "account": masked(told.account_number)}
    audit.record(session, me.name, "payee.propose", f"payee:{institution_id}/{row.id}", detail, now=now)
    return as_payee(row)


def decide_payee(
    session: Session, me: Principal, payee_id: int, *, approves: bool, note: str = "", now: datetime
) -> Payee:
    """Approve or refuse what was entered; approved details take the place of those before. Repeating it is refused.

    Raises `PayeeUnknown`, `PayeeDecided` (also when somebody else was quicker), `PayeeSamePerson`, and what
    `identity.allow` raises.
    """
    row = session.get(PayeeRow, payee_id)
    if row is None:
        raise PayeeUnknown
    named = f"payee:{row.institution_id}/{row.id}"
    identity.allow(session, me, DECIDE, subject_of(row.institution_id, named), now=now)
    if row.state != "proposed":
        raise PayeeDecided
    if approves and row.entered_by == me.name:
        raise PayeeSamePerson
    if approves:
        before = select(PayeeRow).where(
            PayeeRow.institution_id == row.institution_id, PayeeRow.state == "approved"
        )
        for held in session.scalars(before).all():
            _replace(session, held, me.name, now)
    done = session.scalar(
        update(PayeeRow)
        .where(PayeeRow.id == payee_id, PayeeRow.state == "proposed")
        .values(
            state="approved" if approves else "refused",
            decided_by=me.name,
            decided_at=now,
            note=note.strip()[:300],
        )
        .returning(PayeeRow.id)
        .execution_options(synchronize_session=False)
    )
    if done is None:
        raise PayeeDecided
    told = {"account": masked(row.account_number), "entered_by": row.entered_by, "approved": approves}
    audit.record(session, me.name, "payee.decide", named, told, now=now)
    session.refresh(row)
    return as_payee(row)


def _replace(session: Session, row: PayeeRow, by: str, now: datetime) -> None:
    """A later version takes the place of this one; who approved it and when is kept."""
    row.state = "replaced"
    if row.decided_at is None:
        row.decided_by, row.decided_at = by, now
    session.flush()


def _checked(details: BankDetails) -> BankDetails:
    told = BankDetails(
        details.account_name.strip(), details.bank_name.strip(), re.sub(r"[\s-]", "", details.account_number)
    )
    for field, zh, en in (
        ("account_name", "户名", "The account's name"),
        ("bank_name", "开户行", "The bank and branch"),
    ):
        held = getattr(told, field)
        if not 2 <= len(held) <= _MOST[field] or any(ord(sign) < 32 for sign in held):
            raise PayeeInvalid(
                field, f"{zh}须为 2 至 {_MOST[field]} 个字。", f"{en} has 2 to {_MOST[field]} characters."
            )
    if not _DIGITS.fullmatch(told.account_number):
        raise PayeeInvalid(
            "account_number", "账号须为 8 至 30 位数字。", "The account's number has 8 to 30 digits."
        )
    return told
