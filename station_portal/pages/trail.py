"""The audit for those who may read it: what was written, and the heads that were handed out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from hub.core import audit
from hub.core.web import ReadSession
from hub.identity import access
from hub.identity.rules import Subject
from hub.identity.service import allow, audit_heads
from station_portal import audit_words
from station_portal.frame import CurrentFrame, Frame

router = APIRouter(include_in_schema=False)

ENTRIES, HEADS = 30, 7


Reader = Annotated[access.Principal, access.action("identity.read_audit")]


@router.get("/staff/audit")
def show_audit(
    frame: CurrentFrame,
    session: ReadSession,
    principal: Reader,
    *,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Entries, the newest first, and the last heads with how many provinces have them."""
    allow(session, principal, "identity.read_audit", Subject(name="audit"), now=frame.now)
    last = audit.last_number(session)
    top = min(last, before - 1) if before is not None else last
    entries = audit.read_entries(session, max(0, top - ENTRIES), min(ENTRIES, top))
    private = audit.private_details(session, entries)
    heads = audit_heads.list_heads(session, limit=HEADS)
    delivered = audit_heads.deliveries(session, [head.day for head in heads])
    context: dict[str, Any] = {
        "entries": [_row(entry, private, frame) for entry in reversed(entries)],
        "older": top - ENTRIES + 1 if top > ENTRIES else None,
        "newer": before is not None,
        "last": last,
        "heads": [
            {
                "day": head.day.isoformat(),
                "number": head.number,
                "hash": head.hash[:16],
                "taken": sum(at is not None for at in delivered[head.day].values()),
                "provinces": len(delivered[head.day]),
            }
            for head in heads
        ],
    }
    return frame.page("audit.html", context)


def _row(entry: audit.AuditEntry, private: dict[str, dict[str, Any]], frame: Frame) -> dict[str, Any]:
    detail = {name: value for name, value in entry.detail.items() if value not in (None, "", {}, [])}
    reason = str(detail.get("reason", ""))
    wanted, _, rest = reason.partition(" ")
    if audit_words.words_of(wanted) is not None:  # what was refused, or what an auditor looked at
        detail["reason"] = f"{audit_words.said(wanted, frame.language)} {rest}".strip()
    return {
        "number": entry.number,
        "at": entry.at,
        "actor": entry.actor,
        "who": audit_words.actor(entry.actor, frame.language),
        "action": entry.action,
        "words": audit_words.said(entry.action, frame.language),
        "subject": entry.subject,
        "detail": _told(detail),
        "private": _told(private.get(entry.private or "", {})),
        "is_erased": entry.private is not None and entry.private not in private,
    }


def _told(values: Mapping[str, Any]) -> str:
    """Names and values of an entry, as one line."""
    words = {
        name: ", ".join(str(each) for each in value) if isinstance(value, list) else value
        for name, value in values.items()
    }
    return " · ".join(f"{name} {value}" for name, value in words.items())
