"""How papers reach a province and what came back: deliveries, files for provinces without an interface, cases; allotments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from sqlalchemy.orm import Session

from hub.core.errors import HubError
from hub.core.web import ReadSession
from hub.identity import access
from hub.settlement.queries import faces as queries
from hub.settlement.queries import paying
from hub.settlement.service.faces import cases, desk
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.settling import names

router = APIRouter(include_in_schema=False)

Watcher = Annotated[access.Principal, access.action("settlement.see_faces")]
Handler = Annotated[access.Principal, access.action("settlement.handle_papers")]
AllotmentReader = Annotated[access.Principal, access.action("settlement.see_allotments")]

PAGE, ALLOTMENTS = "/staff/settlement/faces", "/staff/allotments"
MOST_UPLOAD = 6 * 1024 * 1024
SHOWN = 50
RESOLUTION = (2, 1000)
TONES = {
    "pending": "wait", "unknown": "warn", "waiting": "live", "delivered": "ok", "refused": "bad", "dead": "bad",
}  # fmt: skip


@router.get(PAGE)
def show_faces(
    frame: CurrentFrame,
    session: ReadSession,
    me: Watcher,
    *,
    told: Annotated[str, Query(max_length=20)] = "",
    rows: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Everything that goes between the hub and the reader's province about settlement."""
    language = frame.language
    texts = {
        "closed": language("事项已关闭，处理说明已保存。"),
        "received": language("已登记本省收到该文件。"),
        "read": language("回执文件已登记，共 %(count)s 行；有疑问的行列在下方。", count=rows),
    }
    return frame.page("settling_faces.html", _context(frame, session, me, told=texts.get(told, "")))


@router.post(f"{PAGE}/cases")
def close_case(
    frame: CurrentFrame,
    me: Handler,
    *,
    case: Annotated[int, Form(ge=1)],
    text: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Close a case with what was done about it; what is wrong is said on the page, with what was typed."""
    kept, language = text.strip(), frame.language
    if not RESOLUTION[0] <= len(kept) <= RESOLUTION[1]:
        wrong = [(f"text-{case}", language("请填写处理说明（2 至 1000 字）"))]
        return _again(frame, me, wrong, status=422, typed={case: text})
    try:
        with frame.runtime.database.write() as session:
            cases.close_case(session, case, by=me.name, province=me.province, resolution=kept, now=frame.now)
    except HubError as refused:
        return _refused(frame, me, refused)
    return see_other(f"{PAGE}?told=closed")


@router.post(f"{PAGE}/file")
def take_file(
    frame: CurrentFrame,
    me: Handler,
    *,
    paper: Annotated[int, Form(ge=1)],
    part: Annotated[str, Form(max_length=10)] = "file",
) -> Response:
    """The paper as the province's own file, or its detached signature; taking the file is the receipt."""
    try:
        sheet = desk.take_file(frame.runtime, paper, me, part=part)
    except HubError as refused:
        return _refused(frame, me, refused)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(sheet.filename)}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(sheet.content, media_type=sheet.media_type, headers=headers)


@router.post(f"{PAGE}/receipt")
def confirm_receipt(frame: CurrentFrame, me: Handler, *, paper: Annotated[int, Form(ge=1)]) -> Response:
    """The province has the paper, by another way than its platform's."""
    try:
        desk.confirm_receipt(frame.runtime, paper, me)
    except HubError as refused:
        return _refused(frame, me, refused)
    return see_other(f"{PAGE}?told=received")


