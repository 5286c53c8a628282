"""The laws catch what they are for: with one safeguard taken out, a short history of a period breaks them or breaks down."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import literal, update

from hub.core.db import Database
from hub.settlement.errors import PaymentLineOver
from hub.settlement.models import RatedLine
from hub.settlement.rules import periods as rules
from hub.settlement.service import periods, usage
from hub.settlement.service.periods import closing, crediting, paying, posting
from tests.hub.settlement.periods.laws import broken
from tests.hub.settlement.periods.test_paying import credit, send_back
from tests.hub.settlement.periods.test_way import lines_of
from tests.hub.settlement.periods.world import (
    AFTER,
    BATCH,
    CUTOFF,
    HOME,
    NEXT,
    SHANGHAI,
    VISITED,
    ZHEJIANG,
    Usage,
    agree,
    batch,
    close,
    corrected,
    furnish,
    pay,
    post,
    rated,
    submit,
)
from tests.hub.settlement.test_variants import _instead

pytestmark = pytest.mark.database


def with_shares_rounded_up() -> AbstractContextManager[None]:
    """What is paid is a fen more than what is owed between the provinces."""
    whole = paying.transfers

    def transfers(*given: Any) -> Any:
        return [each._replace(fen=each.fen + 1) for each in whole(*given)]

    return _instead(paying, "transfers", transfers)


def without_voiding() -> AbstractContextManager[None]:
    return _instead(crediting, "_void", lambda *_, **__: None)


def without_looking_at_batches() -> AbstractContextManager[None]:
    """A cut takes what an earlier one has taken."""

    def cut(session: Any, period: Any, _visited: Any) -> dict[str, int]:
        mine = update(RatedLine).where(RatedLine.state.in_(("ready", "settled", "batched")))
        name = literal(f"{period.id}.") + RatedLine.visited + "-" + RatedLine.home
        session.execute(mine.values(state="batched", batch_id=name))
        return {f"{period.id}.{SHANGHAI}-{ZHEJIANG}": 1}

    return _instead(closing, "_cut", cut)


def without_taking_out() -> AbstractContextManager[None]:
    """A returned line stays in its batch."""
    return _instead(usage, "return_line", lambda *_, **__: None)


def without_the_ledger() -> AbstractContextManager[None]:
    return _instead(posting, "_post_ledger", lambda *_, **__: None)


def with_a_line_left_out() -> AbstractContextManager[None]:
    """The sums leave out what the list names."""

    def add(self: rules.Tally, values: Any) -> str:
        entry = rules.entry_bytes(values)
        self.lines += 1
        self.voucher_fen += values["voucher_fen"]
        return rules.sha256(entry).hexdigest()

    return _instead(rules.Tally, "add", add)


def without_the_seal() -> AbstractContextManager[None]:
    """A batch that was closed is taken for one that is only paid: its payments may still be changed."""
    whole = paying._lock

    def lock(session: Any, line_id: str) -> Any:
        line, held = whole(session, line_id)
        if held is not None and held.state == "closed":
            held.state = "paid"
        return line, held

    return _instead(paying, "_lock", lock)


VARIANTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "paying what is owed": with_shares_rounded_up,
    "taking credited shares off": without_voiding,
    "one batch for a line": without_looking_at_batches,
    "taking returned lines out": without_taking_out,
    "posting": without_the_ledger,
    "counting every line": with_a_line_left_out,
    "a closed period": without_the_seal,
}


def play(database: Database) -> list[str]:
    """A short history with everything in it; what it broke."""
    furnish(database)
    try:
        wrong = Usage("u1")
        first, second, _ = rated(database, wrong, Usage("u2", 30_001, 15_000), Usage("u3", 999, 0))
        close(database)
        submit(database)
        with database.write() as session:
            periods.return_line(session, BATCH, first, HOME, code="other", text="再核", now=AFTER)
        rated(
            database,
            corrected(wrong, fee_fen=50_000, voucher_fen=20_000, rated_at=AFTER),
            Usage("u4", rated_at=CUTOFF),
        )
        submit(database)
        agree(database)
        post(database)
        credit(database, second)
        [line] = lines_of(database)
        again = send_back(database, line.id)
        pay(database, again, 20_000)
        with database.write() as session:
            periods.seal_batch(session, BATCH, VISITED, now=AFTER)
        close(database, NEXT, now=AFTER + timedelta(days=40))
        with suppress(PaymentLineOver):
            send_back(database, again)
        assert batch(database).state == "closed"
    except Exception as fault:  # breaking down is being caught as well
        return [repr(fault)]
    return broken(database)


def test_the_whole_one_breaks_no_law(database: Database) -> None:
    assert play(database) == []


@pytest.mark.parametrize("name", VARIANTS)
def test_a_missing_safeguard_is_caught(database: Database, name: str) -> None:
    with VARIANTS[name]():
        assert play(database), f"nothing noticed that {name} is missing"
