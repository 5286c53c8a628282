"""What a province's settlement face promises: how it receives what is to be paid, says what it paid, and hands allotments.

A *paper* is a document that the hub has issued (a payment list, a statement). It is handed over once; an outcome that is
not known is only ever asked about. Redemptions come back line by line, by any way and any number of times, so each says
whose paper and line it is about and carries an identity of its own. Money is integer fen, instants are aware, codes are
those of the specification's lists; native names and codes end inside the adapter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from adapters.contract.bookings import Seal, Sheet
from adapters.contract.catalogue import Damaged, RecordProblem

SettlementKind = Literal["rest", "soap", "drop", "api"]
"""`rest` and `soap`: the hub calls the platform. `drop`: signed files, in a folder or through the portal. `api`: the
platform reads the hub's own interface, or staff use the portal."""

SettlementCapability = Literal[
    "hand_over", "statement", "lookup", "results", "files", "allotments", "reply", "figures",
]  # fmt: skip
PaperKind = Literal["payment-list", "statement"]


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One line to pay: `id` is the hub's name of it, unique within its list."""

    id: str
    fen: int
    payee_name: str = ""
    payee_code: str | None = None
    bank: str | None = None
    account: str | None = None
    order_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SettlementPaper:
    """A document to hand over. `id` is the hub's (`<series>/<number>`), `sha256` that of its canonical form.

    `payer_area` and `programme_id` are those of a payment list, `visited` and `home` the provinces of a statement.
    """

    kind: PaperKind
    id: str
    number: int
    sha256: str
    issued_at: datetime
    total_fen: int
    period: str = ""
    payer_area: str | None = None
    programme_id: str | None = None
    visited: str | None = None
    home: str | None = None
    lines: tuple[PaymentLine, ...] = ()


@dataclass(frozen=True, slots=True)
class HandOver:
    """One paper on its way. The members are those of the hub's envelope; `key` is the same on every repeat."""

    paper: SettlementPaper
    key: str
    message_id: str
    sequence: int
    deadline: datetime
    correlation_id: str


ReceiptKind = Literal[
    "received",
    "refused",  # understood and not taken, in business words
    "not_found",  # proof of absence, `settle_seconds` after the send
    "mismatch",  # the province holds something else under the paper's name
]


@dataclass(frozen=True, slots=True)
class PaperReceipt:
    """What a province says of a paper. `message_id` is unique in its province, `sha256` what it says it holds.

    `duplicate_ids` are other lists that it holds under the same name: each would be paid again.
    """

    kind: ReceiptKind
    message_id: str
    paper_id: str
    remote_id: str | None = None
    sha256: str | None = None
    at: datetime | None = None
    text: str = ""
    notes: tuple[RecordProblem, ...] = ()
    duplicate_ids: tuple[str, ...] = ()
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Redemption:
    """What became of one line. `kind` is unclear for a native state without an entry: nothing may be concluded.

    `reason` is a code of `bounce_reason`; `proof` is the bank's or the system's reference of the payment. `message_id`
    is unique in its province and follows from the content where the dialect has none, so that the same fact read twice
    has the same one.
    """

    kind: Literal["paid", "bounced", "unclear"]
    message_id: str
    paper_id: str | None
    line_id: str | None
    fen: int | None = None
    paid_on: date | None = None
    proof: str | None = None
    reason: str | None = None
    text: str = ""
    at: datetime | None = None
    notes: tuple[RecordProblem, ...] = ()
    raw: bytes = b""
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class RedemptionPage:
    """Redemptions and the cursor that resumes AFTER them."""

    redemptions: tuple[Redemption, ...]
    cursor: str
    is_last: bool
    damaged: tuple[Damaged, ...] = ()


@dataclass(frozen=True, slots=True)
class AllotmentWord:
    """What the home system says of one allotment: how much in all, for whom (credit code), until when.

    `revision` is its own count of changes. Lowering and taking back (0) are the same word with a higher revision.
    """

    id: str
    programme_id: str
    holder_code: str
    fen: int
    valid_until: date
    revision: int
    message_id: str
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class AllotmentReply:
    """The hub's answer from its own ledger, in fen. `allotted` = left + held + captured; `wanted` is what was asked for.

    `outcome`: done; partly (the rest is held or used); stale (a newer revision is known); refused, with code and words.
    """

    id: str
    revision: int
    outcome: Literal["done", "partly", "stale", "refused"]
    wanted: int
    allotted: int = 0
    left: int = 0
    held: int = 0
    captured: int = 0
    code: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class AllotmentFigures:
    """The home system's own figures, in fen; None where it keeps none. Of one allotment, or of all of a programme (no `id`)."""

    id: str | None
    programme_id: str | None
    allotted: int
    held: int | None = None
    captured: int | None = None
    redeemed: int | None = None
    revision: int | None = None


class SettlementPort(Protocol):
    """A province's settlement face. What it lacks raises `Unsupported` before anything is sent."""

    @property
    def kind(self) -> SettlementKind: ...

    @property
    def capabilities(self) -> frozenset[SettlementCapability]: ...

    @property
    def settle_seconds(self) -> float:
        """For how long after a send `not_found` proves nothing."""
        ...

    @property
    def idempotent(self) -> bool:
        """Whether the same paper again is harmless."""
        ...

    def hand_over(self, message: HandOver, seal: Seal | None = None) -> PaperReceipt:
        """One attempt. Raises what surely was not done (`Unreachable`, `Throttled`, `AuthRejected`, `Refused`) or
        `OutcomeUnknown`.
        """
        ...

    def lookup(self, paper: SettlementPaper) -> PaperReceipt:
        """What the province holds under the paper's name; `mismatch` when it is another content. Raises `AdapterError`."""
        ...

    def results(self, cursor: str | None) -> Iterator[RedemptionPage]:
        """Redemptions since a cursor. Raises `AdapterError`."""
        ...

    def files(self, message: HandOver, seal: Seal | None = None) -> tuple[Sheet, ...]:
        """The paper as the province's own signed file, and its detached signature. The same paper gives the same bytes."""
        ...

    def read_file(
        self, content: bytes, filename: str, signature: str | None = None
    ) -> tuple[Redemption, ...]:
        """Redemptions of a result file. With `signature` it is verified first (`SignatureInvalid`). Raises `Malformed`."""
        ...

    def allotments(self) -> tuple[AllotmentWord, ...]:
        """Words that the home system wants answered. Raises `AdapterError`."""
        ...

    def reply(self, reply: AllotmentReply) -> None:
        """Tell the home system the answer; safe to repeat. Raises `AdapterError`."""
        ...

    def figures(self) -> tuple[AllotmentFigures, ...]:
        """The home system's own figures of all its allotments. Raises `AdapterError`."""
        ...

    @property
    def programmes(self) -> Mapping[str, str]:
        """The dialect's names of programmes → identifiers of the specification."""
        ...
