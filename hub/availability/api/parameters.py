"""What requests about availability carry in addresses and headers."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Header, Path, Query

from hub.availability.errors import SlotMalformed, TimeMalformed, VersionMalformed
from hub.availability.rules import LONGEST_MINUTES, Slot
from hub.core.clock import SHANGHAI

InstrumentId = Annotated[str, Path(pattern="^[1-8][0-9]-[a-z2-7]{12}$")]
InstitutionId = Annotated[str, Path(pattern="^[1-8][0-9]-u-[a-z2-7]{12}$")]
QuoteId = Annotated[str, Path(pattern="^qt-[a-z2-7]{26}$")]
ClaimId = Annotated[str, Path(pattern="^ext-[0-9a-f]{26}$")]
Code = Annotated[str, Path(pattern="^[1-9][0-9]{5}$", description="GB/T 2260 省级代码 · province code")]
From = Annotated[
    str | None, Query(alias="from", max_length=40, description="RFC 3339；缺省为今日零时 · default today")
]
To = Annotated[
    str | None, Query(alias="to", max_length=40, description="RFC 3339；缺省为起始后七天 · default a week")
]
Seen = Annotated[str | None, Header(alias="If-Match", max_length=40)]
ValidFrom = Annotated[
    str | None, Query(max_length=40, description="RFC 3339；缺省即刻生效 · default at once")
]
Digest = Annotated[str, Query(alias="preview", pattern="^[0-9a-f]{32}$")]

NO_STORE = {"Cache-Control": "no-store"}

_VERSION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')


def window_of(begin: str | None, end: str | None, now: datetime) -> Slot:
    """The window that is asked for: a week from midnight today where nothing is said. Raises `TimeMalformed`."""
    start = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    if begin is not None:
        start = instant("from", begin)
    return Slot(start, start + timedelta(days=7) if end is None else instant("to", end))


def instant(name: str, text: str) -> datetime:
    """An aware instant from text. Raises `TimeMalformed` naming the parameter."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise TimeMalformed(name) from None
    if told.tzinfo is None:
        raise TimeMalformed(name)
    return told


def slot_of(document: Mapping[str, Any]) -> Slot:
    """The time of a valid document with `start` and `end`. Raises `SlotMalformed` when it does not run forward."""
    slot = Slot(*(datetime.fromisoformat(document[name]) for name in ("start", "end")))
    if slot.start >= slot.end or slot.minutes > LONGEST_MINUTES:
        raise SlotMalformed(
            "结束须晚于开始，且不超过 14 天", "the end must be after the start, at most 14 days"
        )
    return slot


def version_of(header: str | None) -> int | None:
    """The version of an If-Match header; None when there is none. Raises `VersionMalformed` for anything else."""
    if header is None:
        return None
    found = _VERSION.fullmatch(header.strip())
    if found is None:
        raise VersionMalformed
    return int(found[1])
