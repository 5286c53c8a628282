"""Rules, sections and versions: what a mapping's YAML turns into."""

from typing import Any

import pytest
import yaml

from adapters.errors import ManifestInvalid
from adapters.mapping import BUILDERS, CompiledMapping, compile_mapping, mapping_version
from adapters.mapping.paths import compile_getter

HEADER = b"table,native,code,note\n"


def compiled(
    fields: dict[str, Any], *, document: str = "instrument", vocabulary: bytes = HEADER, **more: Any
) -> CompiledMapping:
    section = {"fields": fields, **more.pop("section", {})}
    text = {"mapping": 1, "version": 1, **more, "resources": {"r": section}}
    return compile_mapping(
        yaml.safe_dump(text, allow_unicode=True, sort_keys=False).encode(),
        vocabulary,
        province="330000",
        documents={"r": document},
    )


def fill(fields: dict[str, Any], body: Any, **more: Any) -> tuple[dict[str, Any], list[str], list[str]]:
    """Document, problems and notes as `pointer code`."""
    document: dict[str, Any] = {}
    outcome = compiled(fields, **more).sections["r"].fill(body, document)
    return (
        document,
        [f"{p.pointer} {p.code}" for p in outcome.problems],
        [f"{p.pointer} {p.code}" for p in outcome.notes],
    )


def test_the_documented_example() -> None:
    fields = {
        "name_zh": "name",
        "unit.name": "companyName",
        "classification": {
            "from": "typeCode",
            "do": [{"pad": {"width": 6, "with": "0"}}, {"classification": {"scheme": "most-2006"}}],
        },
        "original_value_fen": {"from": "price", "do": [{"number": {"unit": "万元"}}]},
        "commissioned_on": {"from": "startDate", "do": ["date"]},
        "origin_country": {"from": "country", "do": [{"code": {"list": "country"}}]},
        "customs.supervised": {"from": "customs", "do": ["boolean"]},
        "location": {"from": ["province", "city", "county"], "do": ["area"]},
        "contact": {"from": "sPhone", "do": ["phone_kind"]},
        "image_url": {"from": "imgurl", "do": ["url"]},
    }
    body = {
        "companyName": "示例大学", "name": "扫描电镜 ", "typeCode": "10102", "price": "１２３．４５", "startDate": "2016/3/1",
        "country": "德国", "customs": "否", "province": "浙江省", "city": "杭州市", "county": "西湖区",
        "sPhone": "0571-00000000", "imgurl": "无",
    }  # fmt: skip
    document, problems, notes = fill(fields, body)
    assert not problems
    assert not notes
    assert document == {
        "name_zh": "扫描电镜",
        "unit": {"name": "示例大学"},
        "classification": {"scheme": "most-2006", "code": "010102"},
        "source_classification": {"scheme": "most-2006", "code": "010102"},
        "original_value_fen": 123_450_000,
        "commissioned_on": "2016-03-01",
        "origin_country": "DE",
        "customs": {"supervised": False},
        "location": {"province": "330000", "city": "330100", "county": "330106"},
        "contact": {"office_phone": "0571-00000000"},
    }


def test_objects_of_several_rules_are_merged() -> None:
    fields = {
        "location.address": "street",
        "location": {"from": ["p", "c"], "do": ["area"]},
        "contact": {"from": "tel", "do": ["phone_kind"]},
        "contact.name": "who",
    }
    document, _, _ = fill(
        fields, {"street": "科技路1号", "p": "浙江省", "c": "杭州市", "tel": "13900001234", "who": "张老师"}
    )
    assert document == {
        "location": {"address": "科技路1号", "province": "330000", "city": "330100"},
        "contact": {"mobile": "13900001234", "name": "张老师"},
    }


