"""One try to pay: stored, then sent, then noted; no transaction is open while a channel is called."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import schemas
from hub.core.runtime import Runtime
from hub.identity import service as identity
from hub.identity.rules import Principal
from hub.settlement.channels import Channel, Charge
from hub.settlement.errors.payments import (
    ChannelRefused,
    ChannelSilent,
    ChannelUnknown,
    ChannelUnreachable,
    NothingOutstanding,
    PaymentUnderWay,
    PaymentUnknown,
)
from hub.settlement.models import Attempt, Payment
from hub.settlement.service import order_forms
from hub.settlement.service.payments import book

ONLINE_LIFE = timedelta(minutes=30)
"""How long an online payment may be finished; then the channel closes it."""

FIRST_LOOK = timedelta(seconds=20)
"""When the hub asks for the first time what became of a try that was sent."""

_SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without what is easily mistaken when copied by hand."""


@dataclass(frozen=True, slots=True)
class Started:
    """A try that stands: its identifier, and the address of the provider's page for one that goes online."""

    attempt_id: str
    state: str
    redirect_url: str | None


def start(
    runtime: Runtime, principal: Principal, payment_id: str, channel: str, *, form_sha256: str | None = None
) -> Started:
    """Begin to pay what is outstanding by a channel. `form_sha256`: the order form's bytes that the payer agrees to by this.

    The try is stored before anything is sent; a process that dies in between leaves it to `asking.ask_due`. Raises
    `ChannelUnknown`, `NothingOutstanding`, `FormUnconfirmed`, `FormOutdated`, `PaymentUnderWay`, identity's refusals, `ChannelRefused` and
    `ChannelUnreachable` (nothing was paid, the try is over). An outcome that is not known is no error: state `unknown`.
    """
    with runtime.database.read() as session:
        payment = session.get(Payment, payment_id)
        if payment is None:
            raise PaymentUnknown(payment_id)
        identity.allow(session, principal, "payment.pay", book.subject_of(payment), now=runtime.clock())
    way = runtime.payment_channels.get(channel)
    if way is None or channel not in schemas.codes("payment_channel"):
        raise ChannelUnknown(channel)
    with runtime.database.write() as session:
        attempt_id = store(
            session, principal, payment_id, channel, form_sha256=form_sha256, now=runtime.clock()
        )
    return send(runtime, way, attempt_id)


def store(
    session: Session,
    principal: Principal,
    payment_id: str,
    channel: str,
    *,
    form_sha256: str | None = None,
    now: datetime,
) -> str:
    """Store a try, before anything is sent; its identifier. Raises as `start`."""
    payment = book.lock(session, payment_id)
    identity.allow(session, principal, "payment.pay", book.subject_of(payment), now=now)
    outstanding = book.money_of(session, payment, now=now).outstanding_fen
    if outstanding == 0:
        raise NothingOutstanding
    held = book.under_way(session, payment.id)
    if held is not None:
        names = schemas.codes("payment_channel")[held.channel]
        raise PaymentUnderWay(names.zh, names.en)
    order_forms.agree_and_pay(session, payment.reference, principal, form_sha256, now=now)
    is_online = channel == "online"
    attempt = Attempt(
        id=f"pa-{secrets.token_hex(12)}",
        payment_id=payment.id,
        number=next_number(session, payment),
        channel=channel,
        code=None if is_online else _new_code(session),
        fen=outstanding,
        state="stored" if is_online else "open",
        made_by=principal.name,
        made_at=now,
        expires_at=now + ONLINE_LIFE if is_online else None,
        ask_at=now + FIRST_LOOK if is_online else None,
    )
    session.add(attempt)
    session.flush()
    detail = {"attempt": attempt.number, "channel": channel, "fen": outstanding}
    book.settle(session, payment, "initiate", book.By("enterprise", principal.name), now=now, detail=detail)
    return attempt.id


def send(runtime: Runtime, way: Channel, attempt_id: str) -> Started:
    """Have the channel take a stored try and note what it said. Safe to repeat: the channel knows it by its identifier."""
    with runtime.database.read() as session:
        attempt = session.get_one(Attempt, attempt_id)
        payment = session.get_one(Payment, attempt.payment_id)
        charge = _charge(runtime, payment, attempt)
    if not way.is_online or attempt.state != "stored":
        return Started(attempt.id, attempt.state, attempt.redirect_url)
    try:
        begun = way.begin(charge)
    except ChannelSilent:
        with runtime.database.write() as session:
            lose_sight(session, attempt_id, now=runtime.clock())
        return Started(attempt_id, "unknown", None)
    except (ChannelRefused, ChannelUnreachable) as refused:
        with runtime.database.write() as session:
            payment, attempt = book.attempt_of(session, attempt_id)
            if attempt.state == "stored":
                book.end_attempt(
                    session, payment, attempt, "failed", book.SYSTEM, now=runtime.clock(), reason=refused.code
                )  # fmt: skip
        raise
    with runtime.database.write() as session:
        payment, attempt = book.attempt_of(session, attempt_id)
        attempt.remote_id = begun.remote_id
        attempt.redirect_url = begun.redirect_url
        if attempt.state in {"stored", "unknown"}:
            attempt.state = "open"
            book.settle(session, payment, "open", book.SYSTEM, now=runtime.clock())
        return Started(attempt_id, attempt.state, begun.redirect_url)


def lose_sight(session: Session, attempt_id: str, *, now: datetime) -> None:
    """The channel did not answer: nobody knows before it is asked, or says so itself. Safe to repeat."""
    payment, attempt = book.attempt_of(session, attempt_id)
    if attempt.state in {"stored", "open"}:
        attempt.state, attempt.ask_at = "unknown", now
        book.settle(session, payment, "lose_sight", book.SYSTEM, now=now)


def next_number(session: Session, payment: Payment) -> int:
    """The number of the payment's next try; the payment is locked."""
    mine = select(func.count()).select_from(Attempt).where(Attempt.payment_id == payment.id)
    return (session.scalar(mine) or 0) + 1


def _charge(runtime: Runtime, payment: Payment, attempt: Attempt) -> Charge:
    return Charge(
        attempt_id=attempt.id,
        fen=attempt.fen,
        subject=f"仪器服务 {payment.order_number}",
        payee=payment.institution_id or payment.operator_id or f"station-{payment.province}",
        return_url=f"{runtime.public_url}/payments/{payment.id}/return",
        notify_url=f"{runtime.public_url}/api/v1/payment-notifications/{attempt.channel}",
        expires_at=attempt.expires_at or attempt.made_at + ONLINE_LIFE,
    )


def _new_code(session: Session) -> str:
    """A reference that nobody had before, short enough for the remark of a transfer."""
    while True:
        code = "JYH" + "".join(secrets.choice(_SIGNS) for _ in range(9))
        if session.scalar(select(Attempt.id).where(Attempt.code == code)) is None:
            return code
