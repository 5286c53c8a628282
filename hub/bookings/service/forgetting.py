"""What bookings leave behind and nobody needs any more, forgotten by the days of `data/retention.csv`.

Never what a booking that has not ended refers to; never history or money. Files of reports, evidence and papers of
settlement have rules of their own (`hub/settlement/data/retention.csv`). Links to reports keep nothing: they are signed
and lapse by themselves.
"""

import csv
import io
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from hub.availability import service as availability
from hub.bookings.models import Booking, CommandKey, Delivery, Note, Transition
from hub.bookings.service import reports
from hub.bookings.service.kept_files import forget_reports
from hub.core import audit
from hub.core.runtime import Runtime
from hub.settlement.service import forgetting as settlement

BATCH = 500
"""Rows of a kind that go in one transaction: it holds the write lock a few milliseconds."""


def forget_old(runtime: Runtime) -> bool:
    """One round over everything that has a retention; whether there is more to forget. Safe to repeat and to run anywhere."""
    now, gone = runtime.clock(), []
    live = select(Booking.id).where(Booking.ended_at.is_(None))
    used = select(Booking.quote_id).where(Booking.quote_id.is_not(None))
    with runtime.database.write() as session:
        gone.append(availability.forget_cells(session, before=_before("cells", now), kept=live, limit=BATCH))
    with runtime.database.write() as session:
        gone.append(
            availability.forget_quotes(session, before=_before("quotes", now), kept=used, limit=BATCH)
        )
    with runtime.database.write() as session:
        gone.append(_forget_drafts(session, _before("drafts", now)))
        gone.append(_forget_keys(session, _before("keys", now), _before("loose_keys", now)))
        gone.append(_forget_uploads(session, runtime.home / "reports", now))
    with runtime.database.read() as session:
        removed = forget_reports(session, runtime.home, now=now)
    if removed:
        with runtime.database.write() as session:
            audit.record(
                session,
                "system:retention",
                "settlement.forget_papers",
                "report",
                {"reports": removed},
                now=now,
            )
    gone_papers = max(settlement.forget_old(runtime), removed)
    return max(gone) >= BATCH or gone_papers >= settlement.BATCH


@cache
def retention() -> dict[str, timedelta]:
    """How long each kind is kept, by its name in `data/retention.csv`."""
    text = files("hub.bookings").joinpath("data/retention.csv").read_text(encoding="utf-8")
    return {row["what"]: timedelta(days=int(row["days"])) for row in csv.DictReader(io.StringIO(text))}


def _before(what: str, now: datetime) -> datetime:
    return now - retention()[what]


def _forget_drafts(session: Session, before: datetime) -> int:
    """Drafts that nobody has touched for long, with their history: nothing was ever asked of anybody."""
    old = select(Booking.id).where(
        Booking.state == "draft",
        Booking.submitted_at.is_(None),
        Booking.updated_at < before,
        ~exists().where(Delivery.booking_id == Booking.id),
        ~exists().where(Note.booking_id == Booking.id),
    )
    names = session.scalars(old.order_by(Booking.updated_at).limit(BATCH)).all()
    for table in (Transition, CommandKey):
        session.execute(delete(table).where(table.booking_id.in_(names)))
    session.execute(delete(Booking).where(Booking.id.in_(names)))
    return len(names)


def _forget_keys(session: Session, ended: datetime, loose: datetime) -> int:
    """Keys whose booking ended long ago, and keys of commands that made none."""
    over = select(Booking.id).where(Booking.ended_at < ended)
    old = select(CommandKey.actor, CommandKey.key).where(
        or_(
            CommandKey.booking_id.in_(over) & (CommandKey.at < ended),
            CommandKey.booking_id.is_(None) & (CommandKey.at < loose),
        )
    )
    rows = session.execute(old.limit(BATCH)).all()
    for actor, key in rows:
        session.execute(delete(CommandKey).where(CommandKey.actor == actor, CommandKey.key == key))
    return len(rows)


def _forget_uploads(session: Session, folder: Path, now: datetime) -> int:
    return reports.forget_pieces(session, folder, now=now)
