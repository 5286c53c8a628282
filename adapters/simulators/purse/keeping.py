"""An office that outlives its process: one file of JSON, written whole after every change."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from adapters.simulators.purse.office import Line, Office, PayList, Result
from adapters.simulators.purse.purse import Allotted


def keep_office(office: Office, folder: Path) -> bool:
    """Give an office back what it held, and keep what changes from now on; whether there was anything."""
    path = folder / "office.json"
    is_known = path.exists()
    if is_known:
        _restore(office, orjson.loads(path.read_bytes()))
    folder.mkdir(parents=True, exist_ok=True)

    def save() -> None:
        part = path.with_suffix(".part")
        part.write_bytes(orjson.dumps(_content(office)))
        part.replace(path)

    office.changed = office.purse.changed = save
    return is_known


def _content(office: Office) -> dict[str, Any]:
    purse = office.purse
    return {
        "lists": [asdict(each) for each in office.lists],
        "told": [asdict(each) for each in office.told],
        "paid": office.paid,
        "grants": purse.grants,
        "spent": purse.spent,
        "allotments": [asdict(each) for each in purse.allotments.values()],
    }


def _restore(office: Office, kept: dict[str, Any]) -> None:
    office.lists = [
        PayList(**{**each, "lines": tuple(Line(**line) for line in each["lines"]), "at": _at(each)})
        for each in kept["lists"]
    ]
    office.told = [Result(**{**each, "at": _at(each)}) for each in kept["told"]]
    office.paid = kept["paid"]
    office.purse.grants, office.purse.spent = kept["grants"], kept["spent"]
    office.purse.allotments = {each["id"]: Allotted(**each) for each in kept["allotments"]}


def _at(kept: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(kept["at"])
