"""A booking in words: its row in a list, its badge, what its state means, and who must do what next, by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import schemas
from station_portal import wording
from station_portal.i18n import Language

TONES = {
    "preparing": "wait",
    "forwarding": "live",
    "deciding": "live",
    "agreed": "ok",
    "serving": "ok",
    "undoing": "warn",
    "ended": "wait",
}
"""Phase of the machine → tone of its badge."""

BAD = frozenset({"rejected", "expired", "no_show", "forward_failed", "compensation_stuck"})
NOBODY = frozenset({"completed", "cancelled", "rejected", "expired", "forward_failed", "no_show"})
"""States in which nobody has to do anything any more, unless something is owed or disputed."""


@dataclass(frozen=True, slots=True)
class Step:
    """What must happen next: `who` in words, `is_mine` for the reader's own side, `what` to do, `by` when (None: open)."""

    who: str
    what: str
    by: datetime | None
    is_mine: bool


def state_badge(state: str, language: Language) -> dict[str, str]:
    """A state in words, with the tone of its badge."""
    from_phase = TONES[schemas.machine("booking").states[state].phase]
    tone = "bad" if state in BAD else "ok" if state == "completed" else from_phase
    return {"text": wording.name("booking_state", state, language), "tone": tone}


def row(document: Mapping[str, Any], side: str | None, language: Language) -> dict[str, Any]:
    """A booking in a list, for a reader on `side`."""
    slot = document.get("slot")
    return {
        "id": document["id"],
        "number": document["number"],
        "revision": document["revision"],
        "state": document["state"],
        "instrument": document["instrument"]["name"],
        "enterprise": document.get("enterprise", {}).get("name", ""),
        "province": wording.short_province(document["province"], language),
        "mode": wording.name("service_mode", document["service_mode"], language),
        "badge": state_badge(document["state"], language),
        "start": None if slot is None else datetime.fromisoformat(slot["start"]),
        "end": None if slot is None else datetime.fromisoformat(slot["end"]),
        "due_on": document.get("due_on"),
        "fee_fen": document.get("fee_fen"),
        "is_disputed": document["is_disputed"],
        "step": next_step(document, side, language),
    }


def next_step(document: Mapping[str, Any], side: str | None, language: Language) -> Step | None:
    """Who must do what next, and by when; None when the booking is over and nothing is owed."""
    state, turn = document["state"], document.get("turn", {})
    acting = turn.get("side")
    by = datetime.fromisoformat(turn["by"]) if turn.get("by") else None
    if document["is_disputed"]:
        who = language("枢纽管理员") if document["is_appealed"] else language("省级主管部门")
        return Step(who, language("裁定异议"), by, side == acting)
    if state in NOBODY and document["payment"] != "due":
        return None
    if document["payment"] == "due" and state in NOBODY:
        is_asked = document.get("reckoning", {}).get("state") == "asks"
        what = language("确认超出约定的费用，或与服务方商定") if is_asked else language("付款，由服务方登记")
        return Step(language("企业"), what, None, side == "enterprise")
    if acting is None:
        return None
    return Step(_who(document, acting, language), _what(document, acting, language), by, side == acting)


def _who(document: Mapping[str, Any], acting: str, language: Language) -> str:
    """The acting side by its own name."""
    if acting == "enterprise":
        name = document.get("enterprise", {}).get("name")
        return str(name) if name else language("企业")
    if acting == "provider":
        is_institution = document["responsible"] == "institution"
        name = document.get("institution" if is_institution else "station", {}).get("name")
        return str(name) if name else language("服务方")
    if acting == "system":
        return language("江仪汇系统")
    return wording.name("booking_side", acting, language)


def _what(document: Mapping[str, Any], acting: str, language: Language) -> str:
    state = document["state"]
    if state == "accepted":
        return language("送达样品") if acting == "enterprise" else language("按时接待并登记上机")
    if state == "service_done":
        return language("核对后确认完成") if acting == "enterprise" else language("上传并交付报告")
    return {
        "draft": language("核对后提交"),
        "submitted": language("把预约送到服务驿站"),
        "forward_unknown": language("向省级平台核实是否收到"),
        "forwarded": language("答复（受理、改约或不受理）"),
        "reschedule_proposed": language("答复改约（同意或不同意）"),
        "sample_received": language("安排上机"),
        "in_service": language("用完后登记下机"),
        "report_delivered": language("查收报告并确认完成"),
        "cancelling": language("通知对方取消"),
        "compensation_stuck": language("人工了结对方平台上的撤销"),
    }.get(state, "")


