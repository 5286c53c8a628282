"""What a rule would have said to past orders: read only, before it is published. Old orders keep their version.

Orders are replayed in the order in which they were decided. Each is decided by the new terms as if they had been in force and
their window open. What had been granted stays as it was; what the new rule takes or leaves of it changes what is left for the
orders after it. Compared is what this one programme says, not which of several vouchers is used.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from hub.core.clock import SHANGHAI
from hub.settlement import queries, rules, wire
from hub.settlement.errors.programmes import SimulationSpan
from hub.settlement.models import Hold, OrderRow
from hub.settlement.rules import Decision, Order, Programme, Reason, Standing, Step
from hub.settlement.service.programmes import check_document

MOST_ORDERS = 2_000
"""Orders that are replayed; of more a sample is taken, and it is called one."""
MOST_DAYS = 1_096


@dataclass(frozen=True, slots=True)
class SimulatedOrder:
    """One order, in fen: what the programme said then (`old_version` None: nothing) and what the new terms say."""

    reference: str
    decided_on: date
    fee_fen: int | None
    old_version: int | None
    old_fen: int
    new_fen: int
    old_reasons: tuple[Reason, ...]
    new_reasons: tuple[Reason, ...]
    new_steps: tuple[Step, ...]

    @property
    def difference(self) -> int:
        """How much more the new terms pay."""
        return self.new_fen - self.old_fen


@dataclass(frozen=True, slots=True)
class Simulation:
    """The replay. `found` orders concern the programme's area; `orders` are those that were replayed, by decision."""

    programme_id: str
    since: date
    until: date
    found: int
    orders: tuple[SimulatedOrder, ...]

    @property
    def is_sample(self) -> bool:
        """Whether there were more orders than are replayed at once."""
        return self.found > len(self.orders)

    @property
    def totals(self) -> dict[str, int]:
        """Counts and fen over the orders that were replayed."""
        return {
            "orders": len(self.orders),
            "changed": sum(each.difference != 0 for each in self.orders),
            "more": sum(each.difference > 0 for each in self.orders),
            "less": sum(each.difference < 0 for each in self.orders),
            "newly_paid": sum(each.old_fen == 0 < each.new_fen for each in self.orders),
            "no_longer_paid": sum(each.new_fen == 0 < each.old_fen for each in self.orders),
            "old_fen": sum(each.old_fen for each in self.orders),
            "new_fen": sum(each.new_fen for each in self.orders),
            "difference": sum(each.difference for each in self.orders),
        }

    def most_changed(self, limit: int) -> list[SimulatedOrder]:
        """The orders that change most, the largest difference first."""
        changed = [each for each in self.orders if each.difference]
        return sorted(changed, key=lambda each: (-abs(each.difference), each.reference))[:limit]


def simulate(
    session: Session, document: Mapping[str, Any], since: date, until: date, *, most: int = MOST_ORDERS
) -> Simulation:
    """Replay the orders that were decided from `since` to `until` (days of Shanghai, both included) by these terms.

    Writes nothing. Raises `ProgrammeInvalid`, `SimulationSpan`.
    """
    check_document(document)
    if not since <= until or (until - since).days > MOST_DAYS:
        raise SimulationSpan(MOST_DAYS)
    programme = Programme(0, _as_in_force(document))
    wanted = _wanted(programme, since, until)
    found = session.scalar(select(func.count()).select_from(OrderRow).where(*wanted)) or 0
    rows = session.scalars(_sampled(wanted, most) if found > most else select(OrderRow).where(*wanted)).all()
    released = _released(session, [row.reference for row in rows])
    ordered = sorted(rows, key=lambda row: (row.decided_at, row.reference))
    replay = _Replay(session, programme)
    made = tuple(replay.next(row, released.get(row.reference)) for row in ordered)
    return Simulation(programme.id, since, until, found, made)