@router.post(f"{PAGE}/results", max_body_size=MOST_UPLOAD)
def take_results(
    frame: CurrentFrame, me: Handler, *, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """A result file of the province: every row is met once; a file that cannot be read applies nothing."""
    if file is None or not file.filename:
        return _again(frame, me, [("file", frame.language("请选择回执文件"))], status=422)
    content = file.file.read(MOST_UPLOAD + 1)
    try:
        count = desk.take_results(frame.runtime, me, content, file.filename)
    except HubError as refused:
        told = frame.language.pick(refused.zh, refused.en)
        return _again(frame, me, [("file", told)], status=refused.status)
    return see_other(f"{PAGE}?told=read&rows={count}")


@router.get(ALLOTMENTS)
def show_allotments(
    frame: CurrentFrame,
    session: ReadSession,
    me: AllotmentReader,
    *,
    comparison: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """What the home area's allotments come to, and the nightly comparisons, differences line by line."""
    area = _area(me)
    province = f"{area[:2]}0000" if area else None
    held = queries.comparisons(session, province)
    chosen = next((row for row in held if row.id == comparison), held[0] if held else None)
    lines = [] if chosen is None else queries.comparison_lines(session, chosen.id, area)
    rows = (
        []
        if province is None
        else [row for row in queries.figures(session, province) if row.area.startswith(area)]
    )
    holders = names.enterprises(
        session, {row.holder for row in rows} | {row.holder for row in lines if row.holder}
    )
    programmes = names.programmes(session, frame.language)
    context = {
        "rows": [
            {"figures": row, "holder": holders[row.holder], "programme": programmes[row.programme_id]}
            for row in rows[:SHOWN]
        ],
        "count": len(rows),
        "comparisons": [_comparison(frame, row, chosen) for row in held],
        "chosen": None if chosen is None else _comparison(frame, chosen, chosen),
        "lines": [_line(frame, row, holders, programmes) for row in lines],
        "shown": SHOWN,
    }
    return frame.page("allotments.html", context)


def _refused(frame: Frame, me: access.Principal, refused: HubError) -> Response:
    frame.note_refusal(refused)
    told = frame.language.pick(refused.zh, refused.en)
    return _again(frame, me, [(None, told)], status=refused.status)


def _again(
    frame: Frame,
    me: access.Principal,
    wrong: Sequence[tuple[str | None, str]],
    *,
    status: int,
    typed: dict[int, str] | None = None,
) -> Response:
    with frame.runtime.database.read() as session:
        context = _context(frame, session, me, wrong=list(wrong), typed=typed)
    return frame.page("settling_faces.html", context, status=status)


def _context(
    frame: Frame,
    session: Session,
    me: access.Principal,
    *,
    told: str = "",
    wrong: list[Any] | None = None,
    typed: dict[int, str] | None = None,
) -> dict[str, Any]:
    province = me.province
    may_handle = access.may_enter(me, "settlement.handle_papers")
    states = {row.province: row for row in queries.face_states(session, province)}
    adapters = frame.runtime.adapters
    return {
        "papers": [_paper(frame, row) for row in queries.deliveries(session, province, limit=SHOWN)],
        "cases": [_case(frame, row) for row in queries.face_cases(session, province, limit=SHOWN)],
        "open_results": [
            {
                "line": row.line_id,
                "province": wording.short_province(row.province, frame.language),
                "at": row.received_at,
                "verdict": wording.name("redemption_verdict", row.verdict, frame.language),
            }
            for row in paying.redemption_cases(session, _area(me))
        ],
        "faces": [
            {
                "name": wording.short_province(code, frame.language),
                "way": _way(frame, adapter.settlement),
                "state": states.get(code),
            }
            for code, adapter in adapters.items()
            if province in {None, code}
        ],
        "may_handle": may_handle,
        "may_upload": may_handle and desk.reads_files(frame.runtime, province),
        "shown": SHOWN,
        "told": told,
        "wrong": wrong or [],
        "typed": typed or {},
    }


def _way(frame: Frame, port: Any) -> str:
    language = frame.language
    words = {
        "rest": language("REST 接口"),
        "soap": language("SOAP 接口"),
        "drop": language("签名文件"),
        "api": language("平台读取或门户办理"),
    }
    return "—" if port is None else words[port.kind]


def _paper(frame: Frame, row: Any) -> dict[str, Any]:
    language = frame.language
    states = {
        "pending": language("待发送"),
        "unknown": language("结果未知"),
        "waiting": language("待本省收取"),
        "delivered": language("已送达"),
        "refused": language("被拒收"),
        "dead": language("等待人工"),
    }
    return {
        "id": row.id,
        "document": row.document_id,
        "kind": language("付款清单") if row.kind == "payment-list" else language("对账单"),
        "province": wording.short_province(row.province, language),
        "badge": {"text": states[row.state], "tone": TONES[row.state]},
        "state": row.state,
        "remote_id": row.remote_id,
        "attempts": row.attempts,
        "lookups": row.lookups,
        "done_at": row.done_at,
        "due_at": row.due_at,
        "deadline": row.deadline,
        "error": _fault(frame, row.last_error),
        "has_file": desk.reads_files(frame.runtime, row.province),
    }


def _case(frame: Frame, row: Any) -> dict[str, Any]:
    zh, en = cases.KINDS[row.kind]
    return {
        "id": row.id,
        "title": frame.language.pick(zh, en),
        "province": wording.short_province(row.province, frame.language),
        "subject": row.subject,
        "opened_at": row.opened_at,
        "seen": row.seen,
        "error": _fault(frame, row.detail.get("error")),
        "detail": sorted(
            (key, value) for key, value in row.detail.items() if key != "error" and value is not None
        ),
    }


def _comparison(frame: Frame, row: Any, chosen: Any) -> dict[str, Any]:
    language = frame.language
    words = {
        "agreeing": (language("一致"), "ok"),
        "differing": (language("不一致"), "bad"),
        "unheard": (language("未取得对方数据"), "warn"),
    }
    text, tone = words[row.state]
    return {
        "id": row.id,
        "province": wording.short_province(row.province, language),
        "day": row.day.isoformat(),
        "taken_at": row.taken_at,
        "compared": row.compared,
        "differing": row.differing,
        "badge": {"text": text, "tone": tone},
        "is_chosen": chosen is not None and chosen.id == row.id,
        "error": _fault(frame, row.error),
    }


def _line(frame: Frame, row: Any, holders: dict[str, str], programmes: dict[str, str]) -> dict[str, Any]:
    language = frame.language
    kinds = {
        "differs": language("金额不一致"),
        "missing_there": language("对方没有这笔划拨"),
        "missing_here": language("本平台没有这笔划拨"),
    }
    figures = [
        (language("已划拨"), row.allotted_fen, row.their_allotted_fen),
        (language("已预占"), row.held_fen, row.their_held_fen),
        (language("已使用"), row.captured_fen, row.their_captured_fen),
        (language("已兑付"), row.redeemed_fen, row.their_redeemed_fen),
    ]
    differing = [each for each in figures if each[2] not in (None, each[1])]
    return {
        "name": row.external_id or language("政策合计"),
        "programme": programmes.get(row.programme_id or "", row.programme_id or "—"),
        "holder": holders.get(row.holder or "", ""),
        "kind": kinds[row.kind],
        "figures": differing if row.kind == "differs" else figures[:1],
    }


def _area(me: access.Principal) -> str:
    """The prefix of the area that the reader sees: empty for the whole belt."""
    return me.area if me.area is not None else (me.province or "")[:2]


def _fault(frame: Frame, error: Any) -> str:
    return (
        "" if not isinstance(error, dict) else frame.language.pick(error.get("zh", ""), error.get("en", ""))
    )
