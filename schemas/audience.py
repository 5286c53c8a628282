"""Who may see what: every field has an audience, and mobile numbers and mail addresses in texts are masked."""

import re
from typing import Any, Literal

from schemas.fields import Field, tree

Audience = Literal["public", "partner", "province", "person"]
AUDIENCES: tuple[Audience, ...] = ("public", "partner", "province", "person")
LEVELS: dict[str, int] = {audience: level for level, audience in enumerate(AUDIENCES)}
MASK = "***"

_DIGIT = "[0-9０-９]"
_GAP = "[ \\-－—–\u00a0\u3000]?"
_MOBILE = re.compile(
    f"(?:(?<!{_DIGIT})|(?<=86)|(?<=８６))[1１][3-9３-９]{_DIGIT}{_GAP}{_DIGIT}{{4}}{_GAP}{_DIGIT}{{4}}(?!{_DIGIT})"
)
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+[@＠][A-Za-z0-9-]+(?:[.．][A-Za-z0-9-]+)+")


def redact(name: str, doc: dict[str, Any], audience: Audience) -> dict[str, Any]:
    """A copy of the document with what this audience may see.

    Each audience sees what the ones before it see: public, partner (another platform), province (staff of the
    province), person (the person concerned). For public and partner, mobile numbers and mail addresses
    inside texts become `***`. An object or list that loses everything is left out; fields that are not in the
    specification are dropped. Raises UnknownDocument, and ValueError for an unknown audience.
    """
    if audience not in LEVELS:
        raise ValueError(f"unknown audience {audience!r}; there are: {', '.join(AUDIENCES)}")
    seen = _seen(tree(name), doc, LEVELS[audience])
    return seen if isinstance(seen, dict) else {}


def mask(text: str) -> str:
    """The text with mobile numbers (also spaced, hyphenated or full-width) and mail addresses as `***`."""
    return _MAIL.sub(MASK, _MOBILE.sub(MASK, text))


def _seen(field: Field, value: object, level: int) -> object:
    """What of the value is visible at this level; None when nothing is."""
    if LEVELS.get(field.audience, len(LEVELS)) > level:
        return None
    if isinstance(value, str):
        return mask(value) if field.is_free_text and level < LEVELS["province"] else value
    if isinstance(value, dict):
        return _seen_object(field, value, level)
    if isinstance(value, list):
        return _seen_list(field, value, level)
    return value


def _seen_object(field: Field, value: dict[str, Any], level: int) -> dict[str, Any] | None:
    if field.is_opaque("object"):
        return value or None
    shown = {}
    for key, below in value.items():
        child = field.step(key)
        part = None if child is None else _seen(child, below, level)
        if part is not None:
            shown[key] = part
    return shown or None


def _seen_list(field: Field, value: list[Any], level: int) -> list[Any] | None:
    if field.items is None:
        return (value or None) if field.is_opaque("array") else None
    elements = [_seen(field.items, element, level) for element in value]
    return [element for element in elements if element is not None] or None
