"""What a finance office does, for pages and for the API alike: may they, on which side, and then the command.

Every function raises, beside what the command raises, identity's refusals: `NotAllowed`, `OtherParty`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.identity import service as identity
from hub.identity.errors import OtherParty
from hub.identity.rules import Principal, Subject
from hub.settlement.errors import (
    BatchUnknown,
    CreditUnknown,
    LineNotHere,
    LineNotPosted,
    PaymentLineUnknown,
    PaymentListUnknown,
    WordsMissing,
)
from hub.settlement.models import RatedLine
from hub.settlement.queries import paying, periods
from hub.settlement.queries.paying import CreditShown, LineShown, ListShown
from hub.settlement.queries.periods import BatchShown
from hub.settlement.rules.periods import side_of
from hub.settlement.service.periods import (
    calculating,
    closing,
    crediting,
    posting,
    redemptions,
    reviewing,
    sealing,
)
from hub.settlement.service.periods import paying as payments
from hub.settlement.service.periods.acting import Acting
from hub.settlement.service.periods.paying import Paid, Proof

COMMANDS = ("close", "recalculate", "submit", "return_line", "agree", "reopen", "post", "seal")
"""What is commanded on a batch."""

_VISITED = frozenset({"close", "recalculate", "submit", "post", "seal", "propose_credit"})


def read_batch(session: Session, principal: Principal, batch_id: str, *, now: datetime) -> BatchShown:
    """The batch, for whom it concerns. Raises `BatchUnknown`."""
    batch = _batch(session, batch_id)
    subject = Subject(station_province=batch.visited, home_area=batch.home, name=f"batch:{batch_id}")
    identity.allow(session, principal, "settlement.read", subject, now=now)
    return batch


def command_batch(
    session: Session,
    principal: Principal,
    batch_id: str,
    command: str,
    given: Mapping[str, Any],
    *,
    version: int | None = None,
    now: datetime,
) -> BatchShown:
    """Give one of `COMMANDS` and read the batch again.

    `given`: `text` (return_line, reopen), `code` and `line_id` (return_line), `sha256` (agree). Raises `BatchUnknown`,
    `BatchChanged` when `version` is not the batch's, and what the command raises.
    """
    batch = _batch(session, batch_id)
    acting = act_for(session, principal, command, batch, version=version, now=now)
    _carry_out(session, batch, command, acting, given, now=now)
    session.flush()
    session.expire_all()
    return _batch(session, batch_id)


def may_command(
    session: Session, principal: Principal, batch_id: str, command: str, *, now: datetime
) -> None:
    """Whether they may give the command on this batch at all. Raises `BatchUnknown`."""
    act_for(session, principal, command, _batch(session, batch_id), now=now)


def act_for(
    session: Session,
    principal: Principal,
    command: str,
    batch: BatchShown,
    *,
    version: int | None = None,
    now: datetime,
) -> Acting:
    """Who acts on which side of the batch, if they may."""
    is_visited, is_both = command in _VISITED, command == "reopen"
    subject = Subject(
        station_province=batch.visited if is_visited or is_both else None,
        home_area=batch.home if is_both or not is_visited else None,
        state=batch.state,
        name=f"batch:{batch.id}",
    )
    identity.allow(session, principal, f"settlement.{command}", subject, now=now)
    side = side_of(principal.role, principal.province, command, batch.visited, batch.home)
    if side is None:
        raise OtherParty(principal.name, f"settlement.{command}", subject.name)
    return Acting(principal.name, side, version)


def read_list(session: Session, principal: Principal, list_id: str, *, now: datetime) -> ListShown:
    """A payment list, for its payer and the auditors. Raises `PaymentListUnknown`."""
    found = paying.find_list(session, list_id)
    if found is None:
        raise PaymentListUnknown(list_id)
    subject = Subject(home_area=found.payer_area, name=f"payment-list:{list_id}")
    identity.allow(session, principal, "settlement.read_payments", subject, now=now)
    return found


def may_pay(session: Session, principal: Principal, command: str, line_id: str, *, now: datetime) -> None:
    """Whether they may `record_payment` or `bounce` on this line at all. Raises `PaymentLineUnknown`."""
    _payer(session, principal, command, line_id, now=now)


def may_credit(session: Session, principal: Principal, line_id: int, *, now: datetime) -> None:
    """Whether they may propose a credit of this line at all. Raises `LineNotHere`, `LineNotPosted`."""
    _creditor(session, principal, line_id, now=now)


def record_payment(
    session: Session, principal: Principal, line_id: str, given: Mapping[str, Any], *, now: datetime
) -> Paid:
    """Record that a line was paid: `paid_on` (date), `bank_reference`, `amount_fen`, `sha256`?. Raises `PaymentLineUnknown`."""
    acting = _payer(session, principal, "record_payment", line_id, now=now)
    paid_on: date = given["paid_on"]
    proof = Proof(paid_on, given["bank_reference"], given["amount_fen"], given.get("sha256"))
    return payments.record_payment(session, line_id, acting, proof, now=now)


def bounce(
    session: Session, principal: Principal, line_id: str, *, reason: str, text: str, now: datetime
) -> str:
    """A payment came back; the new line's identifier. Raises `PaymentLineUnknown`."""
    acting = _payer(session, principal, "bounce", line_id, now=now)
    return payments.bounce(session, line_id, acting, reason=reason, text=text, now=now)


