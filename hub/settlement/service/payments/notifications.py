"""What a channel tells by itself: genuine or not at all, in any order, as often as it likes."""

import hashlib
from collections.abc import Mapping

from sqlalchemy.orm import Session

from hub.core import db
from hub.core.runtime import Runtime
from hub.settlement.channels import Told
from hub.settlement.errors.payments import AmountMismatch, AttemptUnknown, ChannelUnknown
from hub.settlement.models import Attempt, ChannelMessage
from hub.settlement.service.payments import asking


def take(runtime: Runtime, channel: str, headers: Mapping[str, str], body: bytes) -> str:
    """Take a notification; what came of it: applied, repeated.

    Raises `ChannelUnknown`, `SignatureInvalid`, `NotificationMalformed`; `AttemptUnknown`; `AmountMismatch`, upon which the
    channel is asked at once: only what it says when asked is believed about another amount.
    """
    way = runtime.payment_channels.get(channel)
    if way is None or not way.is_online:
        raise ChannelUnknown(channel)
    told = way.read_notification(headers, body, now=runtime.clock())
    with runtime.database.write() as session:
        outcome, expected = _note(session, runtime, channel, told, hashlib.sha256(body).hexdigest())
    if outcome == "amount_mismatch":
        asking.ask(runtime, told.attempt_id)
        raise AmountMismatch(expected, told.outcome.fen or 0)
    return outcome


def _note(session: Session, runtime: Runtime, channel: str, told: Told, sha256: str) -> tuple[str, int]:
    now = runtime.clock()
    attempt = session.get(Attempt, told.attempt_id)
    if attempt is None or attempt.channel != channel:
        raise AttemptUnknown(told.attempt_id)
    is_other = told.outcome.kind == "paid" and told.outcome.fen != attempt.fen
    outcome = "amount_mismatch" if is_other else "applied"
    row = {
        "channel": channel,
        "message_id": told.message_id,
        "sha256": sha256,
        "attempt_id": attempt.id,
        "outcome": outcome,
        "at": now,
    }
    added = session.scalar(
        db.insert(session, ChannelMessage)
        .values(**row)
        .on_conflict_do_nothing(index_elements=["channel", "message_id"])
        .returning(ChannelMessage.message_id)
    )
    if is_other:
        return outcome, attempt.fen
    asking.apply(session, attempt.id, told.outcome, now=now, side="channel")
    return ("applied" if added is not None else "repeated"), attempt.fen