def test_what_a_rule_remembers_is_not_changed_through_a_document() -> None:
    mapping = compiled(
        {
            "location": {"from": ["p", "c"], "do": ["area"]},
            "disciplines": {"from": "s", "do": ["split", "discipline"]},
        }
    )
    body = {"p": "浙江省", "c": "杭州市", "s": "化学"}
    first: dict[str, Any] = {}
    mapping.sections["r"].fill(body, first)
    first["location"]["city"] = "spoilt"
    first["disciplines"].append("spoilt")
    second: dict[str, Any] = {}
    mapping.sections["r"].fill(body, second)
    assert second == {"location": {"province": "330000", "city": "330100"}, "disciplines": ["150"]}


def test_remembered_texts_and_numbers_do_not_share_an_entry() -> None:
    mapping = compiled(
        {"customs.supervised": {"from": "x", "do": ["boolean"]}, "annual.year": {"from": "x", "do": ["year"]}}
    )
    for value, expected in (("1", True), (1, True), (0, False), ("0", False), (True, True)):
        document: dict[str, Any] = {}
        mapping.sections["r"].fill({"x": value}, document)
        assert document["customs"]["supervised"] is expected


def test_nulls_leave_the_field_out_and_default_and_const_fill_it() -> None:
    fields = {
        "model": "m",
        "manufacturer": {"from": "maker", "do": [{"default": "不详厂商"}]},
        "name_zh": {"const": "固定"},
        "equipment_type": {"const": "通用", "do": [{"code": {"list": "equipment_type"}}]},
    }
    document, problems, _ = fill(fields, {"m": "无"})
    assert document == {"manufacturer": "不详厂商", "name_zh": "固定", "equipment_type": "general"}
    assert not problems


def test_a_problem_costs_the_record_a_lenient_one_the_field_and_a_bad_link_only_itself() -> None:
    fields = {
        "origin_country": {"from": "c", "do": [{"code": {"list": "country"}}]},
        "running_state": {"from": "s", "do": [{"code": {"list": "running_state"}}], "lenient": True},
        "service_url": {"from": "u", "do": ["url"]},
        "location": {"from": ["p", "city", "county"], "do": ["area"]},
        "name_zh": "n",
    }
    body = {
        "c": "某国",
        "s": "某态",
        "u": "javascript:x",
        "p": "浙江省",
        "city": "杭州市",
        "county": "某区",
        "n": "仪器",
    }
    document, problems, notes = fill(fields, body)
    assert problems == ["/origin_country unmapped-code"]
    assert notes == ["/running_state unmapped-code", "/service_url bad-url", "/location bad-area"]
    assert document == {"location": {"province": "330000", "city": "330100"}, "name_zh": "仪器"}


def test_several_lines_stay_only_where_the_specification_has_text() -> None:
    document, _, _ = fill({"technical_indicators": "t", "model": "t"}, {"t": "一\r\n二"})
    assert document == {"technical_indicators": "一\n二", "model": "一 二"}


def test_cleaning_can_be_chosen_and_switched_off() -> None:
    fields = {
        "model": {"from": "m", "clean": False},
        "manufacturer": {"from": "m", "clean": ["trim"]},
    }
    document, _, _ = fill(fields, {"m": " Ｘ "})
    assert document == {"model": " Ｘ ", "manufacturer": "Ｘ"}


def test_a_mappings_own_null_words_replace_the_default() -> None:
    document, _, _ = fill({"model": "m", "name_zh": "n"}, {"m": "未填", "n": "无"}, nulls=["未填"])
    assert document == {"name_zh": "无"}


def test_places_of_a_list_of_paths_are_kept() -> None:
    document, problems, _ = fill(
        {"location": {"from": ["p", "c", "d"], "do": ["area"]}}, {"p": "无", "c": "杭州市", "d": "无"}
    )
    assert not problems
    assert document == {"location": {"province": "330000", "city": "330100"}}


