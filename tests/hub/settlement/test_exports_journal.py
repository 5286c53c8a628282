"""The journal: `bean-check` accepts what the ledger did, and nothing that was changed in it."""

import random
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from hub.core.db import Database
from hub.settlement import ledger
from hub.settlement.errors import ExportSpanWrong
from hub.settlement.ledger import Account, Transfer, clearing
from hub.settlement.service.exports import Scope, account_name, journal_lines
from tests.hub.settlement import vouchers

pytestmark = pytest.mark.database

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FIRST, END = date(2026, 3, 1), date(2026, 4, 1)
PROGRAMME = vouchers.PROGRAMME
POOL, CAPTURED = Account("pool", f"{PROGRAMME}:2026"), Account("captured", PROGRAMME)
AUTHORITY = Account("authority", "330400")
BANK, ENTERPRISE, INSTITUTION = (
    Account("bank", "outside"),
    Account("payable", "en-1"),
    Account("receivable", "31-u-1"),
)
BEAN_CHECK = Path(sys.executable).with_name("bean-check")


def bean_check(folder: Path, text: str) -> str:
    """What `bean-check` says of the journal; empty when it accepts it."""
    file = folder / "journal.beancount"
    file.write_text(text, "utf-8")
    done = subprocess.run([BEAN_CHECK, file], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (not done.stderr.strip()), done.stderr
    return done.stdout + done.stderr


def history(database: Database, seed: int = 1, orders: int = 12) -> None:
    """A generated history from February to April: budget, rated orders, own shares, captures, posting, redemption."""
    chance = random.Random(seed)
    vouchers.furnish(database, None)
    at = datetime(2026, 2, 20, 15, 59, tzinfo=UTC)
    owed = clearing("310000", "330000")
    with database.write() as session:
        ledger.post(session, 'fund:"x" \\ 甲', "budget", [Transfer(AUTHORITY, POOL, 90_000_000)], now=at)
        for number in range(orders):
            at += timedelta(days=chance.randrange(0, 7), seconds=chance.randrange(80_000))
            fee = chance.randrange(2, 100_000)
            voucher = chance.randrange(1, fee)
            ledger.post(
                session, f"rate:u{number}.1", "rate", [Transfer(ENTERPRISE, INSTITUTION, fee)], now=at
            )
            paid = [Transfer(BANK, ENTERPRISE, fee - voucher), Transfer(INSTITUTION, BANK, fee - voucher)]
            ledger.post(session, f"paid:p{number}.1", "paid", paid, now=at)
            ledger.post(session, f"capture:{number}", "capture", [Transfer(POOL, CAPTURED, voucher)], now=at)
            ledger.post(session, f"post:b{number}", "post", [Transfer(CAPTURED, owed, voucher)], now=at)
            if number % 3:
                redeemed = [Transfer(INSTITUTION, BANK, voucher), Transfer(owed, ENTERPRISE, voucher)]
                ledger.post(session, f"redeem:l{number}", "redeem", redeemed, now=at)


def journal(database: Database, first: date = FIRST, end: date = END, area: str = "") -> str:
    with database.read() as session:
        return "".join(journal_lines(session, first, end, Scope(area), now=NOW))


@pytest.mark.parametrize("area", ["", "33", "3304", "31", "52"])
def test_bean_check_accepts_every_period_and_scope(database: Database, tmp_path: Path, area: str) -> None:
    history(database, seed=len(area))
    text = journal(database, area=area)
    assert bean_check(tmp_path, text) == ""
    assert ("2026-04-01 balance" in text) == (area != "52")
    assert account_name(INSTITUTION.id) in text or area not in ("", "31")


def test_months_join_without_a_gap(database: Database, tmp_path: Path) -> None:
    history(database)
    months = [date(2026, 2, 1), FIRST, END, date(2026, 6, 1)]
    texts = [journal(database, a, b) for a, b in pairwise(months)]
    assert [bean_check(tmp_path, text) for text in texts] == ["", "", ""]
    closed = re.findall(r"^2026-04-01 balance (\S+)  (\S+) CNY", texts[1], re.M)
    assert closed
    brought = dict(
        re.findall(r"^  (\S+)  (\S+) CNY", texts[2].partition("期初余额")[2].partition("\n\n")[0], re.M)
    )
    assert {name: fen for name, fen in closed if fen != "0.00"} == brought
    references = re.findall(r'reference: "(.+)"', "".join(texts))
    assert len(references) == len(set(references)) == 1 + sum(5 if n % 3 else 4 for n in range(12))


def test_the_day_of_a_posting_is_that_of_shanghai(database: Database) -> None:
    vouchers.furnish(database, None)
    with database.write() as session:
        late = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
        ledger.post(session, "b", "budget", [Transfer(AUTHORITY, POOL, 1)], now=late)
    assert '2026-03-01 * "budget"' in journal(database)
    assert "budget" not in journal(database, date(2026, 2, 1), FIRST)


def _amount(text: str) -> str:
    return re.sub(r"(reference: \"rate:u3.1\"\n  \S+  -)(\S+)", r"\g<1>1\g<2>", text)


def _both_sides(text: str) -> str:
    found = re.search(r'(reference: "rate:u3.1"\n  \S+  -)(\S+)( CNY\n  \S+  )(\S+)', text)
    assert found is not None
    a, _, b, _ = found.groups()
    return text.replace(found.group(0), f"{a}0.01{b}0.01")


def _dropped(text: str) -> str:
    return re.sub(r'\S+ \* "rate"\n  reference: "rate:u3.1"\n(  .*\n)+', "", text)


def _added(text: str) -> str:
    block = re.search(r'\S+ \* "rate"\n  reference: "rate:u3.1"\n(  .*\n)+', text)
    assert block is not None
    return text + "\n" + block.group(0)


def _balance(text: str) -> str:
    return re.sub(r"(balance \S+  -?)(\d)", r"\g<1>9\g<2>", text, count=1)


@pytest.mark.parametrize("tamper", [_amount, _both_sides, _dropped, _added, _balance])
def test_a_changed_journal_is_refused(database: Database, tmp_path: Path, tamper: object) -> None:
    history(database)
    text = journal(database)
    changed = tamper(text)  # type: ignore[operator]
    assert changed != text
    assert bean_check(tmp_path, changed) != ""


def test_no_two_accounts_share_a_name() -> None:
    ids = ["pool:a.b", "pool:a-b", "pool:aU002Eb", "pool:ab", "voucher:a.b", "pool:a:b", "pool:甲", "pool:"]
    assert len({account_name(each) for each in ids}) == len(ids)


def test_a_span_that_ends_before_it_begins_is_refused(database: Database) -> None:
    with pytest.raises(ExportSpanWrong):
        journal(database, END, FIRST)
