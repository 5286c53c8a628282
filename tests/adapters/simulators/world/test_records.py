"""Records look like real ones, say nothing impossible, and are the same each time."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

import schemas
from adapters.simulators.world import World
from adapters.simulators.world import model as facts
from adapters.simulators.world.instruments import read_number
from adapters.simulators.world.kinds import kinds
from adapters.simulators.world.roster import BLOCK, KEPT_BLOCKS, Blocks

ROOT = Path(__file__).parents[4]

LISTS = {
    "sharing_mode": facts.SHARING_CODES,
    "funding_source": facts.FUNDING_CODES,
    "institution_kind": facts.UNIT_KIND_CODES,
    "running_state": facts.RUNNING_STATE_CODES,
    "acquisition_method": facts.ACQUISITION_CODES,
    "equipment_type": facts.EQUIPMENT_TYPE_CODES,
    "charging_unit": facts.CHARGING_UNIT_CODES,
    "service_mode": facts.SERVICE_MODE_CODES,
    "carrier_kind": facts.CARRIER_KIND_CODES,
    "customs_purpose": facts.CUSTOMS_PURPOSE_CODES,
}


@pytest.mark.parametrize("name", sorted(LISTS))
def test_words_name_codes_of_the_specification(name: str) -> None:
    assert set(LISTS[name].values()) <= set(schemas.codes(name))


def test_every_class_can_be_bought_from_every_country_group() -> None:
    groups = {"美国", "中国", "德国", "日本", "英国", "其他"}
    offered: dict[str, set[str]] = {}
    for kind in kinds():
        offered.setdefault(kind.class_code[:2], set()).update(kind.products)
    assert offered == dict.fromkeys(offered, groups)
    assert len(offered) == 15
    assert len(kinds()) >= 120
    assert len({kind.name for kind in kinds()}) == len(kinds())


def test_kinds_use_known_words() -> None:
    known = schemas.codes("instrument_class")
    for kind in kinds():
        assert known[kind.class_code].zh == kind.class_name
        assert 1 <= len(kind.services) <= 4
        assert len(kind.disciplines) <= 4
        for service in kind.services:
            assert service.charging_unit in facts.CHARGING_UNIT_CODES, kind.name
            assert service.mode in facts.SERVICE_MODE_CODES, kind.name
            assert service.fee[0] <= service.fee[1]
            assert all(
                re.match(r"[A-Z]+(/[A-Z]+)? ?[A-Z]?[0-9]", standard) for standard in service.standards
            ), kind.name
        for text in (*kind.indicators, kind.functions, kind.fee_text):
            assert not set("{}|") & set(text), kind.name


def test_units_are_plausible(full_world: World) -> None:
    areas = schemas.codes("area")
    codes: Counter[str] = Counter()
    for province in map(full_world.province, full_world.provinces):
        for unit in province.units:
            codes[unit.credit_code] += 1
            place = unit.place
            assert schemas.uscc.is_valid(unit.credit_code)
            assert unit.credit_code[2:8] in (place.city, place.county)
            assert unit.credit_code.startswith("91" if unit.kind == "企业" else "12")
            assert areas[place.city].parent == place.province == province.code
            assert areas[place.city].zh == place.city_name
            assert not place.county or areas[place.county].parent == place.city
            assert re.fullmatch("[0-9a-f]{32}", unit.id)
            assert re.fullmatch("1390000[0-9]{4}", unit.contact.mobile)
            assert unit.contact.name.endswith("老师")
            assert re.search(r"\.(edu|org|com)\.example/$", unit.website)
        for identifier in ("id", "short_code", "name"):
            assert len({getattr(unit, identifier) for unit in province.units}) == len(province.units)
    assert max(codes.values()) == 1


def test_the_organisation_code_inside_a_credit_code_checks_too(small_world: World) -> None:
    """GB 11714, written out here once more."""
    for unit in small_world.province("320000").units:
        body = unit.credit_code[8:17]
        total = sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=False))
        assert body[8] == "0123456789X"[(11 - total % 11) % 11]


def test_records_are_complete_and_possible(small_world: World) -> None:
    for code in small_world.provinces:
        numbers: Counter[str] = Counter()
        for index, (instrument, row) in enumerate(small_world.province(code).good()):
            numbers[instrument.key] += 1
            assert instrument.key == row.key
            assert read_number(instrument.internal_number) == index
            assert len(instrument.internal_number) <= 15
            assert date(2003, 1, 1) <= instrument.commissioned_on <= date(2025, 12, 31)
            assert instrument.place.province == code
            assert schemas.codes("country")[instrument.country].zh == instrument.country_name
            assert 40 <= row.effective_hours <= 4_200
            assert row.external_hours <= row.effective_hours
            assert (row.sharing == "外部共享") == bool(row.service_items) == (row.external_hours > 0)
            assert len(row.service_items) <= 4
            assert [item.number for item in row.service_items] == list(range(1, len(row.service_items) + 1))
            for item in row.service_items:
                assert item.fee_fen > 0
                assert item.fee_fen % 100 == 0
                assert not item.cma or instrument.unit.cma_certificate
                assert not item.cnas or instrument.unit.cnas_certificate
            if instrument.customs:
                customs = instrument.customs
                assert instrument.country != "CN"
                assert instrument.unit.kind != "企业"
                assert re.fullmatch("[0-9]{18}", customs.declaration_number)
                assert customs.imported_on < instrument.commissioned_on
                assert customs.supervised == (customs.until > date(2026, 11, 1))
                assert set(customs.permitted_purposes) <= set(facts.CUSTOMS_PURPOSE_CODES)
        assert max(numbers.values()) == 1


def test_some_imports_are_still_supervised_and_some_no_more(full_world: World) -> None:
    states = Counter(
        None if i.customs is None else i.customs.supervised for i, _ in full_world.province("320000").good()
    )
    assert states[None] > states[False] > states[True] > 100


def test_prices_fit_what_is_bought(full_world: World) -> None:
    """The belt prescribes price, class and country together; most kinds still cost what such a thing costs."""
    of = {kind.name: kind for kind in kinds()}
    near = far = 0
    for instrument, _ in full_world.province("330000").good():
        kind = of[instrument.name]
        far += not kind.low / 2 <= instrument.value <= kind.high * 2
        near += kind.low <= instrument.value <= kind.high
    assert near > 20 * far


def test_the_same_arguments_give_the_same_world() -> None:
    def told(world: World) -> str:
        province = world.province("420000")
        rows = [asdict(row) for _, row in islice(province.good(), 300)]
        return json.dumps([list(map(asdict, province.instruments())), rows], default=str)

    assert told(World(records=600)) == told(World(records=600))
    assert told(World(records=600)) != told(World(records=600, seed=1))


def test_a_record_does_not_depend_on_what_was_read_before() -> None:
    one, other = World(), World()
    late = one.province("310000").page(3_000, 5)
    assert late == list(islice(other.province("310000").instruments(), 3_000, 3_005))
    assert one.province("310000").survey_rows(2_000, 3) == [
        row for _, row in islice(other.province("310000").good(), 2_000, 2_003)
    ]


@pytest.mark.parametrize("arguments", [{"records": 0}, {"scale": 0}, {"records": 10, "scale": 2}])
def test_a_world_of_no_size_is_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="records >= 1"):
        World(**arguments)


def test_a_small_world_keeps_every_province_and_the_mix() -> None:
    world = World(records=2_000)
    sizes = {code: sum(1 for _ in world.province(code).good()) for code in world.provinces}
    assert len(sizes) == 11
    assert abs(sum(sizes.values()) - 2_000) < 20
    shared = sum(row.sharing == "外部共享" for code in sizes for _, row in world.province(code).good())
    assert abs(shared / 2_000 - 16_187 / 33_817) < 0.04
    for code in sizes:
        assert {unit.kind for unit in world.province(code).units} == {"高校", "科研院所", "企业"}
        assert {h.reason for h in world.province(code).hopeless} == set(facts.HOPELESS_REASONS)


def test_a_tiny_world_has_all_provinces() -> None:
    world = World(records=1)
    assert all(world.province(code).total >= 12 for code in world.provinces)


def test_a_scaled_world_repeats_the_belt_with_other_numbers() -> None:
    """Only read where it is looked at; nothing of the other million records is made."""
    province = World(scale=30).province("520000")
    single = World().province("520000")
    assert province.survey_total == 30 * single.survey_total
    first, again = province.survey_rows(5, 1)[0], province.survey_rows(5 + 7 * single.survey_total, 1)[0]
    assert (first.sharing, first.funding, first.effective_hours) == (
        again.sharing,
        again.funding,
        again.effective_hours,
    )
    assert first.key != again.key
    last = province.page(province.total - 1, 10)
    assert len(last) == 1
    assert province.get(last[0].key) == last[0]


def test_a_large_world_is_read_without_being_held() -> None:
    made: list[int] = []
    blocks = Blocks(lambda index, _rng: made.append(index) or index, 100 * BLOCK, name="x", bounded=True)
    assert [blocks.at(index) for index in range(60 * BLOCK)] == list(range(60 * BLOCK))
    assert len(blocks) == KEPT_BLOCKS
    made.clear()
    assert blocks.at(59 * BLOCK) == 59 * BLOCK
    assert made == []
    assert blocks.at(3) == 3
    assert made == list(range(BLOCK))


def test_the_world_is_the_same_in_every_process() -> None:
    """Nothing may hang on the order of a set or on this process's hash seed."""
    script = (
        "from adapters.simulators.world import World; from hashlib import sha256; w = World(records=300);"
        "p = w.province('500000');"
        "print(sha256(repr([list(p.instruments()), p.survey_rows(0, 999), p.hopeless]).encode()).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, cwd=ROOT,
            capture_output=True, check=True, text=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(told) == 1
