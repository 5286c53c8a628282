"""`python -m tests.hub.migrations.write_dump`: a small world in the tables of the newest revision, as SQL.

Run before a revision is added and commit `dumps/<revision>.sql`: `test_dumps` upgrades every one of them for ever.
All of it is synthetic. The file is SQLite's own dump, so it also says how the tables were made.
"""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from adapters.simulators import anhui
from adapters.simulators.world import World
from hub import migrations
from tests.e2e.federation import Federation, federation

DUMPS = Path(__file__).with_name("dumps")
EMPTIED, PUSHES, UPLOADS = "330000", "340000", "530000"


def fill(running: Federation) -> None:
    """Leave something in every table: reads, a push and its digest, an upload, a held deletion, an unknown code
    value, a job that waits, people with and without the right password, keys."""
    assert running.fleet is not None
    running.play()
    running.sync(EMPTIED)
    running.fleet.failures[EMPTIED].set({"nothing": True})
    running.sync(EMPTIED, is_full=True)
    _push_unknown_state(running)
    running.client.post("/api/v1/session", json={"username": "nobody", "password": "wrong"})
    running.settle()
    with running.signed_in(running.put_account("admin", "hub_admin")) as admin:
        admin.post(f"/api/v1/provinces/{EMPTIED}/runs").raise_for_status()


def _push_unknown_state(running: Federation) -> None:
    assert running.fleet is not None
    instrument = next(iter(running.fleet.world.province(PUSHES).instruments()))
    record = anhui.record(instrument) | {"zt": "封存"}
    running.client.post(
        f"/api/v1/sync/{PUSHES}/batches",
        params={"resource": "instruments", "batch_id": "unknown-state"},
        content=anhui.line("U", 10_000, f"{instrument.modified:%Y-%m-%d %H:%M:%S}", record),
        headers={
            "Authorization": f"Bearer {running.key_of(PUSHES)}",
            "Content-Type": "application/x-ndjson",
        },
    ).raise_for_status()


def dump(database: Path) -> str:
    """The SQL that makes this database again, in SQLite's order."""
    with sqlite3.connect(database) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        with federation(World(records=1), Path(folder), (EMPTIED, PUSHES, UPLOADS)) as running:
            fill(running)
        path = DUMPS / f"{migrations.head()}.sql"
        path.write_text(dump(Path(folder) / "hub.db"), "utf-8")
        print(f"{path} {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