def explained(document: Mapping[str, Any], side: str | None, language: Language) -> str:
    """What the state means, in a sentence, for a reader on `side`."""
    state, is_mine = document["state"], side == "enterprise"
    if state == "accepted":
        return (
            language("服务方已受理，请按时到场或送达样品。")
            if is_mine
            else language("已受理，时段已为企业锁定。")
        )
    return {
        "draft": language("草稿尚未提交，还没有通知任何人。"),
        "submitted": language("已保存，正在送往服务驿站；时段已保留。"),
        "forward_unknown": language(
            "已发往省级平台，但没有收到回执。系统正在核实，不会重复下单，时段继续保留。"
        ),
        "forwarded": language("服务驿站已收到，等待答复；时段已保留。"),
        "reschedule_proposed": language("有一方提议改约，等待另一方答复；原时段在此之前继续保留。"),
        "sample_received": language("样品已收到，等待上机。"),
        "in_service": language("正在服务。"),
        "service_done": language("服务已完成。"),
        "report_delivered": language("报告已交付；企业逾期未确认时自动完成。"),
        "completed": language("本次预约已完成。"),
        "cancelling": language("正在通知对方取消；对方确认后释放时段。"),
        "cancelled": language("已取消，时段已释放。"),
        "rejected": language("服务方未受理，时段已释放。"),
        "expired": language("服务方逾期未答复，时段已释放，可另选仪器或时段。"),
        "forward_failed": language("未能送达服务方，时段已释放，可另选仪器或时段。"),
        "no_show": language("服务方登记为爽约；企业有异议可在期限内提出。"),
        "compensation_stuck": language("对方平台上的撤销未能自动完成，正在人工处理；企业无需操作。"),
    }.get(state, "")


def side_name(side: str, language: Language) -> str:
    """A side in one word, where it is clear whose."""
    return language("服务方") if side == "provider" else wording.name("booking_side", side, language)


def timeline(document: Mapping[str, Any], language: Language) -> list[dict[str, Any]]:
    """What happened, the newest first."""
    return [
        {
            "at": datetime.fromisoformat(entry["at"]),
            "text": wording.name("booking_command", entry["command"], language),
            "state": state_badge(entry["to"], language),
            "side": side_name(entry["side"], language),
            "reason": wording.name("booking_reason", entry.get("reason"), language),
            "said": entry.get("text", ""),
        }
        for entry in reversed(document.get("timeline", []))
    ]


def outcome(told: str, language: Language) -> str:
    """What a form that did its work says on the next page; `told` is the command or the name of the form."""
    return {
        "submitted": language("预约已提交；进展会在「消息」中告诉您。"),
        "submit": language("预约已提交；进展会在「消息」中告诉您。"),
        "entered": language("已代企业录入并受理。"),
        "save_draft": language("草稿已保存。"),
        "discard": language("草稿已丢弃。"),
        "accept": language("已受理，已通知企业。"),
        "reject": language("已答复不受理，并把事由告诉企业；时段已释放。"),
        "propose": language("改约已提出，新旧时段都先保留，等对方答复。"),
        "agree": language("已同意改约，按新的约定进行。"),
        "decline": language("未同意改约，原约定不变。"),
        "cancel": language("取消已提出，正在通知对方。"),
        "dispatch": language("已派给管理单位，期限不变；驿站仍可查看。"),
        "hand_back": language("已退回驿站，期限不变。"),
        "receive_samples": language("已登记收样。"),
        "check_in": language("已登记上机。"),
        "check_out": language("已登记下机，费用按使用情况计算。"),
        "no_show": language("已登记爽约，已通知企业。"),
        "deliver": language("报告已交付，已通知企业。"),
        "complete": language("已确认完成。"),
        "transfer": language("已转给同事，后续消息由同事接收。"),
        "mark_paid": language("已登记付款。"),
        "confirm_fee": language("已确认按实际使用计费。"),
        "dispute": language("异议已提出，由省级主管部门裁定。"),
        "appeal": language("复核申请已提出，由枢纽管理员处理。"),
        "resolve_dispute": language("异议已处理，已通知双方。"),
        "overturn": language("爽约已撤销，已通知双方。"),
        "acknowledge": language("已确认对方收到。"),
        "done": language("已办理。"),
        "said": language("留言已发出。"),
        "uploaded": language("报告已上传；通过安全扫描后即可交付。"),
        "rated": language("评价已保存，14 天内可以修改。"),
    }.get(told, "")
