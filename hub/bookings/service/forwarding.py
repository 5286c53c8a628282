"""Bringing messages to provinces: claim, call, record. No transaction is open while a province is called.

Three short transactions a message: the claim takes a lease, the mark says that bytes may leave from now on, the record
writes down what came of it. Whoever takes a message over after a crash therefore knows whether it may have been acted
on; if so, it is only sent again where that is safe (`rules.next_step`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import Integer, bindparam, exists, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from adapters.contract import Answer, BookingPort, Idempotency, OrderMessage, Seal
from adapters.errors import AdapterError, Throttled
from hub.bookings import rules, wire
from hub.bookings.models import Booking, Delivery, Route
from hub.bookings.rules import Step
from hub.bookings.rules.delivering import Waiting
from hub.bookings.service import points, recording, untold
from hub.core.db import Database, UtcDateTime, insert, may_be_forgotten, table_of
from hub.core.runtime import Runtime
from hub.exchange import service as exchange
from hub.exchange.signing import sealer
from hub.federation import rules as federation

_DELIVERY, _ROUTE = table_of(Delivery), table_of(Route)

LEASE_SECONDS = 10.0
"""After this long another worker takes over what a dead one held. A living one prolongs every 3 s."""

CAP = 3
"""Messages to one province under way at once: a slow one keeps few hands busy."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a province's booking interface is spoken to; `port` None: it has none. `seal` is the hub's signature."""

    port: BookingPort | None
    idempotency: Idempotency
    seal: Seal | None = None

    @property
    def can_ask(self) -> bool:
        """Whether the province answers look-ups."""
        return self.port is not None and "lookup" in self.port.capabilities

    @property
    def settle_seconds(self) -> float:
        """For how long after a send a look-up's "not found" proves nothing."""
        return 0.0 if self.port is None else self.port.settle_seconds

    @property
    def is_fetched(self) -> bool:
        """Whether the province fetches its messages from the hub."""
        return self.port is not None and "fetch" in self.port.capabilities


@dataclass(frozen=True, slots=True)
class Held:
    """A message under this worker's lease, and what to do with it. `sent_before`: when an earlier call may have gone out
    whose outcome nobody recorded.
    """

    delivery_id: int
    booking_id: str
    province: str
    kind: str
    fence: int
    step: Step
    message: OrderMessage
    sent_before: datetime | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a call: an answer, or the error of the adapter."""

    answer: Answer | None = None
    error: AdapterError | None = None
    asked: bool = False
    signature: str | None = None


def ways(runtime: Runtime) -> Mapping[str, Way]:
    """Every province's way, by code."""
    own = sealer(runtime.database, runtime.home)

    def seal(payload: bytes, members: Mapping[str, Any]) -> str:
        return own.seal(payload, members, now=runtime.clock())

    return {
        code: Way(adapter.bookings, adapter.manifest.idempotency, seal)
        for code, adapter in runtime.adapters.items()
    }


def forward_next(runtime: Runtime, holder: str, *, cap: int = CAP) -> bool:
    """Bring the next due message on its way; whether there was one. Safe to run in many places at once."""
    known = ways(runtime)
    held = claim_next(runtime.database, known, holder, cap=cap, now=runtime.clock())
    if held is None:
        return False
    if held != "settled":
        carry(runtime, known[held.province], held)
    return True


def carry(runtime: Runtime, way: Way, held: Held) -> None:
    """Mark, call, record: what follows a claim."""
    points.reach("after_claim")
    if way.port is not None and "signed" in way.port.capabilities:
        sealer(runtime.database, runtime.home).ready(runtime.clock())  # without a key nothing is announced
    if not mark_leaving(runtime.database, held, now=runtime.clock()):
        return
    points.reach("before_send")
    heard = call(way, held)
    points.reach("after_send_before_mark" if heard.answer is None else "after_remote_ack")
    record(runtime.database, way, held, heard, now=runtime.clock())


def claim_next(
    database: Database, known: Mapping[str, Way], holder: str, *, cap: int = CAP, now: datetime
) -> Held | Literal["settled"] | None:
    """Lease the next due message that may go: not behind an earlier one of its booking, not to a province that is left
    alone or has `cap` messages under way. "settled": it needed no call. None: nothing is due.
    """
    asked = {"now": now, "cap": cap}
    if database.is_sqlite:  # whoever only looks must not ask for the one lock that writers have
        with database.read() as session:
            if session.scalar(_DUE, asked) is None:
                return None
    with database.write() as session:
        claim = _CLAIM if database.is_sqlite else _CLAIM_LOCKED
        held = {"held_by": holder, "held_until": now + timedelta(seconds=LEASE_SECONDS)}
        claimed = session.scalar(claim, asked | held)
        return None if claimed is None else _plan(session, claimed, known, now)


