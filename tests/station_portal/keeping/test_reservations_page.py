"""Local reservations on a page: a week pasted or uploaded, previewed with its conflicts, kept as previewed or not at all."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from hub.availability import queries
from hub.availability.rules import Slot
from hub.core.runtime import Runtime
from hub.wiring import read_upload
from station_portal.app import create_app
from tests.in_process import InProcess
from tests.station_portal.conftest import csrf_of, text_of
from tests.station_portal.keeping.conftest import Desks, beside, fields_of

WEEK = """日期 时间 说明
2026-01-06 09:00-11:00 课题组 A
1月7日（周三）13:00～15:00 教学
下周再说
2026-01-02 09:00-10:00 过去
"""
BOOKED = Slot(datetime(2026, 1, 6, 2, tzinfo=UTC), datetime(2026, 1, 6, 4, tzinfo=UTC))
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//synthetic//
BEGIN:VEVENT
UID:a@synthetic
DTSTART:20260108T010000Z
DTEND:20260108T030000Z
SUMMARY:组会
RRULE:FREQ=WEEKLY;COUNT=2
END:VEVENT
END:VCALENDAR
"""


def _page(desks: Desks, *, unit: bool = False) -> str:
    place = f"institutions/{desks.institution_id}" if unit else f"instruments/{desks.instrument_id}"
    return f"/staff/{place}/reservations"


def _local(desks: Desks) -> list[Any]:
    with desks.runtime.database.read() as session:
        window = Slot(desks.now, desks.now.replace(year=2027))
        held = queries.live_claims(session, [desks.instrument_id], window)
    return [claim for claim in held if claim.source == "local"]


def _previewed(desks: Desks, text: str, mode: str = "add", **more: Any) -> Any:
    return desks.post("operator", _page(desks), {"do": "preview", "text": text, "mode": mode, **more})


def test_a_pasted_week_is_previewed_with_conflicts_and_then_kept(desks: Desks) -> None:
    desks.book(BOOKED)
    preview = _previewed(desks, WEEK)
    assert preview.status_code == 200
    words = text_of(preview.text)
    assert "预览：尚未保存" in words
    assert "冲突 1" in words
    assert "2026-01-06 10:00–12:00 枢纽预约" in words
    assert "未读出日期和起止时间" in words
    assert "已过去，不导入 1" in words
    assert _local(desks) == []
    kept = desks.post("operator", _page(desks), fields_of(preview.text, "card-body btn-row"))
    assert kept.status_code == 303
    told = text_of(desks.page("operator", kept.headers["location"].partition("#")[0]))
    assert "冲突的时段需要您处理" in told
    assert "2026-01-07 13:00–15:00 本地占用 · 教学" in told
    assert [(claim.label, claim.is_guarded) for claim in _local(desks)] == [
        ("课题组 A", False),
        ("教学", True),
    ]
    again = desks.post("operator", _page(desks), fields_of(_previewed(desks, WEEK).text, "card-body btn-row"))
    assert again.status_code == 303
    assert len(_local(desks)) == 2


def test_what_changed_since_the_preview_is_shown_and_nothing_is_kept(desks: Desks) -> None:
    form = fields_of(_previewed(desks, WEEK).text, "card-body btn-row")
    desks.book(BOOKED)
    answer = desks.post("operator", _page(desks), form)
    assert answer.status_code == 422
    assert "预览之后情况有变" in text_of(answer.text)
    assert "2026-01-06 10:00–12:00 枢纽预约" in text_of(answer.text)
    assert _local(desks) == []
    assert (
        desks.post("operator", _page(desks), fields_of(answer.text, "card-body btn-row")).status_code == 303
    )
    assert len(_local(desks)) == 2
    for forged in (
        {**form, "preview": "0" * 32},
        {**form, "carried": "!!"},
        {**form, "carried": "", "preview": ""},
    ):
        assert desks.post("operator", _page(desks), forged).status_code == 422


