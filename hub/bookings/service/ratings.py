"""Ratings: by the enterprise, of a service that took place, once; the provider may answer."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hub.bookings.errors.reports import RatingClosed, RatingInvalid
from hub.bookings.models import Booking, Rating
from hub.bookings.service.effects import redeeming
from hub.bookings.service.parties import subject_of
from hub.core import audit
from hub.identity import service as identity
from hub.identity.rules import Principal

CHANGE_WITHIN = timedelta(days=14)
RATE_WITHIN = timedelta(days=180)
MOST_TEXT = 1000


def rate(
    session: Session, principal: Principal, booking: Booking, stars: int, text: str | None, *, now: datetime
) -> Rating:
    """Rate a completed booking, or change the rating within 14 days. Safe to repeat.

    The state `completed` is reached only after a service with a usage record, so every rating is of a verified use.
    Raises `RatingInvalid`, `RatingClosed` and access refusals.
    """
    identity.allow(session, principal, "booking.rate", subject_of(booking), now=now)
    if booking.ended_at is None or now > booking.ended_at + RATE_WITHIN:
        raise RatingClosed("评价期（完成后 180 天）已过。", "Ratings close 180 days after completion.")
    if isinstance(stars, bool) or not 1 <= stars <= 5:
        raise RatingInvalid("stars", "星级应为 1 至 5。", "Stars go from 1 to 5.")
    said = _clean(text)
    held = session.get(Rating, booking.id)
    if held is None:
        held = Rating(booking_id=booking.id, stars=stars, text=said, rated_by=principal.name, rated_at=now)
        session.add(held)
        session.flush()
    elif now > held.rated_at + CHANGE_WITHIN:
        raise RatingClosed("评价 14 天后不能再修改。", "A rating can be changed for 14 days.")
    else:
        held.stars, held.text = stars, said
    redeeming.tell_rating(session, booking, stars, now=now)
    audit.record(session, principal.name, "bookings.rate", f"booking:{booking.id}", {"stars": stars}, now=now)
    return held


def answer_rating(
    session: Session, principal: Principal, booking: Booking, text: str, *, now: datetime
) -> Rating:
    """Answer a rating for the provider's side; a later answer replaces it. Raises as `rate`."""
    identity.allow(session, principal, "booking.answer_rating", subject_of(booking), now=now)
    held = session.get(Rating, booking.id)
    if held is None:
        raise RatingClosed("该预约尚无评价。", "The booking has not been rated.")
    said = _clean(text)
    if said is None:
        raise RatingInvalid("text", "请填写答复。", "Write the answer.")
    held.answer, held.answered_by, held.answered_at = said, principal.name, now
    audit.record(session, principal.name, "bookings.answer_rating", f"booking:{booking.id}", now=now)
    return held


def _clean(text: str | None) -> str | None:
    said = (text or "").strip()
    if len(said) > MOST_TEXT:
        raise RatingInvalid(
            "text", f"文字不超过 {MOST_TEXT} 字。", f"The text has at most {MOST_TEXT} characters."
        )
    return said or None