def test_lists_of_objects_and_their_pointers() -> None:
    fields = {
        "service_items": {
            "each": "items",
            "fields": {
                "number": {"from": "no", "do": ["integer"]},
                "name": "title",
                "charging_unit": {"from": "unit", "do": [{"code": {"list": "charging_unit"}}]},
                "fee_fen": {"from": "fee", "do": [{"number": {"unit": "元"}}]},
            },
        }
    }
    items = [
        {"no": "1", "title": "拉伸", "unit": "样品", "fee": 300},
        {"no": 2, "title": "弯曲", "unit": "箱"},
    ]
    document, problems, _ = fill(fields, {"items": items}, document="instrument-survey")
    assert document["service_items"][0] == {
        "number": 1,
        "name": "拉伸",
        "charging_unit": "sample",
        "fee_fen": 30_000,
    }
    assert problems == ["/service_items/1/charging_unit unmapped-code"]


def test_a_lenient_list_loses_its_broken_elements_only() -> None:
    fields = {
        "service_items": {
            "each": "items",
            "lenient": True,
            "fields": {"number": {"from": "no", "do": ["integer"]}, "name": "t"},
        }
    }
    document, problems, notes = fill(
        fields, {"items": [{"no": "x", "t": "坏"}, {"no": 1, "t": "好"}]}, document="instrument-survey"
    )
    assert document == {"service_items": [{"number": 1, "name": "好"}]}
    assert not problems
    assert notes == ["/service_items/0/number bad-number"]


@pytest.mark.parametrize("found", ["text", 5, [{}] * 501])
def test_what_is_no_reasonable_list_is_a_problem(found: object) -> None:
    fields = {"service_items": {"each": "items", "fields": {"name": "t"}}}
    _, problems, _ = fill(fields, {"items": found}, document="instrument-survey")
    assert problems == ["/service_items wrong-type"]


def test_one_object_counts_as_a_list_of_one_and_nothing_as_none() -> None:
    fields = {"service_items": {"each": "items.item", "fields": {"name": "t"}}}
    assert fill(fields, {"items": {"item": {"t": "甲"}}}, document="instrument-survey")[0] == {
        "service_items": [{"name": "甲"}]
    }
    assert fill(fields, {"items": ""}, document="instrument-survey")[0] == {}


def test_a_root_shifts_every_path() -> None:
    document, _, _ = fill({"name_zh": "cname"}, {"metadata": {"cname": "仪器"}}, section={"root": "metadata"})
    assert document == {"name_zh": "仪器"}
    assert fill({"name_zh": "cname"}, {"metadata": None}, section={"root": "metadata"})[0] == {}


@pytest.mark.parametrize(
    ("path", "body", "value"),
    [
        ("原值（万元）", {"原值（万元）": 1}, 1),
        ('"原值(万元)"', {"原值(万元)": 1}, 1),
        ("a.b", {"a": {"b": 2}}, 2),
        ("a.b", {"a": [1]}, None),
        ("a.b", {}, None),
        ('a."b c".d', {"a": {"b c": {"d": 3}}}, 3),
        ("a || b", {"b": 4}, 4),
        ("list[0].x", {"list": [{"x": 5}]}, 5),
        ("length(a)", {"a": 7}, None),
        ("@", {"a": 1}, {"a": 1}),
    ],
)
def test_paths(path: str, body: Any, value: Any) -> None:
    assert compile_getter(path, "p")(body) == value