def test_a_replacing_week_names_what_it_releases(desks: Desks) -> None:
    first = _previewed(desks, "2026-01-06 09:00-11:00 旧\n2026-01-06 14:00-15:00 留")
    desks.post("operator", _page(desks), fields_of(first.text, "card-body btn-row"))
    second = _previewed(desks, "2026-01-06 14:00-15:00 留", "replace")
    assert "将释放： 2026-01-06 09:00–11:00 本地占用 · 旧" in text_of(second.text)
    desks.post("operator", _page(desks), fields_of(second.text, "card-body btn-row"))
    assert [claim.label for claim in _local(desks)] == ["留"]


@pytest.mark.parametrize("name", ["week.ics", "week.xlsx"])
def test_files_are_read_too(desks: Desks, name: str) -> None:
    runtime: Runtime = replace(desks.runtime, read_workbook=read_upload)
    browser = desks.operator
    browser._transport.close()
    browser._transport = InProcess(create_app(runtime))
    content = ICS.encode()
    if name.endswith("xlsx"):
        book, buffer = Workbook(), io.BytesIO()
        book.active.append(["2026-01-08", "09:00", "11:00", "组会"])  # type: ignore[union-attr]
        book.active.append(["2026-01-15", "09:00", "11:00", "组会"])  # type: ignore[union-attr]
        book.save(buffer)
        content = buffer.getvalue()
    data = {"csrf_token": csrf_of(browser.get("/account").text), "do": "preview", "mode": "add", "text": ""}
    preview = browser.post(_page(desks), data=data, files={"file": (name, content)})
    assert preview.status_code == 200, text_of(preview.text)
    assert "新增 2" in text_of(preview.text)
    kept = browser.post(_page(desks), data=fields_of(preview.text, "card-body btn-row"))
    assert kept.status_code == 303
    assert [claim.label for claim in _local(desks)] == ["组会", "组会"]


def test_an_institution_uploads_for_all_its_instruments(desks: Desks) -> None:
    text = f"{desks.number} 2026-01-06 09:00-11:00 课题组\nNIRGENDS 2026-01-06 09:00-11:00"
    form = {"do": "preview", "text": text, "mode": "add"}
    preview = desks.post("manager", _page(desks, unit=True), form)
    assert "没有编号为「NIRGENDS」的仪器" in text_of(preview.text)
    kept = desks.post("manager", _page(desks, unit=True), fields_of(preview.text, "card-body btn-row"))
    assert kept.status_code == 303
    assert [claim.label for claim in _local(desks)] == ["课题组"]
    assert "已保存" in text_of(desks.page("manager", kept.headers["location"].partition("#")[0]))


def test_a_file_in_another_encoding_is_refused_in_words(onlookers: Desks) -> None:
    browser = onlookers.operator
    data = {"csrf_token": csrf_of(browser.get("/account").text), "do": "preview", "mode": "add", "text": ""}
    files = {"file": ("week.txt", "2026-01-06 09:00-11:00 组会".encode("utf-16"))}
    answer = browser.post(_page(onlookers), data=data, files=files)
    assert answer.status_code == 422
    assert "UTF-8 或 GB18030" in beside(answer.text, "text")


@pytest.mark.parametrize("text", ["", "   \n", "BEGIN:VCALENDAR\nnonsense"])
def test_what_cannot_be_read_is_said_and_stays(onlookers: Desks, text: str) -> None:
    answer = _previewed(onlookers, text)
    assert answer.status_code == 422
    assert beside(answer.text, "text") != ""


