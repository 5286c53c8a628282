"""What `settlement` measures, each in a process of its own. It imports what it runs and no more: its memory is measured too."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from hub.core.db import Database
from hub.settlement import service
from hub.settlement.models import Batch
from hub.settlement.rules.periods import month
from hub.settlement.service import periods
from hub.settlement.service.periods import posting, sealing
from tests.hub.settlement.orders import order

PERIOD = "2026-03"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
AFTER = month(PERIOD).cutoff_at + timedelta(hours=1)
PROGRAMME = "demo-330400-voucher"
HOLDS, WARM = 100, 10


def _calculate(url: str) -> dict[str, float]:
    """Calculate every batch that was cut, issue its statement and publish its seal; seconds and the peak of memory."""
    database = Database(url, pool=2)
    with database.read() as session:
        names = [row.id for row in session.query(Batch).where(Batch.visited != Batch.home).order_by(Batch.id)]
    begun = time.perf_counter()
    for name in names:
        with database.write() as session:
            periods.calculate_batch(session, name, now=AFTER)
            batch = session.get_one(Batch, name)
            posting.issue_statement(session, batch, [], now=AFTER)
            batch.sealed_sha256 = sealing.publish_seal(session, batch, now=AFTER)
    took = time.perf_counter() - begun
    database.close()
    return {"seconds": took, "megabytes": _peak()}


def _peak() -> float:
    """The most memory this program has held since it began, in MB.

    Not `ru_maxrss`: that is counted from before the program was loaded and so is never less than what its parent held.
    """
    status = Path("/proc/self/status").read_text("utf-8")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) / 1024


def _hold(kind: str, url: str, client: int, begin: float) -> dict[str, float]:
    """One client: every hold in a transaction of its own, each of an order of its own."""
    act = _holds(url, client) if kind == "hold" else _peer_holds(url, client)
    for _ in range(WARM):
        next(act)
    time.sleep(max(0.0, begin - time.time()))
    begun = time.time()
    for _ in range(HOLDS):
        next(act)
    return {"begun": begun, "ended": time.time()}


def _holds(url: str, client: int) -> Iterator[None]:
    database = Database(url, pool=1)
    for number in range(WARM + HOLDS):
        holder = f"en-{client * 4 + number % 4}"
        asked = order(reference=f"bk-{client}-{number}", holder=holder, ordered_on=NOW.date(), fee_fen=6_000)
        with database.write() as session:
            made = service.hold(session, asked, expected_fen=3_000, now=NOW)
        assert made.voucher_fen == 3_000
        yield
    database.close()


def _peer_holds(url: str, client: int) -> Iterator[None]:
    with psycopg.connect(url) as connection:
        for number in range(WARM + HOLDS):
            holder = f"en-{client * 4 + number % 4}"
            given = (f"peer-{client}-{number}", holder, 3_000, 10**12, NOW)
            connection.execute("SELECT peer_hold(%s, %s, %s, %s, %s)", given)
            connection.commit()
            yield


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    print(
        json.dumps(
            _calculate(*given)
            if what == "calculate"
            else _hold(what, given[0], int(given[1]), float(given[2]))
        )
    )
