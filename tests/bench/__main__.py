"""`python -m tests.bench [--full] [--records N] [--rounds N] [--json PATH]`: the measured table, and `bench.json`.

Ratios come from one run; every figure is told with its median and its spread over the rounds. A peer that is not
installed is printed as missing. `--full` adds search over one million instruments.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import bench_search, bookings, harvest, rating

BELT, MILLION = 33_817, 1_000_000
ROUNDS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="search over one million instruments as well")
    parser.add_argument("--records", type=int, help="harvest a small world instead of the exact belt")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of the harvest")
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    given = parser.parse_args(arguments)
    begun = time.monotonic()
    rows = _harvest_rows(given.records, given.rounds)
    for count in (BELT, MILLION) if given.full else (BELT,):
        rows += _search_rows(given.records if given.records and count == BELT else count)
    rows += _booking_rows()
    rows += _rating_rows()
    facts = _machine()
    _print(facts, rows)
    told = {"machine": facts, "seconds": round(time.monotonic() - begun, 1), "measures": rows}
    given.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 1 if any(row["is_met"] is False for row in rows) else 0


def _harvest_rows(records: int | None, rounds: int) -> list[dict[str, Any]]:
    arguments = () if records is None else ("--records", str(records))
    runs = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(harvest.measure(Path(folder), *arguments))
    ratio = [run.first.own / run.floor.wall for run in runs]
    cost = [run.first.cpu / run.floor.cpu for run in runs]
    again = [run.again.own / run.first.own for run in runs]
    return [
        _row("harvest: instruments searchable", [run.first.instruments for run in runs], ""),
        _row("harvest: first, to searchable", [run.first.wall for run in runs], "s"),
        _row("harvest: of it the simulators' CPU", [run.first.simulators for run in runs], "s"),
        _row("harvest: floor, one loop", [run.floor.wall for run in runs], "s"),
        _row("harvest: first without simulators / floor", ratio, "×", "≤ 3", statistics.median(ratio) <= 3),
        _row("harvest: first, CPU of the hub's processes", [run.first.cpu for run in runs], "s"),
        _row("harvest: floor, CPU", [run.floor.cpu for run in runs], "s"),
        _row("harvest: CPU of the hub / CPU of the floor", cost, "×", "≤ 3", statistics.median(cost) <= 3),
        _row("harvest: unchanged, again", [run.again.wall for run in runs], "s"),
        _row("harvest: unchanged / first", again, "×", "≤ 0.25", statistics.median(again) <= 0.25),
    ]


def _booking_rows() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        return [_row(m.name, m.values, m.unit, m.goal, m.is_met) for m in bookings.measure(Path(folder))]


def _rating_rows() -> list[dict[str, Any]]:
    found = rating.measure()
    goal, is_met = f"≥ {rating.GOAL:,}", statistics.median(found) >= rating.GOAL
    return [_row("rating: usage records with their lines in words, one core", found, "/s", goal, is_met)]


def _search_rows(count: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        found = bench_search.measure(count, Path(folder))
    return [_row(f"{m.name} at {count:,}", m.values, m.unit, m.goal, m.is_met) for m in found]


def _row(
    name: str, values: Sequence[float], unit: str, goal: str = "", is_met: bool | None = None
) -> dict[str, Any]:
    return {
        "name": name,
        "median": round(statistics.median(values), 3),
        "lowest": round(min(values), 3),
        "highest": round(max(values), 3),
        "rounds": len(values),
        "unit": unit,
        "goal": goal,
        "is_met": is_met,
    }


def _machine() -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_before": [round(each, 2) for each in os.getloadavg()],
    }


def _print(facts: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    print(" · ".join(f"{name} {value}" for name, value in facts.items()))
    print(f"{'':60} {'median':>10} {'lowest':>10} {'highest':>10}  unit  goal")
    marks = {True: "✓", False: "✗", None: ""}
    for row in rows:
        figures = f"{row['median']:>10} {row['lowest']:>10} {row['highest']:>10}"
        print(f"{row['name']:60} {figures}  {row['unit']}  {row['goal']} {marks[row['is_met']]}")


if __name__ == "__main__":
    sys.exit(main())