def test_a_dotted_path_means_what_jmespath_means() -> None:
    import jmespath

    bodies: list[Any] = [
        {"a": {"b": 1}},
        {"a": None},
        {"a": [1]},
        {"a": "x"},
        {},
        [],
        None,
        3,
        {"a": {"b": {"c": 1}}},
    ]
    for path in ("a", "a.b", "a.b.c"):
        for body in bodies:
            assert compile_getter(path, "p")(body) == jmespath.search(path, body)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"nonsense": "x"}, "no field"),
        ({"unit.nonsense": "x"}, "no field"),
        ({"name_zh": {"from": "a[", "do": []}}, "JMESPath"),
        ({"name_zh": {"from": "a || `上海`", "do": []}}, "JMESPath"),
        ({"name_zh": {"from": "a", "do": ["eval"]}}, "no function eval"),
        ({"name_zh": {"from": "a", "do": [{"trim": 1}]}}, "no argument"),
        ({"name_zh": {"from": "a", "do": [{"pad": {"width": 0}}]}}, "width"),
        ({"name_zh": {"from": "a", "do": [{"a": 1, "b": 2}]}}, "function name"),
        ({"name_zh": {"from": "a", "const": 1}}, "both"),
        ({"name_zh": {"do": []}}, "from is missing"),
        ({"name_zh": {"from": "a", "todo": 1}}, "unknown options: todo"),
        ({"name_zh": 5}, "must be a mapping"),
        ({"commissioned_on": {"from": "a", "do": [{"date": ["american"]}]}}, "formats"),
        ({"origin_country": {"from": "a", "do": [{"code": {"list": "planets"}}]}}, "no code list"),
        ({"classification": {"from": "a", "do": [{"classification": {"scheme": "mine"}}]}}, "one of"),
        ({"original_value_fen": {"from": "a", "do": [{"number": {"unit": "dollar"}}]}}, "unit of money"),
        ({"location": {"from": "a", "do": ["area", "trim"]}}, "after area"),
        ({"name_zh": {"from": "a", "do": [{"instant": {"timezone": "Mars/Olympus"}}]}}, "time zone"),
        ({"name_zh": {"from": "a", "do": [{"boolean": {"maybe": ["x"]}}]}}, "true and false"),
    ],
)  # fmt: skip
def test_a_faulty_mapping_is_refused_when_it_is_compiled_and_names_the_place(
    fields: dict[str, Any], says: str
) -> None:
    with pytest.raises(ManifestInvalid, match=says) as refused:
        compiled(fields)
    assert "mapping.resources.r" in refused.value.en


def test_unquoted_true_and_false_of_yaml_are_understood() -> None:
    text = b"mapping: 1\nversion: 1\nresources:\n  r:\n    fields:\n      customs.supervised: {from: x, do: [{boolean: {true: [A], false: [B]}}]}\n"
    mapping = compile_mapping(text, HEADER, province="330000", documents={"r": "instrument"})
    document: dict[str, Any] = {}
    mapping.sections["r"].fill({"x": "A"}, document)
    assert document == {"customs": {"supervised": True}}


@pytest.mark.parametrize(
    "text",
    [
        b"mapping: 2\nversion: 1\nresources: {}",
        b"[1, 2]",
        b"a: [",
        b"\xff",
        b"mapping: 1\nversion: 0\nresources: {}",
        b"mapping: 1\nversion: 1\nresources: {other: {fields: {}}}",
    ],
)
def test_what_is_no_mapping_is_refused(text: bytes) -> None:
    with pytest.raises(ManifestInvalid):
        compile_mapping(text, HEADER, province="330000", documents={"r": "instrument"})


def test_sections_no_resource_uses_are_refused_unless_shared() -> None:
    text = b"mapping: 1\nversion: 1\nresources: {r: {fields: {}}, s: {fields: {}}}"
    with pytest.raises(ManifestInvalid, match="no resource uses"):
        compile_mapping(text, HEADER, province="330000", documents={"r": "instrument"})
    compile_mapping(text, HEADER, province="330000", documents={"r": "instrument"}, is_shared=True)


def test_the_version_names_number_and_content() -> None:
    assert mapping_version(3, b"a", b"b").startswith("3-")
    assert len(mapping_version(3, b"a", b"b")) == 10
    assert mapping_version(3, b"a", b"b") == mapping_version(3, b"a", b"b")
    assert (
        len({mapping_version(3, b"a", b"b"), mapping_version(3, b"ab", b""), mapping_version(3, b"", b"ab")})
        == 3
    )


def test_every_function_is_documented_and_nothing_else(project_docs: str) -> None:
    table = project_docs.split("### 2.1")[1].split("### 2.2", maxsplit=1)[0]
    documented = {
        word.strip("` ")
        for line in table.splitlines()
        if line.startswith("| `")
        for word in line.split("|")[1].split("` `")
    }
    assert documented == set(BUILDERS)
