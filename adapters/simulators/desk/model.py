"""What a platform knows about an order, in natural terms and in no dialect.

Instants are aware, money is fen. States and reasons are plain words that every dialect translates into its own codes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

PENDING, ACCEPTED, REJECTED, PROPOSED, CANCELLED = "pending", "accepted", "rejected", "proposed", "cancelled"
SAMPLES, IN_SERVICE, NO_SHOW, DONE, REPORTED = "samples", "in_service", "no_show", "done", "reported"
LIVE = (PENDING, ACCEPTED, PROPOSED, SAMPLES, IN_SERVICE, DONE, REPORTED)
OPEN = (PENDING, ACCEPTED, PROPOSED)  # what may still be cancelled or moved

# Why a platform or its staff say no.
OCCUPIED, CLOSED, OUTSIDE, PAST = "occupied", "closed", "outside", "past"
UNKNOWN, NOT_SHARED, BROKEN, UNFIT = "unknown", "not_shared", "broken", "unfit"
NO_OPERATOR, INCOMPLETE, BEGUN, NO_SUCH_ORDER = "no_operator", "incomplete", "begun", "no_such_order"
NO_PROPOSAL = "no_proposal"

MACHINE, TEST, ADVICE = "自主上机", "委托检测", "技术咨询"

BY_PLATFORM, BY_CLIENT = "platform", "client"
AGREED, DECLINED = "agreed", "declined"
CREATED, RETURNED, FAILED = "created", "returned", "failed"
RUN_LOG, SENSOR_LOG, SIGNED_SHEET, PHOTO = "run_log", "sensor_log", "signed_sheet", "photo"
OFFERED, CONSENTED, OBJECTED = "offered", "consented", "objected"  # the station, by the hub's portal


class Declined(Exception):
    """The platform says no: the reason in this module's words, and what it adds for a person."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(f"{reason}: {words}")
        self.reason, self.words = reason, words


@dataclass(frozen=True, slots=True)
class Period:
    """A time on an instrument, end excluded."""

    start: datetime
    end: datetime

    def overlaps(self, other: Period) -> bool:
        """Whether the two share a moment."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client asks for: under which reference of its own, on which instrument, how and when."""

    reference: str
    instrument: str
    mode: str
    period: Period | None
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another time, put forward by one side. `outcome` is empty as long as the other side has not decided."""

    number: str
    by: str
    period: Period
    until: datetime
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that the platform keeps to prove a use: a log (`RUN_LOG`), a signed sheet, a photograph."""

    kind: str
    name: str
    sha256: str


def run_log(number: str) -> Proof:
    """The instrument's log of a use; synthetic, so that it needs no store."""
    content = f"运行日志（合成） {number}\n".encode()
    return Proof(RUN_LOG, f"运行日志-{number}.log", hashlib.sha256(content).hexdigest())


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used, as staff wrote it down, and what proves it."""

    number: str
    start: datetime
    end: datetime
    hours: float
    fee_fen: int
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report. Its bytes are made from its number, so that they need no store.

    One that lies at the client has the `digest` that the client told; its bytes are not here.
    """

    number: str
    name: str
    digest: str = ""

    @property
    def content(self) -> bytes:
        """A small PDF-like document; synthetic."""
        return f"%PDF-1.4\n% 检测报告（合成） {self.number}\n%%EOF\n".encode()

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the bytes."""
        return self.digest or hashlib.sha256(self.content).hexdigest()

    @property
    def size(self) -> int | None:
        """Bytes; None for a report that lies at the client."""
        return None if self.digest else len(self.content)


@dataclass(frozen=True, slots=True)
class Step:
    """Something the station did in the hub's portal: the state it leads to, or what it said about a proposal.

    `report` goes with a report that it uploaded there.
    """

    what: str
    reason: str = ""
    words: str = ""
    period: Period | None = None
    hours: float | None = None
    fee_fen: int = 0
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands; every change makes another one with the next version.

    `reference` is the hub's, as it was given. `proposal` is the latest one, also after it was decided. `instrument` is the
    world's key. `facts` is the request in the platform's
    own words: parties, items, samples, and what else its dialect carries.
    """

    number: str
    reference: str
    instrument: str
    mode: str
    period: Period | None
    facts: dict[str, Any]
    created: datetime
    updated: datetime
    state: str = PENDING
    before: str = PENDING  # the state a proposal that comes to nothing falls back to
    version: int = 1
    reason: str = ""
    words: str = ""
    proposal: Proposal | None = None
    usage: Usage | None = None
    report: Report | None = None

    @property
    def is_live(self) -> bool:
        """Whether it still binds anybody."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing the platform tells: the order as it stood then, and what had happened to it.

    `position` rises in the order of telling; `message` names the happening and is the same when it is told twice.
    `what` is the state that was reached, or `created`, `agreed` and `declined` (by the platform), `returned` (the client
    declined) or `failed <action>` (nothing changed, the order says why). `reference` is the one that is told: not the
    order's own when the platform mixes up its bookings.
    """

    position: int
    message: str
    what: str
    at: datetime
    order: Order
    reference: str
