"""The code lists hold together, say what the sources say, and the check finds what is planted."""

from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import pytest

import schemas
from schemas.check import code_list_faults, list_faults
from schemas.codelists import CodeList, read_rows

BELT = (
    "310000",
    "320000",
    "330000",
    "340000",
    "360000",
    "420000",
    "430000",
    "500000",
    "510000",
    "520000",
    "530000",
)


def test_code_lists_hold_together() -> None:
    assert code_list_faults() == []


def planted(*entries: schemas.Code) -> list[str]:
    about = CodeList(
        "planted", "表", "List", "", ("planted",), MappingProxyType({entry.code: entry for entry in entries})
    )
    return list_faults(about)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (schemas.Code("a", "", "A"), "must not be empty"),
        (schemas.Code("a", "甲", ""), "must not be empty"),
        (schemas.Code("a", "甲", "A", parent="nobody"), "unknown parent"),
        (schemas.Code("a", "甲", "A", attributes={"lon": "12", "lat": "30"}), "outside China"),
        (schemas.Code("a", "甲", "A", attributes={"target": "000000"}), "unknown target"),
        (schemas.Code("a", "甲", "A", attributes={"region": "north"}), "unknown region"),
    ],
)
def test_the_check_finds_what_is_planted(entry: schemas.Code, words: str) -> None:
    assert any(words in fault for fault in planted(entry))
    assert planted(schemas.Code("a", "甲", "A"), schemas.Code("b", "乙", "B", parent="a")) == []


def test_a_row_of_another_width_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "broken.csv"
    for content in ("code,zh\na,甲,more\n", "code,zh\na\n"):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(ValueError, match="row 2"):
            read_rows(file)


def test_the_belt_is_eleven_provinces_in_three_regions() -> None:
    provinces = schemas.codes("province")
    assert tuple(entry.code for entry in provinces.values() if entry.attributes["region"]) == BELT
    assert tuple(provinces)[:11] == BELT
    regions = {
        region: [p.attributes["short_zh"] for p in provinces.where(region=region)]
        for region in schemas.codes("region")
    }
    assert regions == {
        "yangtze_delta": ["上海", "江苏", "浙江", "安徽"],
        "middle": ["江西", "湖北", "湖南"],
        "west": ["重庆", "四川", "贵州", "云南"],
    }


CITIES = {"310000": 16, "320000": 13, "330000": 11, "340000": 16, "360000": 11, "420000": 17, "430000": 14,
          "500000": 38, "510000": 21, "520000": 9, "530000": 16}  # fmt: skip


@pytest.mark.parametrize("province", BELT)
def test_every_city_of_the_belt_is_there(province: str) -> None:
    cities = [area for area in schemas.codes("area").children(province) if area.attributes["level"] == "city"]
    assert len(cities) == CITIES[province]
    assert all(city.code[:2] == province[:2] for city in cities)


def test_counties_lie_in_their_cities() -> None:
    areas = schemas.codes("area")
    for county in areas.where(level="county"):
        assert areas[county.parent].attributes["level"] == "city"
        assert county.code[:4] == county.parent[:4]
        if not county.attributes["lon"]:
            continue
        city = areas[county.parent].attributes
        assert abs(float(city["lon"]) - float(county.attributes["lon"])) < 1.5, county
        assert abs(float(city["lat"]) - float(county.attributes["lat"])) < 1.5, county


@pytest.mark.parametrize(
    ("province", "least"),
    [("310000", 16), ("320000", 95), ("330000", 90), ("340000", 104), ("360000", 100), ("420000", 103),
     ("430000", 122), ("500000", 38), ("510000", 183), ("520000", 88), ("530000", 129)],
)  # fmt: skip
def test_every_county_of_the_belt_can_be_a_home(province: str, least: int) -> None:
    areas = schemas.codes("area")
    counties = [area for area in areas.values() if area.code[:2] == province[:2] and area.code[4:] != "00"]
    assert len(counties) >= least


def test_no_two_places_of_a_city_have_one_name() -> None:
    seen = [(area.parent, area.zh) for area in schemas.codes("area").values()]
    assert len(seen) == len(set(seen))


