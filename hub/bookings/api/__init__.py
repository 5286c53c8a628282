"""Routes of bookings."""

from fastapi import APIRouter

from hub.bookings.api import bookings, calendars, cases, events, papers, provinces, usage, wishes

router = APIRouter(prefix="/api/v1")
for part in (events, calendars, cases, wishes, provinces, papers, usage, bookings):
    router.include_router(part.router)
