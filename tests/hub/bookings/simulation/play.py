"""One seed played out: provinces that fail, workers that die, people who act at any moment, under a virtual clock.

The scheduler picks, by the seed, who takes the next step. A worker's claim, mark, call and record are steps of their
own, so that others act in between; a dead worker forgets what it held. After the storm the faults stop, time passes, and
`laws` are asked whether anything was lost, doubled or left behind.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, select, update
from sqlalchemy.orm import aliased

from adapters.contract import Answer, OrderMessage
from adapters.errors import Refused
from hub.availability.models import Calendar, Cell, Claim
from hub.availability.rules import Slot
from hub.bookings import models
from hub.bookings.errors import CommandRefused
from hub.bookings.service import answers, feeding, forwarding, handing, moving, points, preparing, recording
from hub.bookings.service.acting import Actor
from hub.bookings.service.forwarding import Heard, Held
from hub.core.db import UtcDateTime
from hub.core.errors import HubError
from hub.core.outbox import OutboxRow
from hub.core.sequencer import AnnouncedChange
from hub.exchange.models import Conversation, InboxEntry, Receipt, SealedMessage
from hub.notices.models import Notice
from hub.settlement import ledger
from hub.settlement.errors import ShareLower
from hub.settlement.models import Usage
from tests.hub.bookings.jobs import work
from tests.hub.bookings.provinces import Held as Order
from tests.hub.bookings.world import LI, STATION, WAYS, World
from tests.unguarded import unguarded

FAULTS = {
    "native": ("request_lost", "answer_lost", "reset_in_body", "duplicated", "refused_connection"),
    "lookup": (
        "request_lost",
        "answer_lost",
        "reset_in_body",
        "refused_connection",
        "request_delayed",
        *("duplicated",) * 3,
    ),
    "none": ("request_lost", "answer_lost", "refused_connection"),
    "fetch": ("request_lost",),
    "portal": (),
}
KILLS = (
    "after_claim",
    "before_send",
    "after_send_before_mark",
    "after_remote_ack",
    "before_commit",
    "after_commit",
)
STORM_STEPS = 60
QUIET_ROUNDS = 2
SETTLE_ROUNDS = 1_000
"""A message that waits for the platform's number of a proposal looks every 5 s for an hour."""


EARLIER = aliased(models.Delivery)
NEXT = select(
    select(func.min(func.coalesce(models.Delivery.lease_until, models.Delivery.due_at)))
    .where(
        models.Delivery.state.in_(("pending", "unknown")),
        ~exists().where(
            EARLIER.booking_id == models.Delivery.booking_id,
            EARLIER.sequence < models.Delivery.sequence,
            EARLIER.state.in_(("pending", "unknown")),
        ),
    )
    .scalar_subquery(),
    select(func.min(models.Route.open_until))
    .where(models.Route.open_until > bindparam("now", type_=UtcDateTime()))
    .scalar_subquery(),
    select(func.min(models.Booking.timer_at)).scalar_subquery(),
    select(func.min(OutboxRow.due_at))
    .where(OutboxRow.done_at.is_(None), OutboxRow.failed_at.is_(None))
    .scalar_subquery(),
)
"""When the hub acts next: a message is due that is not behind another, a circuit closes, a deadline ends, a job is due."""


class Killed(BaseException):
    """A process died here."""


@dataclass
class Worker:
    """One lane, step by step. `held` and `heard` live in its memory only."""

    name: str
    held: Held | None = None
    is_marked: bool = False
    heard: Heard | None = None

    def forget(self) -> None:
        """It died; another takes its name."""
        self.held, self.is_marked, self.heard = None, False, None
        self.name = f"{self.name}'"[-40:]


