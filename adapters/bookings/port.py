"""A province's booking interface made of data; satisfies `contract.BookingPort`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, get_args

from adapters.bookings.calendars import CalendarReader
from adapters.bookings.documents import message_document, order_document, question_document, slot_document
from adapters.bookings.feeds import Walks
from adapters.bookings.operations import Heard, Operation, Sign
from adapters.bookings.reading import AnswerReader
from adapters.bookings.signatures import Verifies
from adapters.bookings.wire import Wire
from adapters.bookings.writing import ObjectWriter
from adapters.contract import (
    Answer,
    AnswerKind,
    AnswerPage,
    BookingOrder,
    Capability,
    Command,
    NativeKey,
    OrderMessage,
    RecordProblem,
    RemoteAvailability,
    ReportFacts,
    Seal,
    Slot,
    StationCommand,
)
from adapters.errors import LimitExceeded, Malformed, OutcomeUnknown, Refused, Unsupported
from adapters.mapping.paths import Getter
from adapters.transports import Site
from adapters.transports.records import read_json

# What a refusal in business words means, by what was asked.
_REFUSED: Mapping[Command, AnswerKind] = {
    "submit": "rejected",
    "cancel": "cancel_refused",
    "propose": "declined",
    "agree": "declined",
    "decline": "declined",
}
_DEAD: frozenset[AnswerKind] = frozenset({"rejected", "cancelled", "not_found"})
_NEEDED: Mapping[Command, Capability] = {
    "submit": "submit",
    "cancel": "cancel",
    "propose": "propose",
    "agree": "reply",
    "decline": "reply",
    **{name: name for name in get_args(StationCommand)},
}
_MARGIN = timedelta(minutes=10)  # a look-up by time allows for clocks that differ
_MOST_LOOKUP_PAGES = 100


@dataclass(frozen=True, slots=True)
class Lookup:
    """How to ask what the province holds. `pages` are the names of page number, size, and the size."""

    operation: Operation
    by_reference: bool
    proves_absence: bool
    pending: Getter | None
    pages: tuple[str, str, int] | None


@dataclass(frozen=True, slots=True)
class Callback:
    """How to read what the province sends by itself. Without a signature the hub's own door must know the sender."""

    reader: AnswerReader
    rows: Getter | None
    signature: Verifies | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """How to ask an instrument's calendar, and how long a question the platform answers."""

    operation: Operation
    reader: CalendarReader
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Dialect:
    """A compiled booking dialect. What the province cannot do is missing."""

    province: str
    capabilities: frozenset[Capability]
    settle_seconds: float
    commands: Mapping[Command, Operation]
    written: Mapping[Command, ObjectWriter]
    lookup: Lookup | None
    feed: tuple[Operation, Walks] | None
    callback: Callback | None
    calendar: Calendar | None
    report: Operation | None
    signature: str | None = (
        None  # the header that carries the hub's signature; "" where the hub's envelope holds it
    )


