"""Who may see what: every field has an audience, and mobile numbers hidden in texts are masked."""

import re
from typing import Any, Literal

from schemas.fields import Field, tree

Audience = Literal["public", "partner", "province", "person"]
AUDIENCES: tuple[Audience, ...] = ("public", "partner", "province", "person")

_D = "[0-9０-９]"
_GAP = "[ \\-－—\u00a0\u3000]?"
MOBILE = re.compile(f"(?<!{_D})[1１][3-9３-９]{_D}{_GAP}{_D}{{4}}{_GAP}{_D}{{4}}(?!{_D})")
MAIL = re.compile(r"[A-Za-z0-9._%+-]+[@＠][A-Za-z0-9-]+(?:[.．][A-Za-z0-9-]+)+")
MASK = "***"


def redact(name: str, doc: dict[str, Any], audience: Audience) -> dict[str, Any]:
    """A copy of the document with what this audience may see.

    Each audience sees what the ones before it see: public, partner (another platform), province (staff of the
    province), person (the person concerned). For public and partner, mobile numbers and mail addresses
    inside free texts become `***`. An object or list that loses everything is left out. Fields that are not in
    the specification are dropped. Raises UnknownDocument and, for an unknown audience, ValueError.
    """
    level = AUDIENCES.index(audience)
    seen = _seen(tree(name), doc, level)
    return seen if isinstance(seen, dict) else {}


def mask(text: str) -> str:
    """The text with mobile numbers and mail addresses replaced by `***`."""
    return MAIL.sub(MASK, MOBILE.sub(MASK, text))


def _seen(field: Field, value: object, level: int) -> object:
    """What of the value is visible at this level; None when nothing is."""
    if AUDIENCES.index(_audience(field)) > level:
        return None
    if isinstance(value, dict):
        pairs = ((key, field.step(key), below) for key, below in value.items())
        shown = {key: _seen(child, below, level) for key, child, below in pairs if child is not None}
        return {key: below for key, below in shown.items() if below is not None} or None
    if isinstance(value, list):
        if field.items is None:
            return None
        elements = [_seen(field.items, element, level) for element in value]
        return [element for element in elements if element is not None] or None
    if isinstance(value, str) and field.is_free_text and level < AUDIENCES.index("province"):
        return mask(value)
    return value


def _audience(field: Field) -> Audience:
    return next(audience for audience in AUDIENCES if audience == field.audience)
