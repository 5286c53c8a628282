"""One order's own share: an enterprise, an institution, a station, and an online payment provider that may misbehave."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from adapters.simulators.cashier import Cashier
from hub.core.clock import SHANGHAI
from hub.core.db import Database
from hub.core.errors import HubError
from hub.core.runtime import Runtime
from hub.identity.rules import Principal
from hub.settlement import ledger
from hub.settlement.channels import BankTransfer, OnlineChannel, OnlineTerms
from hub.settlement.ledger import Account
from hub.settlement.models import Attempt, Payment, PaymentEvent, Refund
from hub.settlement.service import payments
from hub.settlement.service.payments import Owed, Started
from tests.virtual_clock import VirtualClock

REFERENCE = "bk-aaaaaaaaaaaaaaaaaaaaaaaaaa"
PAYMENT = payments.payment_id_of(REFERENCE)
NAME, CREDIT_CODE = "嘉兴某新材料有限公司（虚构）", "91330400MA28A3B078"


def principal(name: str, role: str, party: str | None, province: str | None = None, **more: Any) -> Principal:
    return Principal("account", f"account:{name}", name, role, province, f"p-{name}", party, **more)


LI = principal("li", "enterprise_manager", "en-jiaxing")
OWNER = principal("owner", "institution_manager", "31-u-aaaaaaaaaaaa")
STATION = principal("station", "station_staff", "op-31", "310000")
STRANGER = principal("stranger", "enterprise_manager", "en-other")
ADMIN = principal("admin", "hub_admin", None)


@dataclass
class World:
    """The hub with its channels under one clock; notifications reach it at once unless the provider misbehaves."""

    database: Database
    clock: VirtualClock
    home: Path
    cashier: Cashier = field(init=False)
    runtime: Runtime = field(init=False)
    answers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cashier = Cashier(
            "https://pay.test", clock=lambda: self.clock().timestamp(), deliver=self._deliver
        )
        terms = OnlineTerms(**self.cashier.terms())
        online = OnlineChannel(terms, lambda: httpx.Client(transport=httpx.MockTransport(self._carry)))
        channels = {"bank_transfer": BankTransfer(), "online": online}
        self.runtime = Runtime(
            home=self.home, database=self.database, clock=self.clock, payment_channels=channels
        )

    def _carry(self, request: httpx.Request) -> httpx.Response:
        import orjson

        content = orjson.loads(request.content) if request.content else None
        told = request.headers.get("authorization", "")
        status, body = self.cashier.answer(request.method, request.url.path, content, told)
        return httpx.Response(status, json=body)

    def _deliver(self, address: str, headers: dict[str, str], body: bytes) -> bool:
        assert address.endswith("/api/v1/payment-notifications/online")
        return self.notify(headers, body) in {"applied", "repeated"}

    def notify(self, headers: dict[str, str], body: bytes) -> str:
        """What the hub answers to a notification: what came of it, or the refusal's code."""
        small = {name.lower(): value for name, value in headers.items()}
        try:
            came = payments.take(self.runtime, "online", small, body)
        except HubError as refused:
            came = refused.code
        self.answers.append(came)
        return came

    def owe(self, fee_fen: int = 60_000, voucher_fen: int = 30_000, **changes: Any) -> str:
        """Say what the order owes."""
        owed = Owed(
            reference=REFERENCE,
            order_number="31-20260701-ABCDEF",
            enterprise_id="en-jiaxing",
            institution_id="31-u-aaaaaaaaaaaa",
            operator_id="op-31",
            province="310000",
            home_area="330402",
            fee_fen=fee_fen,
            voucher_fen=voucher_fen,
            payment_due="after_report",
            due_on=self.today(),
            document={
                "enterprise": {"name": NAME, "credit_code": CREDIT_CODE},
                "institution": {"name": "某大学（虚构）"},
                "instrument": {"name": "场发射扫描电子显微镜"},
            },
        )
        with self.database.write() as session:
            return payments.owe(session, replace(owed, **changes), now=self.clock())

    def today(self) -> date:
        return self.clock().astimezone(SHANGHAI).date()

    def start(self, channel: str = "online", who: Principal = LI) -> Started:
        return payments.start(self.runtime, who, PAYMENT, channel)

    def work(self, rounds: int = 5) -> None:
        """What the hub does by itself now."""
        for _ in range(rounds):
            payments.run_due(self.runtime)

    def wait(self, **time: float) -> None:
        """Time passes and the hub does what is due."""
        self.clock.advance(timedelta(**time).total_seconds())
        self.work()

    def payment(self) -> Payment:
        with self.database.read() as session:
            return session.get_one(Payment, PAYMENT)

    @property
    def state(self) -> str:
        return self.payment().state

    def attempts(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            rows = session.scalars(select(Attempt).order_by(Attempt.number))
            return [(row.channel, row.state) for row in rows]

    def refunds(self) -> list[tuple[int, str, str]]:
        with self.database.read() as session:
            rows = session.scalars(select(Refund).order_by(Refund.number))
            return [(row.fen, row.reason, row.state) for row in rows]

    def history(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            rows = session.scalars(select(PaymentEvent).order_by(PaymentEvent.revision))
            return [(row.what, row.to_state) for row in rows]

    def balance(self, kind: Any, owner: str) -> int:
        with self.database.read() as session:
            return ledger.balance(session, Account(kind, owner))

    def broken(self) -> list[str]:
        """The laws that do not hold, in words; from committed rows and the provider's own book."""
        with self.database.read() as session:
            payment = session.get(Payment, PAYMENT)
            attempts = session.scalars(select(Attempt)).all()
            refunds = session.scalars(select(Refund)).all()
            events = session.scalars(select(PaymentEvent).order_by(PaymentEvent.revision)).all()
            payable = ledger.balance(session, Account("payable", "en-jiaxing"))
            receivable = ledger.balance(session, Account("receivable", "31-u-aaaaaaaaaaaa"))
            bank = ledger.balance(session, Account("bank", "outside"))
        if payment is None:
            return []
        own = {row.id for row in attempts if not row.is_surplus}
        came = sum(row.received_fen or 0 for row in attempts if row.id in own)
        extra = sum(row.received_fen or 0 for row in attempts if row.id not in own)
        gone = sum(row.fen for row in refunds if row.state == "done" and row.attempt_id in own)
        back = sum(row.fen for row in refunds if row.state == "done" and row.attempt_id not in own)
        going = sum(row.fen for row in refunds if row.state != "done" and row.attempt_id in own)
        waits = sum(row.fen for row in refunds if row.state != "done" and row.attempt_id not in own)
        net = came + extra - gone - back
        found = [
            f"{name}: {held} is not {told}"
            for name, held, told in (
                ("paid", payment.paid_fen, came),
                ("surplus", payment.surplus_fen, extra),
                ("refunded", payment.refunded_fen, gone),
                ("returned", payment.returned_fen, back),
                ("all surplus goes back", extra, back + waits),
                ("payable", payable, net),
                ("receivable", receivable, -net),
                ("bank", bank, 0),
            )
            if held != told
        ]
        if came - gone - going > payment.owed_fen:
            found.append("more is kept than is owed")
        for before, after in zip([None, *events], events, strict=False):
            if before is not None and before.to_state != after.from_state:
                found.append(f"history breaks at {after.revision}")
        if events and events[-1].to_state != payment.state:
            found.append("the state is not the history's")
        for row in attempts:
            order = self.cashier.orders.get(row.id)
            if order is None:
                continue
            if row.state == "paid" and row.received_fen != order["received"]:
                found.append("another amount than the provider received")
            mine = [each for each in self.cashier.refunds.values() if each["order"] == row.id]
            if sum(each["fen"] for each in mine) > order["received"]:
                found.append("the provider sent back more than it received")
        return found


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()
