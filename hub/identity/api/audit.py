"""`/api/v1/audit`: the heads that the hub hands out, and what is written for those who may read it."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from hub.core import audit
from hub.core.web import CurrentRuntime, ReadSession, json_answer
from hub.identity import access, queries
from hub.identity.models import AuditHead
from hub.identity.rules import Principal, Subject
from hub.identity.service import allow, audit_heads, signing

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

Reader = Annotated[Principal, access.action("identity.read_audit")]
WHOLE = Subject(name="audit")
"""The audit is the belt's: no province's or city's auditor reads it."""

NO_STORE = {"Cache-Control": "no-store"}


@router.get("/heads", dependencies=[access.public])
def list_heads(
    session: ReadSession,
    *,
    before: Annotated[date | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 31,
) -> Response:
    """Signed heads of the audit's chain, the newest first: each says how far the audit went and what its hash was."""
    rows = audit_heads.list_heads(session, before=before, limit=limit + 1)
    following = rows[limit - 1].day.isoformat() if len(rows) > limit else None
    return json_answer({"items": [_shown(row) for row in rows[:limit]], "next": following})


@router.get("/keys", dependencies=[access.public])
def list_keys(session: ReadSession, runtime: CurrentRuntime) -> Response:
    """The public keys that heads are verified with, as a JWK Set: keep them with the heads, away from the hub."""
    rows = queries.published_keys(session, "audit", runtime.clock())
    return json_answer({"keys": [signing.public_jwk(row) for row in rows]})


@router.get("/entries")
def list_entries(
    session: ReadSession,
    runtime: CurrentRuntime,
    principal: Reader,
    *,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Entries of the audit above a number, oldest first. Private details stay where they are."""
    allow(session, principal, "identity.read_audit", WHOLE, now=runtime.clock())
    entries = audit.read_entries(session, after, limit)
    items = [
        {
            "number": entry.number,
            "at": entry.at.isoformat(),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "detail": entry.detail,
        }
        for entry in entries
    ]
    following = entries[-1].number if len(entries) == limit else None
    return json_answer({"items": items, "next": following}, headers=NO_STORE)


def _shown(row: AuditHead) -> dict[str, Any]:
    return {
        "day": row.day.isoformat(),
        "number": row.number,
        "hash": row.hash,
        "count": row.number,
        "signed_at": row.signed_at.isoformat(),
        "jws": row.jws,
    }
