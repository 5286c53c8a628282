"""Routes of availability: free times, tariffs and quotes; what institutions and stations keep; local reservations."""

from fastapi import APIRouter

from hub.availability.api import keeping, pushing, reading, reservations

router = APIRouter(prefix="/api/v1")
for part in (reading, keeping, reservations, pushing):
    router.include_router(part.router)
