"""What follows a served booking, in the same histories: usage that is told late, twice or in other figures, confirmed,
disputed, decided or passed over in silence; an own share that is paid while notifications are lost, repeated or falsified.

After the storm over the order itself the service is rendered in a second one, over the faults of the first. In the calm the
payment provider tells what it owes, both provinces decide what is open, and time passes. `money_laws` judge what is left.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx
import orjson
from sqlalchemy import delete, func, select

from adapters.contract import UsageFacts
from adapters.simulators.cashier import Cashier
from hub.bookings.models import Booking
from hub.bookings.service import usage_pushing, usages
from hub.core.db import Database
from hub.core.errors import HubError
from hub.core.runtime import Runtime
from hub.identity.models import Party
from hub.identity.rules import Principal
from hub.identity.service import enterprises
from hub.notices.models import Contact
from hub.notices.models import Delivery as NoticeDelivery
from hub.settlement.channels import BankTransfer, OnlineChannel, OnlineTerms
from hub.settlement.models import Attempt, Refund, Usage
from hub.settlement.queries import usage as usage_queries
from hub.settlement.service import order_forms, payments
from tests.hub.bookings.simulation.play import Play
from tests.hub.bookings.world import LI, PARTY, STATION, institution_id

ENTERPRISE = Principal("account", LI.name, "李", "enterprise_manager", None, "p-li", PARTY.id)
SERVED = ("service_done", "report_delivered", "completed")
SERVICE_STEPS = 70
HOURS = (1.5, 2.0, 2.0, 2.5)
MISCHIEF = (
    "unavailable", "lose_answer", "lose_notification", "repeat_notification", "delay_notification",
    "notify_other_amount", "receive_other_amount", "forge_notification", "notify_closed_after_paid", "refund_slowly",
)  # fmt: skip


def furnish_people(database: Database, now: datetime) -> None:
    """The enterprise with its verified home, as identity knows it: once for a database."""
    with database.write() as session:
        session.add(
            Party(
                id=PARTY.id, kind="enterprise", name=PARTY.name, credit_code=PARTY.credit_code, created_at=now
            )
        )
        session.flush()
        home = enterprises.Verified(PARTY.area, "某路 1 号", "register_document", "system:test")
        enterprises.set_home(session, PARTY.id, home, now=now)


def owner_of(province: str) -> Principal:
    """Who manages the institution that serves in the province."""
    role, party = "institution_manager", institution_id(province)
    return Principal("account", f"account:owner-{province}", "王", role, None, f"p-owner-{province}", party)


def office_of(province: str) -> Principal:
    """A member of the province's staff."""
    return Principal(
        "account", f"account:office-{province}", "办", "province_staff", province, f"p-o-{province}"
    )


def platform_of(province: str) -> Principal:
    """The province's platform where it tells usage."""
    name = f"platform:{province}"
    return Principal("platform", name, "平台", "platform", province, scopes=("usage",))


