"""One operation: ask once, judge the answer, and say what it means. Commands and questions fail differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.bookings.calls import Call, missing
from adapters.bookings.outcomes import Outcome, Verdict
from adapters.bookings.reading import AnswerReader
from adapters.bookings.wire import Wire, unsettled
from adapters.errors import AuthRejected, Malformed, OutcomeUnknown, Refused, Unreachable
from adapters.mapping.paths import Getter
from adapters.transports.calls import Received

Sign = Callable[[bytes], Mapping[str, str]]
"""From the content of a request to the headers that sign it."""

_ENVELOPES = ("application/json", "text/xml", "application/xml")


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer that was understood: `ok`, `rejected` or `absent`."""

    verdict: Verdict
    body: Any
    raw: bytes


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a platform can be asked. `answer` reads a row, `rows` finds them where the answer is a list; `needs` are
    facts without which nothing is sent; `names_order` says that it carries the platform's own number of an order."""

    call: Call
    outcome: Outcome
    answer: AnswerReader | None
    rows: Getter | None = None
    needs: tuple[tuple[str, Getter], ...] = ()
    names_order: bool = False

    def command(self, wire: Wire, document: Mapping[str, Any], sign: Sign | None = None) -> Heard:
        """Ask for something to be done, in one attempt; `sign` gives the headers that sign what is sent.

        Raises `Refused`, `AuthRejected`, `Throttled`, `Unreachable` (surely not done) or `OutcomeUnknown`.
        """
        received, verdict, body = self._hear(wire, document, {}, is_command=True, sign=sign)
        if verdict.meaning == "unknown":
            raise OutcomeUnknown(
                f"不知道平台是否已受理：{verdict.words}",
                f"whether the platform acted is not known: {verdict.words}",
                verdict.problems,
            )
        return Heard(verdict, body, received.content)

    def question(
        self, wire: Wire, document: Mapping[str, Any], extra: Mapping[str, str] | None = None
    ) -> Heard:
        """Ask without changing anything. Raises `AdapterError`."""
        received, verdict, body = self._hear(wire, document, extra or {}, is_command=False)
        if verdict.meaning == "unknown":
            words = verdict.words
            if received.status >= 500:
                raise Unreachable(f"平台出错（{words}）", f"the platform failed ({words})")
            raise Malformed(
                f"读不懂平台的答复（{words}）", f"the platform's answer is not understood ({words})"
            )
        return Heard(verdict, body, received.content)

    def file(self, wire: Wire, document: Mapping[str, Any]) -> bytes:
        """Ask for a file; an answer in JSON or XML is the platform's refusal. Raises `AdapterError`."""
        _, verdict, body = self._hear(wire, document, {}, is_command=False, is_file=True)
        if verdict.meaning != "ok" or not isinstance(body, bytes):
            raise Malformed(
                f"平台没有给出文件（{verdict.words}）", f"the platform gave no file ({verdict.words})"
            )
        return body

    def found(self, heard: Heard) -> list[Any]:
        """The rows of an answer. Raises `Malformed`."""
        rows = heard.body if self.rows is None else self.rows(heard.body)
        if not isinstance(rows, list):
            raise Malformed("答复中没有列表", "the answer has no list")
        return rows

    def _hear(
        self,
        wire: Wire,
        document: Mapping[str, Any],
        extra: Mapping[str, str],
        *,
        is_command: bool,
        is_file: bool = False,
        sign: Sign | None = None,
    ) -> tuple[Received, Verdict, Any]:
        """The first answer that is not about a lapsed token: such an answer says that nothing was done."""
        for name, get in self.needs:
            if get(document) is None:
                raise missing(name)
        request = self.call.request(document, extra)
        if sign is not None:
            request = replace(request, headers={**request.headers, **sign(request.content or b"")})
        most = wire.limits.report_bytes if is_file else wire.limits.answer_bytes
        received = wire.exchange(request, is_command=is_command, most_bytes=most)
        verdict, body = self._judge(received, is_command, is_file)
        if verdict.meaning == "lapsed" and wire.forget_token():
            received = wire.exchange(request, is_command=is_command, most_bytes=most)
            verdict, body = self._judge(received, is_command, is_file)
        if verdict.meaning in ("lapsed", "forbidden"):
            raise AuthRejected(
                f"平台拒绝了凭据（{verdict.words}）；请核对接入账号",
                f"the platform refused the credentials ({verdict.words}); check the account",
            )
        if verdict.meaning == "busy":
            raise wire.throttled(received, verdict.words)
        if verdict.meaning == "refused":
            raise Refused(
                f"平台拒绝了请求：{verdict.words}", f"the platform refused the request: {verdict.words}"
            )
        return received, verdict, body

    def _judge(self, received: Received, is_command: bool, is_file: bool) -> tuple[Verdict, Any]:
        kind = received.headers.get("content-type", "").partition(";")[0].strip().lower()
        if is_file and received.status == 200 and kind not in _ENVELOPES:
            return Verdict("ok", "HTTP 200"), received.content
        try:
            body = self.call.body(received)
        except Malformed as error:
            if is_command:
                raise unsettled(error) from error
            raise
        return self.outcome.judge(received.status, body), body
