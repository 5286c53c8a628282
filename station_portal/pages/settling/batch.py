"""One batch: its lines with every explanation, what changed since the last calculation, and what each side may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.orm import Session

import schemas
from hub.core.errors import HubError
from hub.core.web import ReadSession
from hub.identity import access
from hub.settlement.queries import paying, signing
from hub.settlement.queries import periods as queries
from hub.settlement.queries.periods import BatchShown
from hub.settlement.service import periods
from hub.settlement.service.periods import desk
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame
from station_portal.i18n import Language
from station_portal.pages.settling.periods import Reader
from station_portal.settling import batch_lines, files, names, offices, words
from station_portal.settling.batch_lines import LineWish
from station_portal.settling.turns import turn_of

router = APIRouter(include_in_schema=False)

Wanted = Annotated[LineWish, Depends(LineWish)]


@router.get("/staff/settlement/batches/{batch_id}")
def show_batch(
    batch_id: str,
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    wish: Wanted,
    *,
    verify: Annotated[str, Query(max_length=3)] = "",
    told: Annotated[str, Query(max_length=20)] = "",
    format: Annotated[str, Query(max_length=5)] = "",
) -> Response:
    """The batch; `verify` checks it whole, `format` takes the lines away that are shown."""
    batch = desk.read_batch(session, me, batch_id, now=frame.now)
    if format in files.FORMATS:
        about = f"{_pair(batch, frame.language)} · {batch.period_id} · sha256 {(batch.sha256 or '')[:16]}"
        if chosen := batch_lines.about(wish, frame.language):
            about = f"{about} · {chosen}"
        table = batch_lines.table(frame, session, batch, wish)
        return files.table_answer(frame, table, format, f"batch-{batch.id}", about=about)
    return page(frame, session, me, batch, wish, is_verified=bool(verify), told=told)


def page(
    frame: Frame,
    session: Session,
    me: access.Principal,
    batch: BatchShown,
    wish: LineWish | None = None,
    *,
    is_verified: bool = False,
    told: str = "",
    wrong: HubError | None = None,
    typed: Mapping[str, object] | None = None,
    status: int = 200,
) -> Response:
    language = frame.language
    programmes = names.programmes(session, language)
    changes = queries.differences(session, batch.id)
    wish = wish or LineWish()
    payers = paying.payers_of(session, [batch.id]).get(batch.id, [])
    here = f"/staff/settlement/batches/{batch.id}"
    faults = [] if wrong is None else [("", language.pick(wrong.zh, wrong.en))]
    if wrong is not None and wrong.hint_zh:
        faults.append(("", language.pick(wrong.hint_zh, wrong.hint_en or "")))
    context: dict[str, Any] = {
        "batch": batch,
        "here_is": here,
        "pair": _pair(batch, language),
        "visited": wording.short_province(batch.visited, language),
        "home": wording.short_province(batch.home, language),
        "badge": words.batch_state(batch.state, language),
        "step": turn_of(batch, me, language, cutoff_at=batch.cutoff_at, payers=payers),
        "maker": names.person(session, batch.maker, language),
        "checker": names.person(session, batch.checker, language),
        "told": _told(told, language),
        "wrong": faults,
        "typed": typed or {},
        "may": {command: offices.may(me, batch, command) for command in offices.COMMANDS},
        **batch_lines.shown(frame, session, batch, wish, programmes),
        "changes": [
            {"change": each, "text": language("新列入") if each.kind == "added" else language("已移出")}
            for each in changes
        ],
        "returns": [
            {
                "line": each,
                "code": wording.name("line_return", each.code, language),
                "by": names.person(session, each.returned_by, language),
            }
            for each in queries.returns(session, batch.id)
        ],
        "return_codes": _codes("line_return", language),
        "credit_reasons": _codes("credit_reason", language),
        "credits": [
            {
                "credit": each,
                "reason": wording.name("credit_reason", each.reason, language),
                "maker": names.person(session, each.maker, language),
            }
            for each in paying.credits(session, batch_id=batch.id)
        ],
        "lists": [
            {
                "list": each,
                "payer": names.area(each.payer_area, language),
                "programme": programmes.get(each.programme_id, each.programme_id),
            }
            for each in paying.payment_lists(session, batch_id=batch.id)
        ],
        "signatures": _signatures(session, batch, language, frame),
        "verdict": periods.verify_batch(session, batch.id) if is_verified else None,
        "events": [
            {
                "event": each,
                "what": wording.name("settlement_batch_command", each.command, language),
                "who": names.person(session, each.actor, language),
                "side": wording.name("settlement_batch_side", each.side, language),
                "said": each.detail.get("text", ""),
            }
            for each in queries.events(session, batch.id)
        ],
        "formats": files.links(lambda **wanted: wish.address(batch.id, **wanted)),
        "bounds": files.bounds(),
    }
    return frame.page("settling_batch.html", context, status=status)


def _signatures(
    session: Session, batch: BatchShown, language: Language, frame: Frame
) -> list[dict[str, Any]]:
    """How each side stands with the statement's signature, in words."""
    if batch.statement_id is None:
        return []
    texts = {
        "signed": (language("已签名"), "ok"),
        "acknowledged": (language("已确认，未签名"), "ok"),
        "waiting": (language("等待签名"), "warn"),
        "overdue": (language("签名已逾期"), "bad"),
    }
    sides = {"visited": batch.visited, "home": batch.home}
    found = []
    for side, grade in signing.grades(session, batch.statement_id, now=frame.now).items():
        text, tone = texts.get(str(grade), (str(grade), "wait"))
        place = wording.short_province(sides.get(side, side), language)
        found.append({"side": place, "text": text, "tone": tone})
    return found


def _told(told: str, language: Language) -> str:
    return {
        "submit": language("已提交复核，轮到归属省份财务。"),
        "return_line": language("已退回该行，服务省份财务会收到通知。"),
        "agree": language("已同意；记账前双方仍可撤回。"),
        "reopen": language("已撤回同意，回到复核。"),
        "seal": language("已确认收款并封存。"),
        "propose_credit": language("已提出更正，等待归属省份财务决定。"),
        "issue_credit": language("已办理更正。"),
    }.get(told, "")


def _pair(batch: BatchShown, language: Language) -> str:
    home, visited = (wording.short_province(code, language) for code in (batch.home, batch.visited))
    return f"{home} → {visited}" if batch.is_cross else language("%(name)s 省内", name=visited)


def _codes(list_name: str, language: Language) -> list[tuple[str, str]]:
    return [(code, str(language.pick(each.zh, each.en))) for code, each in schemas.codes(list_name).items()]
