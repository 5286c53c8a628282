"""Reading notices, contacts and webhooks."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.notices.models import Contact, Delivery, Notice, Preference, Webhook


def inbox(
    session: Session, recipient: str, *, before: int | None = None, limit: int = 50
) -> Sequence[Notice]:
    """A person's notices, newest first; `before` is the last number already shown."""
    query = select(Notice).where(Notice.recipient == recipient).order_by(Notice.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Notice.id < before)
    return session.scalars(query).all()


def notice(session: Session, notice_id: int) -> Notice:
    """One notice that the caller knows to exist."""
    return session.get_one(Notice, notice_id)


def unread(session: Session, recipient: str, *, most: int = 100) -> int:
    """How many a person has not read, counted no further than `most`."""
    waiting = (
        select(Notice.id)
        .where(Notice.recipient == recipient, Notice.read_at.is_(None))
        .limit(most)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def contacts(session: Session, recipient: str) -> list[Contact]:
    """Where a person is reached, by channel."""
    return list(
        session.scalars(select(Contact).where(Contact.recipient == recipient).order_by(Contact.channel))
    )


def preference(session: Session, recipient: str) -> Preference | None:
    """A person's language and quiet hours, where set."""
    return session.get(Preference, recipient)


def webhooks_of(session: Session, owner: str) -> list[Webhook]:
    """An owner's live webhooks, oldest first."""
    query = select(Webhook).where(Webhook.owner == owner, Webhook.ended_at.is_(None))
    return list(session.scalars(query.order_by(Webhook.created_at, Webhook.id)))


def ways_out(session: Session, recipient: str, key: str) -> list[str]:
    """The outside channels by which a notice was sent or waits to be sent; what failed for good does not count."""
    mine = (
        select(Delivery.channel)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Notice.recipient == recipient, Notice.key == key, Delivery.failed_at.is_(None))
    )
    return list(session.scalars(mine.order_by(Delivery.channel)))
