"""States of settlement in words and tones."""

from __future__ import annotations

from station_portal import wording
from station_portal.i18n import Language


def line_state(state: str, language: Language) -> dict[str, str]:
    """A rated line's state."""
    told = {
        "rated": (language("已计价，待付款或材料"), "warn"),
        "ready": (language("可结算"), "live"),
        "batched": (language("已入批次"), "live"),
        "settled": (language("已结算"), "ok"),
        "returned": (language("已退回"), "bad"),
        "withdrawn": (language("已作废"), "wait"),
    }
    text, tone = told[state]
    return {"text": text, "tone": tone}


BATCH_TONES = {
    "open": "wait",
    "closing": "live",
    "calculated": "warn",
    "under_review": "warn",
    "returned": "bad",
    "agreed": "live",
    "posted": "warn",
    "paid": "warn",
    "closed": "ok",
}
PAYMENT_TONES = {"due": "warn", "paid": "ok", "bounced": "bad", "carried": "warn", "voided": "wait"}


def batch_state(state: str, language: Language) -> dict[str, str]:
    """A batch's state."""
    return {
        "text": wording.name("settlement_batch_state", state, language),
        "tone": BATCH_TONES.get(state, "wait"),
    }


def payment_state(state: str, language: Language) -> dict[str, str]:
    """A payment line's state."""
    return {
        "text": wording.name("payment_line_state", state, language),
        "tone": PAYMENT_TONES.get(state, "wait"),
    }
