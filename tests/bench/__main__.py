"""`python -m tests.bench [--full] [--records N] [--rounds N] [--json PATH]`: the measured table, and `bench.json`.

Each part is printed as it ends, each goal with its figure and a verdict. Ratios come from one run; every figure is told
with its median and its spread over the rounds. A peer that is not installed is printed as missing. `--full` adds search
over one million instruments and settlement over one million lines.
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
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import bench_search, bookings, harvest, rating, settlement
from tests.bench.measures import Measure, at_least, at_most, told

BELT, MILLION = 33_817, 1_000_000
ROUNDS = 3
Part = tuple[str, Callable[[Path], list[Measure]]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="search and settlement over one million as well")
    parser.add_argument("--records", type=int, help="a small world: so many instruments, or rated lines")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of the harvest")
    parser.add_argument(
        "--only", choices=("harvest", "search", "bookings", "rating", "settlement"), help="one part"
    )
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    given = parser.parse_args(arguments)
    facts, measures, begun = _machine(), [], time.monotonic()
    print(" · ".join(f"{name} {value}" for name, value in facts.items()))
    for name, measure in _parts(given):
        at = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            rows = measure(Path(folder))
        _print(f"{name} ({time.monotonic() - at:.0f} s)", rows)
        measures += rows
        written = {
            "machine": facts,
            "seconds": round(time.monotonic() - begun, 1),
            "measures": [_row(measure) for measure in measures],
        }
        given.json.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")
    missed = [measure.name for measure in measures if measure.is_met is False]
    print(
        f"\n{time.monotonic() - begun:.0f} s in all; {given.json}; missed: {', '.join(missed) or 'nothing'}"
    )
    return 1 if missed else 0


def _parts(given: argparse.Namespace) -> Iterator[Part]:
    counts = [given.records or BELT, *([MILLION] if given.full else [])]
    parts: list[Part] = [
        ("harvest", lambda folder: _harvest(folder, given.records, given.rounds)),
        *(
            (f"search over {count:,}", lambda folder, count=count: bench_search.measure(count, folder))
            for count in counts
        ),
        ("bookings", bookings.measure),
        ("rating", lambda _: _rating()),
        (
            "settlement",
            lambda folder: settlement.measure(
                folder, lines=given.records or settlement.LINES, is_full=given.full
            ),
        ),
    ]
    return (part for part in parts if given.only is None or part[0].startswith(given.only))


def _harvest(folder: Path, records: int | None, rounds: int) -> list[Measure]:
    arguments = () if records is None else ("--records", str(records))
    runs = [harvest.measure(folder / str(number), *arguments) for number in range(rounds)]
    ratio = [run.first.own / run.floor.wall for run in runs]
    cost = [run.first.cpu / run.floor.cpu for run in runs]
    again = [run.again.own / run.first.own for run in runs]
    return [
        told("instruments searchable", [run.first.instruments for run in runs], ""),
        told("first, to searchable", [run.first.wall for run in runs], "s"),
        told("of it the simulators' CPU", [run.first.simulators for run in runs], "s"),
        told("floor, one loop", [run.floor.wall for run in runs], "s"),
        at_most("first without simulators / floor", ratio, "×", 3),
        told("first, CPU of the hub's processes", [run.first.cpu for run in runs], "s"),
        told("floor, CPU", [run.floor.cpu for run in runs], "s"),
        told("CPU of the hub / CPU of the floor", cost, "×"),
        told("unchanged, again", [run.again.wall for run in runs], "s"),
        at_most("unchanged / first", again, "×", 0.25),
    ]


def _rating() -> list[Measure]:
    name = "usage records with their lines in words, one core"
    return [at_least(name, rating.measure(), "/s", rating.GOAL)]


def _row(measure: Measure) -> dict[str, Any]:
    values = measure.values
    figures = (
        {"median": statistics.median(values), "lowest": min(values), "highest": max(values)} if values else {}
    )
    return {
        "name": measure.name,
        **{name: round(value, 3) for name, value in figures.items()},
        "rounds": len(values),
        "unit": measure.unit,
        "goal": measure.goal,
        "verdict": measure.verdict,
    }


def _machine() -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_before": [round(each, 2) for each in os.getloadavg()],
    }


def _print(title: str, measures: Sequence[Measure]) -> None:
    print(f"\n{title:60} {'median':>11} {'lowest':>11} {'highest':>11}  unit  goal")
    for measure in measures:
        row = _row(measure)
        figures = " ".join(f"{row.get(name, '–'):>11}" for name in ("median", "lowest", "highest"))
        print(f"{measure.name:60} {figures}  {measure.unit:4}  {measure.goal:9} {measure.verdict}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
