"""Orders that were served in 上海 for an enterprise of 嘉兴, and everybody who has to do with their money, over one clock.

How such an order comes about is played in `test_crossing`; here it is told to the hub by the same services at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from adapters.contract import UsageFacts
from hub import migrations
from hub.availability import service as availability
from hub.availability.models import TariffRow
from hub.bookings.service import submitting
from hub.catalog.models import Institution, Instrument
from hub.cli import demo_people
from hub.core import sequencer
from hub.core.db import Database
from hub.identity import service as identity
from hub.identity.models import Party
from hub.identity.service import enterprises, parties
from hub.settlement import ledger
from hub.settlement.channels import BankTransfer
from hub.settlement.queries import periods as queries
from hub.settlement.queries import usage as usage_queries
from hub.settlement.service import fund, payments, periods, redeeming
from tests.browser.conftest import Portal
from tests.hub.bookings.test_saga import hear
from tests.hub.bookings.world import ASKER, LI, PARTY, World, institution_id, instrument_id, order, request
from tests.virtual_clock import VirtualClock

VISITED, HOME, PAYER = "310000", "330000", "3304"
REBATE, JIAXING, HEFEI = "demo-340000-rebate", "330402", "340104"
INSTRUMENT = instrument_id(VISITED)
TARIFF = {
    "positions": [{"id": "hour", "basis": "used_time", "name_zh": "机时费", "outside_fen": 40003}],
    "vat_permille": 60,
}
"""400.03 an hour: every share ends in fen that somebody could lose."""
UNIT = "某大学分析测试中心（虚构）"
PDF = {"name": "凭证.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n% synthetic proof\n"}

PEOPLE: dict[str, dict[str, Any]] = {
    "li": {"role": "enterprise_manager", "party_id": PARTY.id},
    "owner": {"role": "institution_manager", "party_id": institution_id(VISITED)},
    "shanghai": {"role": "province_finance", "province": VISITED},
    "shanghai-office": {"role": "province_staff", "province": VISITED},
    "zhejiang": {"role": "province_finance", "province": HOME},
    "zhejiang-office": {"role": "province_staff", "province": HOME},
    "jiaxing": {"role": "city_finance", "area": PAYER},
    "anhui-office": {"role": "province_staff", "province": "340000"},
    "anhui-second": {"role": "province_staff", "province": "340000"},
    "hefei": {"role": "city_finance", "area": "3401"},
}


@dataclass
class Stage:
    """The running portal over a world of fake provinces."""

    world: World
    portal: Portal
    area: str
    used_days: int = 6
    pages: dict[str, Page] = field(default_factory=dict)
    """Everybody's window, by their user name."""

    @property
    def base(self) -> str:
        return self.portal.base

    def serve(self) -> str:
        """An order that 上海 has served and reported, not yet completed by the enterprise; its identifier."""
        world, self.used_days = self.world, self.used_days + 1
        slot = world.slot(day=self.used_days)
        told = request(VISITED, slot, declaration={"is_related": False})
        with world.database.write() as session:
            now = world.clock()
            quote = availability.quote(session, ASKER, told["instrument_id"], told, now=now)
            made = order(session, VISITED, {**told, "quote_id": quote.id}, now)
            mine = replace(made, party=replace(PARTY, area=self.area))
            booking = submitting.submit(session, mine, LI, now=now)[0].id
        world.forward()
        shanghai = world.provinces[VISITED]
        hear(world, VISITED, shanghai.decide(booking, "accepted"))
        before, world.clock.now = world.clock.now, slot.start
        hear(world, VISITED, shanghai.decide(booking, "in_service"))
        world.clock.now = slot.end
        used = UsageFacts(slot.start, slot.end, hours=2.0)
        hear(world, VISITED, replace(shanghai.decide(booking, "done"), usage=used))
        assert before < world.clock.now
        return booking

    def usage_of(self, booking: str) -> str:
        """The identifier of what was used for an order."""
        with self.world.database.read() as session:
            found = usage_queries.find_of_order(session, booking, "service")
            assert found is not None
            return str(found.id)

    def number_of(self, booking: str) -> str:
        """The number that people read."""
        return self.world.booking(booking).number

    def complete(self, booking: str) -> None:
        """The enterprise says that the service is done, which confirms its usage."""
        self.world.command(booking, "complete", LI)

    def work(self) -> None:
        """What the workers do by themselves until nothing is due."""
        runtime = self.portal.runtime
        for step in (payments.run_due, redeeming.recheck, periods.run_due):
            for _ in range(200):
                if not step(runtime):
                    break
        while sequencer.number_once(runtime.database, now=runtime.clock()):
            pass

    def settle(self, booking: str) -> str:
        """Look at an order's papers again at once; what came of it."""
        with self.world.database.write() as session:
            return redeeming.settle_order(session, booking, now=self.world.clock()).verdict

    def cut(self, home: str = HOME) -> str:
        """The present period's cut-off comes; the identifier of the pair's batch."""
        self.work()
        with self.world.database.read() as session:
            today = f"{self.world.clock():%Y-%m}"
            cutoff = next(each.cutoff_at for each in queries.calendar(session) if each.id == today)
        self.world.clock.now = cutoff + timedelta(hours=1)
        self.work()
        return f"{today}.{VISITED}-{home}"

    def owed(self, home: str = HOME) -> int:
        """What the home area still owes 上海, in fen; the ledger is looked through whole before it is believed."""
        self.work()
        with self.world.database.read() as session:
            assert ledger.verify(session).broken is None
            return ledger.balance(session, ledger.clearing(VISITED, home))

    def later(self, **time: float) -> None:
        """Time passes, and the workers do what is due."""
        self.world.clock.advance(timedelta(**time).total_seconds())
        self.work()


