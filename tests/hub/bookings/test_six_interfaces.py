"""The six provinces with a booking interface, each played by its own simulator behind its own adapter, misbehaving.

Whatever a platform does to what it is told and to what it tells, it ends with one order of the booking, and the booking
with what its staff decided, or it says what it waits for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import select

from hub.availability import service as availability
from hub.availability.models import RulesRow, TariffRow
from hub.bookings.models import Booking, Case, Transition
from hub.bookings.service import answers, feeding, forwarding, handing, submitting
from hub.bookings.service.submitting import Order, Station
from hub.catalog.models import Instrument
from hub.core.db import Database
from hub.core.runtime import Runtime
from tests.adapters.bookings.platforms import Spoken, speak
from tests.adapters.bookings.test_shanghai import callbacks, signed
from tests.hub.bookings.world import ASKER, LI, PARTY, RULES, TARIFF, instrument_id, request

pytestmark = pytest.mark.database

FED = ("320000", "330000", "360000", "510000")
ALL = ("310000", "340000", *FED)


@dataclass
class Joined:
    """A hub and one province's platform under one clock."""

    runtime: Runtime
    spoken: Spoken

    @property
    def code(self) -> str:
        return self.spoken.code

    @property
    def database(self) -> Database:
        return self.runtime.database

    def submit(self, skip: int = 0) -> str:
        """A booking of a time that is free at the platform, too."""
        now = self.spoken.clock()
        slot = self.spoken.free_slot(skip=skip)
        asked = request(self.code, availability.Slot(slot.start, slot.end))
        with self.database.write() as session:
            given = availability.quote(session, ASKER, asked["instrument_id"], asked, now=now)
            asked["quote_id"] = given.id
            offer = availability.read_offer(session, ASKER, asked["instrument_id"], now=now)
            station = Station(f"op-{self.code[:2]}", "大仪网服务驿站", "platform")
            order = Order(asked, PARTY, ASKER, "account:li", "p-li", station, offer)
            booking, _ = submitting.submit(session, order, LI, now=now)
            return booking.id

    def go_on(self, rounds: int = 1) -> None:
        """Time passes: what waits goes out, what the platform tells comes in."""
        for _ in range(rounds):
            self.spoken.settle(30)
            for _ in range(20):
                if not forwarding.forward_next(self.runtime, "worker"):
                    break
            self.spoken.settle()
            self._hear()

    def _hear(self) -> None:
        if self.code in FED:
            feeding.read_feed(self.runtime, self.code)
        elif self.code == "310000":
            for body in callbacks(self.spoken):  # again and again: what it told before comes, too
                self.take(signed(self.spoken, body), body)
        else:
            courier = self.spoken.simulator._courier  # type: ignore[attr-defined]
            with httpx.Client(
                transport=httpx.MockTransport(self._door), base_url="http://hub.test"
            ) as client:
                while courier.fetch(client):
                    pass
                courier.bring(client)

    def _door(self, asked: httpx.Request) -> httpx.Response:
        """The hub's two doors for a platform that fetches; the line's faults are met at the first."""
        if not asked.url.path.endswith("/messages"):
            self.take(dict(asked.headers), asked.content)
            return httpx.Response(204)
        fault = self.spoken.line.faults.pop(0) if self.spoken.line.faults else None
        if fault == "lost":
            return httpx.Response(200, json={"messages": [], "next": asked.url.params.get("after", "0")})
        after = 0 if fault == "unanswered" else int(asked.url.params.get("after", "0"))
        port = self.spoken.port
        with self.database.write() as session:
            handed = handing.hand_out(
                session, self.code, port, after=after, limit=50, now=self.spoken.clock()
            )
            page = [orjson.loads(orjson.dumps(one.document)) for one in handed]
        # "unanswered": the platform acts, and what it would remember of that page is another one's
        following = str(after) if fault == "unanswered" else str(handed[-1].position if handed else after)
        return httpx.Response(200, json={"messages": page, "next": following})

    def take(self, headers: dict[str, str], body: bytes) -> None:
        for answer in self.spoken.port.read_callback(headers, body):
            with self.database.write() as session:
                answers.apply(session, self.code, answer, way="callback", now=self.spoken.clock())

    def state(self, booking_id: str) -> str:
        with self.database.read() as session:
            return session.get_one(Booking, booking_id).state

    def commands(self, booking_id: str) -> list[str]:
        with self.database.read() as session:
            mine = select(Transition.command).where(Transition.booking_id == booking_id)
            return list(session.scalars(mine.order_by(Transition.revision)))

    def open_cases(self) -> set[str]:
        with self.database.read() as session:
            return set(session.scalars(select(Case.kind).where(Case.state == "open")))


