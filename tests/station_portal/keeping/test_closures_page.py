"""Closures on a page: bookings that they meet are named before and after, repeating ones, one instrument or the whole unit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub.availability import queries
from hub.availability.rules import Slot
from tests.station_portal.conftest import text_of
from tests.station_portal.keeping.conftest import Desks, beside, fields_of

FORM = {
    "reason": "maintenance",
    "start": "2026-01-07T09:00",
    "end": "2026-01-07T12:00",
    "repeat_weeks": "",
    "repeat_until": "",
    "note": "更换灯丝",
}
BOOKED = Slot(datetime(2026, 1, 14, 2, tzinfo=UTC), datetime(2026, 1, 14, 3, tzinfo=UTC))


def _page(desks: Desks, *, unit: bool = False) -> str:
    place = f"institutions/{desks.institution_id}" if unit else f"instruments/{desks.instrument_id}"
    return f"/staff/{place}/closures"


def _held(desks: Desks) -> int:
    with desks.runtime.database.read() as session:
        window = Slot(desks.now, desks.now.replace(year=2027))
        subjects = [desks.instrument_id, desks.institution_id]
        return len(queries.held_closures(session, subjects, window))


def test_an_instrument_is_closed_and_reopened(desks: Desks) -> None:
    answer = desks.post("operator", _page(desks), FORM)
    assert answer.status_code == 303, answer.text
    assert desks.post("operator", _page(desks), FORM).status_code == 303
    assert _held(desks) == 1
    page = desks.page("operator", answer.headers["location"])
    assert "停用已保存" in text_of(page)
    assert "维护保养 2026-01-07 09:00 – 2026-01-07 12:00" in text_of(page)
    board = desks.page("station", f"/staff/board?instrument={desks.instrument_id}&view=day&day=2026-01-07")
    assert "09:00–12:00 停用时段 维护保养 · 更换灯丝" in text_of(board)
    with desks.runtime.database.read() as session:
        subject = [desks.instrument_id]
        number = queries.held_closures(session, subject, Slot(desks.now, desks.now.replace(year=2027)))[0].id
    again = desks.post("manager", f"{_page(desks)}/{number}/reopen", {})
    assert "停用已取消" in text_of(desks.page("manager", again.headers["location"]))
    assert desks.post("manager", f"{_page(desks)}/{number}/reopen", {}).status_code == 303
    assert desks.post("manager", f"{_page(desks)}/999/reopen", {}).status_code == 404
    assert _held(desks) == 0


def test_bookings_in_a_repeating_closure_are_named_first(desks: Desks) -> None:
    desks.book(BOOKED)
    form = {**FORM, "repeat_weeks": "1", "repeat_until": "2026-02-28"}
    answer = desks.post("manager", _page(desks), form)
    assert answer.status_code == 200
    assert "尚未保存" in text_of(answer.text)
    assert "2026-01-14 10:00–11:00 枢纽预约" in text_of(answer.text)
    assert _held(desks) == 0
    shown = fields_of(answer.text, "/closures#new")
    assert {name: shown[name] for name in form} == form
    closed = desks.post("manager", _page(desks), {**shown, "confirmed": "yes"})
    assert closed.status_code == 303
    words = text_of(desks.page("manager", closed.headers["location"]))
    assert "每周重复，至 2026-02-28 止" in words
    assert "有 1 个预约落在停用时段内" in words
    assert _held(desks) == 1


def test_a_whole_institution_is_closed_and_its_instruments_say_so(desks: Desks) -> None:
    desks.book(BOOKED)
    form = {**FORM, "start": "2026-01-14T00:00", "end": "2026-01-16T00:00", "reason": "holiday"}
    named = desks.post("station", _page(desks, unit=True), form)
    assert "2026-01-14 10:00–11:00 枢纽预约" in text_of(named.text)
    answer = desks.post("station", _page(desks, unit=True), {**form, "confirmed": "yes"})
    assert answer.status_code == 303
    words = text_of(desks.page("operator", _page(desks)))
    assert "全单位" in words
    assert "在全单位停用中修改" in words
    assert "有 1 个预约落在停用时段内" in words


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"reason": ""}, "reason", "请选择事由"),
        ({"reason": "boredom"}, "reason", "不在允许范围"),
        ({"start": "soon"}, "start", "2026-01-08 09:00"),
        ({"start": "0001-01-01T00:00"}, "start", "2026-01-08 09:00"),
        ({"end": "2026-01-07T08:00"}, "end", "结束须晚于开始"),
        ({"repeat_until": "2026-02-01"}, "repeat_weeks", "每几周"),
        ({"repeat_weeks": "99"}, "repeat_weeks", "52"),
        ({"repeat_weeks": "1", "repeat_until": "2026-13-01"}, "repeat_until", "YYYY-MM-DD"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    onlookers: Desks, changes: dict[str, str], field: str, words: str
) -> None:
    answer = onlookers.post("manager", _page(onlookers), FORM | changes)
    assert answer.status_code == 422
    assert words in beside(answer.text, field), text_of(answer.text)
    assert fields_of(answer.text, "/closures#new")["note"] == "更换灯丝"


def test_nobody_closes_what_is_not_theirs(onlookers: Desks) -> None:
    for who in ("stranger", "staff"):
        for unit in (False, True):
            assert onlookers.browsers[who].get(_page(onlookers, unit=unit)).status_code == 403
            assert onlookers.post(who, _page(onlookers, unit=unit), FORM).status_code == 403
    assert _held(onlookers) == 0
