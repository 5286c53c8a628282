"""Uploading a data file, and the staff's first page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Response, UploadFile
from sqlalchemy.orm import Session

from hub.bookings import queries as bookings
from hub.bookings.rules import sides
from hub.catalog.service import deliveries
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.federation import queries as federation
from hub.federation.service.deliveries import Upload
from hub.identity import access
from station_portal import runs, wording
from station_portal.frame import STAFF, CurrentFrame, Frame, see_other
from station_portal.keeping import desk
from station_portal.pages import application_review, conflicts
from station_portal.pages import cases as enterprise_cases
from station_portal.pages.settling import documents

router = APIRouter(include_in_schema=False)

UPLOAD = access.action("catalog.upload")

MOST_BYTES = 68_000_000
"""Bytes of an upload with its form around it; the province's own limit is checked on the content."""
SHOWN_FILES = 20
COUNTED = 100
"""Of what waits; more is said to be more."""
DONE, REFUSED = frozenset({"processed", "done"}), frozenset({"failed", "refused"})


@router.get("/staff", dependencies=[STAFF])
def show_staff(frame: CurrentFrame, session: ReadSession) -> Response:
    """What waits for this person."""
    held, quarantined = federation.open_holds(session), federation.quarantine_counts(session)
    mine = [code for code in frame.runtime.adapters if frame.may_act_for(code)]
    context = {
        "held": sum(held.get(code, 0) for code in mine),
        "quarantined": sum(quarantined.get(code, 0) for code in mine),
        "may_invite": access.may_enter(frame.principal, "platform.invite"),
        "may_see_cases": access.may_enter(frame.principal, "booking.see_cases"),
        "may": lambda action: access.may_enter(frame.principal, action),
        "waiting": _waiting(frame, session),
        "counted": COUNTED,
        "open_conflicts": _open_conflicts(frame, session),
        "open_cases": enterprise_cases.count_open(frame, session),
        "open_applications": application_review.count_waiting(frame, session),
        "unsigned": documents.count_waiting(frame, session),
    }
    return frame.page("staff.html", context)


def _waiting(frame: Frame, session: Session) -> int:
    """Bookings that wait for this person's side; at most a hundred are counted."""
    me = frame.principal
    side = None if me is None else sides.side_of(me)
    if me is None or side is None or not access.may_enter(me, "booking.accept"):
        return 0
    return len(bookings.queue(session, me, side, responsible=sides.acting_as(me), limit=COUNTED).rows)


def _open_conflicts(frame: Frame, session: Session) -> int:
    """Conflicts between bookings and what else has the instruments of this person's desk; at most a hundred are counted."""
    if frame.principal is None or not access.may_enter(frame.principal, desk.READ):
        return 0
    try:
        return len(conflicts.open_conflicts(frame, session, frame.principal))
    except HubError as refused:
        # A station that changed hands leaves its people a workspace without a desk.
        if refused.status != 403:
            raise
        return 0


@router.get("/staff/upload", dependencies=[UPLOAD])
def show_upload(frame: CurrentFrame, session: ReadSession, told: str = "", target: str = "") -> Response:
    """The form, and what was uploaded lately."""
    text = frame.language("文件已收下，正在处理；结论见下方列表。") if told == "received" else ""
    return frame.page("upload.html", upload_context(frame, session, chosen=target, told=text))


@router.post("/staff/upload", max_body_size=MOST_BYTES)
def take_upload(
    frame: CurrentFrame,
    runtime: CurrentRuntime,
    member: Annotated[access.Principal, UPLOAD],
    *,
    target: Annotated[str, Form(max_length=80)] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Keep the file and have it read; what is wrong with it is said beside the form, and nothing is written."""
    province, _, resource = target.partition(":")
    wrong: list[tuple[str, str]] = []
    if target not in {each["value"] for each in targets(frame)}:
        wrong.append(("target", frame.language("请选择报送内容")))
    if file is None or not file.filename:
        wrong.append(("file", frame.language("请选择要上传的文件")))
    if not wrong and file is not None:
        upload = Upload(province, resource, (file.filename or "")[-200:], file.file.read(), member.name)
        try:
            deliveries.receive_upload(runtime, upload)
            return see_other(f"/staff/upload?told=received&target={target}")
        except HubError as refused:
            if refused.status >= 500:
                raise
            told = [
                frame.language.pick(refused.zh, refused.en),
                frame.language.pick(refused.hint_zh, refused.hint_en),
            ]
            wrong = [("file", " ".join(part for part in told if part))]
    with runtime.database.read() as session:
        context = upload_context(frame, session, chosen=target, wrong=wrong)
    return frame.page("upload.html", context, status=422)


def targets(frame: Frame) -> list[dict[str, str]]:
    """What this person may upload: province and resource, as the form's values."""
    found = []
    for code in sorted(frame.runtime.adapters):
        if not frame.may_act_for(code):
            continue
        adapter = frame.runtime.adapters[code]
        titles = runs.resource_titles(adapter, frame.language)
        name = wording.short_province(code, frame.language)
        found += [
            {"value": f"{code}:{resource.name}", "text": f"{name} · {titles[resource.name]}"}
            for resource in adapter.resources()
            if resource.direction == "upload"
        ]
    return found


def upload_context(
    frame: Frame,
    session: Session,
    *,
    chosen: str = "",
    told: str = "",
    wrong: list[tuple[str, str]] | None = None,
) -> dict[str, Any]:
    """Everything the upload page shows."""
    offered = targets(frame)
    codes = list(dict.fromkeys(each["value"].partition(":")[0] for each in offered))
    adapters = [frame.runtime.adapters[code] for code in codes]
    kinds = {kind for adapter in adapters for each in adapter.resources() for kind in each.accepts}
    endings = sorted(kind if kind.startswith(".") else f".{kind}" for kind in kinds)
    return {
        "targets": offered,
        "chosen": chosen,
        "told": told,
        "wrong": wrong or [],
        "accepts": frame.language("、").join(endings),
        "accept_list": ",".join(endings),
        "limit": min((adapter.manifest.limits.file_bytes for adapter in adapters), default=0),
        "files": [row for code in codes for row in _files(frame, session, code)],
    }


def _files(frame: Frame, session: Session, code: str) -> list[dict[str, Any]]:
    titles = runs.resource_titles(frame.runtime.adapters[code], frame.language)
    return [
        {
            "name": file.filename,
            "digest": file.sha256[:16],
            "content": f"{wording.short_province(code, frame.language)} · {titles.get(file.resource, file.resource)}",
            "size": file.size,
            "at": file.uploaded_at,
            "by": file.uploaded_by.partition(":")[2] or file.uploaded_by,
            "state": "done" if file.state in DONE else "refused" if file.state in REFUSED else "waiting",
            "error": frame.language.pick((file.error or {}).get("zh"), (file.error or {}).get("en")),
            "run_id": file.run_id,
            "province": code,
        }
        for file in federation.files(session, code, limit=SHOWN_FILES)
    ]