def test_one_time_by_hand_once_and_away_again(desks: Desks) -> None:
    page = desks.page("station", _page(desks))
    form = fields_of(page, "/reservations/take")
    form |= {"start": "2026-01-06T22:00", "end": "2026-01-07T02:00", "label": "夜间实验"}
    for _ in range(2):
        answer = desks.post("station", f"{_page(desks)}/take", form)
        assert answer.status_code == 303
    (held,) = _local(desks)
    told = desks.page("station", answer.headers["location"].partition("#")[0])
    assert "2026-01-06 22:00–02:00 本地占用 · 夜间实验" in text_of(told)
    freed = desks.post("station", f"{_page(desks)}/free", {"claim": held.id})
    assert "已释放" in text_of(desks.page("station", freed.headers["location"].partition("#")[0]))
    assert _local(desks) == []
    assert desks.post("station", f"{_page(desks)}/free", {"claim": "ext-" + "0" * 26}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"start": ""}, "start", "2026-01-08 09:00"),
        ({"end": "2026-01-06T08:00"}, "end", "结束须晚于开始"),
        ({"end": "2026-03-06T08:00"}, "end", "14 天"),
        ({"start": "2026-01-02T08:00", "end": "2026-01-02T09:00"}, "end", "已经过去"),
    ],
)
def test_a_wrong_time_is_said_beside_its_field(
    onlookers: Desks, changes: dict[str, str], field: str, words: str
) -> None:
    form = {"start": "2026-01-06T09:00", "end": "2026-01-06T10:00", "label": "组会", "key": "k"} | changes
    answer = onlookers.post("station", f"{_page(onlookers)}/take", form)
    assert answer.status_code == 422
    assert words in beside(answer.text, field)
    assert fields_of(answer.text, "/reservations/take")["label"] == "组会"


def test_text_that_a_database_cannot_hold_is_cleaned(desks: Desks) -> None:
    form = {"start": "2026-01-06T09:00", "end": "2026-01-06T10:00", "label": "组\0会", "key": "k\0"}
    assert desks.post("station", f"{_page(desks)}/take", form).status_code == 303
    assert [claim.label for claim in _local(desks)] == ["组会"]
    assert desks.post("station", f"{_page(desks)}/free", {"claim": "ext-\0"}).status_code == 404


def test_confirming_the_calendar_gives_it_an_age(desks: Desks) -> None:
    assert "从未核对" in text_of(desks.page("operator", _page(desks)))
    answer = desks.post("operator", f"{_page(desks)}/confirm", {})
    assert "占用情况 刚刚核对" in text_of(desks.page("operator", answer.headers["location"]))


def test_nobody_reserves_what_is_not_theirs(onlookers: Desks) -> None:
    for who in ("stranger", "staff"):
        for unit in (False, True):
            assert onlookers.browsers[who].get(_page(onlookers, unit=unit)).status_code == 403
            form = {"do": "preview", "text": WEEK}
            assert onlookers.post(who, _page(onlookers, unit=unit), form).status_code == 403
        assert onlookers.post(who, f"{_page(onlookers)}/confirm", {}).status_code == 403


def test_one_calendar_for_the_whole_institution(desks: Desks) -> None:
    named = ICS.replace("BEGIN:VEVENT", f"BEGIN:VEVENT\r\nLOCATION:{desks.number.lower()}")
    lost = ICS.replace("BEGIN:VEVENT", "BEGIN:VEVENT\r\nLOCATION:三楼会议室")
    page = _page(desks, unit=True)
    data = {
        "csrf_token": csrf_of(desks.manager.get("/account").text),
        "do": "preview",
        "mode": "add",
        "text": "",
    }
    missing = desks.manager.post(page, data=data, files={"file": ("unit.ics", lost.encode())})
    assert "没有编号为「三楼会议室」的仪器" in text_of(missing.text)
    preview = desks.manager.post(page, data=data, files={"file": ("unit.ics", named.encode())})
    assert "新增 2" in text_of(preview.text)
    kept = desks.manager.post(page, data=fields_of(preview.text, "card-body btn-row"))
    assert kept.status_code == 303
    assert [claim.label for claim in _local(desks)] == ["组会", "组会"]
