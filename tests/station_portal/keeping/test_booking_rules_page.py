"""Booking rules on a page: read, tried out, kept in versions, never over another's, with what is wrong beside its field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import schemas
from hub.availability import queries
from station_portal.i18n import language
from station_portal.keeping import rules_form
from tests.station_portal.conftest import text_of
from tests.station_portal.keeping.conftest import Desks, beside, fields_of

EXAMPLES = Path(schemas.__file__).parent / "v1" / "examples"
VALID = json.loads((EXAMPLES / "booking-rules.json").read_text())["valid"]


def _page(desks: Desks) -> str:
    return f"/staff/instruments/{desks.instrument_id}/rules"


def _form(desks: Desks, who: str = "manager", **changes: str) -> dict[str, str]:
    return {**fields_of(desks.page(who, _page(desks)), "keep-form"), **changes}


def _kept(desks: Desks) -> list[Any]:
    with desks.runtime.database.read() as session:
        return queries.rules_versions(session, desks.instrument_id)


@pytest.mark.parametrize("name", sorted(VALID))
def test_what_is_kept_survives_the_form(name: str) -> None:
    kept = VALID[name]
    made, wrong = rules_form.document_of(rules_form.typed_of(kept), language("zh"))
    assert wrong == []
    # Two things are the same said or unsaid.
    same = {"open_on_holidays": False, "accepts_statutory": True}
    assert {**same, **made} == {**same, **kept}


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("9:00-12:00，13:30～17:30", [("09:00", "12:00"), ("13:30", "17:30")]),
        ("全天", [("00:00", "24:00")]),
        (" 08：00 至 24：00 ", [("08:00", "24:00")]),
        ("", []),
        ("上午", None),
        ("09:00-12:00 下午", None),
        ("9-12", None),
    ],
)
def test_opening_hours_as_people_write_them(text: str, hours: list[tuple[str, str]] | None) -> None:
    told = rules_form.hours_of(text)
    assert told == (None if hours is None else [{"from": begin, "to": end} for begin, end in hours])


def test_defaults_are_shown_and_a_change_becomes_a_version(desks: Desks) -> None:
    page = desks.page("manager", _page(desks))
    assert "尚未维护" in text_of(page)
    assert "最早可约" in text_of(page)
    form = _form(desks, **{"opening-sat": "09:00-12:00", "lead_minutes": "3", "lead_minutes-unit": "60"})
    form |= {"training-name_zh": "上机培训", "training-code": "em-basic", "operator": "on_request"}
    answer = desks.post("manager", _page(desks), {**form, "do": "save"})
    assert answer.status_code == 303, answer.text
    told = desks.page("operator", answer.headers["location"])
    assert "规则已保存为新版本" in text_of(told)
    assert "第 1 版" in text_of(told)
    assert fields_of(told, "keep-form") | {"csrf_token": ""} == form | {"csrf_token": "", "version": "1"}
    (kept,) = _kept(desks)
    assert kept.document["lead_minutes"] == 180
    assert kept.document["opening"]["sat"] == [{"from": "09:00", "to": "12:00"}]
    assert kept.document["training"] == {"code": "em-basic", "name_zh": "上机培训"}


def test_a_preview_keeps_nothing_and_tells_the_effect(desks: Desks) -> None:
    form = _form(desks, **{f"opening-{day}": "" for day in rules_form.DAYS}, lead_minutes="0")
    form["opening-wed"] = "10:00-16:00"
    answer = desks.post("station", _page(desks), {**form, "do": "preview"})
    assert answer.status_code == 200
    words = text_of(answer.text)
    assert "这是预览，尚未保存" in words
    assert "2026-01-07 10:00" in words
    assert "6.0 小时" in words
    assert "典型预约的费用" in words
    assert "¥500" in words
    assert fields_of(answer.text, "keep-form")["opening-wed"] == "10:00-16:00"
    assert _kept(desks) == []


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"opening-mon": "随时"}, "opening-mon", "请写成 09:00-12:00"),
        ({"opening-tue": "12:00-09:00"}, "opening-tue", "结束须晚于开始"),
        ({"opening-wed": "09:10-12:00"}, "opening-wed", "30 分钟"),
        ({"opening-thu": "09:00-12:00 11:00-13:00"}, "opening-thu", "重叠"),
        ({"min_minutes": "多久"}, "min_minutes", "整数"),
        ({"min_minutes": "", "min_minutes-unit": "60"}, "min_minutes", "必填"),
        ({"min_minutes": "3", "min_minutes-unit": "1440", "max_minutes": "1", "max_minutes-unit": "1440"}, "max_minutes", "短于"),
        ({"capacity": "0"}, "capacity", "不得小于 1"),
        ({"horizon_days": "9999"}, "horizon_days", "365"),
        ({"training-code": "E M"}, "training-code", "小写"),
        ({"samples-max_count": "5", "samples-accepted": ""}, "samples-accepted", "是否接收"),
        ({"terms-late_cancel_percent": "120"}, "terms-late_cancel_percent", "100"),
        ({"valid_from": "下周"}, "valid_from", "2026-01-08 09:00"),
        ({"customs_approval-reference": "沪关〔2025〕1 号"}, "customs_approval-until", "必填"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(
    onlookers: Desks, changes: dict[str, str], field: str, words: str
) -> None:
    form = _form(onlookers, **changes)
    answer = onlookers.post("manager", _page(onlookers), {**form, "do": "save"})
    assert answer.status_code == 422
    assert words in beside(answer.text, field)
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert "错误：" in answer.text.partition("<title>")[2][:20]
    assert fields_of(answer.text, "keep-form") | {"csrf_token": ""} == form | {"csrf_token": ""}


def test_the_same_form_sent_twice_is_one_version(desks: Desks) -> None:
    form = {**_form(desks, capacity="2"), "do": "save"}
    answers = [desks.post("manager", _page(desks), form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(_kept(desks)) == 1


def test_another_version_meanwhile_is_not_overwritten_unseen(desks: Desks) -> None:
    mine, theirs = _form(desks, capacity="2"), _form(desks, "station", capacity="3")
    assert desks.post("station", _page(desks), {**theirs, "do": "save"}).status_code == 303
    answer = desks.post("manager", _page(desks), {**mine, "do": "save"})
    assert answer.status_code == 422
    assert "其间已有他人保存了第 1 版" in text_of(answer.text)
    again = fields_of(answer.text, "keep-form")
    assert (again["capacity"], again["version"]) == ("2", "1")
    assert desks.post("manager", _page(desks), {**again, "do": "save"}).status_code == 303
    assert [(kept.version, kept.document["capacity"]) for kept in _kept(desks)] == [(2, 2), (1, 3)]


def test_a_version_to_come_is_told_and_an_old_one_can_be_taken_up_again(desks: Desks) -> None:
    for capacity, valid_from in (("2", ""), ("3", "2026-02-01T08:00"), ("4", "2026-01-20T08:00")):
        form = _form(desks, capacity=capacity, valid_from=valid_from)
        assert desks.post("manager", _page(desks), {**form, "do": "save"}).status_code == 303
    words = text_of(desks.page("manager", _page(desks)))
    assert "现行第 1 版" in words
    assert "第 3 版 2026-01-20 08:00 待生效" in words
    assert "第 2 版 2026-02-01 08:00 已被第 3 版取代" in words
    old = desks.page("manager", _page(desks) + "?version=2")
    assert "下面是第 2 版的内容" in text_of(old)
    assert fields_of(old, "keep-form")["capacity"] == "3"
    assert fields_of(old, "keep-form")["version"] == "3"


def test_only_those_who_serve_keep_rules(onlookers: Desks) -> None:
    for who in ("stranger", "staff"):
        assert onlookers.browsers[who].get(_page(onlookers)).status_code == 403
        form = {**_form(onlookers), "do": "save"}
        assert onlookers.post(who, _page(onlookers), form).status_code == 403
    assert _kept(onlookers) == []


def test_an_unknown_instrument_is_not_found(onlookers: Desks) -> None:
    assert onlookers.station.get("/staff/instruments/42-aaaaaaaaaaaa/rules").status_code == 404
