"""Telling people: the inbox at once, the outside channels when they may ring."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from hub.core import outbox
from hub.core.db import InsertOnBoth, table_of
from hub.notices import rules, texts
from hub.notices.errors import NoticeUnknown, TemplateUnknown
from hub.notices.models import Contact, Delivery, Notice, Preference

DELIVER_TASK = "notices.deliver"

_INBOX, _CONTACT, _PREFERENCE = table_of(Notice), table_of(Contact), table_of(Preference)
_NOTICE = InsertOnBoth(
    _INBOX,
    lambda made: made.on_conflict_do_nothing(index_elements=["recipient", "key"]).returning(_INBOX.c.id),
)
# A person's channels, each with the quiet hours that the person has set for all of them.
_WAYS = (
    select(
        _CONTACT.c.channel,
        _PREFERENCE.c.recipient.label("chosen_by"),
        _PREFERENCE.c.quiet_start,
        _PREFERENCE.c.quiet_end,
    )
    .select_from(_CONTACT.outerjoin(_PREFERENCE, _PREFERENCE.c.recipient == _CONTACT.c.recipient))
    .where(_CONTACT.c.recipient == bindparam("recipient"))
)


def notify(
    session: Session,
    recipients: Iterable[str],
    template: str,
    values: dict[str, str],
    *,
    subject: str,
    link: str,
    key: str,
    now: datetime,
) -> int:
    """Tell people something in the caller's transaction; how many had not been told yet. Safe to repeat by `key`.

    `recipients` are principals' names, `link` a path of the portal. Raises `TemplateUnknown` for a text that does
    not exist, lacks a value, or would carry something personal.
    """
    held = texts.template(template)
    _check(held, values)
    told = 0
    for recipient in sorted(set(recipients)):
        row = {
            "recipient": recipient,
            "key": key,
            "template": template,
            "values": values,
            "subject": subject,
            "link": link,
            "created_at": now,
        }
        notice_id = session.scalar(_NOTICE.on(session), row)
        if notice_id is not None:
            told += 1
            _ring(session, notice_id, recipient, held.urgency, now)
    return told


def mark_read(session: Session, recipient: str, notice_id: int, *, now: datetime) -> None:
    """Mark one notice as read. Safe to repeat. Raises `NoticeUnknown`."""
    notice = session.get(Notice, notice_id)
    if notice is None or notice.recipient != recipient:
        raise NoticeUnknown(notice_id)
    notice.read_at = notice.read_at or now


def mark_all_read(session: Session, recipient: str, *, up_to: int, now: datetime) -> None:
    """Mark everything up to a number as read: what arrived meanwhile stays unread. Safe to repeat."""
    session.execute(
        update(Notice)
        .where(Notice.recipient == recipient, Notice.id <= up_to, Notice.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )


def forget_old(session: Session, *, before: datetime, limit: int = 500) -> int:
    """Delete notices written before an instant with their deliveries; how many. Safe to repeat."""
    old = session.scalars(select(Notice.id).where(Notice.created_at < before).limit(limit)).all()
    session.execute(delete(Delivery).where(Delivery.notice_id.in_(old)))
    session.execute(delete(Notice).where(Notice.id.in_(old)))
    return len(old)


def _check(held: rules.Template, values: dict[str, str]) -> None:
    wanted = rules.placeholders_of(held.zh_title + held.en_title + held.zh_text + held.en_text)
    if missing := wanted - set(values):
        raise TemplateUnknown(f"{held.code} lacks {sorted(missing)}")
    for name, value in values.items():
        if name not in rules.PLACEHOLDERS or not rules.is_clean(value):
            raise TemplateUnknown(f"{held.code}: {name} may not carry this value")


def _ring(session: Session, notice_id: int, recipient: str, urgency: rules.Urgency, now: datetime) -> None:
    for way in session.execute(_WAYS, {"recipient": recipient}).all():
        is_set = way.chosen_by is not None
        quiet = rules.QuietHours(way.quiet_start, way.quiet_end) if is_set else rules.QuietHours()
        due = rules.due_at(now, urgency, quiet)
        row = Delivery(notice_id=notice_id, channel=way.channel, due_at=due)
        session.add(row)
        session.flush()
        outbox.enqueue(session, DELIVER_TASK, {"delivery_id": row.id}, due=due, now=now)
