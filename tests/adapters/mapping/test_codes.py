"""Code values: the province's table, the specification's lists, and never a silent "other"."""

import pytest

import schemas
from adapters.errors import ManifestInvalid
from adapters.mapping import read_vocabulary
from adapters.mapping.codes import (
    FALSE_WORDS,
    TRUE_WORDS,
    Siblings,
    boolean_function,
    classification_function,
    code_function,
    discipline_function,
    names_of,
)
from adapters.mapping.contacts import phone_kind
from adapters.mapping.places import Noted, area_function
from adapters.mapping.unfit import Unfit
from adapters.mapping.vocabulary import Vocabulary

HEADER = "table,native,code,note\n"


def vocabulary(*rows: str) -> Vocabulary:
    return read_vocabulary((HEADER + "\n".join(rows) + "\n").encode())


def test_a_code_comes_from_the_table_first_then_from_code_and_names() -> None:
    look_up = code_function(
        vocabulary("country,美利坚合众国,US,", "country,德国,AT,演示"), "country", "country", True
    )
    assert look_up("美利坚合众国") == "US"
    assert look_up("德国") == "AT"
    assert look_up("日本") == "JP"
    assert look_up("jp") == "JP"
    assert look_up("Japan") == "JP"
    assert look_up(" 日　本 ") == "JP"


def test_a_value_nobody_knows_goes_to_the_worklist_with_its_table() -> None:
    with pytest.raises(Unfit) as refused:
        code_function(vocabulary(), "running_state", "yxzt", True)("一般般")
    assert (refused.value.code, refused.value.table, refused.value.value) == (
        "unmapped-code",
        "yxzt",
        "一般般",
    )
    assert "vocab.csv" in refused.value.zh
    assert "vocab.csv" in refused.value.en


@pytest.mark.parametrize("list_name", schemas.list_names())
def test_every_list_is_found_by_its_own_codes_and_chinese_names(list_name: str) -> None:
    names = names_of(list_name)
    look_up = code_function(vocabulary(), list_name, list_name, True)
    for code, entry in schemas.codes(list_name).items():
        assert look_up(code) == code
        assert look_up(entry.zh) in schemas.codes(list_name)
    assert set(names.values()) <= set(schemas.codes(list_name))


def test_a_list_is_mapped_item_by_item_and_once_each() -> None:
    look_up = code_function(vocabulary(), "service_mode", "service_mode", True)
    assert look_up(["自主上机", "委托检测", "自主上机"]) == ["machine_time", "entrusted_test"]
    assert look_up([]) is None
    single = code_function(vocabulary(), "funding_source", "funding_source", False)
    assert single(["中央财政资金", "中央财政资金"]) == "central_fiscal"
    with pytest.raises(Unfit) as refused:
        single(["中央财政资金", "单位自有资金"])
    assert refused.value.code == "too-many"


def test_numbers_are_codes_too() -> None:
    assert code_function(vocabulary("state,10,normal,"), "running_state", "state", True)(10) == "normal"
    assert code_function(vocabulary("state,10,normal,"), "running_state", "state", True)(10.0) == "normal"


def test_disciplines_from_names_codes_and_long_codes() -> None:
    disciplines = discipline_function(vocabulary("discipline,材料,430,"), "discipline", 4)
    assert disciplines(["化学", "140", "150.25", "材料"]) == ["150", "140", "430"]
    with pytest.raises(Unfit) as refused:
        disciplines(["110", "120", "130", "140", "150"])
    assert refused.value.code == "too-many"


def test_a_class_keeps_what_the_source_said() -> None:
    classify = classification_function(
        vocabulary("classification,010113,010199,旧码"), "most-2006", "classification"
    )
    made = classify(["010102", "扫描电镜"])
    assert isinstance(made, Siblings)
    assert made == {
        "classification": {"scheme": "most-2006", "code": "010102"},
        "source_classification": {"scheme": "most-2006", "code": "010102", "text": "扫描电镜"},
    }
    assert classify("010113")["classification"]["code"] == "010199"
    assert classify("010113")["source_classification"] == {"scheme": "most-2006", "code": "010113"}
    assert classify("扫描电镜")["classification"]["code"] == "010102"
    assert classify([None, "扫描电镜"])["source_classification"] == {
        "scheme": "most-2006",
        "text": "扫描电镜",
    }


@pytest.mark.parametrize("scheme", ["most-2006-draft", "ab4", "education"])
def test_a_class_of_another_scheme_crosses_over_as_the_specification_says(scheme: str) -> None:
    code = next(
        key.partition(":")[2] for key in schemas.codes("class_crosswalk") if key.startswith(scheme + ":")
    )
    made = classification_function(vocabulary(), scheme, "classification")(code)
    assert made["classification"] == {"scheme": "most-2006", "code": schemas.crosswalk(scheme, code)}
    assert made["source_classification"] == {"scheme": scheme, "code": code}


@pytest.mark.parametrize("unknown", ["777777", "999999", ["888888", "什么"], "不存在的仪器"])
def test_an_unknown_class_is_never_other(unknown: object) -> None:
    with pytest.raises(Unfit) as refused:
        classification_function(vocabulary(), "most-2006", "classification")(unknown)
    assert refused.value.code == "unknown-class"