def test_classes_have_three_levels() -> None:
    classes = schemas.codes("instrument_class")
    levels = {level: len(classes.where(level=level)) for level in "123"}
    assert levels["1"] == 15
    assert levels["2"] == 93
    for entry in classes.values():
        path = classes.ancestry(entry.code)
        assert [step.attributes["level"] for step in path] == list("123"[: len(path)])
        assert len(path) == int(entry.attributes["level"])


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("010101", "透射电镜"), ("010102", "扫描电镜"), ("010201", "有机质谱仪"), ("010301", "X射线衍射仪"),
        ("010302", "X射线荧光光谱仪"), ("010403", "原子吸收分光光度计"), ("010409", "红外光谱仪"), ("010501", "气相色谱仪"),
        ("010502", "液相色谱仪"), ("010601", "核磁共振波谱仪"), ("010802", "激光共焦显微镜"), ("010902", "示差扫描量热计"),
        ("011007", "DNA测序仪"), ("011012", "流式细胞仪"), ("020101", "材料试验机"), ("020502", "粒度分布测量仪"),
        ("040103", "示波器"), ("090202", "核磁共振断层诊断仪"), ("990000", "其他仪器"), ("140000", "激光器"),
    ],
)  # fmt: skip
def test_known_class_codes(code: str, name: str) -> None:
    assert schemas.codes("instrument_class")[code].zh == name


def test_no_class_below_the_top_is_called_just_other() -> None:
    """A facet or a code table that says 其他 alone would not say which."""
    assert not [entry for entry in schemas.codes("instrument_class").values() if entry.zh == "其他"]


@pytest.mark.parametrize(
    ("scheme", "code", "target"),
    [
        ("most-2006", "010102", "010102"),
        ("most-2006", "010198", None),
        ("most-2006-draft", "011300", "019900"),
        ("most-2006-draft", "010102", "010102"),
        ("regional-2021", "040000", "080000"),
        ("regional-2021", "080000", "040000"),
        ("regional-2021", "080103", "040103"),
        ("regional-2021", "120000", "990000"),
        ("regional-2021", "010102", "010102"),
        ("regional-2021", "019999", "010000"),
        ("education", "120201", "120201"),
        ("education", "130000", None),
        ("ab4", "0100", "010200"),
        ("ab4", "1700", None),
        ("ab4", "9999", None),
        ("ab4", "", None),
        ("nobody", "010102", None),
    ],
)
def test_crosswalk(scheme: str, code: str, target: str | None) -> None:
    assert schemas.crosswalk(scheme, code) == target


def test_the_same_digits_mean_different_classes() -> None:
    assert schemas.crosswalk("regional-2021", "040000") != schemas.crosswalk("education", "040000")


def test_bands_of_value_join_without_gap() -> None:
    bands = list(schemas.codes("value_band").values())
    assert [band.code for band in bands] == ["lt50", "50-200", "200-500", "500-800", "800+"]
    for lower, upper in pairwise(bands):
        assert lower.attributes["upper_fen"] == upper.attributes["lower_fen"]
    assert bands[1].attributes["lower_fen"] == str(50 * 10_000 * 100)


def test_disciplines_and_countries_are_whole() -> None:
    assert len(schemas.codes("discipline")) == 62
    assert schemas.codes("discipline")["430"].zh == "材料科学"
    assert len(schemas.codes("country")) == 249
    assert {code: schemas.codes("country")[code].zh for code in ("US", "CN", "DE", "JP", "GB")} == {
        "US": "美国", "CN": "中国", "DE": "德国", "JP": "日本", "GB": "英国"
    }  # fmt: skip


def test_an_unknown_list_is_named_with_the_known_ones() -> None:
    with pytest.raises(schemas.UnknownCodeList, match=r"'colour'.*province"):
        schemas.codes("colour")


def test_a_list_reads_like_a_mapping() -> None:
    modes = schemas.codes("sharing_mode")
    assert list(modes) == ["external", "internal", "none"]
    assert "external" in modes
    assert modes.get("x") is None
    with pytest.raises(KeyError):
        modes.ancestry("x")
