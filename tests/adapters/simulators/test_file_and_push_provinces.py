"""安徽 湖南 重庆 贵州 云南: what their files and batches say arrives as the truth they were written from."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters import registry
from adapters.contract import Connection, NativePage, Pulled, Rejected
from adapters.errors import AuthRejected, Malformed
from adapters.simulators import anhui, chongqing, guizhou, yunnan
from adapters.simulators.fleet import Fleet
from adapters.simulators.serve import running
from adapters.simulators.world import World
from adapters.simulators.world.model import EQUIPMENT_TYPE_CODES, RUNNING_STATE_CODES, Instrument
from adapters.simulators.world.province import ProvinceWorld

CODES = ("340000", "430000", "500000", "520000", "530000")
UNIT_KEYS = {
    "340000": "id",
    "430000": "short_code",
    "500000": "credit_code",
    "520000": "credit_code",
    "530000": "id",
}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with running(World(records=1500), tmp_path_factory.mktemp("fleet"), provinces=CODES) as fleet:
        yield fleet


def adapter_of(fleet: Fleet, code: str, **changes: Any) -> Any:
    told = fleet.connections()[code] | changes
    folder = None if told["folder"] is None else Path(told["folder"])
    connections = {code: Connection(told["base_url"], told["credentials"], folder)}
    return registry.build_adapters(connections, lambda **_: httpx.Client(trust_env=False))[code]


def resource_of(adapter: Any, name: str = "instruments") -> Any:
    return next(resource for resource in adapter.resources() if resource.name == name)


def read(fleet: Fleet, code: str) -> Iterator[NativePage]:
    """One full read through the province's own way in."""
    adapter = adapter_of(fleet, code)
    resource, world = resource_of(adapter), fleet.world.province(code)
    if code == "340000":
        lines = (
            anhui.line("U", number, f"{it.modified:%Y-%m-%d %H:%M:%S}", anhui.record(it))
            for number, it in enumerate(world.instruments(), start=1)
        )
        return adapter.parse(resource, b"\n".join(lines), "batch.ndjson")
    if code == "530000":
        return adapter.parse(resource, yunnan.workbook(world), "云南.xlsx")
    if code == "500000":
        fleet.simulators[code].drop()
    return adapter.pages(resource, None)


def harvest(fleet: Fleet, code: str) -> tuple[dict[str, dict[str, Any]], list[Rejected], int]:
    """(documents by key, rejected records, keys that came twice)."""
    adapter = adapter_of(fleet, code)
    resource = resource_of(adapter)
    documents: dict[str, dict[str, Any]] = {}
    rejected, repeated = [], 0
    for page in read(fleet, code):
        for record in page.records:
            mapped = adapter.map(resource, record)
            if isinstance(mapped, Rejected):
                rejected.append(mapped)
            elif mapped.key in documents:
                repeated += 1
            else:
                documents[mapped.key] = dict(mapped.document)
    return documents, rejected, repeated


def truth_of(it: Instrument) -> dict[str, Any]:
    """What every one of the five dialects can say of an instrument."""
    return {
        "name_zh": it.name,
        "model": it.model,
        "manufacturer": it.manufacturer,
        "origin_country": it.country,
        "code": it.class_code,
        "original_value_fen": it.value * 10_000,
        "commissioned_on": it.commissioned_on.isoformat(),
        "running_state": RUNNING_STATE_CODES[it.running_state],
        "disciplines": sorted(item.code for item in it.disciplines),
        "city": it.place.city,
        "unit": it.unit.name,
        "mobile": it.contact.mobile,
        "office_phone": it.contact.office_phone,
    }


def said(document: Mapping[str, Any]) -> dict[str, Any]:
    plain = (
        "name_zh",
        "model",
        "manufacturer",
        "origin_country",
        "original_value_fen",
        "commissioned_on",
        "running_state",
    )
    return {name: document.get(name) for name in plain} | {
        "code": document["classification"]["code"],
        "disciplines": sorted(document.get("disciplines", [])),
        "city": document["location"].get("city"),
        "unit": document["unit"].get("name"),
        "mobile": document["contact"].get("mobile"),
        "office_phone": document["contact"].get("office_phone"),
    }


