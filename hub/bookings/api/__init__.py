"""Routes of bookings."""

from fastapi import APIRouter

from hub.bookings.api import bookings, cases, events, papers, provinces, wishes

router = APIRouter(prefix="/api/v1")
for part in (events, cases, wishes, provinces, papers, bookings):
    router.include_router(part.router)
