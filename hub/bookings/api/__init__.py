"""Routes of bookings."""

from fastapi import APIRouter

from hub.bookings.api import bookings, calendars, cases, events, papers, provinces, usage, wishes

router = APIRouter(prefix="/api/v1")
# Matched one after the other: what is asked most often comes first.
for part in (bookings, events, calendars, cases, wishes, provinces, papers, usage):
    router.include_router(part.router)
