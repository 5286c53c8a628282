"""Return codes inside an answer whose HTTP status is 200. Platforms have tables of them, and some contradict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.errors import Malformed, Refused, Throttled
from adapters.mapping.paths import compile_getter
from adapters.options import Options, fault
from adapters.transports.calls import CursorExpired, TokenLapsed, TryAgain

_OUTCOMES = ("ok", "auth", "busy", "expired")


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """One return-code table: where the code stands and what its values mean."""

    at: str
    code: Callable[[Any], Any]
    message: Callable[[Any], Any] | None
    meaning: Mapping[str, str]
    texts: Mapping[str, str]
    name: str

    def judge(self, body: Any) -> None:
        """Return for success. Raises `TokenLapsed`, `CursorExpired`, `TryAgain`, `Refused` or `Malformed`."""
        code = _text(self.code(body))
        if code is None:
            zh, en = f"答复中没有返回码（{self.name}）", f"the answer has no return code ({self.name})"
            raise Malformed(zh, en)
        outcome = self.meaning.get(code)
        if outcome == "ok":
            return
        if outcome == "auth":
            raise TokenLapsed
        if outcome == "expired":
            raise CursorExpired
        said = self._said(code, body)
        if outcome == "busy":
            raise TryAgain(Throttled(f"平台忙（{said}）", f"the platform is busy ({said})"))
        raise Refused(
            f"平台返回 {said}（按返回码表 {self.name}）",
            f"the platform returned {said} (read with the table {self.name})",
        )

    def _said(self, code: str, body: Any) -> str:
        message = _text(self.message(body)) if self.message is not None else None
        words = message or self.texts.get(code)
        return f"{code} {words[:200]}" if words else code


def compile_answer(written: Any, path: str) -> tuple[AnswerCheck, ...]:
    """One check or a list of them; all must hold. Raises `ManifestInvalid`."""
    items = written if isinstance(written, list) else [] if written is None else [written]
    return tuple(_compile(Options(item, f"{path}[{number}]"), number) for number, item in enumerate(items))


def _compile(options: Options, number: int) -> AnswerCheck:
    meaning: dict[str, str] = {}
    for outcome in _OUTCOMES:
        for value in options.values(outcome, ()):
            code = _text(value)
            if code is None or code in meaning:
                raise fault(
                    f"{options.path}.{outcome}", "返回码为空或重复", "has an empty or double code", value
                )
            meaning[code] = outcome
    if "ok" not in meaning.values():
        raise fault(options.path, "要写明哪些返回码表示成功", "must say which codes mean success", None)
    check = AnswerCheck(
        at=options.choice("at", ("envelope", "payload"), "payload"),
        code=compile_getter(options.raw("code"), f"{options.path}.code"),
        message=compile_getter(options.raw("message"), f"{options.path}.message")
        if "message" in options
        else None,
        meaning=meaning,
        texts={str(code): str(words) for code, words in options.raw("texts", {}).items()},
        name=options.text("name", f"answer[{number}]"),
    )
    options.finish()
    return check


def _text(value: Any) -> str | None:
    """A code as text: 200, 200.0 and "200" are one."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None if isinstance(value, str | int) else None
