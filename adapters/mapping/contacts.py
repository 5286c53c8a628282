"""Telephone numbers: which are a person's own and which an office's. The difference decides who may see them."""

from __future__ import annotations

import re
from typing import Any

from adapters.mapping.text import fold_text, need_text
from adapters.mapping.unfit import Unfit, shown

_BETWEEN = re.compile(r"[/、,，;；|\n]+|\s{2,}")
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_MOBILE_INSIDE = re.compile(r"(?<![0-9])(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]){8}(?![0-9])")
_OFFICE = re.compile(r"[0-9+()（）\-转#*. 分机extEXT]{5,40}")


def phone_kind(value: Any) -> Any:
    """`{mobile}` for a mobile number, `{office_phone}` for any other; several in one text are told apart.

    Anything that holds a mobile number's eleven digits counts as mobile, however it is written, so that a personal
    number never ends up in the public field.
    """
    texts = value if isinstance(value, list) else [value]
    pieces = [
        piece.strip()
        for text in texts
        if text is not None
        for piece in _BETWEEN.split(fold_text(need_text(text)))
    ]
    found: dict[str, str] = {}
    for piece in filter(None, pieces):
        _sort_in(found, piece, value)
    return found or None


def _sort_in(found: dict[str, str], piece: str, value: Any) -> None:
    bare = re.sub(r"[^0-9+]", "", piece)
    mobile = _MOBILE.fullmatch(bare)
    if mobile is not None:
        found.setdefault("mobile", mobile.group(1))
        return
    inside = _MOBILE_INSIDE.search(piece)
    if inside is not None:
        found.setdefault("mobile", re.sub(r"[^0-9]", "", inside.group())[-11:])
        piece = (piece[: inside.start()] + piece[inside.end() :]).strip(" -()（）")
        if not re.search(r"[0-9]{5}", piece):
            return
    if _OFFICE.fullmatch(piece) is None or len(re.sub(r"[^0-9]", "", piece)) < 5:
        raise Unfit(
            "bad-phone",
            f"不是电话号码：「{shown(value)}」",
            f"is no telephone number: “{shown(value)}”",
            value,
        )
    found.setdefault("office_phone", piece)
