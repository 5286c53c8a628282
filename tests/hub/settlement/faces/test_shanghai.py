"""上海's voucher system at the hub's doors: home authority by push, lists by reading, results by reporting."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from adapters.simulators.purse import PurseEmpty
from adapters.simulators.shanghai_vouchers import PaperForged, VoucherSystem
from hub.core.db import Database
from hub.identity import queries as identity
from hub.settlement.queries import faces as queries
from hub.settlement.service.faces import comparing
from tests.hub.settlement.faces.homes import CODE
from tests.hub.settlement.faces.homes import furnish as furnish_homes
from tests.hub.settlement.faces.stage import Stage, stage
from tests.hub.settlement.faces.test_doors import bearer
from tests.hub.settlement.periods.world import (
    SHANGHAI,
    ZHEJIANG,
    Usage,
    agree,
    close,
    furnish,
    post,
    rated,
    submit,
)
from tests.hub.settlement.vouchers import capture, hold, wallet
from tests.in_process import InProcess

pytestmark = pytest.mark.database

BATCH = f"2026-03.{ZHEJIANG}-{SHANGHAI}"
OWED = Usage(
    "u9", visited=ZHEJIANG, home=SHANGHAI, programme="demo-310000-voucher", institution="33-u-abcdefgh2345"
)


@dataclass
class Visit:
    """The system, its way to the hub, and the stage around them."""

    stage: Stage
    system: VoucherSystem
    client: httpx.Client
    head: dict[str, str]


@pytest.fixture
def visit(database: Database, tmp_path: Path) -> Iterator[Visit]:
    from hub.app import create_app

    furnish_homes(database)
    furnish(database)
    rated(database, OWED)
    close(database)
    for act in (submit, agree, post):
        act(database, BATCH)
    with stage(database, tmp_path, SHANGHAI, ZHEJIANG) as made:
        made.run()
        app = create_app(made.runtime)
        with httpx.Client(transport=InProcess(app), base_url="http://127.0.0.1:8000") as client:
            system = VoucherSystem(made.provinces[SHANGHAI].office)
            yield Visit(made, system, client, bearer(made, client, SHANGHAI))


def test_lists_are_read_verified_taken_once_and_results_reported_once(visit: Visit) -> None:
    office = visit.stage.provinces[SHANGHAI].office
    assert visit.system.fetch_papers(visit.client, visit.head) == 2
    assert visit.system.fetch_papers(visit.client, visit.head) == 0
    (held,) = [each for each in office.lists if each.lines]
    assert (held.fen, held.programme) == (30_000, "SHKJQ")
    assert visit.stage.paper("payment-list", SHANGHAI).state == "delivered"
    office.mischief = {"twice": 1}
    office.pay(held.reference, held.lines[0].number)
    assert visit.system.report_results(visit.client, visit.head) == ["applied", "repeated"]
    visit.system.sent = 0  # the report's own memory is lost
    assert visit.system.report_results(visit.client, visit.head) == ["repeated", "repeated"]
    assert [line.state for line in visit.stage.lines()] == ["paid"]


def test_a_receipt_that_was_lost_is_given_again_and_nothing_is_taken_twice(visit: Visit) -> None:
    office = visit.stage.provinces[SHANGHAI].office
    real = visit.client.post
    visit.client.post = lambda path, **more: httpx.Response(503, request=httpx.Request("POST", path))  # type: ignore[assignment,method-assign]
    with pytest.raises(httpx.HTTPStatusError):
        visit.system.fetch_papers(visit.client, visit.head)
    visit.client.post = real  # type: ignore[method-assign]
    assert visit.system.fetch_papers(visit.client, visit.head) == 2
    assert len(office.lists) == 2


def test_a_paper_that_was_changed_on_the_way_is_not_taken(visit: Visit) -> None:
    real = visit.client.get

    def tampered(path: str, **more: object) -> httpx.Response:
        answer = real(path, **more)  # type: ignore[arg-type]
        return httpx.Response(
            200, content=answer.content.replace(b'"budget_year":2026', b'"budget_year":2027').replace(b'"revision":1', b'"revision":2'), request=answer.request,
        ) if "papers" in path else answer  # fmt: skip

    visit.client.get = tampered  # type: ignore[assignment,method-assign]
    with pytest.raises(PaperForged):
        visit.system.fetch_papers(visit.client, visit.head)
    assert visit.stage.provinces[SHANGHAI].office.lists == []


def test_quotas_are_pushed_spent_locally_and_taken_back_as_far_as_they_are_free(visit: Visit) -> None:
    office = visit.stage.provinces[SHANGHAI].office
    office.purse.grant(CODE, 900_000)
    office.purse.allot("SH-1", 500_000, holder=CODE, programme="SHKJQ", until="2026-12-31")
    (answer,) = visit.system.tell_quotas(visit.client, visit.head)
    assert answer.status_code == 200
    with visit.stage.database.read() as session:
        enterprise = identity.enterprise_by_code(session, CODE)
        assert enterprise is not None
    assert wallet(visit.stage.database, enterprise.id) == [(500_000, 500_000, 0, 0)]
    office.purse.spend(CODE, 400_000)
    with pytest.raises(PurseEmpty):
        office.purse.spend(CODE, 1)
    office.purse.allot("SH-1", 100_000)
    with pytest.raises(PurseEmpty):
        office.purse.spend(CODE, 1)
    visit.system.tell_quotas(visit.client, visit.head)
    office.purse.spend(CODE, 400_000)
    assert visit.system.tell_quotas(visit.client, visit.head) == []
    port = visit.stage.provinces[SHANGHAI].port
    assert comparing.compare(visit.stage.runtime, SHANGHAI, port) == "agreeing"


def compared(visit: Visit) -> tuple[str, list[tuple[str, str, tuple[int | None, ...]]]]:
    """What the night's comparison says: its state, and each line's kind, name and their four figures."""
    port = visit.stage.provinces[SHANGHAI].port
    state = comparing.compare(visit.stage.runtime, SHANGHAI, port)
    with visit.stage.database.read() as session:
        (row, *_) = queries.comparisons(session, SHANGHAI)
        lines = queries.comparison_lines(session, row.id, "31", only_different=False)
        told = [
            (
                each.kind,
                each.external_id,
                (each.their_allotted_fen, each.their_held_fen, each.their_captured_fen),
            )
            for each in lines
        ]
    return state, told


def test_what_the_hub_holds_and_uses_is_read_kept_and_compared_line_by_line(visit: Visit) -> None:
    office = visit.stage.provinces[SHANGHAI].office
    office.purse.grant(CODE, 900_000)
    office.purse.allot("SH-1", 300_000, holder=CODE, programme="SHKJQ", until="2026-12-31")
    office.purse.allot("SH-2", 100_000, holder=CODE, programme="SHKJQ", until="2026-12-30")
    visit.system.tell_quotas(visit.client, visit.head)
    assert compared(visit) == (
        "agreeing",
        [
            ("same", "SH-1", (300_000, None, None)),
            ("same", "SH-2", (100_000, None, None)),
            ("same", "", (400_000, None, None)),
        ],
    ), "what was never read is not told"
    used(visit)
    assert visit.system.read_use(visit.client, visit.head) == 2
    state, lines = compared(visit)
    assert (state, [each[0] for each in lines]) == ("agreeing", ["same"] * 3)
    held, captured = (sum(each[2][place] or 0 for each in lines[:2]) for place in (1, 2))
    assert (held, captured) == (30_000, 20_000)
    assert lines[2][2] == (400_000, 30_000, 20_000)
    assert visit.stage.cases() == []


def used(visit: Visit) -> None:
    """Of the quotas 300.00 are held for one order, and 200.00 used by another."""
    with visit.stage.database.read() as session:
        enterprise = identity.enterprise_by_code(session, CODE)
        assert enterprise is not None
    for name in ("bk-1", "bk-2"):
        hold(
            visit.stage.database, name, 60_000, holder=enterprise.id, home_area="310104", owner_area="330000"
        )
    capture(visit.stage.database, "bk-2", 20_000)


def test_a_lie_is_found_and_named(visit: Visit) -> None:
    office = visit.stage.provinces[SHANGHAI].office
    office.purse.grant(CODE, 900_000)
    office.purse.allot("SH-1", 300_000, holder=CODE, programme="SHKJQ", until="2026-12-31")
    visit.system.tell_quotas(visit.client, visit.head)
    visit.system.read_use(visit.client, visit.head)
    office.mischief = {"other_figures": 1}
    state, lines = compared(visit)
    assert (state, [(each[0], each[1]) for each in lines]) == (
        "differing",
        [("differs", "SH-1"), ("same", "")],
    )
    assert lines[0][2] == (300_000, 1, 0)
    assert visit.stage.cases() == ["figures_differ"]
    assert compared(visit)[0] == "agreeing"
    assert visit.stage.cases() == []