def mark_leaving(database: Database, held: Held, *, now: datetime) -> bool:
    """From now on the message may have been acted on; False when another worker has taken it over."""
    values: dict[str, Any] = {"lease_until": now + timedelta(seconds=LEASE_SECONDS)}
    if held.step == "send":
        values |= {"sent_at": now, "state": "unknown"}
    with database.write() as session:
        return _set(session, held, **values)


def call(way: Way, held: Held) -> Heard:
    """Speak to the province, once. Holds no transaction and never raises for what the province does."""
    assert way.port is not None, "planned for a province with an interface"
    signed: list[str] = []

    def seal(payload: bytes, members: Mapping[str, Any]) -> str:
        assert way.seal is not None
        signed.append(way.seal(payload, members))
        return signed[-1]

    try:
        if held.step == "ask":
            return Heard(answer=way.port.lookup(held.message.order), asked=True)
        answer = way.port.send(held.message, None if way.seal is None else seal)
        return Heard(answer=answer, signature=next(iter(signed), None))
    except AdapterError as error:
        return Heard(error=error, asked=held.step == "ask", signature=next(iter(signed), None))


def record(database: Database, way: Way, held: Held, heard: Heard, *, now: datetime) -> bool:
    """Write down what came of the call; False when another worker has taken the message over.

    An answer is a fact and is met in any case; only the message's own fate belongs to whoever holds it.
    """
    with database.write() as session:
        booking, found, *circuit = session.execute(_CALLED, {"mine": held.delivery_id}).one()
        delivery = found if found.fence == held.fence else None
        _count(session, held.province, _Circuit(*circuit), heard.error, now)
        if heard.signature is not None:
            exchange.keep_signature(session, held.message.message_id, heard.signature)
        is_ours = heard.answer is None or heard.answer.booking_id in {None, held.booking_id}
        is_clear = heard.answer is not None and not (heard.asked and heard.answer.kind == "unclear")
        if heard.answer is not None and is_ours and is_clear:
            named = replace(heard.answer, booking_id=held.booking_id)
            recording.meet(session, booking, held.kind, named, is_lookup=heard.asked, now=now)
        if delivery is None or delivery.done_at is not None:
            pass  # taken over, or settled by what the answer was met with: its fate is written
        elif not is_ours and heard.answer is not None:
            recording.misnamed(session, booking, delivery, heard.answer, way, now=now)
        elif heard.answer is not None:
            recording.answered(session, booking, delivery, heard, way, now=now)
        elif heard.error is not None:
            recording.failed(
                session,
                booking,
                delivery,
                heard.error,
                way,
                is_lookup=heard.asked,
                sent_before=held.sent_before,
                now=now,
            )
        if delivery is not None:
            delivery.holder = delivery.lease_until = None
        points.reach("before_commit")
    points.reach("after_commit")
    return delivery is not None


def prolong(database: Database, holder: str, *, now: datetime) -> int:
    """Keep everything that this worker holds; how many. Called every 3 s while calls are under way."""
    with database.write() as session:
        kept = session.execute(
            update(Delivery)
            .where(Delivery.holder == holder, Delivery.lease_until.is_not(None))
            .values(lease_until=now + timedelta(seconds=LEASE_SECONDS))
            .returning(Delivery.id)
            .execution_options(synchronize_session=False)
        )
        return len(kept.all())


def _plan(
    session: Session, claimed: int, known: Mapping[str, Way], now: datetime
) -> Held | Literal["settled"]:
    found = session.execute(_CONCERNED, {"mine": claimed}).one()
    delivery: Delivery = found.Delivery
    booking: Booking = found.Booking
    way = known.get(delivery.province, Way(None, "none"))
    if not untold.may_go(session, booking, delivery, way.port, now=now):
        return "settled"
    if way.port is None or way.is_fetched:
        recording.hand_over(session, delivery, has_interface=way.port is not None, now=now)
        return "settled"
    step = rules.next_step(
        Waiting(
            kind=delivery.kind,
            sent_at=delivery.sent_at,
            is_wanted=recording.is_wanted(session, booking, delivery, now),
            idempotency=way.idempotency,
            can_ask=way.can_ask,
        )
    )
    if step == "send" and not _can(way.port, delivery.kind):
        step = "person"
    if step in {"void", "person"}:
        recording.settle(session, delivery, step, now=now)
        return "settled"
    if delivery.sent_at is not None and delivery.kind == "submit" and step == "ask":
        recording.doubt(session, booking, now=now)
    return Held(
        delivery.id,
        booking.id,
        delivery.province,
        delivery.kind,
        delivery.fence,
        step,
        wire.order_message(
            exchange.envelope_of(found), booking.remote_id, untold.proposal_id(session, delivery)
        ),
        delivery.sent_at,
    )


def _can(port: BookingPort, kind: str) -> bool:
    needed = "reply" if kind in {"agree", "decline"} else kind
    return needed in port.capabilities


