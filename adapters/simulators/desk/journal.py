"""Orders that outlive the process: one line per happening, read back when the platform starts again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from adapters.simulators.desk.desk import Desk
from adapters.simulators.desk.model import Order, Period, Proof, Proposal, Report, Usage


class Journal:
    """Appends happenings to a file of JSON lines."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, order: Order, what: str) -> None:
        """One more happening."""
        with self._path.open("ab") as file:
            file.write(orjson.dumps({"what": what, "order": order}) + b"\n")

    def keep_memory(self, name: str, value: Any) -> None:
        """Something beside the orders."""
        with self._path.open("ab") as file:
            file.write(orjson.dumps({"name": name, "value": value}) + b"\n")


def keep_orders(desk: Desk, folder: Path) -> None:
    """Give a desk back what it held, and keep what happens from now on. A torn last line is left out."""
    path = folder / "orders.jsonl"
    lines = path.read_bytes().splitlines() if path.exists() else []
    for line in lines:
        try:
            kept = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if "name" in kept:
            desk.memory[kept["name"]] = kept["value"]
        else:
            desk.restore(_order(kept["order"]), kept["what"])
    desk.keeper = Journal(path)


def _order(kept: dict[str, Any]) -> Order:
    usage, proposal, report = kept["usage"], kept["proposal"], kept["report"]
    return Order(
        **{
            **kept,
            "period": _period(kept["period"]),
            "created": datetime.fromisoformat(kept["created"]),
            "updated": datetime.fromisoformat(kept["updated"]),
            "usage": usage and _usage(usage),
            "report": report and Report(**report),
            "proposal": proposal
            and Proposal(**{**_timed(proposal, "until"), "period": _period(proposal["period"])}),
        }
    )


def _usage(kept: dict[str, Any]) -> Usage:
    proofs = tuple(Proof(**each) for each in kept.get("proofs", ()))
    return Usage(**{**_timed(kept, "start", "end"), "proofs": proofs})


def _timed(kept: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**kept, **{name: datetime.fromisoformat(kept[name]) for name in names}}


def _period(kept: dict[str, Any] | None) -> Period | None:
    return None if kept is None else Period(**_timed(kept, "start", "end"))
