"""Sending one notice over one channel: read, send without a transaction, record."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from hub.core.clock import Clock
from hub.core.db import Database
from hub.notices import queries, texts
from hub.notices.errors import SenderRefused
from hub.notices.models import Contact, Delivery, Notice
from hub.notices.senders import Message, Senders


class _Prepared(NamedTuple):
    channel: str
    message: Message


def deliver(database: Database, senders: Senders, delivery_id: int, *, public_url: str, clock: Clock) -> None:
    """Send what waits, unless it was sent, its contact is gone, or the channel is not installed any more.

    A message that was sent but not recorded goes out again with the same identifier. Raises `SenderUnreachable`,
    which puts the outbox row back; a refusal ends the delivery and is kept.
    """
    with database.read() as session:
        prepared = _prepare(session, delivery_id, public_url)
    if prepared is None:
        return
    sender = senders.get(prepared.channel)
    fault: str | None = f"channel {prepared.channel} is not installed" if sender is None else None
    if sender is not None:
        try:
            sender.send(prepared.message)
        except SenderRefused as refused:
            fault = str(refused)[:500]
    with database.write() as session:
        row = session.get_one(Delivery, delivery_id)
        row.fault = fault
        if fault is None:
            row.sent_at = clock()
        else:
            row.failed_at = clock()


def _prepare(session: Session, delivery_id: int, public_url: str) -> _Prepared | None:
    row = session.get(Delivery, delivery_id)
    if row is None or row.sent_at is not None or row.failed_at is not None:
        return None
    notice = session.get_one(Notice, row.notice_id)
    contact = session.get(Contact, (notice.recipient, row.channel))
    if contact is None:
        return None
    chosen = queries.preference(session, notice.recipient)
    title, text = texts.told(notice.template, notice.values, "zh" if chosen is None else chosen.lang)
    link = f"\n{public_url}{notice.link}" if public_url and notice.link else ""
    return _Prepared(
        row.channel,
        Message(f"notice-{delivery_id}", contact.address, f"【江仪汇】{title}", text + link, contact.secret),
    )
