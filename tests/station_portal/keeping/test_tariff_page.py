"""A tariff on a page: all ways of charging, what typical bookings cost, versions, and what is wrong beside its field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import schemas
from hub.availability import queries
from station_portal.i18n import language
from station_portal.keeping import fields, tariff_form
from tests.station_portal.conftest import text_of
from tests.station_portal.keeping.conftest import Desks, beside, fields_of

EXAMPLES = Path(schemas.__file__).parent / "v1" / "examples"
VALID = json.loads((EXAMPLES / "tariff-terms.json").read_text())["valid"]

HOUR = {"p0-name_zh": "机时费", "p0-basis": "reserved_time", "p0-outside": "400", "p0-inside": "120.50"}


def _page(desks: Desks) -> str:
    return f"/staff/instruments/{desks.instrument_id}/tariff"


def _form(desks: Desks, who: str = "manager", **changes: str) -> dict[str, str]:
    held = fields_of(desks.page(who, _page(desks)), "keep-form")
    return {name: told for name, told in held.items() if not name.startswith("p")} | {
        "positions": "3",
        **{name: told for name, told in held.items() if name.startswith("typical")},
        **changes,
    }


def _kept(desks: Desks) -> list[Any]:
    with desks.runtime.database.read() as session:
        return queries.tariff_versions(session, desks.instrument_id)


@pytest.mark.parametrize("name", sorted(VALID))
def test_what_is_kept_survives_the_form(name: str) -> None:
    made, wrong = tariff_form.document_of(tariff_form.typed_of(VALID[name]), language("zh"))
    assert wrong == []
    same = {"optional": False}
    told = [{**same, **position} for position in made["positions"]]
    kept = [{**same, **position} for position in VALID[name]["positions"]]
    for position in (*told, *kept):
        if position["basis"] in tariff_form.TIMES:
            position.setdefault("unit_minutes", 60)
    assert {**made, "positions": told} == {**VALID[name], "positions": kept}


@pytest.mark.parametrize(
    ("text", "permille"),
    [("6", 60), ("6.5", 65), ("13%", 130), ("0", 0), ("100", 1000), ("101", None), ("-1", None), ("6.55", None), ("六", None)],
)  # fmt: skip
def test_percentages_are_read_as_people_write_them(text: str, permille: int | None) -> None:
    assert fields.permille_of(text) == permille
    if permille is not None:
        assert fields.permille_of(fields.percent_of(permille)) == permille


def test_a_rate_is_kept_shown_with_examples_and_refused_beside_its_field(desks: Desks) -> None:
    wrong = desks.post("manager", _page(desks), _form(desks, **HOUR, vat_permille="6.66", do="save"))
    assert "最多一位小数" in beside(wrong.text, "vat_permille")
    told = desks.post("manager", _page(desks), _form(desks, **HOUR, vat_permille="6", do="preview"))
    assert "含税（税率 6%）：不含税 ¥754.72，税额 ¥45.28" in text_of(told.text)
    desks.post("manager", _page(desks), _form(desks, **HOUR, vat_permille="6", do="save"))
    assert _kept(desks)[0].document["vat_permille"] == 60


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1200", 120000),
        ("12.5", 1250),
        ("¥1,200.05", 120005),
        ("0", 0),
        ("1.234", None),
        ("-1", None),
        ("贵", None),
    ],
)
def test_amounts_as_people_write_them(text: str, fen: int | None) -> None:
    assert fields.fen_of(text) == fen
    if fen is not None:
        assert fields.fen_of(fields.yuan_of(fen)) == fen


def test_what_the_catalogue_says_is_the_start(onlookers: Desks) -> None:
    page = onlookers.page("manager", _page(onlookers))
    assert "由目录中的服务项目得出" in text_of(page)
    assert fields_of(page, "keep-form")["p0-name_zh"] == "微区形貌观察"


def test_a_tariff_is_tried_out_and_kept(desks: Desks) -> None:
    form = _form(
        desks, **HOUR, **{"minimum-outside": "1000", "typical-minutes": "90", "typical-minutes-unit": "1"}
    )
    form |= {"p1-name_zh": "制样", "p1-basis": "samples", "p1-outside": "50", "p1-mode-entrusted_test": "yes"}
    answer = desks.post("manager", _page(desks), {**form, "do": "preview"})
    words = text_of(answer.text)
    assert answer.status_code == 200
    assert "自主上机 · 对外 ¥1,000" in words
    assert "1.5 小时 × 400.00 元/小时 = 600.00 元" in words
    assert "不足最低收费 1000.00 元，补差 400.00 元" in words
    assert "自主上机 · 对内 ¥1,000" in words
    assert _kept(desks) == []
    answer = desks.post("manager", _page(desks), {**form, "do": "save", "valid_from": "2026-01-05T08:00"})
    assert answer.status_code == 303, answer.text
    assert "收费标准已保存为新版本" in text_of(desks.page("station", answer.headers["location"]))
    (kept,) = _kept(desks)
    assert kept.document == {
        "positions": [
            {"id": "p1", "basis": "reserved_time", "name_zh": "机时费", "outside_fen": 40000, "inside_fen": 12050, "unit_minutes": 60},
            {"id": "p2", "basis": "samples", "name_zh": "制样", "outside_fen": 5000, "service_modes": ["entrusted_test"]},
        ],
        "minimum_fee": {"outside_fen": 100000},
    }  # fmt: skip
    booking = desks.station.get(f"/api/v1/instruments/{desks.instrument_id}/tariff").json()
    assert booking["version"] == 1


@pytest.mark.parametrize(
    "basis",
    [
        code
        for code, held in schemas.codes("tariff_basis").items()
        if held.attributes.get("kind") == "position"
    ],
)
def test_every_way_of_charging_is_priced(onlookers: Desks, basis: str) -> None:
    form = _form(onlookers, **{**HOUR, "p0-basis": basis})
    answer = onlookers.post("station", _page(onlookers), {**form, "do": "preview"})
    assert answer.status_code == 200
    assert answer.text.count("¥") >= 2, text_of(answer.text)


def test_positions_are_added_and_removed_and_nothing_typed_is_lost(desks: Desks) -> None:
    form = _form(desks, **HOUR)
    more = fields_of(desks.post("manager", _page(desks), {**form, "do": "more"}).text, "keep-form")
    assert more["positions"] == "6"
    assert {name: more[name] for name in HOUR} == HOUR
    more |= {"p5-name_zh": "套餐", "p5-basis": "package", "p5-outside": "3000", "p0-remove": "yes"}
    assert desks.post("manager", _page(desks), {**more, "do": "save"}).status_code == 303
    assert [each["name_zh"] for each in _kept(desks)[0].document["positions"]] == ["套餐"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"p0-outside": "很贵"}, "p0-outside", "请按元填写金额"),
        ({"p0-outside": "", "p0-inside": ""}, "p0-outside", "至少有一个单价"),
        ({"p0-basis": ""}, "p0-basis", "请选择计费方式"),
        ({"p0-name_zh": ""}, "p0-name_zh", "请填写收费项名称"),
        ({"p0-step_minutes": "9999"}, "p0-step_minutes", "1440"),
        ({"p0-service_item": "1", "p1-name_zh": "又一项", "p1-basis": "times", "p1-outside": "1", "p1-service_item": "1"}, "p1-service_item", "多个收费项"),
        ({"minimum-outside": "x"}, "minimum-outside", "请按元填写金额"),
        ({"typical-minutes": "0"}, "typical-minutes", "14 天"),
        ({"typical-samples": "x"}, "typical-samples", "整数"),
        ({"valid_from": "明天"}, "valid_from", "2026-01-08 09:00"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field(
    onlookers: Desks, changes: dict[str, str], field: str, words: str
) -> None:
    form = _form(onlookers, **HOUR) | changes
    answer = onlookers.post("manager", _page(onlookers), {**form, "do": "save"})
    assert answer.status_code == 422
    assert words in beside(answer.text, field), text_of(answer.text)
    assert f'id="{field}"' in answer.text
    shown = fields_of(answer.text, "keep-form")
    assert {name: shown[name] for name in changes} == changes


def test_an_empty_tariff_is_refused(onlookers: Desks) -> None:
    answer = onlookers.post("manager", _page(onlookers), {**_form(onlookers), "do": "save"})
    assert "请至少填写一个收费项" in beside(answer.text, "p0-name_zh")


def test_as_many_positions_as_the_specification_allows(desks: Desks) -> None:
    form = _form(desks, positions="200")
    for number in range(200):
        form |= {f"p{number}-{name[3:]}": told for name, told in HOUR.items()}
        form |= {f"p{number}-{name}": "" for name in (*tariff_form.MINUTES, *tariff_form.COUNTS, "name_en")}
    assert desks.post("manager", _page(desks), {**form, "do": "save"}).status_code == 303
    assert len(_kept(desks)[0].document["positions"]) == 200
    assert "p199-name_zh" in fields_of(desks.page("manager", _page(desks)), "keep-form")


def test_the_same_form_sent_twice_is_one_version(desks: Desks) -> None:
    form = {**_form(desks, **HOUR), "do": "save"}
    answers = [desks.post("manager", _page(desks), form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(_kept(desks)) == 1


def test_another_version_meanwhile_is_not_overwritten_unseen(desks: Desks) -> None:
    mine, theirs = _form(desks, **HOUR), _form(desks, "station", **{**HOUR, "p0-outside": "500"})
    assert desks.post("station", _page(desks), {**theirs, "do": "save"}).status_code == 303
    answer = desks.post("manager", _page(desks), {**mine, "do": "save"})
    assert answer.status_code == 422
    assert "其间已有他人保存了第 1 版" in text_of(answer.text)
    assert fields_of(answer.text, "keep-form")["p0-outside"] == "400"


def test_operators_and_others_keep_no_tariff(onlookers: Desks) -> None:
    for who in ("operator", "stranger", "staff"):
        assert onlookers.browsers[who].get(_page(onlookers)).status_code == 403, who
        assert onlookers.post(who, _page(onlookers), {**HOUR, "positions": "1"}).status_code == 403
    rules = onlookers.page("operator", f"/staff/instruments/{onlookers.instrument_id}/rules")
    assert "/tariff" not in rules.partition("<main")[2]