@pytest.fixture(params=ALL)
def joined(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[Joined]:
    spoken = speak(request.param, tmp_path / "platform")
    furnish(database, spoken)
    runtime = Runtime(
        home=tmp_path, database=database, clock=spoken.clock, adapters={spoken.code: spoken.adapter}
    )
    yield Joined(runtime, spoken)
    spoken.line.end()


def furnish(database: Database, spoken: Spoken) -> None:
    """The platform's instrument in the hub's catalogue, under rules that are as open as can be."""
    now, held, native = spoken.clock(), instrument_id(spoken.code), spoken.native
    document: dict[str, Any] = {
        "id": held,
        "province": spoken.code,
        "unit": {"id": native.unit_id, "name": "某大学分析测试中心（虚构）"},
        "internal_number": native.internal_number,
        "name_zh": "场发射扫描电子显微镜",
        "classification": {"scheme": "most-2006", "code": "010102"},
        "location": {"province": spoken.code},
        "sharing_mode": "external",
    }
    kept: dict[str, Any] = {"instrument_id": held, "version": 1, "source": "hub", "valid_from": now}
    made = {"made_by": "account:t", "made_at": now}
    with database.write() as session:
        session.add(
            Instrument(
                id=held,
                province=spoken.code,
                is_listed=True,
                native_key=held,
                sharing_mode="external",
                created_at=now,
                changed_at=now,
                document=document,
            )
        )
        session.add(RulesRow(**kept, **made, document={**RULES, "step_minutes": 30, "min_minutes": 30}))
        session.add(TariffRow(**kept, **made, document=TARIFF))


def forwarded(joined: Joined) -> str:
    booking = joined.submit()
    joined.go_on(2)
    assert joined.state(booking) == "forwarded"
    return booking


def test_a_request_that_is_lost_makes_one_order_or_a_persons_case(joined: Joined) -> None:
    booking = joined.submit()
    joined.spoken.line.faults = ["lost"]
    joined.go_on(12)
    orders = joined.spoken.desk.mentioning(booking)
    if joined.code == "360000":  # cannot be asked for proof: nothing is sent blindly
        assert (joined.state(booking), orders, joined.open_cases()) == (
            "forward_unknown", [], {"unknown_outcome"},
        )  # fmt: skip
    else:
        assert (joined.state(booking), len(orders), joined.open_cases()) == ("forwarded", 1, set())


def test_an_answer_that_is_lost_leaves_one_order(joined: Joined) -> None:
    booking = joined.submit()
    joined.spoken.line.faults = ["unanswered"]
    joined.go_on(12)
    assert len(joined.spoken.desk.mentioning(booking)) == 1
    assert (joined.state(booking), joined.open_cases()) == ("forwarded", set())


def test_what_is_told_late_arrives(joined: Joined) -> None:
    booking = forwarded(joined)
    joined.spoken.desk.mischief.set({"late_seconds": 600})
    joined.spoken.desk.accept(joined.spoken.desk.mentioning(booking)[0].number)
    joined.go_on(25)
    assert joined.commands(booking)[-1] == "accept"


def test_what_is_told_twice_and_out_of_order_happens_once(joined: Joined) -> None:
    booking = forwarded(joined)
    number = joined.spoken.desk.mentioning(booking)[0].number
    joined.spoken.desk.mischief.set({"twice": 1, "shuffle": 1})
    joined.spoken.desk.accept(number)
    joined.spoken.settle()
    joined.spoken.desk.begin(number)
    joined.go_on(2)
    joined.spoken.desk.finish(number)
    joined.go_on(2)
    assert joined.commands(booking) == ["submit", "acknowledge", "accept", "check_in", "check_out"]
    assert joined.open_cases() == set()


@pytest.mark.parametrize("mischief", ["wrong_reference", "lie"])
def test_another_bookings_identifier_and_another_time_decide_nothing_blindly(
    joined: Joined, mischief: str
) -> None:
    first = forwarded(joined)
    second = joined.submit(skip=6)
    joined.go_on(2)
    number = joined.spoken.desk.mentioning(second)[0].number
    joined.spoken.desk.mischief.set({mischief: 1})
    joined.spoken.desk.accept(number)
    joined.go_on(2)
    assert joined.state(first) == "forwarded"
    if mischief == "lie":
        assert joined.state(second) == "reschedule_proposed"
    else:
        assert (joined.state(second), joined.open_cases()) == ("forwarded", {"foreign_answer"})
        joined.spoken.desk.begin(number)  # the next word names the right one and implies the lost one
        joined.go_on(2)
        assert joined.commands(second)[-2:] == ["accept", "check_in"]
        assert joined.state(first) == "forwarded"
