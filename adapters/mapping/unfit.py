"""A value that a function cannot use, and why. Raised by functions, turned into a `RecordProblem` by the rule."""

from __future__ import annotations

from typing import Any


class Unfit(Exception):
    """Code, Chinese, English, native value and, for code values, the table it was looked up in.

    `dropped` means that the value is left out and noted whatever the rule says (a link that is no web address).
    """

    def __init__(
        self, code: str, zh: str, en: str, value: Any, *, table: str | None = None, dropped: bool = False
    ) -> None:
        super().__init__(f"{zh} / {en}")
        self.code = code
        self.zh = zh
        self.en = en
        self.value = value
        self.table = table
        self.dropped = dropped


def shown(value: Any) -> str:
    """A value as it may stand in a message: short, on one line."""
    text = str(value).replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "…"


def wrong_type(expected_zh: str, expected_en: str, value: Any) -> Unfit:
    """The value is of another kind than the function reads."""
    return Unfit(
        "wrong-type",
        f"应为{expected_zh}，来的是「{shown(value)}」",
        f"expected {expected_en}, got “{shown(value)}”",
        value,
    )
