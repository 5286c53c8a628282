"""Code values: the province's table first, then the specification's list by code, Chinese name, English name, alias.

What is found in neither goes to the worklist as `unmapped-code`; nothing is ever turned into "other" silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import schemas
from adapters.mapping.text import need_text, normal
from adapters.mapping.unfit import Unfit, shown, wrong_type
from adapters.mapping.vocabulary import Vocabulary

Function = Callable[[Any], Any]

TRUE_WORDS = ("是", "有", "真", "y", "yes", "true", "t", "1", "√", "对")
FALSE_WORDS = ("否", "无", "没有", "假", "n", "no", "false", "f", "0", "×", "不是")


@cache
def names_of(list_name: str) -> Mapping[str, str]:
    """Every way the specification itself writes the values of a list → code. Codes win over names."""
    entries = tuple(schemas.codes(list_name).values())
    found: dict[str, str] = {}
    for entry in entries:
        aliases = entry.attributes.get("aliases", "").split("|")
        for name in (entry.zh, entry.en, *aliases):
            if name:
                found.setdefault(normal(name), entry.code)
    found.update((normal(entry.code), entry.code) for entry in entries)
    return found


def unmapped(value: Any, list_name: str, table: str) -> Unfit:
    """No entry for this value."""
    return Unfit(
        "unmapped-code",
        f"代码值「{shown(value)}」在本省对照表 {table} 和规范代码表 {list_name} 中都没有；请在 vocab.csv 中补一行",
        f"value “{shown(value)}” is in neither the province's table {table} nor the list {list_name}; "
        "add a row to vocab.csv",
        value,
        table=table,
    )


def lookup_function(vocabulary: Vocabulary, list_name: str, table: str) -> Callable[[Any], str]:
    """One native value → one code."""
    own = vocabulary.tables.get(table, {})
    shared = names_of(list_name)

    def look_up(value: Any) -> str:
        word = normal(need_text(value))
        code = own.get(word) or shared.get(word)
        if code is None:
            raise unmapped(value, list_name, table)
        return code

    return look_up


def code_function(vocabulary: Vocabulary, list_name: str, table: str, many: bool) -> Function:
    """A code, or distinct codes for a list. With `many` false a list of more than one is `too-many`."""
    look_up = lookup_function(vocabulary, list_name, table)

    def apply(value: Any) -> Any:
        if not isinstance(value, list):
            return look_up(value)
        codes = list(dict.fromkeys(look_up(item) for item in value if item is not None))
        if many:
            return codes or None
        if len(codes) > 1:
            raise too_many(value, 1)
        return codes[0] if codes else None

    return apply


def discipline_function(vocabulary: Vocabulary, table: str, most: int) -> Function:
    """Three-digit disciplines, at most `most`. A longer GB/T 13745 code counts as its first level."""
    look_up = lookup_function(vocabulary, "discipline", table)

    def first_level(value: Any) -> str:
        text = need_text(value)
        digits = text.replace(".", "").strip()
        return look_up(digits[:3] if digits.isdecimal() and len(digits) in (5, 7) else text)

    def apply(value: Any) -> Any:
        items = value if isinstance(value, list) else [value]
        codes = list(dict.fromkeys(first_level(item) for item in items if item is not None))
        if len(codes) > most:
            raise too_many(value, most)
        return codes or None

    return apply


def too_many(value: Any, most: int) -> Unfit:
    """More values than the field takes."""
    return Unfit(
        "too-many",
        f"最多 {most} 项，来的是「{shown(value)}」",
        f"at most {most}, got “{shown(value)}”",
        value,
    )


class Siblings(dict[str, Any]):
    """Values for fields beside the target, not inside it."""


def classification_function(vocabulary: Vocabulary, scheme: str, table: str) -> Function:
    """Native class code, or `[code, text]` → the hub's class, with the source's own kept beside it.

    The same digits mean different classes in different schemes, so the scheme is part of the rule. Without a code
    the text alone is looked up in the province's table and among the class names.
    """
    names = names_of("instrument_class")

    def apply(value: Any) -> Any:
        code, text = _code_and_text(value)
        if code is None and text is None:
            return None
        target = _own_class(vocabulary, table, code, text)
        if target is None and code is not None:
            target = schemas.crosswalk(scheme, code)
        if target is None and code is None and text is not None:
            target = names.get(normal(text))
        if target is None:
            raise _unknown_class(value, scheme, table)
        source = {"scheme": scheme} | ({"code": code} if code else {}) | ({"text": text} if text else {})
        return Siblings(classification={"scheme": "most-2006", "code": target}, source_classification=source)

    return apply


def _own_class(vocabulary: Vocabulary, table: str, code: str | None, text: str | None) -> str | None:
    for word in (code, text):
        if word is not None and (target := vocabulary.find(table, word)) is not None:
            return target
    return None


def _code_and_text(value: Any) -> tuple[str | None, str | None]:
    parts = value if isinstance(value, list) else [value]
    if len(parts) > 2:
        raise wrong_type("分类编码，或编码和名称", "a class code, or code and name", value)
    code, text = (need_text(part) if part is not None else None for part in (*parts, None)[:2])
    if code is not None and not isinstance(value, list) and not code[-1:].isascii():
        return None, code
    return code, text


def _unknown_class(value: Any, scheme: str, table: str) -> Unfit:
    said = " ".join(str(part) for part in value if part) if isinstance(value, list) else value
    return Unfit(
        "unknown-class",
        f"分类「{shown(said)}」不在 {scheme} 中，也没有对照；请核对编码，或在 vocab.csv 的 {table} 表中补一行",
        f"class “{shown(said)}” is not in {scheme} and has no crosswalk; check the code or add a row to {table}",
        value,
        table=table,
    )


def boolean_function(true_words: tuple[str, ...], false_words: tuple[str, ...]) -> Function:
    """true or false."""
    words = {normal(word): False for word in false_words} | {normal(word): True for word in true_words}

    def apply(value: Any) -> Any:
        if isinstance(value, bool):
            return value
        answer = words.get(normal(need_text(value)))
        if answer is None:
            raise Unfit(
                "bad-boolean",
                f"应为「是」或「否」，来的是「{shown(value)}」",
                f"must be yes or no (是 or 否), got “{shown(value)}”",
                value,
            )
        return answer

    return apply