class _Replay:
    """The holders' standings as they move along with the new rule."""

    def __init__(self, session: Session, programme: Programme) -> None:
        self._session, self._programme = session, programme
        self._ahead: dict[tuple[str, int], int] = defaultdict(int)
        """Fen that the new rule has taken more than the old one, by whose cap it is and the year."""
        self._going: list[tuple[datetime, tuple[str, int], int]] = []
        """What goes back of it when an order is released: the instant, whose, fen."""
        self._versions: dict[int, Programme | None] = {}

    def next(self, row: OrderRow, released_at: datetime | None) -> SimulatedOrder:
        """The next order by decision; `released_at` is when its last hold was let go, if it came to nothing."""
        self._let_go(row.decided_at)
        order = wire.read_order(row.facts)
        decided = wire.read_decisions(row.decisions)
        sides = (*decided.user, *decided.owner)
        old = next((each for each in sides if each.programme_id == self._programme.id), None)
        new = rules.decide(self._programme, order, self._standing(order, old))
        used = decided.voucher
        is_free = self._programme.kind != "voucher" or used is None or used.programme_id == self._programme.id
        if is_free:
            was = old.fen if old is not None and (old is used or self._programme.kind != "voucher") else 0
            self._take(self._whose(order), new.fen - was)
            if released_at is not None:
                self._going.append((released_at, self._whose(order), was - new.fen))
        return SimulatedOrder(
            row.reference,
            row.decided_at.astimezone(SHANGHAI).date(),
            order.fee_fen,
            None if old is None else old.version,
            0 if old is None else old.fen,
            new.fen,
            () if old is None else old.reasons,
            new.reasons,
            new.steps,
        )

    def _take(self, whose: tuple[str, int], fen: int) -> None:
        self._ahead[whose] += fen
        self._ahead[whose[0], 0] += fen

    def _let_go(self, by: datetime) -> None:
        for each in [each for each in self._going if each[0] < by]:
            self._going.remove(each)
            self._take(each[1], each[2])

    def _whose(self, order: Order) -> tuple[str, int]:
        is_owners = self._programme.kind == "owner_subsidy"
        holder = order.owner or order.owner_area if is_owners else order.holder
        return holder, rules.cap_year(self._programme, order)

    def _standing(self, order: Order, old: Decision | None) -> Standing:
        """As the old decision saw it, moved by what the new rule took differently before."""
        holder, year = self._whose(order)
        steps = {} if old is None else {step.name: step.fen for step in old.steps}
        available = steps.get("available")
        if available is not None:
            available = max(0, available - self._ahead[holder, 0])
        used = self._ahead[holder, year]
        if old is not None and "year" in steps:
            used += self._cap_of(old, order) - steps["year"]
        return Standing(available, max(0, used))

    def _cap_of(self, old: Decision, order: Order) -> int:
        """The year's cap of the version that the order was decided by."""
        if old.version not in self._versions:
            self._versions[old.version] = queries.find_programme(self._session, old.programme_id, old.version)
        held = self._versions[old.version]
        is_owners = self._programme.kind == "owner_subsidy"
        quota = None if held is None else held.quota("institution" if is_owners else order.holder_kind)
        return 0 if quota is None or quota.cap_year_fen is None else quota.cap_year_fen


def _as_in_force(document: Mapping[str, Any]) -> dict[str, Any]:
    """The terms without their dates: as if they had been in force and open for applications all the time."""
    told = {name: value for name, value in document.items() if name != "valid_until"}
    terms = {name: value for name, value in document.get("terms", {}).items() if name != "window"}
    return {**told, "valid_from": "1990-01-01", "terms": terms}


def _wanted(programme: Programme, since: date, until: date) -> tuple[ColumnElement[bool], ...]:
    name = "owner_area" if programme.kind == "owner_subsidy" else "home_area"
    prefix = programme.area
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    place = OrderRow.facts[name].as_string()
    return (
        OrderRow.decided_at >= _instant(since),
        OrderRow.decided_at < _instant(until + timedelta(days=1)),
        place.startswith(prefix, autoescape=True),
    )


def _sampled(wanted: Iterable[ColumnElement[bool]], most: int) -> Select[OrderRow]:
    """Orders by their identifiers, which are random: the same sample every time."""
    return select(OrderRow).where(*wanted).order_by(OrderRow.reference).limit(most)


def _released(session: Session, references: list[str]) -> dict[str, datetime]:
    """When the orders whose last hold was released came to nothing."""
    last: dict[str, datetime | None] = {}
    for start in range(0, len(references), 500):
        mine = select(Hold).where(Hold.reference.in_(references[start : start + 500])).order_by(Hold.number)
        for held in session.scalars(mine):
            last[held.reference] = held.resolved_at if held.state == "released" else None
    return {reference: at for reference, at in last.items() if at is not None}


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
