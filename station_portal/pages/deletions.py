"""Deletions that the guard held back, and a person's decision on them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from hub.catalog.service import deletions
from hub.core.errors import HubError
from hub.core.web import ReadSession, WriteSession
from hub.federation import queries as federation
from hub.federation.errors import HoldUnknown
from hub.identity import access
from hub.identity import service as identity
from hub.identity.access import Subject
from station_portal import audit_words, formats, runs, wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.i18n import Language

router = APIRouter(include_in_schema=False)

SAMPLE = 12
UNDOABLE = ("applied", "released")


@router.get("/staff/deletions", dependencies=[access.action("catalog.read_deliveries")])
def list_deletions(frame: CurrentFrame, session: ReadSession, confirm: str = "", told: str = "") -> Response:
    """What is held, and what was decided lately; `confirm` shows a question open for readers without scripts."""
    texts = {
        "released": frame.language("已放行：这些记录正在撤下。"),
        "undone": frame.language("已撤销：这些记录继续展示。"),
    }
    context = {"holds": rows(frame, session), "asked": confirm, "told": texts.get(told, ""), "wrong": []}
    return frame.page("deletions.html", context)


@router.post("/staff/deletions/{hold_id}/{decision}")
def decide(
    frame: CurrentFrame,
    session: WriteSession,
    member: Annotated[access.Principal, access.action("catalog.decide_deletions")],
    hold_id: int,
    decision: Literal["release", "undo"],
    *,
    note: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Release or undo. The same decision twice is one decision; one that no longer fits is said on the page."""
    hold = federation.hold_by_id(session, hold_id)
    if hold is None:
        raise HoldUnknown(hold_id)
    subject = Subject(station_province=hold.province, name=f"hold:{hold_id}")
    identity.allow(session, member, "catalog.decide_deletions", subject, now=frame.now)
    try:
        deletions.decide_hold(session, hold_id, decision, actor=member.name, note=note.strip(), now=frame.now)
    except HubError as refused:
        if refused.status != 409:
            raise
        wrong = [(f"hold-{hold_id}", frame.language.pick(refused.zh, refused.en))]
        context = {"holds": rows(frame, session), "asked": "", "told": "", "wrong": wrong}
        return frame.page("deletions.html", context, status=409)
    return see_other(
        f"/staff/deletions?told={'released' if decision == 'release' else 'undone'}#hold-{hold_id}"
    )


def rows(frame: Frame, session: Session) -> list[dict[str, Any]]:
    """The sets of deletions this person may see, open ones first."""
    found = [hold for hold in federation.holds(session) if frame.may_act_for(hold.province)]
    found.sort(key=lambda hold: (hold.state != "open", -hold.id))
    return [_row(frame, session, hold) for hold in found]


def _row(frame: Frame, session: Session, hold: Any) -> dict[str, Any]:
    language = frame.language
    adapter = frame.runtime.adapters.get(hold.province)
    titles = runs.resource_titles(adapter, language) if adapter else {}
    subject = language(
        "%(province)s · %(resource)s：%(count)s 条记录",
        province=wording.short_province(hold.province, language),
        resource=titles.get(hold.resource, hold.resource),
        count=formats.number(hold.count),
    )
    return {
        "id": hold.id,
        "title": subject,
        "province": hold.province,
        "run_id": hold.run_id,
        "opened_at": hold.opened_at,
        "count": hold.count,
        "is_open": hold.state == "open",
        "state": state_words(hold.state, language),
        "reasons": [language.pick(reason.get("zh"), reason.get("en")) for reason in hold.reasons],
        "sample": [
            {"key": item.native_key, "subject": item.subject, "page": _page_of(item.subject)}
            for item in federation.hold_items(session, hold.id, limit=SAMPLE)
        ],
        "decided_by": audit_words.short_actor(hold.decided_by or "", language),
        "decided_at": hold.decided_at,
        "note": hold.note,
        "actions": actions(hold.state, subject, language),
    }


def _page_of(subject: str) -> str:
    return "institutions" if subject[2:5] == "-u-" else "instruments"


def actions(state: str, subject: str, language: Language) -> list[dict[str, Any]]:
    """What can be decided in a state, each with a question that names its object."""
    release = {
        "name": "release",
        "title": language("放行删除"),
        "is_dangerous": True,
        "question": language("放行删除“%(subject)s”？", subject=subject),
        "consequence": language("这些记录将从目录撤下，检索不再出现；之后仍可撤销。"),
    }
    undo = {
        "name": "undo",
        "title": language("撤销删除"),
        "is_dangerous": False,
        "question": language("撤销删除“%(subject)s”？", subject=subject),
        "consequence": language("这些记录继续展示并去掉缓存标记；来源下次读取时仍缺少它们，会再次暂缓。"),
    }
    if state == "open":
        return [undo, release]
    return [undo] if state in UNDOABLE else []


def state_words(state: str, language: Language) -> str:
    """The state of a set of deletions in words."""
    words = {
        "open": language("等待确认"),
        "releasing": language("正在撤下"),
        "released": language("已放行"),
        "applied": language("已自动撤下"),
        "undoing": language("正在恢复"),
        "undone": language("已恢复"),
        "discarded": language("已撤销"),
        "returned": language("记录已重新出现"),
        "superseded": language("由后一次读取取代"),
    }
    return words.get(state, state)
