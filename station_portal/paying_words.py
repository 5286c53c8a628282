"""Payments in words: rows, tries, refunds and what happened, for pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from hub.identity import access
from hub.settlement.service import payments
from hub.settlement.service.payments.telling import REFUND_REASONS
from station_portal import wording
from station_portal.frame import Frame
from station_portal.i18n import Language

TONES = {
    "none": "wait",
    "due": "warn",
    "overdue": "bad",
    "initiated": "live",
    "unknown": "bad",
    "paid": "ok",
    "partly_refunded": "ok",
    "refunded": "wait",
}


def row(frame: Frame, payment: Any) -> dict[str, Any]:
    """A payment as lists and its own page show it."""
    language = frame.language
    held = payment.document
    return {
        "id": payment.id,
        "booking": payment.reference,
        "number": payment.order_number,
        "state": payment.state,
        "badge": {
            "text": wording.name("payment_state", payment.state, language),
            "tone": TONES[payment.state],
        },
        "enterprise": held.get("enterprise", {}).get("name", ""),
        "credit_code": held.get("enterprise", {}).get("credit_code", ""),
        "institution": held.get("institution", {}).get("name", ""),
        "instrument": held.get("instrument", {}).get("name", ""),
        "fee": payment.fee_fen,
        "voucher": payment.voucher_fen,
        "owed": payment.owed_fen,
        "paid": payment.paid_fen,
        "refunded": payment.refunded_fen,
        "surplus": payment.surplus_fen - payment.returned_fen,
        "outstanding": max(0, payment.owed_fen - (payment.paid_fen - payment.refunded_fen)),
        "due_on": payment.due_on,
        "when": wording.name("payment_due", payment.payment_due, language),
        "paid_at": payment.paid_at,
        "invoice": wording.name("invoice_amount", payment.invoice_amount, language),
    }


def attempt(frame: Frame, held: Any) -> dict[str, Any]:
    """A try to pay."""
    language = frame.language
    states = {
        "stored": (language("正在发起"), "live"),
        "open": (language("待付款") if held.channel == "online" else language("待转账、上传凭证"), "live"),
        "unknown": (language("结果待查"), "bad"),
        "submitted": (language("待收款方核对"), "live"),
        "paid": (language("已到账"), "ok"),
        "failed": (language("未成"), "wait"),
        "refused": (language("未获确认"), "bad"),
        "withdrawn": (language("已撤回"), "wait"),
    }
    text, tone = states[held.state]
    if held.is_surplus:
        text, tone = language("已到账，须退回"), "warn"
    return {
        "id": held.id,
        "number": held.number,
        "channel": held.channel,
        "name": wording.name("payment_channel", held.channel, language),
        "code": held.code,
        "fen": held.fen,
        "received": held.received_fen,
        "state": held.state,
        "badge": {"text": text, "tone": tone},
        "redirect_url": held.redirect_url if held.state == "open" else None,
        "proof": held.proof,
        "reason": held.reason if held.state == "refused" else None,
        "at": held.made_at,
        "settled_at": held.settled_at,
    }


def refund(frame: Frame, held: Any) -> dict[str, Any]:
    """Money that goes back."""
    language = frame.language
    states = {
        "wanted": (language("正在退回"), "live"),
        "unknown": (language("正在退回，结果待查"), "live"),
        "manual": (language("待收款方退回"), "warn"),
        "done": (language("已退回"), "ok"),
    }
    text, tone = states[held.state]
    return {
        "number": held.number,
        "fen": held.fen,
        "state": held.state,
        "reason": language.pick(*REFUND_REASONS[held.reason]),
        "badge": {"text": text, "tone": tone},
        "at": held.made_at,
        "done_at": held.done_at,
    }


def event(frame: Frame, held: Any) -> dict[str, Any]:
    """One thing that happened."""
    language = frame.language
    more = {
        "amend": language("应付金额或期限已更新"),
        "open": language("支付渠道已受理"),
        "hand_in_proof": language("已提交转账凭证"),
        "receive": language("款项到账"),
        "send_back": language("款项退回"),
        "withdrawn": language("转账已撤回"),
        "failed": language("付款未成"),
        "refused": language("转账未获确认"),
    }
    return {
        "at": held.at,
        "text": more.get(held.what) or wording.name("payment_command", held.what, language),
        "side": wording.name("payment_side", held.side, language),
        "state": {
            "text": wording.name("payment_state", held.to_state, language),
            "tone": TONES[held.to_state],
        },
    }


def of_booking(
    frame: Frame, session: Session, me: access.Principal, document: Mapping[str, Any], side: str | None
) -> dict[str, Any] | None:
    """What a booking's page says of its payment; None where there is none or the reader may not see it.

    `warning`: the tariff wants to be paid before the service, and it is not.
    """
    if not access.may_enter(me, "payment.read"):
        return None
    held = payments.standing(session, document["id"])
    if held is None:
        return None
    is_early = held.payment_due != "after_report" and document["state"] in {"accepted", "sample_received"}
    return {
        "id": held.payment_id,
        "badge": {
            "text": wording.name("payment_state", held.state, frame.language),
            "tone": TONES[held.state],
        },
        "outstanding": held.outstanding_fen,
        "due_on": held.due_on,
        "warning": is_early and held.outstanding_fen > 0,
        "is_required": held.payment_due == "before_service_required",
        "side": side,
    }


def channels(frame: Frame) -> list[dict[str, Any]]:
    """The ways to pay of this installation."""
    hints = {
        "bank_transfer": frame.language("用对公账户转账，附言写明系统给出的编号，再上传回单。"),
        "online": frame.language("前往支付页面付款，完成后自动返回。"),
    }
    return [
        {
            "code": code,
            "name": wording.name("payment_channel", code, frame.language),
            "hint": hints.get(code, ""),
        }
        for code in sorted(frame.runtime.payment_channels, reverse=True)
    ]


def outcome(told: str, language: Language) -> str:
    """What a form has just done; empty for anything else."""
    words = {
        "go": language("付款已发起，请前往支付页面完成付款。"),
        "begun": language("已生成转账编号，请按下方信息转账。"),
        "unknown": language("支付渠道没有答复，结果待查；系统会自动查询，请勿重复付款。"),
        "checking": language("尚未收到支付结果，系统正在查询；结果出来后会通知您，请勿重复付款。"),
        "not_paid": language("没有收到款项，可以重新付款。"),
        "paid": language("款项已到账。"),
        "handed_in": language("凭证已提交，等待收款方核对。"),
        "withdrawn": language("已撤回，可以另选付款方式。"),
        "confirmed": language("已确认到账。"),
        "refused": language("已退回，理由已告知对方。"),
        "sent_back": language("已登记退款。"),
        "invoiced": language("发票已登记。"),
        "voided": language("发票已作废。"),
        "reversed": language("红字发票已登记。"),
    }
    return words.get(told, "")
