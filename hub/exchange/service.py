"""Sealing what goes to a province and receiving what comes from it, each fact once. Services never commit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, select, update
from sqlalchemy.orm import Session

from hub.core import bulk
from hub.core.db import InsertOnBoth, insert, table_of
from hub.core.together import Together
from hub.exchange import rules
from hub.exchange.errors import MessageUnknown
from hub.exchange.models import Conversation, InboxEntry, Receipt, SealedMessage
from hub.exchange.rules import Envelope, Incoming, Verdict

_MESSAGE, _CONVERSATION, _ENTRY = table_of(SealedMessage), table_of(Conversation), table_of(InboxEntry)
_NEXT_NUMBER = InsertOnBoth(
    _CONVERSATION,
    lambda made: made.on_conflict_do_update(
        index_elements=["subject"], set_={"last_out": _CONVERSATION.c.last_out + 1}
    ).returning(_CONVERSATION.c.last_out, _CONVERSATION.c.correlation_id),
)
_RECEIPT = InsertOnBoth(Receipt.__table__, lambda made: made.on_conflict_do_nothing())
_KEPT = (
    "province", "message_id", "content_hash", "subject", "kind", "sequence", "way", "is_signed", "verdict", "why",
    "received_at", "raw",
)  # fmt: skip
_INBOX = InsertOnBoth(_ENTRY, lambda made: made.on_conflict_do_nothing().returning(_ENTRY.c.id))
_ENVELOPE = (
    select(_MESSAGE, _CONVERSATION.c.correlation_id)
    .join(_CONVERSATION, _CONVERSATION.c.subject == _MESSAGE.c.subject)
    .where(_MESSAGE.c.id == bindparam("message_id"))
)
_SIGNED = (
    update(_MESSAGE)
    .where(_MESSAGE.c.id == bindparam("message_id"))
    .values(signature=bindparam("signed_with"))
)
_SAME = (_ENTRY.c.province == bindparam("province")) & (_ENTRY.c.message_id == bindparam("message_id"))
_KNOWN = select(_ENTRY.c.content_hash).where(_SAME)
# With each message that came under the same identifier, about this subject or another one.
_OURS = (
    select(_CONVERSATION.c.last_in, _CONVERSATION.c.last_in_at, _ENTRY.c.content_hash)
    .select_from(_CONVERSATION.outerjoin(_ENTRY, _SAME))
    .where(_CONVERSATION.c.subject == bindparam("about"), _CONVERSATION.c.province == bindparam("province"))
    .with_for_update(of=_CONVERSATION)
)
# What is applied moves its conversation on. Where another transaction kept the same message first, it did that too.
_APPLIED = Together(
    lambda insert: [
        update(_CONVERSATION)
        .where(_CONVERSATION.c.subject == bindparam("about"))
        .values(last_in=bindparam("number"), last_in_at=bindparam("said_at")),
        insert(_ENTRY)
        .values({name: bindparam(f"v_{name}") for name in _KEPT})
        .on_conflict_do_nothing()
        .returning(_ENTRY.c.id),
    ]
)
_SEALED = (
    "subject", "province", "kind", "sequence", "key", "deadline", "content_hash", "body", "signature",
)  # fmt: skip


def open_conversation(session: Session, subject: str, province: str) -> str:
    """Make ready for messages about a subject; their correlation identifier. Safe to repeat."""
    correlation_id = rules.random_letters(32)
    made = insert(session, Conversation).values(
        subject=subject, province=province, correlation_id=correlation_id, last_out=0, last_in=0
    )
    added: str | None = session.scalar(made.on_conflict_do_nothing().returning(Conversation.correlation_id))
    if added is not None:
        return added
    return session.scalars(select(Conversation.correlation_id).where(Conversation.subject == subject)).one()


def seal(
    session: Session,
    subject: str,
    kind: str,
    body: Mapping[str, Any],
    *,
    province: str,
    deadline: datetime,
    now: datetime,
) -> Envelope:
    """Store a message to the subject's province, with its own number, identifier and key. Not safe to repeat.

    The first one opens the conversation. Two seals about one subject wait for each other.
    """
    first = {"subject": subject, "province": province, "last_out": 1, "last_in": 0}
    number, correlation_id = session.execute(
        _NEXT_NUMBER.on(session), {**first, "correlation_id": rules.random_letters(32)}
    ).one()
    sealed = Envelope(
        message_id=rules.new_message_id(),
        subject=subject,
        province=province,
        kind=kind,
        sequence=number,
        key=rules.new_key(),
        deadline=deadline,
        correlation_id=correlation_id,
        content_hash=rules.content_hash(body),
        body=dict(body),
        signature=None,
    )
    row = {name: getattr(sealed, name) for name in _SEALED} | {"id": sealed.message_id, "sealed_at": now}
    bulk.insert_rows(_MESSAGE, tuple(row)).run(session, [row])
    return sealed


def envelope(session: Session, message_id: str) -> Envelope:
    """A sealed message. Raises `MessageUnknown`."""
    found = session.execute(_ENVELOPE, {"message_id": message_id}).one_or_none()
    if found is None:
        raise MessageUnknown(message_id)
    return envelope_of(found)


def with_envelope(
    query: Select[*tuple[Any, ...]], message_id: ColumnElement[str]
) -> Select[*tuple[Any, ...]]:
    """The query, each of its rows with the sealed message that it names, for `envelope_of`."""
    return (
        query.join(_MESSAGE, _MESSAGE.c.id == message_id)
        .join(_CONVERSATION, _CONVERSATION.c.subject == _MESSAGE.c.subject)
        .add_columns(*_MESSAGE.c, _CONVERSATION.c.correlation_id)
    )


def keep_signature(session: Session, message_id: str, signature: str) -> None:
    """Keep what the message was signed with when it was sent. Safe to repeat; the last one stays."""
    session.execute(_SIGNED, {"message_id": message_id, "signed_with": signature})


def record_receipt(session: Session, message_id: str, answer: Incoming, *, now: datetime) -> None:
    """The province has answered this message: it arrived. Safe to repeat; the first answer is the receipt."""
    kept = {
        "message_id": message_id,
        "at": now,
        "way": answer.way,
        "answer_id": answer.message_id,
        "answer_hash": answer.raw_hash,
        "is_signed": answer.is_signed,
    }
    session.execute(_RECEIPT.on(session), kept)


def receive(session: Session, message: Incoming, *, now: datetime) -> Verdict:
    """Keep a message from a province and say what may be done with it. Safe to repeat: then it is `repeated`.

    `apply`: do it, in this transaction. `stale`: something newer was applied. `conflicting`: the same identifier came
    before with other content; nothing may be concluded. The subject must belong to the province.
    """
    asked = {"province": message.province, "message_id": message.message_id, "about": message.subject}
    found = session.execute(_OURS, asked).all()
    known = {row.content_hash for row in found} if found else set(session.scalars(_KNOWN, asked))
    if not known.isdisjoint({message.content_hash, message.raw_hash}):
        return "repeated"
    if known - {None}:
        return _keep(session, message, "conflicting", "same identifier, other content", now)
    if not found:  # the province speaks first
        open_conversation(session, message.subject or "", message.province)
        found = session.execute(_OURS, asked).all()
    held = found[0]
    if rules.is_stale(message, last_in=held.last_in, last_in_at=held.last_in_at):
        return _keep(session, message, "stale", None, now)
    moved = {
        "about": message.subject,
        "number": max(held.last_in, message.sequence or 0),
        "said_at": held.last_in_at if message.at is None else max(held.last_in_at or message.at, message.at),
    }
    kept = {f"v_{name}": value for name, value in _kept(message, "apply", None, now).items()}
    return "apply" if _APPLIED.run(session, {**moved, **kept}) else "repeated"


def refuse(session: Session, message: Incoming, why: str, *, now: datetime) -> Verdict:
    """Keep a message that may not be applied at all: of an unknown, foreign or contradictory subject. Safe to repeat."""
    return _keep(session, message, "refused", why, now)


def _keep(session: Session, message: Incoming, verdict: Verdict, why: str | None, now: datetime) -> Verdict:
    """The verdict, or `repeated` when the same content was kept before, by another transaction too."""
    added = session.scalar(_INBOX.on(session), _kept(message, verdict, why, now))
    return "repeated" if added is None else verdict


def _kept(message: Incoming, verdict: Verdict, why: str | None, now: datetime) -> dict[str, Any]:
    return {
        "province": message.province,
        "message_id": message.message_id,
        "content_hash": message.content_hash,
        "subject": message.subject,
        "kind": message.kind,
        "sequence": message.sequence,
        "way": message.way,
        "is_signed": message.is_signed,
        "verdict": verdict,
        "why": why,
        "received_at": now,
        "raw": message.raw,
    }


def envelope_of(row: Row[Any]) -> Envelope:
    """The sealed message in a row of a query `with_envelope`."""
    return Envelope(
        message_id=row.id,
        subject=row.subject,
        province=row.province,
        kind=row.kind,
        sequence=row.sequence,
        key=row.key,
        deadline=row.deadline,
        correlation_id=row.correlation_id,
        content_hash=row.content_hash,
        body=row.body,
        signature=row.signature,
    )