def test_yes_and_no() -> None:
    decide = boolean_function(TRUE_WORDS, FALSE_WORDS)
    assert [decide(word) for word in ("是", "Ｙ", "1", 1, "TRUE", True)] == [True] * 6
    assert [decide(word) for word in ("否", "N", "0", 0, "false", False)] == [False] * 6
    with pytest.raises(Unfit) as refused:
        decide("也许")
    assert refused.value.code == "bad-boolean"


@pytest.mark.parametrize(
    ("province", "written", "place"),
    [
        ("330000", ["浙江省", "杭州市", "西湖区"], {"province": "330000", "city": "330100", "county": "330106"}),
        ("330000", ["浙江", "杭州", "西湖"], {"province": "330000", "city": "330100", "county": "330106"}),
        ("330000", [None, "杭州市", None], {"province": "330000", "city": "330100"}),
        ("330000", ["330000", "330100", "330106"], {"province": "330000", "city": "330100", "county": "330106"}),
        ("330000", ["浙江省", "义乌市"], {"province": "330000", "city": "330700", "county": "330782"}),
        ("330000", ["浙江省"], {"province": "330000"}),
        ("330000", "浙江省杭州市西湖区科技路1号", {"province": "330000", "city": "330100", "county": "330106"}),
        ("330000", "杭州市科技路1号", {"province": "330000", "city": "330100"}),
        ("310000", ["上海市", "上海市", "徐汇区"], {"province": "310000", "city": "310104"}),
        ("310000", ["上海市", "市辖区", "徐汇区"], {"province": "310000", "city": "310104"}),
        ("310000", [None, "徐汇区"], {"province": "310000", "city": "310104"}),
        ("310000", "上海市徐汇区科技路1号", {"province": "310000", "city": "310104"}),
    ],
)  # fmt: skip
def test_places(province: str, written: object, place: dict[str, str]) -> None:
    assert area_function(province, vocabulary(), "area")(written) == place


def test_every_city_is_found_by_its_full_name() -> None:
    for area in schemas.codes("area").where(level="city"):
        province = area.code[:2] + "0000"
        assert area_function(province, vocabulary(), "area")([None, area.zh])["city"] == area.code


def test_an_autonomous_prefecture_is_found_by_its_short_names() -> None:
    area = area_function("420000", vocabulary(), "area")
    for name in ("恩施土家族苗族自治州", "恩施州", "恩施"):
        assert area(["湖北省", name])["city"] == "422800"


def test_an_unknown_city_is_a_problem_and_an_unknown_county_a_note() -> None:
    area = area_function("330000", vocabulary(), "area")
    with pytest.raises(Unfit) as refused:
        area(["浙江省", "不存在市", None])
    assert refused.value.code == "bad-area"
    noted = area(["浙江省", "杭州市", "不存在区"])
    assert isinstance(noted, Noted)
    assert noted.value == {"province": "330000", "city": "330100"}
    assert noted.unfit.code == "bad-area"


def test_a_county_of_another_city_is_not_taken() -> None:
    noted = area_function("330000", vocabulary(), "area")(["浙江省", "宁波市", "西湖区"])
    assert isinstance(noted, Noted)
    assert noted.value == {"province": "330000", "city": "330200"}


def test_another_province_is_refused() -> None:
    for written in (["江苏省", "南京市"], ["320000", "320100"]):
        with pytest.raises(Unfit) as refused:
            area_function("330000", vocabulary(), "area")(written)
        assert refused.value.code == "outside-province"


def test_old_names_of_places_come_from_the_table() -> None:
    area = area_function("330000", vocabulary("area,下城区,330105,2021 年并入"), "area")
    assert area(["浙江省", "杭州市", "下城区"])["county"] == "330105"


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("13900001234", {"mobile": "13900001234"}),
        ("139 0000 1234", {"mobile": "13900001234"}),
        ("+86-139-0000-1234", {"mobile": "13900001234"}),
        ("１３９００００１２３４", {"mobile": "13900001234"}),
        (13900001234, {"mobile": "13900001234"}),
        (13900001234.0, {"mobile": "13900001234"}),
        ("0571-55500330", {"office_phone": "0571-55500330"}),
        ("(0571)55500330转8001", {"office_phone": "(0571)55500330转8001"}),
        ("0571-55500330/13900001234", {"office_phone": "0571-55500330", "mobile": "13900001234"}),
        ("0571-55500330 13900001234", {"office_phone": "0571-55500330", "mobile": "13900001234"}),
        ("13900001234、13900004321", {"mobile": "13900001234"}),
        (["0571-55500330", None], {"office_phone": "0571-55500330"}),
    ],
)  # fmt: skip
def test_a_mobile_number_never_becomes_the_office_phone(written: object, kinds: dict[str, str]) -> None:
    assert phone_kind(written) == kinds


@pytest.mark.parametrize("bad", ["见主页", "12", "tel"])
def test_what_is_no_number_is_refused(bad: str) -> None:
    with pytest.raises(Unfit) as refused:
        phone_kind(bad)
    assert refused.value.code == "bad-phone"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a,b\n", "line 1"),
        ((HEADER + "t,x,y\n").encode(), "line 2"),
        ((HEADER + "t,,y,\n").encode(), "line 2"),
        ((HEADER + "t,x,A,\nt,Ｘ ,B,\n").encode(), "line 3"),
        ((HEADER + 't,"x,A,\n').encode(), "CSV"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_faulty_table_names_its_line(content: bytes, says: str) -> None:
    with pytest.raises(ManifestInvalid, match=says):
        read_vocabulary(content)
