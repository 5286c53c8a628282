"""The laws catch what they are for: with one safeguard taken out, a short history breaks them or breaks down."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import select

from hub.core.db import Database
from hub.settlement import ledger
from hub.settlement.ledger import Account, Transfer
from hub.settlement.models import Hold, HoldPart
from hub.settlement.rules import deciding, reckoning
from hub.settlement.service import holds
from tests.hub.settlement.laws import broken
from tests.hub.settlement.orders import quota
from tests.hub.settlement.test_holds import change
from tests.hub.settlement.vouchers import NOW, allot, capture, furnish, hold, release

pytestmark = pytest.mark.database


@contextmanager
def _instead(module: Any, name: str, other: Any) -> Iterator[None]:
    whole = getattr(module, name)
    setattr(module, name, other)
    try:
        yield
    finally:
        setattr(module, name, whole)


def rounding_up() -> AbstractContextManager[None]:
    return _instead(reckoning, "share", lambda base, rate: -(-base * rate // 10_000))


def without_the_year_s_cap() -> AbstractContextManager[None]:
    def left(name: str, _cap: int, _used: int, zh: str, en: str) -> reckoning.Step:
        return reckoning.Step(name, 10**12, zh, en)

    return _instead(reckoning, "_left", left)


def without_the_cap_of_an_order() -> AbstractContextManager[None]:
    def reckon(programme: Any, told: Any, order: Any, standing: Any) -> Any:
        free = reckoning.Quota(told.rate_bp, None, told.cap_instrument_fen, told.cap_year_fen)
        return reckoning.reckon(programme, free, order, standing)

    return _instead(deciding, "reckon", reckon)


def with_double_captures() -> AbstractContextManager[None]:
    """A hold that has ended is taken for a live one."""

    def live(session: Any, reference: str) -> Any:
        found = session.scalar(select(Hold).where(Hold.reference == reference))
        if found is None:
            return None
        mine = select(HoldPart).where(HoldPart.hold_id == found.id).order_by(HoldPart.line)
        told = {name: getattr(found, name) for name in holds._Live._fields if name != "parts"}
        return holds._Live(**told, parts=[(part.grant_id, part.fen) for part in session.scalars(mine)])

    return _instead(holds, "_live", live)


def without_giving_back() -> AbstractContextManager[None]:
    """Of what is let go one fen returns to its grant."""

    class Ledger:
        def __getattr__(self, name: str) -> Any:
            return getattr(ledger, name)

        def post(self, session: Any, reference: str, kind: str, transfers: Any, **more: Any) -> Any:
            short = [each._replace(fen=1) for each in transfers] if kind == "release" else transfers
            return ledger.post(session, reference, kind, short, **more)

    return _instead(holds, "ledger", Ledger())


def without_the_ledger_s_guard() -> AbstractContextManager[None]:
    return _instead(ledger, "GUARDED", frozenset())


def without_what_is_available() -> AbstractContextManager[None]:
    """Grants are taken for bottomless, and the ledger does not look either."""

    @contextmanager
    def both() -> Iterator[None]:
        whole = reckoning._caps

        def caps(told: Any, standing: Any) -> Any:
            return [step for step in whole(told, standing) if step.name != "available"]

        with _instead(reckoning, "_caps", caps), without_the_ledger_s_guard():
            yield

    return both()


def with_negative_entries() -> AbstractContextManager[None]:
    """An entry may take back what another gave: money out of an account that a check of amounts would have kept."""
    return _instead(ledger, "_check", lambda _: None)


def with_one_side_of_an_entry() -> AbstractContextManager[None]:
    """What leaves an account arrives one fen short: the balances no longer sum to zero."""
    whole = ledger._changes

    def changes(transfers: Any) -> Any:
        made = dict(whole(transfers))
        target = transfers[0][1]
        return {**made, target: made[target] - 1}

    return _instead(ledger, "_changes", changes)


VARIANTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "rounding down": rounding_up,
    "cap of the year": without_the_year_s_cap,
    "cap of an order": without_the_cap_of_an_order,
    "one capture": with_double_captures,
    "giving back": without_giving_back,
    "what is available": without_what_is_available,
    "positive entries": with_negative_entries,
    "both sides of an entry": with_one_side_of_an_entry,
}


def play(database: Database) -> list[str]:
    """A short history that comes near every limit; what it broke."""
    furnish(database, 34_000)
    change(database, holders=quota(cap_order_fen=25_000, cap_year_fen=35_000))
    try:
        for number, fee in enumerate((10_001, 333, 100_000, 90_000, 5_001)):
            hold(database, f"bk-{number}", fee)
        capture(database, "bk-0", 4_999)
        capture(database, "bk-0", 1)
        release(database, "bk-2")
        release(database, "bk-2")
        hold(database, "bk-5", 70_000)
        with database.write() as session:
            allot(session, 60_000, revision=2)
        hold(database, "bk-6", 90_000)
        capture(database, "bk-1", 166)
        with (
            suppress(ValueError),
            database.write() as session,
        ):  # an entry of less than nothing is never written
            areas = Account("authority", "330400"), Account("authority", "310000")
            ledger.post(session, "less", "fund", [Transfer(*areas, 2), Transfer(*areas, -1)], now=NOW)
    except Exception as fault:  # breaking down is being caught as well
        return [repr(fault)]
    return broken(database)


def test_the_whole_one_breaks_no_law(database: Database) -> None:
    assert play(database) == []


@pytest.mark.parametrize("name", VARIANTS)
def test_a_missing_safeguard_is_caught(database: Database, name: str) -> None:
    with VARIANTS[name]():
        assert play(database), f"nothing noticed that {name} is missing"