@pytest.mark.parametrize("code", CODES)
def test_everything_mendable_arrives_clean_and_only_the_hopeless_is_refused(fleet: Fleet, code: str) -> None:
    world = fleet.world.province(code)
    documents, rejected, repeated = harvest(fleet, code)
    unit_key = UNIT_KEYS[code]
    assert documents.keys() == world.expected_keys(unit_key)
    assert len(rejected) + repeated == len(world.hopeless)
    assert {problem.pointer for one in rejected for problem in one.problems} <= {
        "/classification", "/classification/code", "/internal_number", "/original_value_fen",
    }  # fmt: skip
    dirty = 0
    for it, _ in world.good():
        assert said(documents[f"{getattr(it.unit, unit_key)}|{it.internal_number}"]) == truth_of(it)
        dirty += bool(it.dirt)
    assert dirty > 0


def test_anhui_says_kind_and_customs(fleet: Fleet) -> None:
    documents, _, _ = harvest(fleet, "340000")
    for it, _row in fleet.world.province("340000").good():
        document = documents[it.key]
        assert document["equipment_type"] == EQUIPMENT_TYPE_CODES[it.equipment_type]
        assert document["customs"]["supervised"] is (it.customs is not None and it.customs.supervised)


def test_anhui_withdraws_by_tombstone(fleet: Fleet) -> None:
    adapter = adapter_of(fleet, "340000")
    line = anhui.line("D", 9, "2026-11-02 10:00:00", {"dwbs": "ab12", "yqbm": "S1"})
    (page,) = adapter.parse(resource_of(adapter), line, "batch.ndjson")
    assert page.records[0].deleted
    assert adapter.key(resource_of(adapter), page.records[0]) == "ab12|S1"


def test_guizhou_eats_leading_zeros_and_asks_for_an_account(fleet: Fleet) -> None:
    it = next(
        it
        for it in fleet.world.province("520000").instruments()
        if it.class_code.startswith("01") and not it.dirt
    )
    assert guizhou.row(it, 1)[1] == int(it.class_code)
    wrong = adapter_of(fleet, "520000", credentials={"username": "gzdy-export", "password": "falsch"})
    with pytest.raises(AuthRejected):
        list(wrong.pages(resource_of(wrong), None))


@pytest.mark.parametrize("damage", ["wrong_checksum", "half"])
def test_chongqing_refuses_a_damaged_file_by_its_name(tmp_path: Path, damage: str) -> None:
    drop, pages = _chongqing(tmp_path)
    path = drop(damage)
    with pytest.raises(Malformed) as refused:
        list(pages())
    assert path.name in refused.value.zh or "仪器信息.csv" in refused.value.zh


def test_chongqing_leaves_a_half_written_file_for_later(tmp_path: Path) -> None:
    drop, pages = _chongqing(tmp_path)
    path = drop("")
    path.rename(path.with_suffix(".part"))
    assert [record for page in pages() for record in page.records] == []
    path.with_suffix(".part").rename(path)
    assert [record for page in pages() for record in page.records]


def _chongqing(folder: Path) -> tuple[Callable[[str], Path], Callable[[], Iterator[NativePage]]]:
    world: ProvinceWorld = World(records=200).province("500000")
    platform = chongqing.build(world, "", folder)
    adapter = registry.build_adapters({"500000": Connection("", {}, folder)}, lambda **_: httpx.Client())[
        "500000"
    ]
    return lambda damage: platform.drop(damage=damage), lambda: adapter.pages(resource_of(adapter), None)


def test_what_is_refused_is_named(fleet: Fleet) -> None:
    adapter = adapter_of(fleet, "530000")
    resource = resource_of(adapter)
    content = guizhou_workbook(fleet)
    with pytest.raises(Malformed) as refused:
        list(adapter.parse(resource, content, "贵州.xlsx"))
    assert "仪器设备" in refused.value.zh
    assert isinstance(adapter.map(resource, next(iter(read(fleet, "530000"))).records[0]), Pulled)


def guizhou_workbook(fleet: Fleet) -> bytes:
    told = fleet.connections()["520000"]
    answer = httpx.get(
        f"{told['base_url']}/gzdy/export/dxyqxxb.xlsx",
        auth=(told["credentials"]["username"], told["credentials"]["password"]),
        trust_env=False,
    )
    return answer.raise_for_status().content