@dataclass
class Play:
    """One seed's history over a world."""

    world: World
    seed: int
    count: int = 2
    has_faults: bool = True
    bookings: list[str] = field(default_factory=list)
    mail: list[tuple[str, Answer]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.workers = [Worker("w1"), Worker("w2")]
        self.fault_chance = self.dice.choice((0.0, 0.15, 0.4)) if self.has_faults else 0.0
        self.kill_chance = self.dice.choice((0.0, 0.05, 0.2)) if self.has_faults else 0.0
        self.to_submit = [self._asked() for _ in range(self.count)]
        self.is_storm = True
        for province in self.world.provinces.values():
            province.fault = self._fault_of(province.way)

    def run(self) -> None:
        """The storm, then the calm."""
        recording.seed_jitter(self.seed)
        for _ in range(STORM_STEPS):
            self._step()
        while self.to_submit:
            self._submit()
        self._after_the_storm()
        self._settle()

    def _after_the_storm(self) -> None:
        """Where histories go on before it is calm; see `money`."""

    # --- the storm ---------------------------------------------------------------------------------------------

    def _step(self) -> None:
        chosen: Callable[[], None] = self.dice.choices(
            (
                self._submit, self._work, self._station_at_platform, self._mail, self._enterprise,
                self._station_in_portal, self._fetch, self._feed, self._pass_time, self._late_request, self._timers,
                self._jobs,
            ),
            (8, 36, 16, 16, 8, 8, 4, 3, 9, 3, 3, 3),
        )[0]  # fmt: skip
        chosen()

    def _asked(self) -> tuple[str, dict[str, Any]]:
        """What somebody has on the screen: everybody looks first, so times may meet when they submit."""
        province = self.dice.choice(list(WAYS) if self.count < 3 else ["310000", "520000"])
        slot = self.world.slot(day=3, hour=self.dice.choice((8, 9, 10)))
        return province, self.world.ask(province, slot if self.dice.random() < 0.8 else None)

    def _submit(self) -> None:
        if not self.to_submit:
            return
        province, asked = self.to_submit.pop()
        self.told.add(province)
        try:
            self.bookings.append(self._place(province, asked))
        except HubError as fault:
            self._note(f"submit to {province} refused: {fault.code}")
            return
        self._note(f"submit {self.bookings[-1]} to {province}")

    def _place(self, province: str, asked: dict[str, Any]) -> str:
        """Submit; whose voucher somebody else has taken meanwhile looks again and agrees to what is left."""
        try:
            return self.world.place(province, asked)
        except ShareLower:
            slot = Slot(*(datetime.fromisoformat(asked["slot"][name]) for name in ("start", "end")))
            return self.world.place(province, replace(self.world, quotes=None).ask(province, slot))

    def _work(self) -> None:
        worker = self.dice.choice(self.workers)
        if self.is_storm and self.dice.random() < self.kill_chance:
            self._note(f"{worker.name} killed holding {worker.held and worker.held.kind}")
            worker.forget()
            return
        try:
            self._work_on(worker)
        except Killed:
            self._note(f"{worker.name} killed before its commit")
            worker.forget()

    def _work_on(self, worker: Worker) -> None:
        database, now = self.world.database, self.world.clock()
        known = forwarding.ways(self.world.runtime)
        if worker.held is None:
            found = forwarding.claim_next(database, known, worker.name, now=now)
            worker.held = found if isinstance(found, Held) else None
        elif not worker.is_marked:
            worker.is_marked = forwarding.mark_leaving(database, worker.held, now=now)
            if not worker.is_marked:
                worker.forget()
        elif worker.heard is None:
            worker.heard = forwarding.call(known[worker.held.province], worker.held)
            told = worker.heard.answer.kind if worker.heard.answer else worker.heard.error
            self._note(f"{worker.name} {worker.held.step} {worker.held.kind} → {told}")
        else:
            with points.watched(self._perhaps_die):
                way = known[worker.held.province]
                forwarding.record(database, way, worker.held, worker.heard, now=now)
            worker.held, worker.is_marked, worker.heard = None, False, None

    def _perhaps_die(self, point: str) -> None:
        if self.is_storm and point == "before_commit" and self.dice.random() < self.kill_chance:
            raise Killed

    def _station_at_platform(self) -> None:
        """The platform's own staff decide about an order there."""
        province = self.dice.choice([held for held in self.world.provinces.values() if held.way != "portal"])
        orders = [order for order in province.orders if order.state in {"received", "accepted", "in_service"}]
        if not orders:
            return
        order: Order = self.dice.choice(orders)
        following = {
            "received": ("accepted", "accepted", "accepted", "rejected"),
            "accepted": ("in_service", "cancelled", "accepted"),
            "in_service": ("done",),
        }
        kind = self.dice.choice(following[order.state])
        order.state = {"accepted": "accepted", "rejected": "rejected", "cancelled": "cancelled"}.get(
            kind, kind
        )
        reason = {"rejected": "instrument_down", "cancelled": "force_majeure"}.get(kind)
        self._post(province.code, province.answer(order, kind, reason=reason))

    def _post(self, province: str, answer: Answer) -> None:
        """Into the mail, perhaps twice, perhaps never."""
        chance = self.dice.random()
        copies = 1
        if self.is_storm and chance < self.fault_chance:
            copies = 0 if chance < self.fault_chance / 2 else 2
        self.mail += [(province, answer)] * copies

    def _mail(self) -> None:
        """Deliver one answer, not necessarily the oldest."""
        if not self.mail:
            return
        at = self.dice.randrange(len(self.mail)) if self.is_storm else 0
        province, answer = self.mail.pop(at)
        with self.world.database.write() as session:
            result = answers.apply(session, province, answer, way="callback", now=self.world.clock())
        self._note(f"mail {answer.kind} of {answer.booking_id} → {result.result}")

    def _enterprise(self) -> None:
        """The enterprise cancels, proposes, answers or confirms, whatever is possible."""
        self._command(LI, ("cancel", "agree", "decline", "complete", "propose"))

    def _station_in_portal(self) -> None:
        """The station works in the portal: always where its province has no interface, elsewhere whenever it likes."""
        self._command(
            STATION,
            ("accept", "accept", "reject", "propose", "agree", "decline", "check_in", "check_out"),
            only=self.dice.choice((None, "portal")),
        )

    def _command(self, actor: Actor, commands: tuple[str, ...], *, only: str | None = None) -> None:
        if not self.bookings:
            return
        booking_id = self.dice.choice(self.bookings)
        command = self.dice.choice(commands)
        try:
            with self.world.database.write() as session:
                booking = moving.lock(session, booking_id)
                if only is not None and booking.channel != only:
                    return
                asked = preparing.Asked(
                    session, booking, actor, self._body(session, booking, command), self.world.clock()
                )
                given = preparing.PREPARE[command](asked)
                moving.move(session, booking, command, actor, given, now=self.world.clock())
        except CommandRefused:
            return
        except HubError as fault:
            self._note(f"{command} of {booking_id} refused: {fault.code}")
            return
        self._note(f"{actor.side} {command} {booking_id}")

    def _body(self, session: Any, booking: models.Booking, command: str) -> dict[str, Any]:
        body: dict[str, Any] = {"command": command}
        if command in {"cancel", "reject"}:
            body["reason"] = "plans_changed" if command == "cancel" else "instrument_down"
        if command == "propose":
            slot = self.world.slot(day=self.dice.randrange(10, 20), hour=9)
            body["slot"] = {"start": slot.start.isoformat(), "end": slot.end.isoformat()}
        if command in {"agree", "decline"}:
            found = moving.open_proposal(session, booking)
            body["proposal"] = None if found is None else found.number
        if command == "check_out":
            body["usage"] = {"hours": 2.0}
        return body

    def _fetch(self) -> None:
        """The province that fetches asks for its messages, acts, and answers by callback."""
        code = "340000"
        province = self.world.provinces[code]
        if code not in self.told:
            return
        with self.world.database.write() as session:
            handing.hand_out(session, code, province, after=0, limit=20, now=self.world.clock())
            waiting = session.scalars(
                select(models.Delivery).where(
                    models.Delivery.province == code,
                    models.Delivery.state == "waiting",
                    models.Delivery.sent_at.is_not(None),
                )
            ).all()
            messages = [message_of(session, row) for row in waiting]
        for message in messages:
            if self.is_storm and self.dice.random() < self.fault_chance:
                return  # the platform broke off; what is left is fetched again
            try:
                self._post(code, province.act(message))
            except Refused:  # a platform that fetches says later that it could not note it
                held = province.meant(message.order)
                assert held is not None, "messages of a booking are fetched in their order"
                self._post(code, province.answer(held, "not_noted"))

    def _feed(self) -> None:
        """The order feed of a province that has one is read to its end."""
        if "320000" in self.told:
            feeding.read_feed(self.world.runtime, "320000")

    def _jobs(self) -> None:
        """Whatever durable jobs are due: extra orders are cancelled, reports fetched."""
        done = work(self.world)
        if done:
            self._note(f"jobs {done}")

    def _late_request(self) -> None:
        """A request that was under way for long arrives at last, within what the line allows."""
        for province in self.world.provinces.values():
            while province.delayed:
                with suppress(
                    Refused
                ):  # what it contradicts has happened meanwhile, and nobody hears the refusal
                    province.act(province.delayed.pop(0))

    def _pass_time(self) -> None:
        if any(province.delayed for province in self.world.provinces.values()):
            self._late_request()  # nothing stays under way longer than the pause that follows
        self.world.clock.advance(self.dice.choice((0.5, 1, 3, 8, 20, 60, 600)))

    def _timers(self) -> None:
        self.world.run_timers()

    def _fault_of(self, way: str) -> Callable[[str], str | None]:
        def fault(_kind: str) -> str | None:
            if not self.is_storm or not FAULTS[way] or self.dice.random() >= self.fault_chance:
                return None
            return self.dice.choice(FAULTS[way])

        return fault

    # --- the calm ----------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Faults stop, workers live, time passes until nothing is left to do by itself."""
        self.is_storm = False
        for worker in self.workers:
            if worker.held is not None and worker.heard is None:
                worker.forget()
        quiet = 0
        for _ in range(SETTLE_ROUNDS):
            self._late_request()
            for worker in self.workers:
                while worker.held is not None:
                    self._work_on(worker)
            self.world.forward()
            self._fetch()
            self._feed()
            while self.mail:
                self._mail()
            self._jobs()
            self.world.run_timers()
            self._round()
            # A platform that fetches comes by itself: what was laid out for it in the last round it finds in the next.
            quiet = 0 if self._advance_to_next() else quiet + 1
            if quiet == QUIET_ROUNDS:
                return

    def _round(self) -> None:
        """What else is done in each round of the calm."""

    def _more_times(self) -> list[datetime | None]:
        """When else the hub acts next."""
        return []

    def _advance_to_next(self) -> bool:
        """Move the clock to when the hub acts next; False when it has nothing to wait for."""
        now = self.world.clock()
        with self.world.database.read() as session:
            due, circuits, timer, job = session.execute(NEXT, {"now": now}).one()
        if due is not None and due <= now and circuits is not None:
            due = circuits
        times = [at for at in (due, timer, job, *self._more_times()) if at is not None]
        if not times:
            return False
        self.world.clock.now = max(min(times), now) + timedelta(seconds=0.5)
        return True

    def _note(self, text: str) -> None:
        self.log.append(f"{self.world.clock():%d %H:%M:%S} {text}")


def message_of(session: Any, row: models.Delivery) -> OrderMessage:
    from hub.bookings import wire
    from hub.exchange import service as exchange

    booking = session.get_one(models.Booking, row.booking_id)
    return wire.order_message(exchange.envelope(session, row.message_id), booking.remote_id)


def clear(world: World) -> None:
    """Forget everything but the catalogue and the books, so that the next seed begins like the first."""
    tables = (
        models.Delivery, models.Case, models.Proposal, models.Transition, models.CommandKey, models.Route,
        models.Note, models.Rating, models.Wish, models.Booking, Receipt, SealedMessage, InboxEntry, Conversation,
        Cell, Claim, Calendar, Notice, OutboxRow,
    )  # fmt: skip
    with world.database.write() as session, unguarded(session, "core_change"):
        session.execute(delete(AnnouncedChange).where(AnnouncedChange.topic != ledger.TOPIC))
        for table in tables:
            session.execute(delete(table))
        session.execute(update(Usage).values(timer_at=None))
