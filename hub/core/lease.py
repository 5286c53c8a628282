"""Named leases: at most one process does a thing, and a dead one is replaced when its time is up.

A lease is a row; taking it is one UPDATE, so it is safe on both databases. `fence` grows with every
change of holder: work that writes under a lease carries its fence and is void once the fence has moved.
"""

from datetime import datetime, timedelta

from sqlalchemy import case, or_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.core.db import Base, insert


class Lease(Base):
    """Who holds what until when."""

    __tablename__ = "core_lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]
    fence: Mapped[int]


def take(session: Session, name: str, holder: str, *, seconds: float, now: datetime) -> int | None:
    """Take or prolong the lease; its fence, or None while another holds it. Safe to repeat.

    The row stays locked to the end of the caller's transaction, which makes the lease a mutex inside it.
    """
    until = now + timedelta(seconds=seconds)
    moved = session.scalar(
        update(Lease)
        .where(Lease.name == name, or_(Lease.holder == holder, Lease.until <= now))
        .values(
            holder=holder,
            until=until,
            fence=case((Lease.holder == holder, Lease.fence), else_=Lease.fence + 1),
        )
        .returning(Lease.fence)
        .execution_options(synchronize_session=False)
    )
    if moved is not None:
        return moved
    first = insert(session, Lease).values(name=name, holder=holder, until=until, fence=1)
    return session.scalar(first.on_conflict_do_nothing().returning(Lease.fence))


def release(session: Session, name: str, holder: str, *, now: datetime) -> None:
    """Let go of a lease if it is still ours. Safe to repeat."""
    session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.holder == holder)
        .values(until=now)
        .execution_options(synchronize_session=False)
    )