def _due_query() -> Any:
    """Identifiers of messages that may be taken, the longest due first; built once, asked many times a second."""
    now, cap = bindparam("now", type_=UtcDateTime()), bindparam("cap", type_=Integer())
    # In the statement's text and not as values: only so a database sees that the index of open messages will do.
    is_open: list[Any] = [literal_column("'pending'"), literal_column("'unknown'")]
    mine, earlier, other = _DELIVERY.c, _DELIVERY.alias().c, _DELIVERY.alias().c
    # Grouped by an expression, so that SQLite reads the few leased messages and not all by province.
    full = (
        select(func.min(other.province))
        .where(other.lease_until > now)
        .group_by(other.province.concat(""))
        .having(func.count() >= cap)
    )
    return (
        select(mine.id)
        .where(
            mine.state.in_(is_open),
            mine.due_at <= now,
            or_(mine.lease_until.is_(None), mine.lease_until <= now),
            mine.province.not_in(full),
            mine.province.not_in(select(_ROUTE.c.province).where(_ROUTE.c.open_until > now)),
            ~exists().where(
                earlier.booking_id == mine.booking_id,
                earlier.sequence < mine.sequence,
                earlier.state.in_(is_open),
            ),
        )
        .order_by(mine.due_at, mine.id)
        .limit(1)
    )


def _claim(chosen: Any) -> Any:
    """The claim of what is chosen: a lease, the next fence, one more attempt."""
    return (
        update(_DELIVERY)
        .where(chosen)
        .values(
            holder=bindparam("held_by"),
            lease_until=bindparam("held_until", type_=UtcDateTime()),
            fence=_DELIVERY.c.fence + 1,
            attempts=_DELIVERY.c.attempts + 1,
        )
        .returning(_DELIVERY.c.id)
    )


# The booking, the message about which its province was called, and that province's circuit; the first two locked.
_CALLED = (
    select(Booking, Delivery, _ROUTE.c.failures, _ROUTE.c.open_until)
    .join(Delivery, Delivery.booking_id == Booking.id)
    .outerjoin(_ROUTE, _ROUTE.c.province == Delivery.province)
    .where(Delivery.id == bindparam("mine"))
    .with_for_update(of=(Booking, Delivery))
    .execution_options(populate_existing=True)
)
_DUE = _due_query()
_CLAIM = _claim(_DELIVERY.c.id == _DUE.scalar_subquery())
# A claim that nobody remembers is made again: nothing has left before `mark_leaving`, which waits for the disk.
_CLAIM_LOCKED = _claim(
    may_be_forgotten(_DELIVERY.c.id == _DUE.with_for_update(skip_locked=True, of=_DELIVERY).scalar_subquery())
)
# A message, the booking that it is about, and what was sealed.
_CONCERNED = exchange.with_envelope(
    select(Delivery, Booking)
    .join(Booking, Booking.id == Delivery.booking_id)
    .where(Delivery.id == bindparam("mine")),
    _DELIVERY.c.message_id,
).execution_options(populate_existing=True)


class _Circuit(NamedTuple):
    """A province's circuit as it stands; without `failures` there was no call yet."""

    failures: int | None
    open_until: datetime | None


def _count(
    session: Session, province: str, circuit: _Circuit, error: AdapterError | None, now: datetime
) -> None:
    """Keep the province's circuit: what failed on its side or on the way opens it, an answer closes it."""
    if error is None:
        if circuit == (0, None):
            return
        values: dict[str, Any] = {"failures": 0, "open_until": None, "last_success_at": now}
    elif error.fault == "hub" or error.code == "refused":
        return
    else:
        held = federation.Breaker(circuit.failures or 0, circuit.open_until)
        after = federation.breaker_after_failure(held, now)
        until = after.open_until
        if isinstance(error, Throttled) and error.retry_after is not None:
            until = now + timedelta(seconds=min(max(error.retry_after, 0.5), 3600.0))
        told = {"code": error.code, "zh": error.zh[:500], "en": error.en[:500]}
        values = {"failures": after.failures, "open_until": until, "last_error": told}
    session.execute(
        insert(session, Route)
        .values(province=province, **({"failures": 0, "feed_failures": 0} | values))
        .on_conflict_do_update(index_elements=["province"], set_=values)
    )


def _set(session: Session, held: Held, **values: Any) -> bool:
    told = {f"new_{name}": value for name, value in values.items()}
    mine = {"mine": held.delivery_id, "my_fence": held.fence}
    return session.execute(_change(*sorted(values)), mine | told).first() is not None


@cache
def _change(*names: str) -> Any:
    """Change these columns of a message, while its fence is the caller's."""
    return (
        update(_DELIVERY)
        .where(
            _DELIVERY.c.id == bindparam("mine"),
            _DELIVERY.c.fence == bindparam("my_fence"),
            _DELIVERY.c.done_at.is_(None),
        )
        .values({name: bindparam(f"new_{name}") for name in names})
        .returning(_DELIVERY.c.id)
    )