class DeclarativeBookings:
    """One province over one connection. Keeps nothing between calls but its auth scheme's token."""

    def __init__(self, dialect: Dialect, site: Site, wire: Wire) -> None:
        self._dialect = dialect
        self._site = site
        self._wire = wire

    @property
    def capabilities(self) -> frozenset[Capability]:
        """See `BookingPort.capabilities`."""
        return self._dialect.capabilities

    @property
    def settle_seconds(self) -> float:
        """See `BookingPort.settle_seconds`."""
        return self._dialect.settle_seconds

    @property
    def cancels_by_number(self) -> bool:
        """See `BookingPort.cancels_by_number`."""
        cancel = self._dialect.commands.get("cancel")
        return cancel is not None and cancel.names_order

    def send(self, message: OrderMessage, seal: Seal | None = None) -> Answer:
        """See `BookingPort.send`."""
        operation = self._dialect.commands.get(message.command)
        if operation is None:
            raise self._lacks(_NEEDED[message.command])
        sign = self._signed(message, seal)
        heard = operation.command(self._wire, self._document(message_document(message)), sign)
        order = message.order
        if heard.verdict.meaning != "ok" and message.command not in _REFUSED:
            words = heard.verdict.words
            raise Refused(
                f"平台没有接受驿站的处理：{words}", f"the platform did not take what the station did: {words}"
            )
        if heard.verdict.meaning == "rejected":
            return self._named(message, heard, _REFUSED[message.command])
        if heard.verdict.meaning == "absent":
            return self._named(message, heard, "not_found")
        assert operation.answer is not None
        try:
            answer = operation.answer(heard.body, about=order.id, raw=heard.raw)
        except Malformed as error:
            raise OutcomeUnknown(
                f"平台受理后的答复读不懂：{error.zh}", f"the platform's answer is not understood: {error.en}"
            ) from error
        if answer.kind == "unclear":
            raise OutcomeUnknown(
                "平台受理后的状态读不懂",
                "the state the platform answered with is not understood",
                answer.notes,
            )
        return self._about(answer, order)

    def lookup(self, order: BookingOrder) -> Answer:
        """See `BookingPort.lookup`."""
        how = self._dialect.lookup
        if how is None:
            raise self._lacks("lookup")
        now = self._site.pacing.now()
        window = slot_document(Slot(order.submitted_at - _MARGIN, max(now, order.submitted_at) + _MARGIN))
        document = self._document({"order": order_document(order), "window": window})
        found, is_pending, raw = self._look(how, document)
        mine = [answer for answer in found if _is_of(answer, order)]
        if how.by_reference and len(mine) < len(found):
            raise Malformed(
                "按单号查询，平台却给出了别的预约", "asked by reference, the platform gave another booking"
            )
        if mine:
            return _chosen(mine, order)
        kind: AnswerKind = "received" if is_pending else "not_found" if how.proves_absence else "unclear"
        return Answer(
            kind=kind,
            message_id=_digest(self._dialect.province, "lookup", order.id, kind, now.isoformat()),
            booking_id=order.id,
            remote_id=order.remote_id,
            at=now,
            notes=(_unproven(found),) if kind == "unclear" else (),
            raw=raw,
        )

    def feed(self, cursor: str | None) -> Iterator[AnswerPage]:
        """See `BookingPort.feed`."""
        if self._dialect.feed is None:
            raise self._lacks("feed")
        operation, walk = self._dialect.feed
        document = self._document({"now": self._site.pacing.now()})
        return walk.walk(operation, self._wire, document, cursor)

    def read_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Answer, ...]:
        """See `BookingPort.read_callback`."""
        how = self._dialect.callback
        if how is None:
            raise self._lacks("callback")
        most = self._wire.limits.answer_bytes
        if len(body) > most:
            raise LimitExceeded(f"回调超过 {most} 字节", f"the callback is larger than {most} bytes")
        if how.signature is not None:
            how.signature.verify(headers, body, self._site.credentials, self._site.pacing.now())
        content = read_json(body, "回调", "the callback")
        rows = content if how.rows is None else how.rows(content)
        listed = rows if isinstance(rows, list) else [rows]
        is_signed = how.signature is not None
        return tuple(how.reader(row, is_signed=is_signed, raw=body) for row in listed)

    def write(self, message: OrderMessage) -> dict[str, Any]:
        """See `BookingPort.write`."""
        writer = self._dialect.written.get(message.command)
        if writer is None:
            raise self._lacks("fetch")
        return writer(message_document(message))

    def availability(self, instrument: NativeKey, start: datetime, end: datetime) -> RemoteAvailability:
        """See `BookingPort.availability`. Raises `LimitExceeded` for a longer time than the platform answers."""
        how = self._dialect.calendar
        if how is None:
            raise self._lacks("availability")
        if end - start > how.longest:
            days = how.longest.days
            raise LimitExceeded(f"一次最多查询 {days} 天", f"at most {days} days can be asked at once")
        document = self._document(question_document(instrument, start, end))
        heard = how.operation.question(self._wire, document)
        if heard.verdict.meaning != "ok":
            words = heard.verdict.words
            raise Malformed(f"平台没有给出日历（{words}）", f"the platform gave no calendar ({words})")
        return how.reader(heard.body, instrument, self._site.pacing.now())

    def report(self, order: BookingOrder, report: ReportFacts) -> bytes:
        """See `BookingPort.report`."""
        operation = self._dialect.report
        if operation is None:
            raise self._lacks("report")
        document = self._document({"order": order_document(order), "report": {"remote_id": report.remote_id}})
        content = operation.file(self._wire, document)
        if report.size is not None and len(content) != report.size:
            raise Malformed(
                f"报告应有 {report.size} 字节，来的是 {len(content)}",
                f"the report should have {report.size} bytes, it has {len(content)}",
            )
        if report.sha256 is not None and hashlib.sha256(content).hexdigest() != report.sha256:
            raise Malformed(
                "报告与平台给出的摘要不符", "the report does not fit the digest the platform gave"
            )
        return content

    def _signed(self, message: OrderMessage, seal: Seal | None) -> Sign | None:
        """The envelope around the content as it is sent: header members, signed together with the bytes."""
        header = self._dialect.signature
        if not header or seal is None:
            return None
        members = {
            "aud": self._dialect.province,
            "message_id": message.message_id,
            "booking_id": message.order.id,
            "kind": message.command,
            "sequence": message.sequence,
            "deadline": int(message.deadline.timestamp()),
            "correlation_id": message.correlation_id,
        }
        return lambda content: {header: seal(content, members)}

    def _document(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        return {**facts, "connection": self._site.credentials}

    def _look(self, how: Lookup, document: Mapping[str, Any]) -> tuple[list[Answer], bool, bytes]:
        """Everything the look-up gives, whether something still waits there, and the last answer as received."""
        assert how.operation.answer is not None
        found: list[Answer] = []
        for number in range(1, _MOST_LOOKUP_PAGES + 1):
            extra = {} if how.pages is None else {how.pages[0]: str(number), how.pages[1]: str(how.pages[2])}
            heard = how.operation.question(self._wire, document, extra)
            if heard.verdict.meaning == "absent":
                return found, False, heard.raw
            rows = how.operation.found(heard)
            found += [how.operation.answer(row) for row in rows]
            if how.pages is None or len(rows) < how.pages[2]:
                is_pending = how.pending is not None and bool(how.pending(heard.body))
                return found, is_pending, heard.raw
        raise LimitExceeded(
            f"查询结果超过 {_MOST_LOOKUP_PAGES} 页", f"the look-up has more than {_MOST_LOOKUP_PAGES} pages"
        )

    def _named(self, message: OrderMessage, heard: Heard, kind: AnswerKind) -> Answer:
        """An answer that the return code alone gives."""
        verdict = heard.verdict
        return Answer(
            kind=kind,
            message_id=_digest(self._dialect.province, message.message_id, kind, verdict.words),
            booking_id=message.order.id,
            remote_id=message.order.remote_id,
            at=self._site.pacing.now(),
            reason=verdict.reason,
            text=verdict.text,
            notes=verdict.problems,
            raw=heard.raw,
        )

    @staticmethod
    def _about(answer: Answer, order: BookingOrder) -> Answer:
        """The answer, if it is about this order. Raises `OutcomeUnknown` when it names another."""
        is_ours = answer.booking_id == order.id
        is_theirs = order.remote_id is None or answer.remote_id in (None, order.remote_id)
        if is_ours and is_theirs:
            return answer
        named = answer.booking_id if not is_ours else answer.remote_id
        raise OutcomeUnknown(
            f"平台的答复说的是另一个预约（{named}）",
            f"the platform's answer is about another booking ({named})",
            (
                RecordProblem(
                    "/booking_id",
                    "foreign-answer",
                    "平台的答复说的是另一个预约",
                    "the platform's answer is about another booking",
                    named,
                ),
            ),
        )

    def _lacks(self, capability: str) -> Unsupported:
        return Unsupported(
            f"{self._dialect.province} 的预约接口没有 {capability}",
            f"the booking interface of {self._dialect.province} has no {capability}",
        )


def _is_of(answer: Answer, order: BookingOrder) -> bool:
    """Whether a row is about this order: by our reference, or by the province's number where that one is missing."""
    if answer.booking_id is not None:
        return answer.booking_id == order.id
    return order.remote_id is not None and answer.remote_id == order.remote_id


def _chosen(mine: list[Answer], order: BookingOrder) -> Answer:
    """The row that stands for the booking: the known order, else the first live one. Other live ones are duplicates."""
    live = [answer for answer in mine if answer.kind not in _DEAD]
    known = [answer for answer in mine if order.remote_id is not None and answer.remote_id == order.remote_id]
    chosen = (known or live or mine)[0]
    others = tuple(a.remote_id for a in live if a is not chosen and a.remote_id is not None)
    return replace(chosen, booking_id=chosen.booking_id or order.id, duplicate_ids=others)


def _unproven(found: list[Answer]) -> RecordProblem:
    """Nothing was found where that proves nothing; the orders that were seen are named for the person who looks."""
    seen = [answer.remote_id for answer in found if answer.booking_id is None and answer.remote_id][:20]
    return RecordProblem(
        "/lookup",
        "absence-unproven",
        "没有查到，但该平台的查询不能证明没有；请联系驿站核实",
        "nothing was found, but this platform's look-up cannot prove absence; ask the station",
        seen or None,
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()[:40]
