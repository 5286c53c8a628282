"""Records as the bytes a platform sends, written once while they stay the same; pages are these bytes joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from adapters.simulators.world.model import Instrument

KEPT = 12_000  # records of one platform: the largest province of the exact belt, about 15 MB


class Written:
    """Remembers what `write` made of a record for as long as the world serves the same object."""

    def __init__(self, write: Callable[[Instrument], bytes], kept: int = KEPT) -> None:
        self._write, self._most = write, kept
        # By identity: a record is frozen, an edit makes another one. Held, so that its identity is not given again.
        self._kept: dict[int, tuple[Instrument, bytes]] = {}

    def __call__(self, instrument: Instrument) -> bytes:
        """The record's bytes."""
        held = self._kept.get(id(instrument))
        if held is not None:
            return held[1]
        content = self._write(instrument)
        if len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[id(instrument)] = (instrument, content)
        return content


def json_writer(row: Callable[[Instrument], dict[str, Any]]) -> Callable[[Instrument], bytes]:
    """Writes a record's row as compact JSON."""
    return lambda instrument: orjson.dumps(row(instrument))


def with_list(head: dict[str, Any], name: str, items: Iterable[bytes]) -> bytes:
    """The JSON object `head`, which must not be empty, with one more member: a list of items that are JSON already."""
    return b'%b,"%b":[%b]}' % (orjson.dumps(head)[:-1], name.encode(), b",".join(items))
