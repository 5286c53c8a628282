"""Text functions: fold, trim, nulls and the small cutting and joining tools. All pure, all idempotent where named so."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import unquote as percent_decoded

from adapters.mapping.unfit import Unfit, wrong_type

Function = Callable[[Any], Any]

# What a form means when it writes nothing; compared after folding and trimming, without regard to case.
DEFAULT_NULLS: frozenset[str] = frozenset(
    {
        "",
        "无",
        "暂无",
        "没有",
        "不详",
        "未知",
        "空",
        "null",
        "none",
        "nil",
        "n/a",
        "na",
        "-",
        "--",
        "—",
        "——",
        "/",
        "\\",
    }
    | {"0000-00-00", "0000-00-00 00:00:00", "0000/00/00", "1900-01-00"}
)

# Chinese punctuation that exists only full-width in Chinese text: folding it would damage prose.
_KEPT = "，！：；？（）～"
_FOLDED = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in _KEPT}
_FOLDED |= {0x3000: 0x20, 0xFFE5: 0xA5, 0xFFE0: 0xA2, 0xFFE1: 0xA3, 0x2212: 0x2D}
_FOLDED |= {0x2000 + i: 0x20 for i in range(11)} | {0x202F: 0x20, 0x205F: 0x20, 0xA0: 0x20}
_NEEDS_FOLD = re.compile(
    "["
    + "".join(map(chr, _FOLDED))
    .replace("\\", "\\\\")
    .replace("]", "\\]")
    .replace("-", "\\-")
    .replace("^", "\\^")
    + "]"
)

# Invisible characters: zero width, soft hyphen, byte order mark, controls other than tab and line breaks.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNTIDY = re.compile("[\t\r\u2028\u2029\u0085]|  | \n|\n ")
_BREAKS = re.compile("\r\n?|[\u2028\u2029\u0085]")
_BLANKS = re.compile("[ \t\u3000\u00a0]+")
_AROUND_BREAK = re.compile(" ?\n ?")


def fold_text(text: str) -> str:
    """Full-width letters, digits, signs and spaces as half-width ones; Chinese punctuation stays. Idempotent.

    Stricter than NFKC on purpose: NFKC would turn ， into a comma, ㎡ into m2 and ½ into 1⁄2.
    """
    if text.isascii() or _NEEDS_FOLD.search(text) is None:
        return text
    return text.translate(_FOLDED)


def trim_text(text: str) -> str:
    """No blanks around, no runs of blanks, no invisible characters; line breaks are `\\n`. Idempotent."""
    if not text.isprintable():
        text = _INVISIBLE.sub("", text)
        text = _BREAKS.sub("\n", text)
    text = text.strip()
    if _UNTIDY.search(text) is not None or "\u3000" in text or "\u00a0" in text:
        text = _AROUND_BREAK.sub("\n", _BLANKS.sub(" ", text)).strip()
    return text


def one_line(text: str) -> str:
    """As `trim_text`, and every line break becomes a blank."""
    return " ".join(trim_text(text).split())


def normal(text: str) -> str:
    """The form in which code values are compared: folded, trimmed, without blanks, lower case."""
    return "".join(fold_text(text).split()).strip("\u200b\ufeff").casefold()


def on_text(change: Callable[[str], str]) -> Function:
    """Apply a text function to a text or to every text of a list; other kinds pass."""

    def apply(value: Any) -> Any:
        if isinstance(value, str):
            return change(value)
        if isinstance(value, list):
            return [apply(item) for item in value]
        return value

    return apply


def nulls_function(words: Collection[str]) -> Function:
    """Null when the text means nothing. In a list such items are left out."""
    empty = frozenset(word.casefold() for word in words) | {""}
    longest = max(len(word) for word in empty)

    def apply(value: Any) -> Any:
        if isinstance(value, str):
            return None if len(value) <= longest and value.casefold() in empty else value
        if isinstance(value, list):
            return [item for item in map(apply, value) if item is not None] or None
        return value

    return apply


def clean_function(words: Collection[str], *, one_line: bool = False) -> Function:
    """fold, trim and nulls in one step: what every text passes unless a rule says otherwise.

    `one_line` also turns line breaks into blanks. Nearly all text is clean already, so the first test tells that at
    the cost of one pass; text with a line break never passes it.
    """
    empty = frozenset(word.casefold() for word in words) | {""}
    longest = max(len(word) for word in empty)
    is_wide = _NEEDS_FOLD.search

    def apply(value: Any) -> Any:
        if type(value) is str:
            if (
                not value.isprintable()
                or "  " in value
                or value[:1] == " "
                or value[-1:] == " "
                or not (value.isascii() or is_wide(value) is None)
            ):
                value = trim_text(fold_text(value))
                if one_line:
                    value = value.replace("\n", " ")
            return None if len(value) <= longest and value.casefold() in empty else value
        if isinstance(value, list):
            return [item for item in map(apply, value) if item is not None] or None
        return value

    return apply


def null_if_function(words: Collection[Any]) -> Function:
    """Null when the value is one of these."""
    unwanted = list(words)

    def apply(value: Any) -> Any:
        return None if value in unwanted else value

    return apply


def to_text(value: Any) -> Any:
    """A number as text without a needless `.0`; a list item by item."""
    if isinstance(value, list):
        return [to_text(item) for item in value]
    if isinstance(value, bool):
        raise wrong_type("文字或数字", "text or a number", value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def need_text(value: Any) -> str:
    """The value as text, or `wrong-type`."""
    text = to_text(value) if isinstance(value, int | float) else value
    if not isinstance(text, str):
        raise wrong_type("文字", "text", value)
    return text


def strip_prefix_function(prefixes: tuple[str, ...]) -> Function:
    """Without the first of these beginnings that is there."""

    def strip(text: str) -> str:
        found = next((prefix for prefix in prefixes if text.startswith(prefix)), "")
        return text[len(found) :].strip()

    return on_text(strip)


def strip_suffix_function(suffixes: tuple[str, ...]) -> Function:
    """Without the first of these endings that is there."""

    def strip(text: str) -> str:
        found = next((suffix for suffix in suffixes if suffix and text.endswith(suffix)), "")
        return text[: len(text) - len(found)].strip() if found else text

    return on_text(strip)


def pad_function(width: int, character: str) -> Function:
    """Left-padded to `width`: gives back the leading zeros a spreadsheet ate."""

    def apply(value: Any) -> Any:
        return need_text(value).rjust(width, character)

    return apply


def part_function(by: str, index: int, most: int) -> Function:
    """One piece of a text split at `by`, at most `most` times (-1: everywhere); null when the piece is not there."""

    def apply(value: Any) -> Any:
        pieces = need_text(value).split(by, most)
        return (pieces[index] or None) if -len(pieces) <= index < len(pieces) else None

    return apply


def split_function(separators: str) -> Function:
    """Distinct trimmed pieces in their order; null when nothing is left. A list is split item by item."""
    pattern = re.compile("[" + re.escape(separators) + "]")

    def apply(value: Any) -> Any:
        texts = value if isinstance(value, list) else [value]
        pieces = (trim_text(piece) for text in texts for piece in pattern.split(need_text(text)))
        return list(dict.fromkeys(piece for piece in pieces if piece)) or None

    return apply


def join_function(separator: str) -> Function:
    """List → text, nulls left out; a text stays."""

    def apply(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return separator.join(need_text(item) for item in value if item is not None) or None

    return apply


def first_value(value: Any) -> Any:
    """The first item of a list that is not null; anything else as it is."""
    if not isinstance(value, list):
        return value
    return next((item for item in value if item is not None), None)


def unquote(value: Any) -> Any:
    """Percent-encoded text decoded (RFC 3986, UTF-8)."""
    return percent_decoded(need_text(value), errors="replace")


_NOT_SLUG = re.compile("[^0-9A-Za-z._-]+")


def slug(value: Any) -> Any:
    """Letters, digits, `.`, `_` and `-`; the rest becomes `-`. Null when nothing is left. Idempotent."""
    return _NOT_SLUG.sub("-", fold_text(need_text(value))).strip("-") or None


def url(value: Any) -> Any:
    """http and https addresses stay; everything else is dropped and noted (a link from outside is never trusted)."""
    text = need_text(value).replace(" ", "%20")
    if text.lower().startswith(("http://", "https://")) and len(text.split("://", 1)[1].split("/", 1)[0]) > 2:
        return text
    raise Unfit(
        "bad-url",
        "不是 http 或 https 网址，已略去",
        "is no http or https address and was left out",
        value,
        dropped=True,
    )