@dataclass
class MoneyPlay(Play):
    """One seed's history, and how its bookings are paid for. Notices have a second channel in two of three."""

    cashier: Cashier = field(init=False)
    runtime: Runtime = field(init=False)
    commands: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.cashier = Cashier(
            "https://pay.test", clock=lambda: self.world.clock().timestamp(), deliver=self._take_notification
        )
        terms = OnlineTerms(**self.cashier.terms())
        online = OnlineChannel(terms, lambda: httpx.Client(transport=httpx.MockTransport(self._carry)))
        channels = {"bank_transfer": BankTransfer(), "online": online}
        self.runtime = replace(self.world.runtime, payment_channels=channels)
        # Else silence never confirms: nobody could be told by two channels.
        if random.Random(f"mail {self.seed}").random() < 0.7:
            with self.world.database.write() as session:
                now = self.world.clock()
                session.add(
                    Contact(recipient=LI.name, channel="mail", address="li@example.org", changed_at=now)
                )

    def leave(self) -> None:
        """Let the next seed begin like the first; what money leaves behind stays and is judged with everything after it."""
        with self.world.database.write() as session:
            session.execute(delete(Contact))
            session.execute(delete(NoticeDelivery))

    # --- the second storm ------------------------------------------------------------------------------------------

    def _after_the_storm(self) -> None:
        for _ in range(SERVICE_STEPS):
            chosen: Callable[[], None] = self.dice.choices(
                (
                    self._work, self._mail, self._fetch, self._feed, self._jobs, self._timers, self._enterprise,
                    self._serve_at_platform, self._serve_in_portal, self._pass_days, self._push, self._say,
                    self._provide, self._decide, self._complete, self._pay, self._at_the_cashier, self._find_transfer,
                    self._by_the_clock,
                ),
                (24, 14, 4, 3, 4, 2, 1, 14, 14, 4, 8, 5, 3, 6, 3, 8, 8, 4, 6),
            )[0]  # fmt: skip
            chosen()

    def _serve_at_platform(self) -> None:
        """The platform's own staff go on with an order, and say or do not say what was used."""
        following = {"received": "accepted", "accepted": "in_service", "in_service": "done"}
        held = [
            (province, order)
            for province in self.world.provinces.values()
            if province.way != "portal"
            for order in province.orders
            if order.state in following
        ]
        if not held:
            return
        province, order = self.dice.choice(held)
        order.state = following[order.state]
        now = self.world.clock()
        used = None
        if order.state == "done" and self.dice.random() < 0.8:
            used = UsageFacts(now, now, hours=self.dice.choice(HOURS))
        self._post(province.code, province.answer(order, order.state, usage=used))  # type: ignore[arg-type]

    def _serve_in_portal(self) -> None:
        self._command(STATION, ("accept", "check_in", "check_out", "check_out", "mark_paid"))

    def _body(self, session: Any, booking: Booking, command: str) -> dict[str, Any]:
        body = super()._body(session, booking, command)
        return {**body, "usage": {"hours": self.dice.choice(HOURS)}} if command == "check_out" else body

    def _pass_days(self) -> None:
        self._late_request()
        self.world.clock.advance(self.dice.choice((3_600, 43_200, 86_400, 3 * 86_400)))

    def _push(self) -> None:
        """The platform tells usage under one of few numbers: late, twice, or in other figures under the same number."""
        booking = self._some_booking("in_service", *SERVED)
        if booking is None:
            return
        number = f"{booking.id[:12]}-{self.dice.randrange(3)}"
        told = {
            "source": "platform", "external_id": number, "reference": booking.id,
            "used": {"hours": self.dice.choice(HOURS)},
        }  # fmt: skip
        self._try(
            f"push {number}",
            lambda session: usage_pushing.push(
                session, platform_of(booking.province), told, now=self.world.clock()
            ),
        )

    def _say(self) -> None:
        """The enterprise confirms, or does not agree."""
        if self.dice.random() < 0.5:
            self._about_usage("confirm", lambda _usage: ENTERPRISE)
        else:
            self._about_usage("dispute", lambda _usage: ENTERPRISE, reason="idle_charged")

    def _provide(self) -> None:
        """Who served amends, or charges nothing after all."""
        command = self.dice.choice(("amend", "amend", "amend", "waive"))
        reason = "entry_error" if command == "amend" else "goodwill"
        more = {"used": {"hours": self.dice.choice(HOURS)}} if command == "amend" else {}
        self._about_usage(command, lambda usage: owner_of(usage.visited), reason=reason, **more)

    def _decide(self) -> None:
        """One of the two provinces decides; that the other says the same is up to it."""
        at_home = self.dice.random() < 0.5
        outcome = self.dice.choice(("uphold", "uphold", "amend", "waive"))
        self._say_decision(at_home, outcome)

    def _say_decision(self, at_home: bool, outcome: str, only: str | None = None) -> None:
        reason = {"uphold": "evidence_supports", "amend": "evidence_against", "waive": "service_defective"}
        more: dict[str, Any] = {"used": {"hours": 1.5}} if outcome == "amend" else {}
        self._about_usage(
            "decide",
            lambda usage: office_of(usage.home if at_home else usage.visited),
            only,
            outcome=outcome,
            reason=reason[outcome],
            **more,
        )

    def _complete(self) -> None:
        self._command(LI, ("complete", "confirm_fee"))

    def _pay(self) -> None:
        """The enterprise begins to pay; a process may die between the stored try and the channel."""
        booking = self._some_booking("no_show", *SERVED)
        if booking is None:
            return
        payment, channel = (
            payments.payment_id_of(booking.id),
            self.dice.choice(("online", "online", "bank_transfer")),
        )
        with self.world.database.read() as session:
            form = order_forms.current(session, booking.id)
        sha256 = None if form is None else form.document.sha256
        try:
            if self.dice.random() < self.kill_chance:
                with self.world.database.write() as session:
                    payments.store(
                        session, ENTERPRISE, payment, channel, form_sha256=sha256, now=self.world.clock()
                    )
            else:
                payments.start(self.runtime, ENTERPRISE, payment, channel, form_sha256=sha256)
        except HubError as refused:
            self._note(f"pay {booking.id} by {channel} refused: {refused.code}")
            return
        self._note(f"pay {booking.id} by {channel}")

    def _at_the_cashier(self) -> None:
        """The payer pays or turns back, and the provider misbehaves as it likes."""
        self.cashier.mischief = (
            {self.dice.choice(MISCHIEF)} if self.dice.random() < max(self.fault_chance, 0.2) else set()
        )
        waiting = [name for name, order in self.cashier.orders.items() if order["state"] == "open"]
        if self.cashier.late and self.dice.random() < 0.3:
            self.cashier.deliver_late()
        elif waiting:
            name = self.dice.choice(waiting)
            act = self.cashier.pay if self.dice.random() < 0.8 else self.cashier.give_up
            self._note(f"cashier {act.__name__} {name} {sorted(self.cashier.mischief)}")
            act(name)

    def _find_transfer(self) -> None:
        """The institution finds a transfer on its account, another amount than was asked for, or nothing."""
        with self.world.database.read() as session:
            mine = select(Attempt).where(
                Attempt.channel == "bank_transfer", Attempt.state.in_(("open", "submitted", "withdrawn"))
            )
            held = session.scalars(mine).all()
            bookings = {payments.payment_id_of(name): name for name in self.bookings}
        order = {
            payment: place for place, payment in enumerate(bookings)
        }  # identifiers differ from run to run
        held = sorted(
            (each for each in held if each.payment_id in order),
            key=lambda each: (order[each.payment_id], each.number),
        )
        if not held:
            return
        attempt, chance, now = self.dice.choice(held), self.dice.random(), self.world.clock()
        with self.world.database.read() as session:
            owner = owner_of(session.get_one(Booking, bookings[attempt.payment_id]).province)
        acts: tuple[Callable[[Any], object], ...] = (
            lambda session: payments.confirm(session, owner, attempt.id, attempt.fen, now=now),
            lambda session: payments.confirm(session, owner, attempt.id, attempt.fen + 1, now=now),
            lambda session: payments.withdraw(session, ENTERPRISE, attempt.id, now=now),
        )
        number = 0 if chance < 0.6 else 1 if chance < 0.8 else 2
        self._try(f"transfer {number} of {attempt.payment_id}", acts[number])

    def _by_the_clock(self) -> None:
        payments.run_due(self.runtime)
        usages.run_due(self.world.database, now=self.world.clock())

    # --- the calm --------------------------------------------------------------------------------------------------

    def _round(self) -> None:
        self.cashier.mischief = set()
        self.cashier.deliver_late()
        self._by_the_clock()
        with self.world.database.read() as session:
            mine = select(Usage.reference, Usage.state).where(Usage.reference.in_(self.bookings))
            waiting = session.execute(mine.where(Usage.state.in_(("submitted", "disputed")))).all()
            manual = session.execute(
                select(Refund.payment_id, Refund.number, Attempt.id)
                .join(Attempt, Attempt.id == Refund.attempt_id)
                .where(Refund.state == "manual")
            ).all()
        for reference, state in waiting:
            if state == "disputed":
                for at_home in (False, True):
                    self._say_decision(at_home, "uphold", reference)
            else:  # whom no second channel reaches is never taken to agree: it is referred when the time is over
                self._about_usage(
                    "refer", lambda usage: owner_of(usage.visited), reference, reason="unreachable"
                )
        names = {payments.payment_id_of(name): name for name in self.bookings}
        for payment_id, number, _ in manual:
            if payment_id in names:
                owner = owner_of(self.world.booking(names[payment_id]).province)
                now = self.world.clock()
                self._try(
                    f"refund {number} of {payment_id}",
                    lambda session, payment=payment_id, number=number, owner=owner, now=now: (
                        payments.confirm_refund(session, owner, payment, number, now=now)
                    ),
                )

    def _more_times(self) -> list[datetime | None]:
        with self.world.database.read() as session:
            return [
                session.scalar(select(func.min(Usage.timer_at)).where(Usage.reference.in_(self.bookings))),
                session.scalar(select(func.min(Attempt.ask_at))),
                session.scalar(select(func.min(Refund.try_at))),
            ]

    # --- inside ----------------------------------------------------------------------------------------------------

    def _some_booking(self, *states: str) -> Booking | None:
        """A booking, mostly one in these states."""
        if not self.bookings:
            return None
        with self.world.database.read() as session:
            every = session.scalars(select(Booking).where(Booking.id.in_(self.bookings))).all()
        fit = [each for each in every if each.state in states]
        if not fit and self.dice.random() < 0.9:
            return None
        return self.dice.choice(sorted(fit or every, key=lambda each: self.bookings.index(each.id)))

    def _about_usage(
        self, command: str, who: Callable[[Usage], Principal], only: str | None = None, **body: Any
    ) -> None:
        """A command on the service's usage of some booking, where there is one."""
        if not self.bookings:
            return
        reference = only or self.dice.choice(self.bookings)
        with self.world.database.read() as session:
            usage = usage_queries.find_of_order(session, reference, "service")
        if usage is None:
            return
        self.commands += 1
        key = f"key-{self.seed}-{self.commands:04}-of-{reference[-12:]}"
        self._try(
            f"{command} usage of {reference} {body.get('outcome', '')}",
            lambda session: usages.carry_out(
                session, who(usage), usage.id, command, {"command": command, **body},
                key=key, revision=usage.revision, now=self.world.clock(),
            ),
        )  # fmt: skip

    def _try(self, what: str, act: Callable[[Any], object]) -> None:
        """In a transaction of its own; a refusal is noted and changes nothing."""
        try:
            with self.world.database.write() as session:
                act(session)
        except HubError as refused:
            self._note(f"{what} refused: {refused.code}")
            return
        self._note(what)

    def _carry(self, request: httpx.Request) -> httpx.Response:
        content = orjson.loads(request.content) if request.content else None
        told = request.headers.get("authorization", "")
        status, body = self.cashier.answer(request.method, request.url.path, content, told)
        return httpx.Response(status, json=body)

    def _take_notification(self, address: str, headers: dict[str, str], body: bytes) -> bool:
        """Over a line that loses and repeats like that of the provinces."""
        small = {name.lower(): value for name, value in headers.items()}
        if self.is_storm and self.dice.random() < self.fault_chance:
            if self.dice.random() < 0.5:
                return False
            with suppress(HubError):
                payments.take(self.runtime, "online", small, body)
        try:
            payments.take(self.runtime, "online", small, body)
        except HubError as refused:
            self._note(f"notification refused: {refused.code}")
            return False
        return True
