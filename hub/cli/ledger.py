"""`hub ledger`: checking the ledger, and setting stored balances to what its entries say."""

import argparse
from typing import Any

from hub.cli.installation import open_database
from hub.cli.say import complain, say
from hub.core import audit, sequencer
from hub.core.clock import utc_now
from hub.core.db import Database
from hub.core.settings import Settings
from hub.settlement import ledger
from hub.settlement.ledger import LedgerVerdict

_ACTOR = "system:cli"

BALANCE = "balance differs"
WHY = {
    "altered": "记录被改动",
    "missing": "记账被删除",
    "cut off": "链尾被截断",
    "entries differ": "分录与上链内容不一致",
    "not chained": "记账未上链",
    BALANCE: "余额与分录合计不一致",
}


def add_commands(add: Any) -> None:
    """The command of this module."""
    command = add("ledger", "账本 / the ledger", run)
    command.add_argument("what", choices=("verify", "rebuild"))


def run(settings: Settings, asked: argparse.Namespace) -> int:
    """Check chain, postings and balances; `rebuild` mends balances, and only those. 1 when something does not fit."""
    with open_database(settings) as database:
        found = _verdict(database)
        if asked.what == "rebuild" and found.why == BALANCE:
            with database.write() as session:
                wrong = ledger.rebuild(session)
                audit.record(
                    session, _ACTOR, "settlement.rebuild", "ledger", {"accounts": wrong}, now=utc_now()
                )
            say(
                f"已按分录重建 {len(wrong)} 个账户的余额：{'、'.join(wrong)}",
                "Balances rebuilt from the entries.",
            )
            found = _verdict(database)
    if found.broken is not None:
        complain(
            f"账本在「{found.broken}」处不符：{WHY[found.why]}。",
            f"The ledger does not fit at {found.broken} ({found.why}).",
        )
        return 1
    say(f"账本完整，共 {found.postings} 笔记账。", f"The ledger holds, {found.postings} postings.")
    return 0


def _verdict(database: Database) -> LedgerVerdict:
    while sequencer.number_once(database):
        pass
    with database.read() as session:
        return ledger.verify(session)
