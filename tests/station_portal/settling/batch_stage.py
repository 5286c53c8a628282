"""March's batch of Shanghai and Zhejiang, calculated, and the browsers of both finances."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from hub.cli import demo_people
from hub.core.runtime import Runtime
from hub.identity import rules as roles
from hub.identity import service as identity
from hub.settlement.service import payees, periods
from hub.settlement.service.payees import BankDetails
from tests.hub.settlement.periods import world
from tests.station_portal.settling.finance_stage import Enter, number_all, send

BATCH = f"/staff/settlement/batches/{world.BATCH}"
PAPER = ("回单.pdf", b"%PDF-1.7 synthetic", "application/pdf")
WHY = "1.5 h × 400 = 600.00；创新券 50% → 300.00；上限余 12,300.00"


class Explained(world.Usage):
    """A usage whose rated line says how it was reckoned."""

    @property
    def document(self) -> dict[str, Any]:
        return {**world.Usage.document.fget(self), "text_zh": WHY, "text_en": "1.5 h × 400 = 600.00"}  # type: ignore[attr-defined]


@pytest.fixture
def held(hub: Runtime) -> Runtime:
    """Shanghai's finance beside Zhejiang's, and March's lines calculated."""
    hub.clock.advance((world.AFTER - hub.clock()).total_seconds())  # type: ignore[attr-defined]
    with hub.database.write() as session:
        identity.put_account(
            session, "finance-310000", demo_people.PASSWORD, role=roles.PROVINCE_FINANCE, province="310000",
            area="31", display_name="上海市财政（演示）", is_demo=True, actor="test", now=hub.clock(),
        )  # fmt: skip
        identity.put_account(
            session, "second-310000", demo_people.PASSWORD, role=roles.PROVINCE_FINANCE, province="310000",
            area="31", display_name="上海市财政复核（演示）", is_demo=True, actor="test", now=hub.clock(),
        )  # fmt: skip
    world.furnish(hub.database)
    with hub.database.write() as session:
        for number in range(1, 4):
            world.rate(session, Explained(f"us-{number}"))
    world.close(hub.database)
    return hub


@pytest.fixture
def visited(held: Runtime, enter: Enter) -> httpx.Client:
    return enter("finance-310000")


@pytest.fixture
def home(held: Runtime, enter: Enter) -> httpx.Client:
    return enter("finance-330000")


def give(client: httpx.Client, what: str, **fields: object) -> httpx.Response:
    page = client.get(BATCH).text
    found = re.search(r'name="version" value="(\d+)"', page)
    sha = re.search(r'name="sha256" value="([0-9a-f]+)"', page)
    told = {"version": found.group(1) if found else "", "sha256": sha.group(1) if sha else "", **fields}
    return send(client, BATCH, f"{BATCH}/{what}", **told)


def line_ids(client: httpx.Client) -> list[str]:
    return re.findall(r'id="line-(\d+)"', client.get(BATCH).text)


def post(held: Runtime) -> None:
    with held.database.write() as session:
        periods.post_batch(session, world.BATCH, now=held.clock())
    number_all(held)


def paid_list(held: Runtime, visited: httpx.Client, home: httpx.Client) -> str:
    """The batch agreed and posted; the address of its payment list."""
    give(visited, "submit")
    give(home, "agree")
    post(held)
    found = re.search(r'href="(/staff/settlement/payments/[^"?]+)"', home.get(BATCH).text)
    assert found is not None
    return found.group(1)


def line_of(client: httpx.Client, place: str) -> str:
    found = re.search(r'action="/staff/settlement/payment-lines/([^/"]+)/paid"', client.get(place).text)
    assert found is not None
    return found.group(1)


def pay(client: httpx.Client, place: str, **fields: object) -> httpx.Response:
    told = {"paid_on": "2026-04-04", "bank_reference": "SYN-0001", "amount": "900.00", **fields}
    files = told.pop("files", {"proof": PAPER})
    return send(
        client, place, f"/staff/settlement/payment-lines/{line_of(client, place)}/paid", files=files, **told
    )


def put_account(held: Runtime, visited: httpx.Client) -> None:
    """The institution's account, approved by the province's finance."""
    manager = roles.Principal(
        "account", "account:m", "m", roles.INSTITUTION_MANAGER, None, None, world.INSTITUTION
    )
    with held.database.write() as session:
        told = BankDetails("合成研究所", "合成银行", "622200001234")
        entered = payees.propose_payee(session, manager, world.INSTITUTION, told, now=held.clock())
    done = send(visited, "/staff/payees", f"/staff/payees/{entered.id}/decide", decision="approve")
    assert done.status_code == 303
