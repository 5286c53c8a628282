"""Calendars, prices and reports as the platforms give them."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import orjson
import pytest

from adapters.contract import NativeKey, ReportFacts
from adapters.errors import AdapterError, LimitExceeded, Malformed, Refused, Unreachable, Unsupported
from adapters.simulators.desk import Period, almanac
from tests.adapters.bookings.platforms import Spoken

Make = Callable[[str], Spoken]

SHOWN = ("310000", "320000", "330000", "360000", "510000")
PRICED = ("310000", "320000", "330000", "510000")
UNITS = {"机时": "hour", "样品": "sample", "项目": "item", "次": "time", "套餐": "package", "天": "day"}


def weeks(spoken: Spoken, count: int = 4) -> tuple[object, object]:
    return spoken.clock.now, spoken.clock.now + timedelta(weeks=count)


@pytest.mark.parametrize("code", SHOWN)
def test_a_calendar_holds_local_users_our_own_bookings_and_closures(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    number = spoken.number(order)
    spoken.desk.accept(number)
    taken = spoken.free_slot(skip=6)
    spoken.desk.reserve(spoken.key, Period(taken.start, taken.end))
    closed = spoken.free_slot(skip=12)
    spoken.desk.close(spoken.key, Period(closed.start, closed.end), "停电检修")
    start, end = weeks(spoken)
    found = spoken.port.availability(spoken.native, start, end)
    assert found.instrument == spoken.native
    assert found.as_of == spoken.clock.now
    assert not found.notes
    ours = [busy for busy in found.busy if busy.remote_id == number]
    assert [busy.slot for busy in ours] == [order.slot]
    assert ours[0].booking_id == (None if code == "360000" else order.id)
    assert taken in [busy.slot for busy in found.busy if busy.remote_id is None]
    truth = [Period(p.start, p.end) for p, _ in spoken.desk.busy(spoken.key, start, end)]
    assert [(b.slot.start, b.slot.end) for b in found.busy] == [(p.start, p.end) for p in truth]
    assert (closed, "停电检修") in [(c.slot, c.text) for c in found.closures]
    assert len(found.closures) == len(list(spoken.desk.closures(spoken.key, start, end)))


@pytest.mark.parametrize("code", PRICED)
def test_rules_and_prices_are_those_of_the_platform(code: str, province: Make) -> None:
    spoken = province(code)
    found = spoken.port.availability(spoken.native, *weeks(spoken))
    truth, row = almanac.rules_of(spoken.key), spoken.world.survey_row(spoken.key)
    assert row is not None
    rules = found.rules
    assert rules is not None
    assert [(o.weekday, o.start_minute, o.end_minute) for o in rules.opening] == [
        (day, truth.opens, truth.closes) for day in truth.weekdays
    ]
    assert (rules.slot_minutes, rules.max_minutes, rules.lead_minutes, rules.cancel_minutes, rules.capacity) == (
        truth.slot_minutes, truth.longest_minutes, truth.lead_minutes, truth.cancel_minutes, truth.capacity,
    )  # fmt: skip
    assert (rules.needs_training, rules.needs_operator) == (truth.training, truth.operator)
    tariff = found.tariff
    assert tariff is not None
    assert (tariff.version, tariff.valid_from) == (almanac.TARIFF_VERSION, almanac.VALID_FROM)
    assert tariff.minimum_fen == almanac.minimum_fen(row)
    assert [(line.charging_unit, line.outside_fen, line.inside_fen, line.item) for line in tariff.lines] == [
        (UNITS[p.unit], p.outside_fen, p.inside_fen, p.item) for p in almanac.prices_of(row)
    ]


def test_jiangxi_tells_neither_rules_nor_prices(province: Make) -> None:
    spoken = province("360000")
    found = spoken.port.availability(spoken.native, *weeks(spoken))
    assert (found.rules, found.tariff) == (None, None)


@pytest.mark.parametrize("code", SHOWN)
def test_a_longer_time_than_the_platform_answers_is_not_asked(code: str, province: Make) -> None:
    spoken = province(code)
    with pytest.raises(LimitExceeded):
        spoken.port.availability(spoken.native, *weeks(spoken, 9))
    assert spoken.line.requests == []


@pytest.mark.parametrize("code", SHOWN)
def test_an_instrument_nobody_knows_has_no_calendar(code: str, province: Make) -> None:
    spoken = province(code)
    with pytest.raises((Refused, Malformed)):
        spoken.port.availability(NativeKey("nobody", "none/../x"), *weeks(spoken))


@pytest.mark.parametrize("code", SHOWN)
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"7", b'{"busy": 7, "code": 0, "data": 7, "rows": {}}']
)
def test_a_calendar_that_cannot_be_read_is_malformed(code: str, content: bytes, province: Make) -> None:
    spoken = province(code)
    spoken.line.faults = [
        lambda got: httpx.Response(
            200, request=got.request, content=content, headers={"content-type": "application/json"}
        )
    ]
    with pytest.raises(AdapterError) as broken:
        spoken.port.availability(spoken.native, *weeks(spoken))
    assert not broken.value.retryable


def test_a_broken_row_costs_itself_only(province: Make) -> None:
    spoken = province("310000")
    good = {"from": "2026-12-01T09:00:00+08:00", "to": "2026-12-01T11:00:00+08:00"}
    body = {
        "asOf": "yesterday",
        "busy": [
            good,
            {"from": good["to"], "to": good["from"]},
            {"from": good["from"]},
            7,
            {"from": "x", "to": "y"},
        ],
        "closed": [],
        "rules": {
            "version": "1",
            "capacity": "many",
            "open": [{"weekday": 9, "from": "09:00", "to": "17:00"}],
        },
        "tariff": {
            "version": "1",
            "lines": [{"unit": "MOON", "outside": 5}, {"unit": "HOUR", "outside": 30_000}],
        },
    }
    spoken.line.faults = [lambda got: httpx.Response(200, request=got.request, json=body)]
    found = spoken.port.availability(spoken.native, *weeks(spoken))
    assert len(found.busy) == 1
    assert found.as_of == spoken.clock.now  # the platform named none that could be read
    assert found.rules is not None
    assert (found.rules.capacity, found.rules.opening) == (None, ())
    assert found.tariff is not None
    assert [line.charging_unit for line in found.tariff.lines] == ["hour"]
    assert {n.table for n in found.notes if n.code == "unmapped-code"} == {"unit", "weekday"}


def test_a_calendar_without_end_is_refused(province: Make) -> None:
    spoken = province("310000")
    body = orjson.dumps({"busy": [{}] * 10_001})
    spoken.line.faults = [lambda got: httpx.Response(200, request=got.request, content=body)]
    with pytest.raises(LimitExceeded):
        spoken.port.availability(spoken.native, *weeks(spoken))


@pytest.mark.parametrize("code", PRICED)
def test_a_report_is_what_was_announced(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    number = spoken.number(order)
    for step in (spoken.desk.accept, spoken.desk.begin, spoken.desk.finish, spoken.desk.deliver_report):
        step(number)
    order = replace(order, remote_id=number)
    report = spoken.port.lookup(order).report
    assert report is not None
    content = spoken.port.report(order, report)
    assert hashlib.sha256(content).hexdigest() == report.sha256
    with pytest.raises(Malformed):
        spoken.port.report(order, replace(report, size=1))
    with pytest.raises(Malformed):
        spoken.port.report(order, replace(report, sha256="0" * 64))
    spoken.line.faults = ["reset"]
    with pytest.raises(Unreachable):
        spoken.port.report(order, report)


@pytest.mark.parametrize("code", PRICED)
def test_a_report_that_is_not_there_is_no_file(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    with pytest.raises((Malformed, Refused)):
        spoken.port.report(replace(order, remote_id=spoken.number(order)), ReportFacts("R1", "r.pdf"))


def test_a_report_larger_than_allowed_is_dropped(province: Make) -> None:
    spoken = province("320000")
    wire = spoken.port._wire  # type: ignore[attr-defined]
    wire.limits = replace(wire.limits, report_bytes=10)
    spoken.line.faults = [lambda got: httpx.Response(200, request=got.request, content=b"x" * 11)]
    with pytest.raises(LimitExceeded):
        spoken.port.report(replace(spoken.order(), remote_id="1"), ReportFacts("R1", "r.pdf"))


def test_jiangxi_gives_no_report_files(province: Make) -> None:
    spoken = province("360000")
    with pytest.raises(Unsupported):
        spoken.port.report(spoken.order(), ReportFacts("R1", "r.pdf"))
