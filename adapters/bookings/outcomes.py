"""What a platform's answer means for what was asked: its HTTP status, and its return codes by the table of the operation.

Some dialects speak by HTTP status (`ok` is not given: every 2xx is success), some answer 200 always and say the rest in
a code. Two operations of one platform may read the same code by different tables. What is not listed is not guessed: a
command whose answer carries an unknown code has an unknown outcome, and the code goes to the worklist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from adapters.bookings.tables import Table, Tables, find_table
from adapters.contract import RecordProblem
from adapters.mapping import Context, Reader, Unfit, compile_reader, value_of
from adapters.mapping.paths import compile_getter
from adapters.options import Options, fault

Meaning = Literal["ok", "lapsed", "forbidden", "busy", "refused", "rejected", "absent", "unknown"]
_LISTED: Mapping[str, Meaning] = {
    "ok": "ok",
    "auth": "lapsed",
    "busy": "busy",
    "refused": "refused",
    "rejected": "rejected",
    "absent": "absent",
    "unknown": "unknown",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means, in the words of both; `reason` is a code of `booking_reason` for `rejected`."""

    meaning: Meaning
    words: str
    reason: str | None = None
    text: str = ""
    problems: tuple[RecordProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One return-code table, compiled."""

    name: str
    code: Callable[[Any], Any]
    message: Callable[[Any], Any] | None
    meanings: Mapping[str, Meaning]
    by_status: bool
    busy_status: frozenset[int]
    reason: Reader | None
    reasons: Table | None
    file: str = "bookings.yaml"

    def judge(self, status: int, body: Any) -> Verdict:
        """The meaning of an answer; `body` is None when there is none that could be read."""
        by_status = _by_status(status, self.busy_status)
        if by_status is not None:
            return Verdict(by_status, f"HTTP {status}")
        is_success = 200 <= status < 300
        if self.by_status and is_success:
            return Verdict("ok", f"HTTP {status}")
        code = _text(self.code(body))
        if code is None:
            return Verdict("unknown" if is_success else "refused", f"HTTP {status}")
        text = (_text(self.message(body)) if self.message is not None else None) or ""
        words = f"{code} {text[:200]}".strip() + f"（{self.name}）"
        meaning = self.meanings.get(code)
        if meaning is None:
            return Verdict("unknown", words, text=text, problems=(self._unmapped(code),))
        if meaning != "rejected":
            return Verdict(meaning, words, text=text)
        return self._rejected(code, body, words, text)

    def _rejected(self, code: str, body: Any, words: str, text: str) -> Verdict:
        """A refusal in business words; a reason without an entry is noted, never turned into another."""
        try:
            said = value_of(self.reason(body)) if self.reason is not None else code
        except Unfit:
            said = None
        if said is None or self.reasons is None:
            return Verdict("rejected", words, text=text)
        reason = self.reasons.code(said)
        problems = () if reason is not None else (self.reasons.unmapped("/reason", said),)
        return Verdict("rejected", words, reason, text, problems)

    def _unmapped(self, code: str) -> RecordProblem:
        return RecordProblem(
            "/code",
            "unmapped-code",
            f"返回码「{code[:60]}」不在返回码表 {self.name} 中；请在 {self.file} 的 outcomes.{self.name} 中写明其含义",
            f"the return code “{code[:60]}” is not in the table {self.name}; say what it means in outcomes.{self.name}",
            code,
            self.name,
        )


def _by_status(status: int, busy_status: frozenset[int]) -> Meaning | None:
    """What HTTP alone decides. A 5xx or a redirect after sending leaves a command's outcome open."""
    if status == 401:
        return "lapsed"
    if status == 429 or status in busy_status:
        return "busy"
    if status == 403:
        return "forbidden"
    if status >= 500 or 300 <= status < 400 or status < 200:
        return "unknown"
    return None


def compile_outcomes(
    written: Mapping[str, Any], path: str, context: Context, tables: Tables, file: str = "bookings.yaml"
) -> Mapping[str, Outcome]:
    """Return-code tables by name; `file` is where they stand, for messages. Raises `ManifestInvalid`."""
    return {
        name: _compile(name, Options(section, f"{path}.{name}"), context, tables, file)
        for name, section in written.items()
    }


def _compile(name: str, options: Options, context: Context, tables: Tables, file: str) -> Outcome:
    meanings: dict[str, Meaning] = {}
    for listed, meaning in _LISTED.items():
        for value in options.values(listed, ()):
            code = _text(value)
            if code is None or code in meanings:
                raise fault(
                    f"{options.path}.{listed}", "返回码为空或重复", "has an empty or double code", value
                )
            meanings[code] = meaning
    reasons = options.raw("reasons", None)
    reason = options.raw("reason", None)
    outcome = Outcome(
        name=name,
        code=compile_getter(options.raw("code"), f"{options.path}.code"),
        message=compile_getter(options.raw("message"), f"{options.path}.message")
        if "message" in options
        else None,
        meanings=meanings,
        by_status="ok" not in meanings.values(),
        busy_status=frozenset(int(status) for status in options.values("busy_status", ())),
        reason=None
        if reason is None
        else compile_reader(reason, f"{options.path}.reason", context, many_lines=False),
        reasons=None if reasons is None else find_table(tables, str(reasons), f"{options.path}.reasons"),
        file=file,
    )
    options.finish()
    return outcome


def _text(value: Any) -> str | None:
    """A code as text: 200, 200.0 and "200" are one."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None if isinstance(value, str | int) else None
