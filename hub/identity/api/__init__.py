"""The HTTP API of identity, by theme."""

from fastapi import APIRouter

from hub.identity.api import audit, oauth, platforms, session

router = APIRouter()
router.include_router(session.router)
router.include_router(platforms.router)
router.include_router(oauth.router)
router.include_router(audit.router)

__all__ = ["router"]