def close_case(session: Session, principal: Principal, case_id: int, *, text: str, now: datetime) -> None:
    """Say what was done about a redemption result that contradicts."""
    acting = Acting(principal.name, "home_finance")
    redemptions.close_case(session, case_id, acting, area=principal.area or "-", text=text, now=now)


def propose_credit(
    session: Session, principal: Principal, line_id: int, *, reason: str, text: str, now: datetime
) -> int:
    """The visited side proposes to take a posted line back; the credit's number. Raises `LineNotPosted`."""
    acting = _creditor(session, principal, line_id, now=now)
    return crediting.propose_credit(session, line_id, acting, reason=reason, text=text, now=now)


def may_take_back(session: Session, principal: Principal, credit_id: int, *, now: datetime) -> CreditShown:
    """The credit, if they are of the area that paid. Raises `CreditUnknown`."""
    held = paying.find_credit(session, credit_id)
    if held is None:
        raise CreditUnknown(credit_id)
    payer = held.payer_area or _batch(session, held.batch_id).home
    subject = Subject(home_area=payer, name=f"credit:{credit_id}")
    identity.allow(session, principal, "settlement.record_payback", subject, now=now)
    return held


def record_payback(
    session: Session, principal: Principal, credit_id: int, given: Mapping[str, Any], *, now: datetime
) -> CreditShown:
    """What is owed back of a credit came to whoever paid it: `paid_on`, `bank_reference`, `amount_fen`, `sha256`?.

    Raises `CreditUnknown`.
    """
    may_take_back(session, principal, credit_id, now=now)
    paid_on: date = given["paid_on"]
    proof = Proof(paid_on, given["bank_reference"], given["amount_fen"], given.get("sha256"))
    acting = Acting(principal.name, "home_finance")
    crediting.record_payback(session, credit_id, acting, proof, now=now)
    return _credit_again(session, credit_id)


def decide_credit(
    session: Session,
    principal: Principal,
    credit_id: int,
    command: str,
    given: Mapping[str, Any],
    *,
    now: datetime,
) -> CreditShown:
    """`issue_credit` or `refuse_credit` (`text`). Raises `CreditUnknown`."""
    held = paying.find_credit(session, credit_id)
    if held is None:
        raise CreditUnknown(credit_id)
    acting = act_for(session, principal, command, _batch(session, held.batch_id), now=now)
    if command == "issue_credit":
        crediting.issue_credit(session, credit_id, acting, now=now)
    else:
        crediting.refuse_credit(session, credit_id, acting, text=given.get("text", ""), now=now)
    return _credit_again(session, credit_id)


def _credit_again(session: Session, credit_id: int) -> CreditShown:
    session.flush()
    session.expire_all()
    found = paying.find_credit(session, credit_id)
    assert found is not None, "it was changed just now"
    return found


def _carry_out(
    session: Session,
    batch: BatchShown,
    command: str,
    acting: Acting,
    given: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    match command:
        case "close":
            closing.close_period(session, batch.period_id, visited=batch.visited, acting=acting, now=now)
        case "recalculate":
            calculating.recalculate_batch(session, batch.id, acting, now=now)
        case "submit":
            reviewing.submit_batch(session, batch.id, acting, now=now)
        case "return_line":
            line_id = given.get("line_id")
            if not isinstance(line_id, int):
                raise WordsMissing("line_id", "要退回的行", "which line is returned")
            code, text = given.get("code", ""), given.get("text", "")
            reviewing.return_line(session, batch.id, line_id, acting, code=code, text=text, now=now)
        case "agree":
            reviewing.agree_batch(session, batch.id, acting, sha256=given.get("sha256", ""), now=now)
        case "reopen":
            reviewing.reopen_batch(session, batch.id, acting, text=given.get("text", ""), now=now)
        case "post":
            posting.post_batch(session, batch.id, acting=acting, now=now)
        case "seal":
            sealing.seal_batch(session, batch.id, acting, now=now)
        case _:
            raise KeyError(command)


def _batch(session: Session, batch_id: str) -> BatchShown:
    found = periods.find_batch(session, batch_id)
    if found is None:
        raise BatchUnknown(batch_id)
    return found


def _line(session: Session, line_id: str) -> LineShown:
    found = paying.find_line(session, line_id)
    if found is None:
        raise PaymentLineUnknown(line_id)
    return found


def _payer(session: Session, principal: Principal, command: str, line_id: str, *, now: datetime) -> Acting:
    line = _line(session, line_id)
    subject = Subject(home_area=line.payer_area, state=line.state, name=f"payment-line:{line_id}")
    identity.allow(session, principal, f"settlement.{command}", subject, now=now)
    return Acting(principal.name, "home_finance")


def _creditor(session: Session, principal: Principal, line_id: int, *, now: datetime) -> Acting:
    line = session.get(RatedLine, line_id)
    if line is None:
        raise LineNotHere(line_id)
    if line.batch_id is None:
        raise LineNotPosted(line_id)
    return act_for(session, principal, "propose_credit", _batch(session, line.batch_id), now=now)
