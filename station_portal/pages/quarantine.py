"""Quarantined records for those who can mend them: list, reasons, and the raw record."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.web import ReadSession, WriteSession
from hub.federation import queries as federation
from hub.federation.errors import QuarantineUnknown
from hub.identity import access
from hub.identity import service as identity
from hub.identity.access import Subject
from station_portal import runs, wording
from station_portal.frame import CurrentFrame, Frame

router = APIRouter(include_in_schema=False)

PAGE = 50
MOST_SHOWN = 20_000
"""Characters of a raw record on the page."""


@router.get("/staff/quarantine")
def list_quarantined(
    frame: CurrentFrame,
    session: ReadSession,
    member: Annotated[access.Principal, access.action("catalog.read_deliveries")],
    *,
    province: str = "",
    state: Literal["open", "resolved"] = "open",
    after: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Records of this person's province, or of all for administrators."""
    wanted = province if province in frame.runtime.adapters else ""
    if member.province is not None:
        wanted = member.province
    found = federation.quarantined(session, wanted or None, state=state, after=after, limit=PAGE + 1)
    counts = federation.quarantine_counts(session)
    query = f"province={wanted}&state={state}&after={found[PAGE - 1].id}" if len(found) > PAGE else ""
    context = {
        "items": [row_of(frame, item) for item in found[:PAGE]],
        "state": state,
        "wanted_province": wanted,
        "provinces": [
            {"code": code, "name": wording.short_province(code, frame.language), "count": counts.get(code, 0)}
            for code in sorted(frame.runtime.adapters)
            if frame.may_act_for(code)
        ],
        "next_href": f"/staff/quarantine?{query}" if query else "",
    }
    return frame.page("quarantine.html", context)


@router.get("/staff/quarantine/{item_id}")
def show_quarantined(
    frame: CurrentFrame,
    session: WriteSession,
    member: Annotated[access.Principal, access.action("catalog.read_raw")],
    item_id: int,
) -> Response:
    """One record with its reasons and the raw record; looking at it is audited."""
    item = federation.quarantined_by_id(session, item_id)
    if item is None:
        raise QuarantineUnknown(item_id)
    subject = Subject(station_province=item.province, name=f"quarantine:{item_id}")
    identity.allow(session, member, "catalog.read_raw", subject, now=frame.now)
    context = {"item": row_of(frame, item), **raw_record(session, item)}
    audit.record(session, member.name, "portal.read_raw", f"quarantine:{item.id}", now=frame.now)
    return frame.page("quarantined.html", context)


def row_of(frame: Frame, item: Any) -> runs.QuarantineRow:
    """The record as the pages show it."""
    adapter = frame.runtime.adapters.get(item.province)
    titles = runs.resource_titles(adapter, frame.language) if adapter else {}
    documents = {resource.name: resource.document_name for resource in adapter.resources()} if adapter else {}
    title = titles.get(item.resource, item.resource)
    return runs.quarantine_row(item, documents.get(item.resource, ""), title, frame.language)


def raw_record(session: Session, item: Any) -> dict[str, Any]:
    """The record as the province wrote it: JSON set out in lines, anything else as text, cut when it is long."""
    payload = federation.raw_payload(session, item.raw_run, item.raw_number)
    if payload is None:
        return {"raw": None, "raw_cut": False, "raw_size": 0}
    text = payload.decode("utf-8", "backslashreplace")
    with suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    return {"raw": text[:MOST_SHOWN], "raw_cut": len(text) > MOST_SHOWN, "raw_size": len(payload)}
