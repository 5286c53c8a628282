"""What a province's booking interface promises, whatever its dialect.

The hub tells a province *messages* about an order (submit, cancel, propose, agree, decline) and gets *answers*. The
same `Answer` comes back from a call, a callback, the order feed and a look-up; one handler of the hub meets them all,
in any order and any number of times, so an answer always says whose it is and carries an identity of its own.

Instants are aware, money is integer fen, codes are those of the specification's lists. Native names and native codes
end inside the adapter: a native code without an entry is an `unmapped-code` problem for the worklist, and what it would
have decided stays undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

from adapters.contract.catalogue import Damaged, RecordProblem

ServiceMode = Literal["machine_time", "entrusted_test", "consultation"]
StationCommand = Literal[
    "accept", "reject", "offer", "consent", "object", "receive_samples", "check_in", "no_show", "check_out", "deliver"
]  # fmt: skip
"""What the station did in the hub's portal, as the province that keeps the order is told of it."""

Command = Literal["submit", "cancel", "propose", "agree", "decline", StationCommand]
Capability = Literal[
    "submit", "cancel", "propose", "reply", "lookup", "callback", "feed", "fetch", "availability", "report",
    "signed", StationCommand,  # signed: its requests carry the hub's signature
]  # fmt: skip
Seal = Callable[[bytes, Mapping[str, Any]], str]
"""A detached JWS (RFC 7515 appendix F) by the hub's key over these very bytes, with these members in its header."""

AnswerKind = Literal[
    "received",  # the province has it; a decision follows
    "accepted",
    "rejected",
    "proposed",  # another time, or the same booking on other terms
    "agreed",  # to the time this side proposed
    "declined",
    "cancelled",
    "cancel_refused",
    "samples_received",
    "in_service",
    "no_show",
    "done",
    "report",
    "not_noted",  # it could not write down what the station did in the hub's portal
    "not_found",  # proof of absence: a look-up found nothing, or a command met no such order
    "unclear",  # a native state or code without an entry: nothing may be concluded, see `notes`
]


@dataclass(frozen=True, slots=True)
class NativeKey:
    """An instrument as its province names it: `unit.id` and `internal_number` of the instrument document."""

    unit_id: str
    internal_number: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A time on an instrument, end excluded. Raises `ValueError` when it is naive or does not end after it starts."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.end <= self.start:
            raise ValueError(f"no slot: {self.start} – {self.end}")


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One service item booked. `number` is the item's number on the instrument, None for what is described freely."""

    name: str
    quantity: int
    charging_unit: str
    fee_fen: int | None = None
    number: int | None = None
    method: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class OrderSample:
    """One sample, or several alike. `label` stands on the tube, `hazards` are codes of `sample_hazard`."""

    label: str
    name: str
    count: int = 1
    hazards: tuple[str, ...] = ()
    storage: str = ""
    is_returned: bool = False


@dataclass(frozen=True, slots=True)
class OrderParty:
    """The enterprise that books. `area` is its verified home (GB/T 2260, six digits)."""

    name: str
    credit_code: str
    area: str


@dataclass(frozen=True, slots=True)
class OrderContact:
    """Whom the station may call about this booking; personal data, for the province of the instrument only."""

    name: str
    mobile: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class BookingOrder:
    """A booking as it stands: the facts every message about it may carry.

    `id` is the hub's reference (`bk-…`), under which a province keeps or echoes it; `number` is for people.
    `revision` rises with every change of the booking. `slot` is None for entrusted tests and consultations, `due_on` the
    day a result is wanted, `answer_due` when the station must have answered, `submitted_at` bounds look-ups by time.
    """

    id: str
    number: str
    revision: int
    instrument: NativeKey
    instrument_name: str
    service_mode: ServiceMode
    submitted_at: datetime
    enterprise: OrderParty
    contact: OrderContact
    slot: Slot | None = None
    due_on: date | None = None
    items: tuple[OrderItem, ...] = ()
    samples: tuple[OrderSample, ...] = ()
    purpose: str = ""
    is_statutory: bool = False  # 强制检测 / 法定检测
    fee_fen: int | None = None
    note: str = ""
    answer_due: datetime | None = None
    remote_id: str | None = None