@contextmanager
def opened(home: Path, area: str) -> Iterator[Stage]:
    """The stage with its people, an allotment of 10,000.00 for the enterprise of an area, and the demo's programmes."""
    home.mkdir(parents=True, exist_ok=True)
    clock = VirtualClock()
    database = Database(f"sqlite:///{home / 'hub.db'}")
    migrations.upgrade(database)
    world = World.build(database, clock, home)
    now = clock()
    with database.write() as session:
        session.add(
            Party(
                id=PARTY.id, kind="enterprise", name=PARTY.name, credit_code=PARTY.credit_code, created_at=now
            )
        )
        session.flush()
        place = enterprises.Verified(area, "某路 1 号（合成）", "register_document", "system:test")
        enterprises.set_home(session, PARTY.id, place, now=now)
        session.add(_unit(now))
        parties.put_institution(session, institution_id(VISITED), UNIT, now=now)
        for name, terms in PEOPLE.items():
            identity.put_account(
                session, name, demo_people.PASSWORD, **terms, is_demo=True, actor="system:test", now=now
            )
        _price(session)
    world.put_voucher(1_000_000)
    with database.write() as session:
        fund(session, REBATE, now.year, 1_000_000, reference="budget", actor="system:test", now=now)
    runtime = replace(world.runtime, is_demo=True, payment_channels={"bank_transfer": BankTransfer()})
    portal = Portal(runtime)
    portal.start()
    yield Stage(world, portal, area)
    portal.stop()
    database.close()


def _price(session: Session) -> None:
    """Every instrument costs the same by the hours that were used, and is worth a million."""
    session.execute(update(TariffRow).values(document=TARIFF))
    for each in session.scalars(select(Instrument)):
        each.document = {**each.document, "original_value_fen": 100_000_000}


def _unit(now: datetime) -> Institution:
    """The institution in the catalogue."""
    unit = institution_id(VISITED)
    document = {
        "id": unit,
        "province": VISITED,
        "unit_id": "UNIT",
        "name_zh": UNIT,
        "cma_certificate": "230900000001",
    }
    return Institution(
        id=unit,
        province=VISITED,
        is_listed=True,
        native_key="UNIT",
        name_zh=UNIT,
        created_at=now,
        changed_at=now,
        content_hash="",
        document=document,
    )


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile(f"^{re.escape(name)}")).first.click()


def unfold(page: Page, name: str) -> None:
    """Open a fold by its words."""
    page.locator("details > summary").filter(has_text=re.compile(f"^{re.escape(name)}")).first.click()


def says(page: Page, text: str) -> None:
    """The page says this."""
    expect(page.locator("main")).to_contain_text(text)


def send(form: Locator) -> None:
    """Send a form by its last button and wait for the page that answers."""
    with form.page.expect_navigation():
        form.get_by_role("button").last.click()


def wallet(page: Page, base: str) -> dict[str, str]:
    """The first voucher's figures, as its holder reads them."""
    page.goto(f"{base}/vouchers")
    row = page.locator("section[aria-labelledby=grants] tbody tr").first
    return {
        name: row.locator(f"td[data-label={name}]").inner_text() for name in ("获得", "可用", "预占", "已用")
    }


def sums(page: Page) -> list[str]:
    """Lines, fee, voucher share and own share of a batch, as finance reads them."""
    return page.locator(".settling-sums b").all_inner_texts()
