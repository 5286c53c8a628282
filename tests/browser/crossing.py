"""A hub between two provinces for the booking flows: 上海 answers on its own platform, 贵州 works in the portal.

Everything is the real thing through its real entrances: the simulators listen on a port, the catalogue is harvested
from them, the portal is served. Only time is virtual, one clock for hub and platform, so that a booking's day can come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

import schemas
from adapters.registry import PROVINCES as FOLDERS
from adapters.registry import load_province
from adapters.simulators.desk import Desk, almanac
from adapters.simulators.fleet import Fleet
from adapters.simulators.simulator import Attendant, Hub
from adapters.simulators.world import World
from adapters.simulators.world.model import Instrument
from hub.availability import service as availability
from hub.availability.service import pulls
from hub.bookings.models import Delivery
from hub.bookings.service import forwarding
from hub.cli import demo_people
from hub.core.clock import SHANGHAI as BEIJING
from hub.identity import service as identity
from hub.identity.service import parties
from tests.adapters.provinces.harvesting import adapter_over
from tests.e2e import expected
from tests.e2e.federation import Federation, federation
from tests.virtual_clock import VirtualClock

SHANGHAI, GUIZHOU = "310000", "520000"
PROVINCES = (SHANGHAI, GUIZHOU)


@dataclass
class Crossing:
    """The running hub, its clock, and the desk of 上海's platform."""

    running: Federation
    clock: VirtualClock
    desk: Desk

    @property
    def base(self) -> str:
        return self.running.url

    def instrument(self, province: str) -> Instrument:
        """An instrument that any enterprise may use itself, by the hour and without training."""
        assert self.running.fleet is not None
        with self.running.runtime.database.read() as session:
            for instrument, row in self.running.fleet.world.province(province).good():
                rules = almanac.rules_of(instrument.key)
                by_hour = any(price.unit == "机时" for price in almanac.prices_of(row))
                held = expected.id_of(province, instrument)
                is_open = not availability.eligibility(session, None, held, None, now=self.clock())
                is_fit = by_hour and "自主上机" in row.service_modes and not rules.training
                if is_open and is_fit:
                    return instrument
        raise AssertionError("no instrument to book")

    def put_owner(self, province: str, instrument: Instrument) -> str:
        """An account of the institution that owns the instrument; its user name."""
        username, now = f"owner-{province}", self.clock()
        owner = schemas.ids.institution_id(province, expected.unit_of(province, instrument))
        with self.running.runtime.database.write() as session:
            parties.put_institution(session, owner, instrument.unit.name, now=now)
            identity.put_account(
                session,
                username,
                demo_people.PASSWORD,
                role="institution_manager",
                party_id=owner,
                is_demo=True,
                actor="system:test",
                now=now,
            )
        return username

    def sent(self, booking_id: str) -> int:
        """How many messages about a booking were laid out for its province."""
        with self.running.runtime.database.read() as session:
            mine = select(func.count()).where(Delivery.booking_id == booking_id)
            return session.scalar(mine) or 0

    def read_calendars(self) -> None:
        """What the workers do about the platforms' calendars."""
        while pulls.schedule_pulls(self.running.runtime):
            self.running.work()
            self.clock.advance(60)  # one task for a province and minute

    def forward(self) -> None:
        """What the forward worker does until nothing is due."""
        while forwarding.forward_next(self.running.runtime, "worker"):
            pass

    def call_back(self) -> None:
        """上海's platform sends the signed callbacks that the hub has not taken yet; the hub's workers do what follows."""
        assert self.running.fleet is not None
        platform = self.running.fleet.simulators[SHANGHAI]
        assert isinstance(platform, Attendant)
        platform.attend(Hub(self.base))
        self.running.work()


@contextmanager
def opened(home: Path) -> Iterator[Crossing]:
    """The hub over 上海 and 贵州, harvested, with the demo's people."""
    clock = VirtualClock()

    def timed(fleet: Fleet) -> dict[str, Any]:
        # Signatures of callbacks are judged by the adapter's clock.
        adapters = {
            code: adapter_over(fleet, load_province(FOLDERS / code), [], now=clock) for code in PROVINCES
        }
        return {"clock": clock, "adapters": adapters}

    with federation(World(records=200), home, PROVINCES, timed) as running:
        assert running.fleet is not None
        desk = running.fleet.desks()[SHANGHAI]
        desk.clock = clock
        running.harvest(PROVINCES)
        database = running.runtime.database
        demo_people.put_offices(database, PROVINCES, clock=clock)
        running.settle()
        yield Crossing(running, clock, desk)


def enter(page: Page, base: str, username: str) -> None:
    """Sign in as one of the demo's people."""
    page.goto(f"{base}/sign-in")
    page.fill("#username", username)
    page.fill("#password", demo_people.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def reads(page: Page, words: str) -> None:
    """The main part of the page says this."""
    expect(page.locator("main")).to_contain_text(words)


def find(page: Page, base: str, province: str, name: str) -> None:
    """From the search to the booking form of an instrument."""
    page.goto(f"{base}/search?province={province}")
    page.fill("#q", name)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    page.locator(".hit").get_by_role("link", name=name).first.click()
    page.get_by_role("link", name="在此预约").click()


def fill(page: Page) -> datetime:
    """Ask for the first free time and what it costs; that time."""
    page.get_by_label("自主上机").check()
    start = page.get_by_label("开始时间")
    start.select_option(index=1)
    chosen = datetime.fromisoformat(start.input_value()).replace(tzinfo=BEIJING)
    page.get_by_label("服务方向").select_option(label="科技开发")
    page.get_by_label("联系人").fill("王工程师")
    page.get_by_label("手机").fill("13900000001")
    page.get_by_role("button", name="计算费用").click()
    expect(page.get_by_role("button", name="重新计算")).to_be_visible()
    return chosen


def submit(page: Page) -> str:
    """The identifier of the booking that was submitted."""
    page.get_by_role("button", name="提交预约").click()
    page.wait_for_url("**/bookings/bk-*")
    return re.findall(r"bk-[a-z2-7]{26}", page.url)[0]
