"""`bookings.yaml` and the manifest's section: whole, or spoilt in one place, which the error names."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.bookings.compiled import compile_bookings
from adapters.bookings.tables import compile_tables
from adapters.bookings.writing import BUILDERS, SHANGHAI, SIMPLE, Words, compile_object, compile_rule
from adapters.check import check_folder
from adapters.contract import Connection
from adapters.errors import ManifestInvalid
from adapters.manifest import BookingSpec, load_yaml, parse_manifest
from adapters.registry import PROVINCES, build_adapter, discover, load_province

CODES = sorted(discover())
ROOT = Path(__file__).parents[3]


def content(code: str) -> dict[str, Any]:
    made: dict[str, Any] = deepcopy(load_yaml(PROVINCES / code / "bookings.yaml"))
    return made


def spec(code: str) -> BookingSpec:
    found = load_province(PROVINCES / code).manifest.bookings
    assert found is not None
    return found


def compile_spoilt(code: str, spoil: Callable[[dict[str, Any]], object]) -> None:
    written = content(code)
    spoil(written)
    compile_bookings(spec(code), code, yaml.safe_dump(written, allow_unicode=True).encode())


@pytest.mark.parametrize("code", CODES)
def test_every_province_says_how_bookings_go(code: str) -> None:
    province = load_province(PROVINCES / code)
    adapter = build_adapter(province, Connection(), lambda **_: None)  # type: ignore[arg-type,return-value]
    assert province.bookings is not None
    assert (adapter.bookings is None) == (province.bookings.spec.kind == "sheet")
    if adapter.bookings is not None:
        assert adapter.bookings.capabilities == province.bookings.spec.capabilities
    assert province.bookings.version.startswith("1-")


SPOILT: Mapping[str, tuple[str, Callable[[dict[str, Any]], object], str]] = {
    "format": ("310000", lambda b: b.update(bookings=2), "bookings.bookings"),
    "unknown section": ("310000", lambda b: b.update(sumbit={}), "sumbit"),
    "unknown kind of answer": ("310000", lambda b: b["tables"]["kind"].update(PENDING="maybe"), "tables.kind.PENDING"),
    "unknown reason": ("310000", lambda b: b["tables"]["reason"].update(CLIENT="whim"), "tables.reason.CLIENT"),
    "unknown family of tables": ("310000", lambda b: b["tables"].update(colour={"R": "red"}), "tables.colour"),
    "a code without quotes": ("320000", lambda b: b["tables"]["kind"].update({10: "received"}), "tables.kind.10"),
    "no table": ("310000", lambda b: b["answers"]["order"].update(kind="status"), "answers.order.kind"),
    "no such table": ("310000", lambda b: b["answers"]["order"]["reason"].update(table="why"), "answers.order.reason"),
    "no such constant": ("510000", lambda b: b["answers"]["receipt"].update(kind={"const": "yes"}), "receipt.kind"),
    "no such answer": ("310000", lambda b: b["submit"].update(answer="ordre"), "submit.answer"),
    "no such outcome": ("310000", lambda b: b["submit"].update(outcome="A"), "submit.outcome"),
    "no such function": ("310000", lambda b: b["submit"]["body"].update(x={"from": "order.id", "do": ["shout"]}), "body.x"),
    "two functions in one": ("310000", lambda b: b["submit"]["body"].update(x={"from": "order.id", "do": [{"most": 1, "yuan": 2}]}), "body.x"),
    "no such list": ("310000", lambda b: b["submit"]["body"].update(x={"from": "order.id", "do": [{"name": "moods"}]}), "body.x"),
    "a path that is none": ("310000", lambda b: b["submit"].update(path="orders"), "submit.path"),
    "an unclosed place": ("310000", lambda b: b["cancel"].update(path="/o/{order.id"), "cancel.path"),
    "a body in a GET": ("310000", lambda b: b["lookup"].update(body={}), "lookup.body"),
    "unknown option": ("310000", lambda b: b["lookup"].update(prove=True), "lookup"),
    "unknown field": ("310000", lambda b: b["answers"]["order"]["slot"].update(middle="x"), "order.slot"),
    "evidence without a hash": ("310000", lambda b: b["answers"]["order"]["usage"]["evidence"].pop("sha256"), "usage.evidence"),
    "unknown field of evidence": ("310000", lambda b: b["answers"]["order"]["usage"]["evidence"].update(size="x"), "usage.evidence"),
    "evidence of no table": ("310000", lambda b: b["answers"]["order"]["usage"]["evidence"].update(kind="type"), "evidence.kind"),
    "evidence of no kind": ("320000", lambda b: b["answers"]["row"]["usage"]["evidence"].update(kind={"const": "word"}), "evidence.kind"),
    "an unknown kind of evidence": ("310000", lambda b: b["tables"]["evidence"].update(FILM="film"), "tables.evidence.FILM"),
    "unknown calendar field": ("310000", lambda b: b["availability"]["reads"]["rules"].update(colour="x"), "rules"),
    "no busy times": ("310000", lambda b: b["availability"]["reads"].pop("busy"), "reads.busy"),
    "a double code": ("320000", lambda b: b["outcomes"]["orders"]["refused"].append(41001), "outcomes.orders.rejected"),
    "no code at all": ("320000", lambda b: b["outcomes"]["orders"].pop("code"), "outcomes.orders.code"),
    "a cursor of no kind": ("320000", lambda b: b["feed"]["cursor"].update(kind="page"), "cursor.kind"),
    "a signature of no kind": ("310000", lambda b: b["callback"]["signature"].update(kind="wax"), "signature.kind"),
    "less than declared": ("310000", lambda b: b.pop("report"), "capabilities"),
    "more than declared": ("360000", lambda b: b.update(report=dict(b["lookup"], operation="x")), "bookings.report"),
    "no columns": ("420000", lambda b: b.pop("sheet"), "bookings.sheet"),
    "a template of no path": ("420000", lambda b: b["sheet"]["columns"]["样品"].update(template="{label"), "样品"),
    "no version": ("420000", lambda b: b.pop("version"), "bookings.version"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_a_fault_is_named_with_its_path(name: str) -> None:
    code, spoil, path = SPOILT[name]
    with pytest.raises(ManifestInvalid) as found:
        compile_spoilt(code, spoil)
    assert path in found.value.zh
    assert path in found.value.en


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"a: [", b"7", b""])
def test_what_is_no_yaml_is_refused(raw: bytes) -> None:
    with pytest.raises(ManifestInvalid):
        compile_bookings(spec("310000"), "310000", raw)


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ({"kind": "pigeon"}, "bookings.kind"),
        ({"kind": "rest"}, "bookings.capabilities"),
        ({"kind": "sheet", "capabilities": ["submit"]}, "bookings.capabilities"),
        ({"kind": "rest", "capabilities": ["telepathy"]}, "bookings.capabilities"),
        ({"kind": "sheet", "settle_seconds": -1}, "bookings.settle_seconds"),
        ({"kind": "sheet", "colour": "red"}, "bookings"),
    ],
)
def test_a_fault_in_the_manifests_section_is_named(section: dict[str, Any], path: str) -> None:
    written = load_yaml(PROVINCES / "420000" / "manifest.yaml") | {"bookings": section}
    with pytest.raises(ManifestInvalid, match=f"manifest.{path}"):
        parse_manifest(written)


def test_a_cap_that_is_none_is_refused() -> None:
    spoilt = replace(spec("420000"), limits={"answer_bytes": 0})
    with pytest.raises(ManifestInvalid, match=r"limits\.answer_bytes"):
        compile_bookings(spoilt, "420000", (PROVINCES / "420000" / "bookings.yaml").read_bytes())


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., list[str]]:
    """The faults the check finds in a copy of a province that is spoilt."""

    def check(
        code: str, manifest: Mapping[str, Any] = {}, bookings: Callable[[Any], object] = lambda _: None
    ) -> list[str]:
        made = tmp_path / code
        made.mkdir()
        for path in (PROVINCES / code).glob("*.*"):
            (made / path.name).write_bytes(path.read_bytes())
        written = load_yaml(made / "manifest.yaml") | manifest
        (made / "manifest.yaml").write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
        content = load_yaml(made / "bookings.yaml")
        bookings(content)
        (made / "bookings.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return check_folder(made).faults

    return check


def test_the_check_finds_nothing_in_a_good_folder(folder: Callable[..., list[str]]) -> None:
    assert folder("320000") == []


def test_the_check_holds_the_promise_about_repeats_against_the_dialect(
    folder: Callable[..., list[str]],
) -> None:
    (first, second) = folder("360000", {"idempotency": "lookup"})
    assert "manifest.idempotency" in first
    assert "settle_seconds" in second
    assert "manifest.idempotency" in folder("420000", {"idempotency": "native"})[0]
    assert "lookup" in folder("340000", {"idempotency": "lookup"})[0]


def test_the_check_names_a_table_nobody_reads(folder: Callable[..., list[str]]) -> None:
    (fault,) = folder("420000", bookings=lambda b: b["tables"].update(unit={"时": "hour"}))
    assert "unit" in fault


def test_the_check_misses_the_section_and_the_file(tmp_path: Path, folder: Callable[..., list[str]]) -> None:
    assert any("manifest.bookings" in fault for fault in folder("520000", {"bookings": None}))
    (tmp_path / "520000" / "bookings.yaml").unlink()
    written = load_yaml(PROVINCES / "520000" / "manifest.yaml")
    (tmp_path / "520000" / "manifest.yaml").write_text(
        yaml.safe_dump(written, allow_unicode=True), encoding="utf-8"
    )
    (fault,) = check_folder(tmp_path / "520000").faults
    assert "bookings.yaml" in fault


# -- outbound rules -----------------------------------------------------------------------------------------------

TABLES = compile_tables({"mode": {"上机": "machine_time", "自助": "machine_time"}}, "t")
MOMENT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
DOCUMENT = {
    "text": "字", "empty": None, "fen": 60_050, "moment": MOMENT, "mode": "machine_time", "yes": True, "hours": 2.0,
    "codes": ["corrosive", "magnetic"], "list": [{"a": "x", "n": 2}, {"a": None, "n": 3}], "nothing": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("text", "字"),
        ("empty", None),
        ("missing.deep", None),
        ("hours", 2),
        ("moment", "2026-11-23T09:30:00+08:00"),
        ({"const": 7}, 7),
        ({"from": "moment", "do": [{"time": "%Y/%m/%d %H:%M"}]}, "2026/11/23 09:30"),
        ({"from": "moment", "do": ["local"]}, MOMENT.astimezone(SHANGHAI).replace(tzinfo=None)),
        ({"from": "fen", "do": ["yuan"]}, "600.50"),
        ({"from": "fen", "do": ["yuan_number"]}, 600.5),
        ({"from": "mode", "do": [{"word": "mode"}]}, "上机"),
        ({"from": "text", "do": [{"word": "mode"}]}, None),
        ({"from": "text", "do": [{"word": "mode"}, {"default": "其他"}]}, "其他"),
        ({"from": "yes", "do": [{"flag": ["1", "0"]}]}, "1"),
        ({"from": "codes", "do": [{"name": "sample_hazard"}]}, ["腐蚀性", "强磁性"]),
        ({"from": ["text", "mode"], "do": [{"join": ":"}]}, "字:machine_time"),
        ({"from": ["text", "empty"], "do": [{"join": ":"}]}, None),
        ({"from": "text", "do": [{"template": "〔{value}〕"}]}, "〔字〕"),
        ({"from": "mode", "do": [{"most": 3}]}, "mac"),
        ({"from": "hours", "do": ["text"]}, "2"),
        ({"each": "list", "template": "{a}×{n}"}, "x×2"),
        ({"each": "nothing", "template": "{a}"}, None),
        ({"each": "list", "fields": {"A": "a", "N": "n"}}, [{"A": "x", "N": 2}, {"N": 3}]),
    ],
)
def test_a_rule_writes(rule: Any, value: Any) -> None:
    assert compile_rule(rule, "r", Words(TABLES))(DOCUMENT) == value


def test_nothing_is_left_out_or_written_in_the_dialects_word() -> None:
    rules = {"A": "text", "B": "empty", "C.D": "fen", "E": {"each": "nothing", "fields": {}}}
    assert compile_object(rules, "r", Words(TABLES))(DOCUMENT) == {"A": "字", "C": {"D": 60_050}}
    assert compile_object(rules, "r", Words(TABLES, "无"))(DOCUMENT) == {
        "A": "字",
        "B": "无",
        "C": {"D": 60_050},
        "E": "无",
    }


def test_the_page_names_every_function() -> None:
    page = (ROOT / "docs" / "booking-dialects.md").read_text(encoding="utf-8")
    for name in (*SIMPLE, *BUILDERS):
        assert f"`{name}`" in page
