"""The waiting list: who wants a time on an instrument is told when one becomes free, the longest waiting first."""

from datetime import datetime, timedelta

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from hub.availability import rules as availability_rules
from hub.availability import service as availability
from hub.bookings.errors import WishInvalid, WishUnknown
from hub.bookings.errors.commands import shown
from hub.bookings.models import Booking, Wish
from hub.catalog import queries as catalog
from hub.core import audit
from hub.core.db import Database, skip_locked
from hub.identity.rules import Principal
from hub.notices import service as notices

MOST_WISHES = 50
OFFER = timedelta(hours=4)
"""How long a free time is offered to one before the next in line is told. It is told, not held."""

LONGEST = timedelta(days=60)

_WISHES: Table = Wish.__table__  # type: ignore[assignment]
_TAKE = (
    update(_WISHES)
    .where(
        _WISHES.c.enterprise_id == bindparam("by"),
        _WISHES.c.instrument_id == bindparam("instrument"),
        _WISHES.c.state.in_(("waiting", "offered")),
        _WISHES.c.from_at <= bindparam("starts_at"),
        _WISHES.c.until_at >= bindparam("ends_at"),
    )
    .values(state="taken")
)


def wait(
    session: Session,
    principal: Principal,
    instrument_id: str,
    window: availability_rules.Slot,
    minutes: int,
    *,
    now: datetime,
) -> Wish:
    """Wait for `minutes` within a window. Raises `WishInvalid` and the catalogue's `InstrumentUnknown`."""
    catalog.instrument(session, instrument_id)
    if principal.party_id is None:
        raise WishInvalid("", "请先选择所代表的企业。", "Choose the enterprise you act for first.")
    if window.end <= max(window.start, now) or window.end - now > LONGEST:
        raise WishInvalid("/until", "候补时间应在今后 60 天内。", "The window lies within the next 60 days.")
    if not 0 < minutes <= window.minutes:
        raise WishInvalid(
            "/minutes", "时长应为正数且不超过候补时间段。", "The length must fit into the window."
        )
    mine = select(Wish.id).where(
        Wish.enterprise_id == principal.party_id, Wish.state.in_(("waiting", "offered"))
    )
    if len(session.scalars(mine.limit(MOST_WISHES)).all()) == MOST_WISHES:
        raise WishInvalid("", f"每家企业最多同时候补 {MOST_WISHES} 项。", f"At most {MOST_WISHES} at once.")
    wish = Wish(
        instrument_id=instrument_id,
        enterprise_id=principal.party_id,
        applicant=principal.name,
        from_at=max(window.start, now),
        until_at=window.end,
        minutes=minutes,
        state="waiting",
        made_at=now,
    )
    session.add(wish)
    session.flush()
    audit.record(session, principal.name, "bookings.wait", f"wish:{wish.id}", now=now)
    return wish


def leave(session: Session, principal: Principal, wish_id: int, *, now: datetime) -> None:
    """Wait no longer. Safe to repeat. Raises `WishUnknown` for somebody else's."""
    wish = session.get(Wish, wish_id, with_for_update=True)
    if wish is None or wish.enterprise_id != principal.party_id:
        raise WishUnknown(wish_id)
    if wish.state in {"waiting", "offered"}:
        wish.state = "gone"
        audit.record(session, principal.name, "bookings.stop_waiting", f"wish:{wish.id}", now=now)


def take(session: Session, booking: Booking) -> None:
    """A booking was made: what its enterprise waited for on this instrument at this time is fulfilled."""
    if booking.starts_at is None or booking.ends_at is None:
        return
    asked = {"by": booking.enterprise_id, "instrument": booking.instrument_id}
    session.execute(_TAKE, {**asked, "starts_at": booking.starts_at, "ends_at": booking.ends_at})


def offer_free(database: Database, *, now: datetime, limit: int = 20) -> int:
    """Tell who waits longest of a time that has become free; how many were told. Safe to repeat and to run anywhere."""
    with database.write() as session:
        _pass_on(session, now)
        waiting = select(Wish).where(Wish.state == "waiting").order_by(Wish.id).limit(limit * 10)
        told = 0
        held: set[str] = set(session.scalars(select(Wish.instrument_id).where(Wish.state == "offered")))
        for wish in session.scalars(skip_locked(session, waiting)).all():
            if told == limit:
                break
            if wish.instrument_id not in held and _offer(session, wish, now):
                held.add(wish.instrument_id)
                told += 1
    return told


def _pass_on(session: Session, now: datetime) -> None:
    """Whoever did not book in time goes to the end of the line; whose window is over leaves it."""
    session.execute(
        update(Wish)
        .where(Wish.state.in_(("waiting", "offered")), Wish.until_at <= now)
        .values(state="gone")
        .execution_options(synchronize_session=False)
    )
    lapsed = session.scalars(select(Wish).where(Wish.state == "offered", Wish.offer_until <= now)).all()
    for wish in lapsed:
        wish.state = "gone"
        session.add(
            Wish(
                instrument_id=wish.instrument_id,
                enterprise_id=wish.enterprise_id,
                applicant=wish.applicant,
                from_at=wish.from_at,
                until_at=wish.until_at,
                minutes=wish.minutes,
                state="waiting",
                made_at=now,
            )
        )
    session.flush()


def _offer(session: Session, wish: Wish, now: datetime) -> bool:
    start = max(wish.from_at, now)
    found = availability.show(session, wish.instrument_id, start=start, end=wish.until_at, now=now)
    free = next((slot for slot in found.free if slot.minutes >= wish.minutes), None)
    if free is None:
        return False
    wish.state, wish.offer_until = "offered", now + OFFER
    wish.offered_start, wish.offered_end = free.start, free.start + timedelta(minutes=wish.minutes)
    document = catalog.instrument(session, wish.instrument_id).document
    notices.notify(
        session,
        [wish.applicant],
        "waiting_free",
        {
            "instrument": document["name_zh"][:40],
            "when": shown(wish.offered_start),
            "until": shown(wish.offer_until),
        },
        subject=f"instrument:{wish.instrument_id}",
        link=f"/instruments/{wish.instrument_id}",
        key=f"wish:{wish.id}",
        now=now,
    )
    return True
