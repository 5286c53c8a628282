"""`hub files`: whether every file that a row names is on disk and is what was kept: after a restore, and now and then."""

import argparse
from typing import Any

from hub.bookings.service import kept_files as bookings
from hub.cli.installation import open_database
from hub.cli.say import complain, say
from hub.core.clock import utc_now
from hub.core.kept_files import KeptFile, faults
from hub.core.settings import Settings
from hub.settlement.service import kept_files as settlement

WHY = {"missing": "文件缺失", "differs": "内容与哈希值不符"}


def add_commands(add: Any) -> None:
    """The command of this module."""
    command = add("files", "随记录保存的文件 / files that rows name", run)
    command.add_argument("what", choices=("verify",))


def run(settings: Settings, _asked: argparse.Namespace) -> int:
    """Compare every file with its row; each one that is missing or differs is named. 1 when there is any."""
    now = utc_now()
    with open_database(settings) as database, database.read() as session:
        named: list[KeptFile] = [
            *bookings.kept_files(session, now=now),
            *settlement.kept_files(session, now=now),
        ]
    wrong = 0
    for each in faults(settings.home, named):
        wrong += 1
        complain(
            f"{each.file.row}：{WHY[each.why]}（{each.file.path}）。",
            f"{each.file.row}: {each.why} ({each.file.path}).",
        )
    if wrong:
        complain(f"{len(named)} 个文件中有 {wrong} 个不符。", f"{wrong} of {len(named)} files do not fit.")
        return 1
    say(f"{len(named)} 个文件齐全，内容与记录一致。", f"{len(named)} files are there and fit their rows.")
    return 0
