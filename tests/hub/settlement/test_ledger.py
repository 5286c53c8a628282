"""The ledger: sums to zero, posts once, never overdraws a promise, and names what was changed behind its back."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from secrets import token_hex

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.core import sequencer
from hub.core.db import Database
from hub.settlement import ledger
from hub.settlement.errors import AccountOverdrawn, ReferenceReused
from hub.settlement.ledger import Account, Transfer
from tests.hub.settlement.tampering import tamper

pytestmark = pytest.mark.database

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
AUTHORITY, POOL = Account("authority", "330400"), Account("pool", "330400-voucher:2026")
VOUCHER, HELD = Account("voucher", "vg-1"), Account("held", "vg-1")
PAYABLE, CAPTURED = Account("payable", "en-1"), Account("captured", "330400-voucher")
BUDGET = Transfer(AUTHORITY, POOL, 100_000)


def post(
    database: Database, reference: str, *transfers: Transfer, kind: str = "budget", now: datetime = NOW
) -> ledger.Posted:
    with database.write() as session:
        return ledger.post(session, reference, kind, transfers, now=now)


def held(database: Database) -> dict[str, int]:
    """Every stored balance."""
    with database.read() as session:
        rows = session.execute(text("SELECT id, balance_fen FROM settlement_account"))
        return {row.id: row.balance_fen for row in rows}


def verdict(database: Database) -> ledger.LedgerVerdict:
    while sequencer.number_once(database, now=NOW):
        pass
    with database.read() as session:
        return ledger.verify(session)


def test_a_posting_moves_both_sides_and_is_written_once(database: Database) -> None:
    first = post(database, "b-1", BUDGET)
    again = post(database, "b-1", BUDGET)
    assert (first.is_repeat, again.is_repeat, again.id) == (False, True, first.id)
    assert held(database) == {AUTHORITY.id: -100_000, POOL.id: 100_000}
    with database.read() as session:
        assert ledger.entries_of(session, "b-1") == [(AUTHORITY.id, POOL.id, 100_000)]
        assert ledger.find(session, "b-2") is None
        assert ledger.balance(session, Account("pool", "never used")) == 0


@pytest.mark.parametrize(
    ("transfer", "kind"),
    [
        (Transfer(AUTHORITY, POOL, 99_999), "budget"),
        (BUDGET, "grant"),
        (Transfer(AUTHORITY, VOUCHER, 100_000), "budget"),
    ],
)
def test_a_reference_names_one_posting_for_ever(database: Database, transfer: Transfer, kind: str) -> None:
    post(database, "b-1", BUDGET)
    with pytest.raises(ReferenceReused, match="b-1"):
        post(database, "b-1", transfer, kind=kind)
    assert held(database)[POOL.id] == 100_000


@pytest.mark.parametrize(
    "transfers",
    [(), (Transfer(POOL, POOL, 1),), (Transfer(AUTHORITY, POOL, 0),), (Transfer(AUTHORITY, POOL, -5),),
     (Transfer(AUTHORITY, POOL, 1.5),), (Transfer(AUTHORITY, POOL, True),)],  # type: ignore[arg-type]
)  # fmt: skip
def test_what_is_no_posting_is_a_fault_of_the_program(
    database: Database, transfers: tuple[Transfer, ...]
) -> None:
    with pytest.raises(ValueError):
        post(database, "b-1", *transfers)
    assert held(database) == {}


@pytest.mark.parametrize("account", [POOL, VOUCHER, HELD, CAPTURED])
def test_a_promise_is_never_overdrawn_not_by_one_fen(database: Database, account: Account) -> None:
    post(database, "in", Transfer(AUTHORITY, account, 500))
    with pytest.raises(AccountOverdrawn, match=account.id):
        post(database, "out", Transfer(account, PAYABLE, 501))
    with database.read() as session:
        assert ledger.find(session, "out") is None
    post(database, "out", Transfer(account, PAYABLE, 500))
    assert held(database)[account.id] == 0


@pytest.mark.parametrize("lines", [8, 9, 40])
def test_a_posting_of_many_lines_is_whole_or_not_at_all(database: Database, lines: int) -> None:
    """Many grants held for one order, then all of it and one fen more let go."""
    grants = [f"vg-{number:02}" for number in range(lines)]
    post(database, "in", *(Transfer(AUTHORITY, Account("voucher", each), 100) for each in grants))
    hold = [Transfer(Account("voucher", each), Account("held", each), 60) for each in grants]
    post(database, "hold", *hold, kind="hold")
    expected = {AUTHORITY.id: -100 * lines}
    expected |= {f"voucher:{each}": 40 for each in grants} | {f"held:{each}": 60 for each in grants}
    assert held(database) == expected
    back = [Transfer(Account("held", each), Account("voucher", each), 60) for each in grants[:-1]]
    last = Transfer(Account("held", grants[-1]), Account("voucher", grants[-1]), 61)
    with pytest.raises(AccountOverdrawn, match=f"held:{grants[-1]}"):
        post(database, "release", *back, last, kind="release")
    assert held(database) == expected
    assert verdict(database) == ledger.LedgerVerdict(2, 0, None, "")


def test_what_goes_there_and_back_changes_no_balance(database: Database) -> None:
    post(database, "loop", Transfer(VOUCHER, HELD, 5), Transfer(HELD, VOUCHER, 5))
    assert held(database) == {VOUCHER.id: 0, HELD.id: 0}
    assert verdict(database).broken is None


def test_debts_may_stand_on_either_side(database: Database) -> None:
    post(database, "use", Transfer(PAYABLE, Account("receivable", "in-1"), 700))
    assert held(database) == {PAYABLE.id: -700, "receivable:in-1": 700}


def test_the_database_itself_refuses_a_balance_below_zero(database: Database) -> None:
    post(database, "in", Transfer(AUTHORITY, VOUCHER, 500))
    with pytest.raises(DBAPIError, match="ck_settlement_account_balance"), database.write() as session:
        session.execute(text("UPDATE settlement_account SET balance_fen = -1 WHERE id = 'voucher:vg-1'"))


@pytest.mark.parametrize("table", ["settlement_posting", "settlement_entry"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {}"])
def test_the_database_itself_refuses_to_change_what_was_posted(
    database: Database, table: str, change: str
) -> None:
    post(database, "b-1", BUDGET)
    column = "kind = 'x'" if table == "settlement_posting" else "fen = 1"
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(text(change.format(table, column)))


def test_the_migrated_database_refuses_it_too(empty: Database) -> None:
    from hub import migrations

    migrations.upgrade(empty)
    post(empty, "b-1", BUDGET)
    for statement in ("UPDATE settlement_entry SET fen = 1", "DELETE FROM settlement_posting"):
        with pytest.raises(DBAPIError, match="append-only"), empty.write() as session:
            session.execute(text(statement))


def test_an_untouched_ledger_verifies(database: Database) -> None:
    assert verdict(database) == ledger.LedgerVerdict(0, 0, None, "")
    post(database, "b-1", BUDGET)
    with database.read() as session:
        assert ledger.verify(session) == ledger.LedgerVerdict(0, 1, None, "")
    post(database, "g-1", Transfer(POOL, VOUCHER, 700), Transfer(VOUCHER, HELD, 300), kind="grant")
    assert verdict(database) == ledger.LedgerVerdict(2, 0, None, "")


TAMPERED = {
    "amount": ("UPDATE settlement_entry SET fen = 701 WHERE fen = 700", "g-1", "entries differ"),
    "source": ("UPDATE settlement_entry SET source_id = 'captured:c' WHERE fen = 700", "g-1", "entries differ"),
    "target": ("UPDATE settlement_entry SET target_id = 'held:vg-1' WHERE fen = 700", "g-1", "entries differ"),
    "line": ("UPDATE settlement_entry SET line = 9 WHERE fen = 300", "g-1", "entries differ"),
    "lost entry": ("DELETE FROM settlement_entry WHERE fen = 300", "g-1", "entries differ"),
    "more entries": (
        "INSERT INTO settlement_entry SELECT posting_id, 3, source_id, target_id, 5 FROM settlement_entry WHERE fen = 300",
        "g-1", "entries differ",
    ),
    "kind": ("UPDATE settlement_posting SET kind = 'gift' WHERE reference = 'g-1'", "g-1", "entries differ"),
    "time": (
        "UPDATE settlement_posting SET posted_at = '2026-03-02 01:00:00.000001' WHERE reference = 'g-1'",
        "g-1", "entries differ",
    ),
    "reference": ("UPDATE settlement_posting SET reference = 'g-9' WHERE reference = 'g-1'", "g-1", "missing"),
    "new posting": (
        "INSERT INTO settlement_posting (id, reference, kind, posted_at) SELECT 99, 'x', kind, posted_at FROM settlement_posting WHERE reference = 'g-1'",
        "x", "not chained",
    ),
    "kind of an account": ("UPDATE settlement_account SET kind = 'bank' WHERE id = 'voucher:vg-1'", "voucher:vg-1", "altered"),
    "owner of an account": ("UPDATE settlement_account SET owner = 'vg-2' WHERE id = 'voucher:vg-1'", "voucher:vg-1", "altered"),
    "balance": ("UPDATE settlement_account SET balance_fen = 401 WHERE id = 'voucher:vg-1'", "voucher:vg-1", "balance differs"),
    "chained payload": (
        "UPDATE core_change SET payload = '{\"kind\":\"grant\",\"entries\":[]}' WHERE subject = 'g-1'", "g-1", "altered",
    ),
    "chained time": ("UPDATE core_change SET announced_at = '2026-03-02 01:00:01' WHERE subject = 'g-1'", "g-1", "altered"),
    "lost link": ("DELETE FROM core_change WHERE subject = 'b-1'", "#1", "missing"),
    "cut end": ("DELETE FROM core_change WHERE subject = 'z-1'", "#3", "cut off"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_whatever_is_changed_is_found_and_named(database: Database, what: str) -> None:
    post(database, "b-1", BUDGET)
    post(database, "g-1", Transfer(POOL, VOUCHER, 700), Transfer(VOUCHER, HELD, 300), kind="grant")
    post(database, "z-1", Transfer(HELD, Account("captured", "c"), 100), kind="capture")
    assert verdict(database).broken is None
    statement, broken, why = TAMPERED[what]
    tamper(database, statement)
    found = verdict(database)
    assert (found.broken, found.why) == (broken, why)


def test_stored_balances_are_rebuilt_from_the_entries(database: Database) -> None:
    post(database, "b-1", BUDGET)
    post(database, "g-1", Transfer(POOL, VOUCHER, 700))
    right = held(database)
    tamper(database, "UPDATE settlement_account SET balance_fen = balance_fen + 5 WHERE kind <> 'authority'")
    with database.write() as session:
        assert ledger.rebuild(session) == [POOL.id, VOUCHER.id]
    assert held(database) == right
    with database.write() as session:
        assert ledger.rebuild(session) == []
    assert verdict(database).broken is None


def race(database: Database, acts: list[Callable[[], object]]) -> list[object]:
    """What each act gave or raised, all begun at once."""
    begun = threading.Barrier(len(acts))
    got: list[object] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        begun.wait(10)
        try:
            got[number] = act()
        except Exception as fault:
            got[number] = fault

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return got


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_of_32_postings_at_the_boundary_as_many_succeed_as_the_account_holds(
    database: Database, more: int
) -> None:
    post(database, "in", Transfer(AUTHORITY, VOUCHER, 16 * 100 + more))

    def take(number: int) -> object:
        return post(database, f"h-{number}", Transfer(VOUCHER, HELD, 100), kind="hold")

    got = race(database, [lambda n=n: take(n) for n in range(32)])  # type: ignore[misc]
    won = sum(isinstance(one, ledger.Posted) for one in got)
    assert won == (16 if more >= 0 else 15), got
    assert sum(isinstance(one, AccountOverdrawn) for one in got) == 32 - won
    assert held(database)[VOUCHER.id] == 1600 + more - 100 * won
    assert verdict(database) == ledger.LedgerVerdict(won + 1, 0, None, "")


def test_one_reference_posted_by_many_at_once_is_one_posting(database: Database) -> None:
    got = race(database, [lambda: post(database, "b-1", BUDGET)] * 6)
    assert sorted(one.is_repeat for one in got if isinstance(one, ledger.Posted)) == [False] + [True] * 5
    assert held(database)[POOL.id] == 100_000


def test_transfers_crossing_each_other_do_not_lock_each_other_out(database: Database) -> None:
    """Two postings that name the same accounts the other way round, again and again."""
    ways = [(VOUCHER, Account("voucher", "vg-2")), (Account("voucher", "vg-2"), VOUCHER)]
    for source, _ in ways:
        post(database, f"in-{source.owner}", Transfer(AUTHORITY, source, 100))

    def cross(number: int) -> object:
        source, target = ways[number % 2]
        return [post(database, f"x-{number}-{n}", Transfer(source, target, 1)) for n in range(5)]

    got = race(database, [lambda n=n: cross(n) for n in range(6)])  # type: ignore[misc]
    assert not [one for one in got if isinstance(one, Exception)], got
    assert sum(held(database).values()) == 0


ACCOUNTS = [AUTHORITY, POOL, VOUCHER, HELD, CAPTURED, PAYABLE]
PAIRS = st.sampled_from([(a, b) for a in ACCOUNTS for b in ACCOUNTS if a != b])


class Books(RuleBasedStateMachine):
    """The ledger beside a dictionary that is obviously right."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.balances: dict[Account, int] = {}
        self.known: dict[str, list[Transfer]] = {}
        self.prefix = token_hex(8)

    @rule(
        moves=st.lists(st.tuples(PAIRS, st.integers(1, 60)), min_size=1, max_size=3),
        number=st.integers(0, 12),
    )
    def post(self, moves: list[tuple[tuple[Account, Account], int]], number: int) -> None:
        reference = f"{self.prefix}-{number}"
        transfers = [Transfer(self._own(pair[0]), self._own(pair[1]), fen) for pair, fen in moves]
        if reference in self.known:
            if self.known[reference] == transfers:
                assert post(self.database, reference, *transfers).is_repeat
            else:
                with pytest.raises(ReferenceReused):
                    post(self.database, reference, *transfers)
            return
        after = dict(self.balances)
        for source, target, fen in transfers:
            after[source] = after.get(source, 0) - fen
            after[target] = after.get(target, 0) + fen
        if any(fen < 0 for account, fen in after.items() if account.kind in ledger.GUARDED):
            with pytest.raises(AccountOverdrawn):
                post(self.database, reference, *transfers)
            return
        assert not post(self.database, reference, *transfers).is_repeat
        self.balances, self.known[reference] = after, transfers

    @invariant()
    def stored_balances_are_the_folds_and_sum_to_zero(self) -> None:
        with self.database.read() as session:
            stored = ledger.balances(session, self.balances)
            folded = ledger.fold(session)
        assert stored == self.balances
        assert sum(folded.values()) == 0
        assert {each: folded.get(each.id, 0) for each in self.balances} == self.balances

    def _own(self, account: Account) -> Account:
        """Each run has accounts of its own in the one database."""
        return Account(account.kind, f"{account.owner}/{self.prefix}")


def test_any_history_keeps_the_books(database: Database) -> None:
    class Here(Books):
        pass

    Here.database = database
    run_state_machine_as_test(Here, settings=settings(max_examples=8, stateful_step_count=10, deadline=None))
    assert verdict(database).broken is None
