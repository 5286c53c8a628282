"""Notices, contacts and webhooks as documents. An address is shown to its owner only, and shortened."""

from datetime import time
from typing import Any

from hub.core.language import Language
from hub.notices import rules, texts
from hub.notices.models import Contact, Notice, Preference, Webhook
from hub.notices.rules import QuietHours


def notice(row: Notice, lang: Language) -> dict[str, Any]:
    """One line of the inbox in a language."""
    title, text = texts.told(row.template, row.values, lang)
    return {
        "id": row.id,
        "kind": row.template,
        "title": title,
        "text": text,
        "subject": row.subject,
        "link": row.link,
        "created_at": row.created_at.isoformat(),
        "is_read": row.read_at is not None,
    }


def contact(row: Contact) -> dict[str, Any]:
    """A contact with its address shortened to what its owner recognises."""
    return {
        "channel": row.channel,
        "address": rules.shortened(row.address),
        "is_signed": row.secret is not None,
    }


def preference(row: Preference | None) -> dict[str, Any]:
    """Language and quiet hours, the usual ones where nothing was set."""
    usual = QuietHours()
    start, end = (usual.start, usual.end) if row is None else (row.quiet_start, row.quiet_end)
    return {
        "lang": "zh" if row is None else row.lang,
        "quiet_start": _minute(start),
        "quiet_end": _minute(end),
    }


def webhook(row: Webhook, *, secret: str | None = None) -> dict[str, Any]:
    """A webhook with its place and health; `secret` only in the answer that made it."""
    told: dict[str, Any] = {
        "id": row.id,
        "party": row.party,
        "url": row.url,
        "delivered": row.delivered,
        "failures": row.failures,
        "created_at": row.created_at.isoformat(),
    }
    if row.fault is not None:
        told["fault"] = row.fault
    for name in ("rests_until", "delivered_at"):
        if (at := getattr(row, name)) is not None:
            told[name] = at.isoformat()
    return told if secret is None else told | {"secret": secret}


def _minute(at: time) -> str:
    return at.strftime("%H:%M")
