"""Rules and tariffs that fit their schema and still contradict themselves. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from hub.availability.rules.reading import WEEKDAYS, minute_of
from hub.settlement.rating import TIMES

Document = Mapping[str, Any]


class Fault(NamedTuple):
    """One contradiction: JSON pointer, stable code, the words."""

    pointer: str
    code: str
    zh: str
    en: str


def rules_faults(document: Document) -> list[Fault]:
    """What is wrong with a valid booking-rules document; empty when it can be kept."""
    return [*_length_faults(document), *_opening_faults(document)]


def tariff_faults(document: Document) -> list[Fault]:
    """What is wrong with a valid tariff-terms document; empty when it can be kept."""
    return list(_position_faults(document["positions"]))


def _length_faults(document: Document) -> Iterator[Fault]:
    step = document["step_minutes"]
    for name in ("min_minutes", "max_minutes"):
        if document[name] % step:
            yield Fault(f"/{name}", "off-grid", f"须为 {step} 分钟的整倍数", f"must be whole {step} minutes")
    if document["max_minutes"] < document["min_minutes"]:
        yield Fault("/max_minutes", "order", "最长时长短于最短时长", "the greatest length is below the least")


def _opening_faults(document: Document) -> Iterator[Fault]:
    step = document["step_minutes"]
    for day in WEEKDAYS:
        last = 0
        for number, part in enumerate(document["opening"].get(day, ())):
            pointer = f"/opening/{day}/{number}"
            begin, end = minute_of(part["from"]), minute_of(part["to"])
            if begin % step or end % step:
                yield Fault(
                    pointer, "off-grid", f"须为 {step} 分钟的整倍数", f"must be on whole {step} minutes"
                )
            if begin >= end:
                yield Fault(pointer, "order", "结束须晚于开始", "the end must be after the start")
            elif begin < last:
                yield Fault(
                    pointer,
                    "overlap",
                    "与前一时段重叠或次序颠倒",
                    "overlaps the one before, or is out of order",
                )
            last = max(last, end)


def _position_faults(positions: list[Document]) -> Iterator[Fault]:
    names = Counter(position["id"] for position in positions)
    items = Counter(position["service_item"] for position in positions if "service_item" in position)
    for number, position in enumerate(positions):
        pointer = f"/positions/{number}"
        if names[position["id"]] > 1:
            yield Fault(f"{pointer}/id", "repeated", "收费项标识重复", "the position is named twice")
        if items.get(position.get("service_item"), 0) > 1:
            yield Fault(
                f"{pointer}/service_item",
                "repeated",
                "同一服务项目对应多个收费项",
                "two positions for one service item",
            )
        if not {"outside_fen", "inside_fen"} & position.keys():
            yield Fault(pointer, "missing", "须至少有一个单价", "needs at least one price")
        is_time = position["basis"] in TIMES
        if not is_time and {"unit_minutes", "step_minutes", "extra_minutes"} & position.keys():
            yield Fault(
                pointer,
                "unused",
                "不按时计费的项不能有计时单位",
                "units of time on something that is not a time",
            )
