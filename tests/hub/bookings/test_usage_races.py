"""Everybody at once about one usage: one outcome, one live line, the voucher used once; judged on committed rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hub.bookings.service import usages
from hub.core.errors import HubError
from hub.core.idempotency import RevisionStale
from hub.identity.rules import Principal
from tests.hub.bookings.using import ENTERPRISE, GUIZHOU, ZHEJIANG, Used
from tests.hub.bookings.world import LI, World
from tests.hub.settlement.laws import broken
from tests.hub.settlement.test_ledger import race

pytestmark = pytest.mark.database


@pytest.fixture
def used(world: World) -> Used:
    return Used.build(world)


def run(used: Used, acts: list[Callable[[], object]]) -> list[object]:
    """All at once; a refusal is no fault, anything else is."""
    got = race(used.database, acts)
    assert not [one for one in got if isinstance(one, Exception) and not isinstance(one, HubError)], got
    return got


def give(
    world: Used, booking: str, command: str, key: str, who: Principal = ENTERPRISE, **body: Any
) -> Callable[[], object]:
    """A command on the usage as everybody sees it now: whoever comes second saw what is no longer so."""
    held = world.usage(booking)

    def act() -> object:
        with world.database.write() as session:
            return usages.carry_out(
                session, who, held["id"], command, {"command": command, **body},
                key=key.ljust(16, "-"), revision=held["revision"], now=world.world.clock(),
            )  # fmt: skip

    return act


def judge(used: Used, booking: str) -> str:
    """The usage's state, after the laws: its line is live exactly when it is priced, and its voucher used just then."""
    told, live = used.usage(booking), [one for one in used.lines(booking) if one.state == "rated"]
    assert broken(used.database) == []
    assert len(live) == (told["state"] == "rated")
    for line in live:
        assert (line.usage_version, line.fee_fen) == (told["version"], told["fee_fen"])
        assert line.fee_fen == line.voucher_fen + line.own_fen
    captured = sum(line.voucher_fen for line in live)
    left, held, gone = used.wallet()
    assert (gone, left + held + gone) == (captured, 100_000)
    assert (held > 0) == (told["state"] in {"submitted", "disputed"})
    return str(told["state"])


def test_a_usage_that_is_confirmed_and_disputed_at_once_is_one_of_the_two(used: Used) -> None:
    booking = used.served()
    acts = [
        give(used, booking, "confirm", "confirm-1"), give(used, booking, "dispute", "dispute-1", reason="idle_charged"),
        give(used, booking, "confirm", "confirm-2"), give(used, booking, "dispute", "dispute-2", reason="time_wrong"),
        give(used, booking, "confirm", "confirm-1"),
        lambda: used.push(booking, "gz-1", used={"hours": 1.5}),
    ]  # fmt: skip
    got = run(used, acts)
    done = [one for one in got if isinstance(one, usages.Done) and not one.is_replayed]
    state = judge(used, booking)
    assert state in {"rated", "disputed", "submitted"}
    if state == "submitted":  # the platform's word came first, and everybody else had read another version
        assert (used.usage(booking)["version"], len(done)) == (2, 1)
    elif state == "disputed":
        assert used.usage(booking)["dispute"]["reason"] in {"idle_charged", "time_wrong"}


def test_completing_the_booking_while_its_usage_is_disputed_confirms_nothing_that_is_disputed(
    used: Used,
) -> None:
    booking = used.served()
    run(
        used,
        [
            lambda: used.world.command(booking, "complete", LI),
            give(used, booking, "dispute", "dispute-1", reason="idle_charged"),
            lambda: used.world.command(booking, "complete", LI),
        ],
    )
    assert judge(used, booking) in {"rated", "disputed"}
    assert used.world.state(booking) == "completed"


def test_silence_that_ends_while_the_enterprise_speaks_confirms_once(used: Used) -> None:
    booking = used.served()
    for days in (2.5, 3.0):  # both notices are told; the clock then stands where silence is over
        used.world.clock.advance(days * 86_400)
        if days == 2.5:
            usages.run_due(used.database, now=used.world.clock())
    used.world.clock.advance(20 * 86_400)
    assert used.usage(booking)["state"] == "submitted"

    def by_the_clock() -> object:
        return usages.run_due(used.database, now=used.world.clock())

    run(
        used,
        [
            by_the_clock, give(used, booking, "dispute", "dispute-1", reason="not_used"), by_the_clock,
            give(used, booking, "confirm", "confirm-1"), by_the_clock,
        ],
    )  # fmt: skip
    assert judge(used, booking) in {"rated", "disputed"}


def test_a_dispute_that_both_provinces_decide_at_once_and_several_times_is_decided_once(used: Used) -> None:
    booking = used.served()
    offices = used.office("office-gz", GUIZHOU), used.office("office-zj", ZHEJIANG)
    used.command(booking, "dispute", reason="idle_charged")
    more = {"outcome": "amend", "reason": "evidence_against", "used": {"hours": 1.5}}

    def decide(who: Principal, number: int) -> Callable[[], object]:
        def act() -> None:
            for attempt in range(12):  # whoever saw an older version looks again
                key = f"decide-{number}-{attempt}-{who.name}"
                try:
                    give(used, booking, "decide", key, who, **more)()
                except RevisionStale:
                    continue
                return

        return act

    run(used, [decide(who, number) for number in range(3) for who in offices])
    assert judge(used, booking) == "rated"
    assert used.shares(booking) == [("rated", 60_000, 30_000, 30_000)]
    assert used.usage(booking)["version"] == 2


def test_many_orders_are_confirmed_at_once_from_one_voucher(used: Used) -> None:
    """A voucher of 1,000.00 held for three orders: each share is used once, and the rest is free again."""
    bookings = [used.served(day=7 + number) for number in range(3)]
    run(
        used,
        [
            give(used, booking, "confirm", f"confirm-{n}-{booking[-6:]}")
            for n in range(2)
            for booking in bookings
        ],
    )
    assert [used.usage(booking)["state"] for booking in bookings] == ["rated"] * 3
    used_up = sum(line.voucher_fen for booking in bookings for line in used.lines(booking))
    assert used.wallet() == (100_000 - used_up, 0, used_up)
    assert broken(used.database) == []
