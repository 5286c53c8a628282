"""Small things that several dialects say alike: local times, yuan, who owns an instrument, what a request must hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from starlette.responses import Response

from adapters.simulators.desk.almanac import SHANGHAI
from adapters.simulators.desk.model import Order, Period, Report
from adapters.simulators.world.province import ProvinceWorld

PLAIN = "%Y-%m-%d %H:%M:%S"
LONGEST_QUESTION = timedelta(days=62)
WEEKDAYS = "一二三四五六日"


def plain(instant: datetime) -> str:
    """`yyyy-MM-dd HH:mm:ss`, Beijing time."""
    return instant.astimezone(SHANGHAI).strftime(PLAIN)


def iso(instant: datetime) -> str:
    """ISO 8601 with the offset of Beijing, to the second."""
    return instant.astimezone(SHANGHAI).isoformat(timespec="seconds")


def read_plain(text: Any) -> datetime:
    """An instant written `yyyy-MM-dd HH:mm:ss` in Beijing time. Raises ValueError."""
    return datetime.strptime(f"{text}+0800", f"{PLAIN}%z")


def read_iso(text: Any) -> datetime:
    """An instant with its offset. Raises ValueError."""
    instant = datetime.fromisoformat(str(text))
    if instant.tzinfo is None:
        raise ValueError(f"no offset: {text}")
    return instant


def period_of(start: datetime, end: datetime) -> Period:
    """A period. Raises ValueError when it does not end after it starts."""
    if end <= start:
        raise ValueError("end before start")
    return Period(start, end)


def question_of(start: datetime, end: datetime) -> Period:
    """A period to ask a calendar about. Raises ValueError when it is too long."""
    if end - start > LONGEST_QUESTION:
        raise ValueError("more than 62 days")
    return period_of(start, end)


def clock(minutes: int) -> str:
    """`HH:MM` of minutes after midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def yuan(fen: int) -> str:
    """Fen as yuan with two digits."""
    return f"{fen // 100}.{fen % 100:02d}"


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(orjson.dumps(content), status, headers, "application/json")


def object_of(body: bytes, wrong: Exception) -> dict[str, Any]:
    """A request's JSON object; an empty body is an empty one. Raises `wrong` for anything else."""
    try:
        given = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict):
        raise wrong
    return given


def whole(given: Any, *, least: int, most: int) -> int:
    """A whole number within bounds, written in ASCII digits. Raises ValueError."""
    text = str(given)
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise ValueError(f"{least}-{most}: {text}")
    return int(text)


def plain_period(given: Mapping[str, Any], start: str, end: str) -> Period | None:
    """The period under two names, in local times; None where neither is filled. Raises ValueError."""
    if not filled(given, start) and not filled(given, end):
        return None
    return period_of(read_plain(given.get(start)), read_plain(given.get(end)))


def facts_as_text(order: Order) -> dict[str, str]:
    """The latest proposal, the usage and the report of an order, every fact as a text, empty where there is none."""
    change, used, file = order.proposal, order.usage, order.report
    log = used.proofs[0] if used and used.proofs else None
    return {
        "change": change.number if change else "",
        "change_start": plain(change.period.start) if change else "",
        "change_end": plain(change.period.end) if change else "",
        "change_until": plain(change.until) if change else "",
        "used": used.number if used else "",
        "used_start": plain(used.start) if used else "",
        "used_end": plain(used.end) if used else "",
        "used_hours": f"{used.hours:g}" if used else "",
        "used_fee": yuan(used.fee_fen) if used else "",
        "used_log": log.sha256 if log else "",
        "file": file.number if file else "",
        "file_name": file.name if file else "",
        "file_size": str(file.size or "") if file else "",
        "file_digest": file.sha256 if file else "",
    }


def told_report(given: Mapping[str, Any], number: str, name: str, digest: str) -> Report | None:
    """A report that lies at the client, under three names; None without number and digest."""
    if not filled(given, number, digest):
        return None
    return Report(str(given[number]), str(given.get(name) or ""), str(given[digest]))


def filled(given: Mapping[str, Any], *names: str) -> bool:
    """Whether all of these members are there and not empty."""
    return all(given.get(name) not in (None, "", "无") for name in names)


class Owners:
    """Units by the identifier a dialect uses, in both directions."""

    def __init__(self, world: ProvinceWorld, by: str = "id") -> None:
        self._of = {getattr(unit, by): unit.id for unit in world.units}
        self._named = {unit.id: getattr(unit, by) for unit in world.units}

    def key(self, unit: Any, number: Any) -> str:
        """The world's key of an instrument; of nothing when the unit is unknown."""
        return f"{self._of.get(str(unit), '?')}|{number}"

    def names(self, key: str) -> tuple[str, str]:
        """Unit and number of a world's key, as the dialect writes them."""
        unit, _, number = key.partition("|")
        return self._named.get(unit, unit), number
