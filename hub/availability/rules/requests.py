"""Who asks for what: the part of a booking that eligibility and price go by. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from hub.availability.rules.slots import Slot
from hub.core.clock import SHANGHAI

ServiceMode = Literal["machine_time", "entrusted_test", "consultation"]


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom the question is asked.

    An enterprise (`enterprise_id`, with its credit code where it is known) or somebody of an institution
    (`institution_id`). `is_verified`: the enterprise's home is confirmed. `holders` are the names under which trainings
    are certified: the enterprise and the persons who will come. `name` is the principal's, for the record.
    """

    name: str
    enterprise_id: str | None = None
    institution_id: str | None = None
    credit_code: str | None = None
    is_verified: bool = False
    holders: frozenset[str] = field(default_factory=frozenset)

    @property
    def party_id(self) -> str | None:
        """The enterprise or institution that is acted for."""
        return self.enterprise_id or self.institution_id


class Declared(NamedTuple):
    """What the user declares: whether the two sides are related and how, and which exclusions apply."""

    is_related: bool
    relation: str | None = None
    exclusions: frozenset[str] = frozenset()


class Wanted(NamedTuple):
    """One ordered position: by its name in the tariff, or by the number of the service item."""

    position: str | None
    number: int | None
    quantity: int | None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. `direction` is a code of `service_direction`; `test_minutes` the expected time of a test."""

    service_mode: ServiceMode
    slot: Slot | None = None
    wanted: tuple[Wanted, ...] = ()
    samples: int | None = None
    hazards: frozenset[str] = field(default_factory=frozenset)
    direction: str | None = None
    is_statutory: bool = False
    test_minutes: int | None = None
    has_operator: bool = False
    declared: Declared | None = None

    def day(self, now: datetime) -> date:
        """The local date on which the instrument would be used: that of the slot, else today."""
        return (now if self.slot is None else self.slot.start).astimezone(SHANGHAI).date()

    def priced_by(self) -> tuple[object, ...]:
        """What its price follows from: a quote holds for requests that agree in this."""
        return self.service_mode, self.slot, self.wanted, self.samples, self.test_minutes


def read_request(document: Mapping[str, Any]) -> Request:
    """The request in a valid `quote-request` document, or in the `request` of a booking command."""
    purpose = document.get("purpose", {})
    told = document.get("samples", ())
    slot = document.get("slot")
    return Request(
        document["service_mode"],
        None if slot is None else Slot(*(datetime.fromisoformat(slot[name]) for name in ("start", "end"))),
        tuple(
            Wanted(item.get("position"), item.get("number"), item.get("quantity"))
            for item in document.get("items", ())
        ),
        sum(sample["count"] for sample in told) if told else None,
        frozenset(hazard for sample in told for hazard in sample.get("hazards", ())),
        purpose.get("direction"),
        purpose.get("is_statutory", False),
        document.get("test_minutes"),
        document.get("with_operator", False),
        read_declaration(document.get("declaration")),
    )


def read_declaration(told: Mapping[str, Any] | None) -> Declared | None:
    """The declaration of a request or booking; None where nothing was declared."""
    if told is None:
        return None
    return Declared(told["is_related"], told.get("relation"), frozenset(told.get("exclusions", ())))
