"""Where the data come from: the list of provinces, and one province with its runs, live."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from hub.catalog.service import schedule
from hub.core.web import CurrentRuntime, ReadSession, WriteSession
from hub.federation import queries as federation
from hub.identity import access
from station_portal import provinces, runs
from station_portal.errors import ProvinceNotShown
from station_portal.frame import CurrentFrame, Frame, see_other

router = APIRouter(dependencies=[access.public], include_in_schema=False)
staff_router = APIRouter(include_in_schema=False)

Runner = Annotated[access.Principal, access.action("catalog.run_province")]

RUNS = 15
QUARANTINED = 10
LIVE_STATES = ("open", "releasing", "undoing")


@router.get("/provinces")
def list_provinces(frame: CurrentFrame, session: ReadSession) -> Response:
    """All provinces with counts and the state of their links."""
    cards = provinces.gathered(frame.runtime, session, frame.now, frame.language)
    return frame.page("provinces.html", {"provinces": cards})


@router.get("/provinces/{province}")
def show_province(
    frame: CurrentFrame,
    session: ReadSession,
    province: str,
    *,
    run: Annotated[int | None, Query(ge=1)] = None,
    before: Annotated[int | None, Query(ge=1)] = None,
    told: str = "",
) -> Response:
    """One province: link, runs, held deletions, quarantine, how it is connected."""
    adapter = _adapter(frame, province)
    card = provinces.counted(frame.runtime, session, province, frame.now, frame.language)
    start = before or (run + 1 if run else None)
    found = federation.runs(session, province, before=start, limit=RUNS + 1)
    context = {
        "province": card,
        "may_act": frame.may_act_for(province),
        "told": frame.language("已排入同步队列，稍候可在下方看到进度。") if told == "queued" else "",
        "holds": _holds(frame, session, province, adapter),
        "resources": _resources(adapter, frame),
        "runs": [_row(frame, session, adapter, each) for each in found[:RUNS]],
        "older_href": f"/provinces/{province}?before={found[RUNS - 1].id}#runs" if len(found) > RUNS else "",
        "wanted_run": run,
        **_live(frame, session, province, adapter),
        **_quarantine(frame, session, province, adapter),
    }
    return frame.page("province.html", context)


@router.get("/provinces/{province}/live")
def show_live(frame: CurrentFrame, session: ReadSession, province: str) -> Response:
    """The part that refreshes itself: what is running, else the last run of each resource."""
    adapter = _adapter(frame, province)
    card = provinces.one(frame.runtime, session, province, frame.now, frame.language)
    return frame.page("_runs.html", {"province": card, **_live(frame, session, province, adapter)})


@staff_router.post("/provinces/{code}/run")
def run_now(runtime: CurrentRuntime, session: WriteSession, member: Runner, code: str) -> Response:
    """Have the province read now; the run shows itself on its page."""
    schedule.request_sync(session, runtime, code, actor=member.name)
    return see_other(f"/provinces/{code}?told=queued#runs")


def _adapter(frame: Frame, province: str) -> Any:
    adapter = frame.runtime.adapters.get(province)
    if adapter is None:
        raise ProvinceNotShown(province)
    return adapter


def _expected(session: Session, province: str) -> dict[str, int]:
    points = federation.checkpoints(session, province)
    return {name: point.full_read_rows for name, point in points.items() if point.full_read_rows}


def _row(frame: Frame, session: Session, adapter: Any, run: Any) -> runs.RunRow:
    titles = runs.resource_titles(adapter, frame.language)
    expected = _expected(session, run.province) if run.state != "finished" else {}
    return runs.run_row(run, titles, expected, frame.now, frame.language)


def _live(frame: Frame, session: Session, province: str, adapter: Any) -> dict[str, Any]:
    latest = federation.latest_runs(session, province)
    ordered = [latest[province, each.name] for each in adapter.resources() if (province, each.name) in latest]
    rows = [_row(frame, session, adapter, run) for run in ordered]
    due = [point.due_at for point in federation.checkpoints(session, province).values() if point.due_at]
    return {
        "running": [row for row in rows if row.is_running],
        "latest": [row for row in rows if not row.is_running],
        "next_due": min((at for at in due if at > frame.now), default=None),
    }


def _holds(frame: Frame, session: Session, province: str, adapter: Any) -> list[dict[str, Any]]:
    titles = runs.resource_titles(adapter, frame.language)
    return [
        {
            "id": hold.id,
            "count": hold.count,
            "resource": titles.get(hold.resource, hold.resource),
            "reasons": [frame.language.pick(reason.get("zh"), reason.get("en")) for reason in hold.reasons],
        }
        for hold in federation.holds(session, province, states=LIVE_STATES)
    ]


def _resources(adapter: Any, frame: Frame) -> list[dict[str, str]]:
    titles = runs.resource_titles(adapter, frame.language)
    return [
        {
            "title": titles[resource.name],
            "direction": runs.direction(resource.direction, frame.language),
            "schedule": runs.schedule(resource.schedule_seconds, frame.language),
            "mapping_version": adapter.mapping_version(resource),
        }
        for resource in adapter.resources()
    ]


def _quarantine(frame: Frame, session: Session, province: str, adapter: Any) -> dict[str, Any]:
    titles = runs.resource_titles(adapter, frame.language)
    documents = {resource.name: resource.document_name for resource in adapter.resources()}
    shown = []
    for item in federation.quarantined(session, province, limit=QUARANTINED):
        title, document = titles.get(item.resource, item.resource), documents.get(item.resource, "")
        row = runs.quarantine_row(item, document, title, frame.language)
        # Keys and values are the province's own; everybody else sees what is wrong, not what was written.
        shown.append(row if frame.may_act_for(province) else runs.public_row(row, frame.language))
    return {"quarantine": shown, "quarantine_total": federation.quarantine_counts(session).get(province, 0)}
