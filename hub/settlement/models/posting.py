"""The statements that write a posting, made once for every number of lines; `hub.settlement.ledger` runs them."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, String, Table, bindparam, column, or_, select, update, values
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import ReturningUpdate

from hub.core import sequencer
from hub.core.together import Build, Together, Write
from hub.settlement.models.journal import Account, Entry, Posting

_ACCOUNT: Table = Account.__table__  # type: ignore[assignment]
_POSTING: Table = Posting.__table__  # type: ignore[assignment]
_ENTRY: Table = Entry.__table__  # type: ignore[assignment]


@cache
def opening(accounts: int, beside: Build) -> Together:
    """So many accounts that may not be there yet, and a posting; what goes beside comes first.

    Gives the posting's `id`, nothing when its reference was there before.
    """

    def build(insert: Callable[[Any], postgresql.Insert]) -> list[Write]:
        rows: list[dict[str, Any]] = [
            {name: bindparam(f"v_{name}_{place}") for name in ("id", "kind", "owner")} | {"balance_fen": 0}
            for place in range(accounts)
        ]
        posting = insert(_POSTING).values(
            {name: bindparam(f"v_{name}") for name in ("reference", "kind", "posted_at")}
        )
        opened = insert(_ACCOUNT).values(rows).on_conflict_do_nothing(index_elements=["id"])
        posted = posting.on_conflict_do_nothing(index_elements=["reference"]).returning(_POSTING.c.id)
        return [*beside(insert), opened, posted] if accounts else [*beside(insert), posted]

    return Together(build)


@cache
def writing(entries: int, moves: int) -> Together:
    """So many entries of a posting, its link in the chain, and so many balances; gives what `moving` does."""

    def build(insert: Callable[[Any], postgresql.Insert]) -> list[Write]:
        names = ("line", "source_id", "target_id", "fen")
        rows: list[dict[str, Any]] = [
            {"posting_id": bindparam("v_posting")} | {name: bindparam(f"v_{name}_{place}") for name in names}
            for place in range(entries)
        ]
        written: list[Write] = [insert(_ENTRY).values(rows), sequencer.announcement(insert)]
        return [*written, _moving(moves)] if moves else written

    return Together(build)


@cache
def moving(moves: int) -> Together:
    """So many stored balances, locked in the given order; gives the `id` of every account that held enough."""
    return Together(lambda _: [_moving(moves)])


def _moving(moves: int) -> ReturningUpdate[Any]:
    rows = [
        (
            bindparam(f"v_place_{place}", type_=BigInteger),
            bindparam(f"v_account_{place}", type_=String),
            bindparam(f"v_change_{place}", type_=BigInteger),
            bindparam(f"v_least_{place}", type_=BigInteger),
        )
        for place in range(moves)
    ]
    names = (column("place", BigInteger), column("account", String), column("change", BigInteger))
    move = values(*names, column("least", BigInteger), name="move").data(rows).cte("move")
    mine = (
        select(_ACCOUNT.c.id, move.c.change, move.c.least)
        .join(move, move.c.account == _ACCOUNT.c.id)
        .order_by(move.c.place)
        .with_for_update(key_share=True, of=_ACCOUNT)
        .cte("mine")
    )
    after = _ACCOUNT.c.balance_fen + mine.c.change
    return (
        update(_ACCOUNT)
        .where(_ACCOUNT.c.id == mine.c.id, or_(mine.c.least.is_(None), after >= mine.c.least))
        .values(balance_fen=after)
        .returning(_ACCOUNT.c.id)
    )
