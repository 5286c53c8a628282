"""What is held about an instrument's time, as values: claims, conflicts, versions, closures, and what is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from hub.availability.rules.faults import Fault
from hub.availability.rules.lines import Row
from hub.availability.rules.slots import BookingRules, Closure, Slot, Source


@dataclass(frozen=True, slots=True)
class HeldClaim:
    """A claim as it stands. `state` is held, confirmed, external, released or lapsed; `until` is when a held one lapses.

    `proposed` is a time that is held beside `slot` until `proposed_until`. `is_guarded` is false for a reservation of
    the province that met taken cells. `source` is hub, platform or local; `label` is what staff wrote.
    """

    id: str
    instrument_id: str
    state: str
    slot: Slot
    until: datetime | None
    proposed: Slot | None
    proposed_until: datetime | None
    is_guarded: bool
    source: str
    label: str | None


@dataclass(frozen=True, slots=True)
class HeldTraining:
    """A training of an institution: its code, the enterprise or person that had it, and until when it counts."""

    code: str
    holder: str
    valid_until: date | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class HeldConflict:
    """A case for a person: the external claim and those it met when it came. `state` is open or resolved."""

    id: int
    instrument_id: str
    state: str
    claim: HeldClaim
    others: tuple[HeldClaim, ...]
    opened_at: datetime
    resolved_at: datetime | None
    resolution: str | None


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """One version of rules or of a tariff. A tariff that is derived from the catalogue has version 0."""

    instrument_id: str
    version: int
    source: Source
    valid_from: datetime
    made_by: str
    made_at: datetime
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HeldClosure:
    """A closure with its number. `subject` is an instrument or an institution."""

    id: int
    subject: str
    closure: Closure
    note: str | None
    source: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Availability:
    """An instrument's time within a window.

    `free` are ascending, separate intervals into which a slot of the least length fits; every start on the grid
    inside one may be booked. `as_of` is when the taken times were last confirmed, None when nobody has ever told.
    """

    instrument_id: str
    province: str
    window: Slot
    rules: BookingRules
    free: tuple[Slot, ...]
    closures: tuple[HeldClosure, ...]
    next_free: Slot | None
    as_of: datetime | None
    source: Source

    def age_seconds(self, now: datetime) -> int | None:
        """Whole seconds since the taken times were confirmed; None when that is not known."""
        return None if self.as_of is None else max(0, int((now - self.as_of).total_seconds()))


@dataclass(slots=True)
class Taken:
    """What keeping reservations of one instrument did: claims by name, and the conflicts that it opened."""

    added: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    conflicts: list[HeldConflict] = field(default_factory=list)

    @property
    def is_change(self) -> bool:
        """Whether anything is different now."""
        return bool(self.added or self.moved or self.removed)


Mode = Literal["add", "replace"]
"""`add` keeps what is held, `replace` lets go of local reservations on the uploaded days that are not in the upload."""

RowState = Literal["new", "moved", "known", "conflict", "over", "fault"]


@dataclass(frozen=True, slots=True)
class PreviewedRow:
    """One row and what would come of it. `meets` are the claims in its way; `fault` why it is passed over."""

    row: Row
    state: RowState
    instrument_id: str | None = None
    meets: tuple[HeldClaim, ...] = ()
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an upload would do. `released` are local reservations that `replace` lets go of.

    `digest` names exactly this outcome: importing needs it, so that nothing happens that was not shown.
    """

    rows: tuple[PreviewedRow, ...]
    released: tuple[HeldClaim, ...]
    mode: Mode
    digest: str

    @property
    def conflicts(self) -> int:
        """Rows that meet other claims: they are kept, and each opens a case."""
        return sum(row.state == "conflict" for row in self.rows)