@dataclass(frozen=True, slots=True)
class OrderMessage:
    """One message to a province about an order: the part of the hub's envelope that dialects carry.

    `key` is the client-made idempotency key: stored before the message is first sent, the same on every repeat.
    `message_id`, `sequence` and `correlation_id` are the envelope's; `deadline` is when the hub needs the answer.
    `reason` (code of `booking_reason`) goes with cancel, decline and reject; `slot` with propose and offer (the new time)
    and with agree, decline, consent and object (the time that was proposed), `proposal_id` with these four; `usage` with
    check_out, `report` with deliver.
    """

    command: Command
    order: BookingOrder
    key: str
    message_id: str
    sequence: int
    deadline: datetime
    correlation_id: str
    reason: str | None = None
    note: str = ""
    slot: Slot | None = None
    proposal_id: str | None = None
    usage: UsageFacts | None = None
    report: ReportFacts | None = None


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """A file at the province that proves what was used: code of `usage_evidence`, SHA-256 in lower-case hexadecimal."""

    kind: str
    sha256: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class UsageFacts:
    """What the province says was used: actual times, hours or quantity with its charging unit, its own reckoning, its proofs."""

    started_at: datetime | None = None
    ended_at: datetime | None = None
    hours: float | None = None
    quantity: int | None = None
    charging_unit: str | None = None
    fee_fen: int | None = None
    remote_id: str | None = None
    evidence: tuple[EvidenceFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """A report that lies at the province: what to ask for, and what the bytes must be when they come."""

    remote_id: str
    filename: str
    media_type: str = "application/octet-stream"
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a province says about one order.

    At least one of `booking_id` (our reference, as echoed) and `remote_id` is there. `message_id` is unique in its
    province: the dialect's own, or made from the content, so that the same fact read twice has the same one.
    `sequence` orders the answers about one order where the dialect counts them; otherwise `at` is what there is. `slot`
    is the time the province names (proposed or confirmed), `reason` a code of `booking_reason`. `notes` are problems that
    cost a field or the decision (`unmapped-code`, …); they go to the worklist. `duplicate_ids` are other live orders under
    the same reference, which a look-up met: they want cancelling. `raw` is the answer as received, and `is_signed` says
    that the province's signature over it was verified.
    """

    kind: AnswerKind
    message_id: str
    booking_id: str | None = None
    remote_id: str | None = None
    sequence: int | None = None
    at: datetime | None = None
    slot: Slot | None = None
    proposal_id: str | None = None
    expires_at: datetime | None = None
    reason: str | None = None
    text: str = ""
    usage: UsageFacts | None = None
    report: ReportFacts | None = None
    notes: tuple[RecordProblem, ...] = ()
    duplicate_ids: tuple[str, ...] = ()
    raw: bytes = b""
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """Answers of the order feed and the cursor that resumes AFTER them. `damaged` entries are kept, never skipped."""

    answers: tuple[Answer, ...]
    cursor: str
    is_last: bool
    damaged: tuple[Damaged, ...] = ()


@dataclass(frozen=True, slots=True)
class BusySlot:
    """A reservation at the province. `booking_id` is ours when the hub's own booking holds it."""

    slot: Slot
    booking_id: str | None = None
    remote_id: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteClosure:
    """A time in which nothing can be booked, and what the province says about it."""

    slot: Slot
    text: str = ""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """On one weekday (0 is Monday), in minutes after midnight, Asia/Shanghai; the end is excluded, at most 1440."""

    weekday: int
    start_minute: int
    end_minute: int


@dataclass(frozen=True, slots=True)
class RemoteRules:
    """Booking rules as the province states them; None where it states none."""

    version: str
    opening: tuple[OpeningHours, ...] = ()
    slot_minutes: int | None = None
    min_minutes: int | None = None
    max_minutes: int | None = None
    lead_minutes: int | None = None
    cancel_minutes: int | None = None
    capacity: int | None = None
    needs_training: bool | None = None
    needs_operator: bool | None = None


@dataclass(frozen=True, slots=True)
class TariffLine:
    """One price: per `charging_unit`, for everybody or for one item and condition; integer fen."""

    charging_unit: str
    outside_fen: int
    inside_fen: int | None = None
    item: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class RemoteTariff:
    """Prices of one version. `basis` says whether hours are those reserved or those used."""

    version: str
    valid_from: date | None
    lines: tuple[TariffLine, ...]
    basis: Literal["reserved", "used"] = "reserved"
    minimum_fen: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteAvailability:
    """What a province knows about an instrument between two instants. `as_of` is the province's own time of it."""

    instrument: NativeKey
    busy: tuple[BusySlot, ...]
    closures: tuple[RemoteClosure, ...]
    rules: RemoteRules | None
    tariff: RemoteTariff | None
    as_of: datetime
    notes: tuple[RecordProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file to hand on: the province's own booking sheet (XLSX) or a calendar (ICS)."""

    filename: str
    media_type: str
    content: bytes


class BookingPort(Protocol):
    """A province's booking interface. What is not among `capabilities` raises `Unsupported`.

    Errors of `send`, beside `Unsupported` (nothing was sent):
    `Unreachable`, `Throttled`, `AuthRejected` — surely not acted on; the same message may be sent again.
    `Refused` — surely not acted on, and would be refused again.
    `OutcomeUnknown` — the province may have acted. Only `lookup`, the feed or a signed answer resolves it; sending the
    same message with the same key is safe only where the manifest says `idempotency: native`.
    A refusal in the province's own words is no error but an answer of kind `rejected`.
    """

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    @property
    def settle_seconds(self) -> float:
        """How long after a send a look-up's `not_found` proves nothing yet: the request may still be on its way."""
        ...

    @property
    def cancels_by_number(self) -> bool:
        """Whether a cancellation names the province's own number, so that one order of several can be meant."""
        ...

    def send(self, message: OrderMessage, seal: Seal | None = None) -> Answer:
        """Tell the province, in exactly one attempt; signed by `seal` where the dialect carries a signature (`signed`).

        Needs `submit`, `cancel`, `propose`, (agree, decline) `reply`, or the capability named like the station's command.
        """
        ...

    def lookup(self, order: BookingOrder) -> Answer:
        """What the province holds under our reference now; safe to repeat. Kind `not_found` is proof of absence.

        A province that cannot prove absence says `unclear` with the note `absence-unproven` instead.
        Raises `Unreachable`, `Throttled`, `AuthRejected`, `Refused` or `Malformed`; none of them proves anything.
        """
        ...

    def feed(self, cursor: str | None) -> Iterator[AnswerPage]:
        """Answers since the cursor (None: all the province keeps), to the end; safe to repeat. Raises `AdapterError`."""
        ...

    def read_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Answer, ...]:
        """Answers the province sent by itself. Header names in any case.

        Raises `SignatureInvalid` (wrong, missing, of an unknown key, or too old), `Malformed` or `LimitExceeded`. A
        message that comes twice gives the same `message_id`s: the hub's inbox drops it.
        """
        ...

    def write(self, message: OrderMessage) -> dict[str, Any]:
        """The message in the province's own words, for a province that fetches (`fetch`)."""
        ...

    def availability(self, instrument: NativeKey, start: datetime, end: datetime) -> RemoteAvailability:
        """Reservations, closures, rules and prices; safe to repeat. Raises `AdapterError`."""
        ...

    def report(self, order: BookingOrder, report: ReportFacts) -> bytes:
        """A report's bytes, of the announced size and digest. Raises `AdapterError`; `Malformed` when they differ.

        The whole file is held in memory; the manifest's `report_bytes` bounds it.
        """
        ...
