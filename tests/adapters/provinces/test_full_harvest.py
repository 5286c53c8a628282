"""A full harvest of each province gives exactly the good records, clean, and refuses exactly the hopeless ones."""

import itertools
import re
from collections.abc import Mapping
from typing import Any

import pytest

import schemas
from adapters.registry import PROVINCES, load_province
from adapters.simulators.fleet import Fleet
from adapters.simulators.world import model
from tests.adapters.provinces import truth
from tests.adapters.provinces.harvesting import Harvest, adapter_over, harvest

CODES = sorted(truth.UNIT_KEYS)
MOBILE = re.compile(r"(?<![0-9])1390000[0-9]{4}(?![0-9])")


@pytest.fixture(scope="module")
def harvested(still_fleet: Fleet) -> Mapping[tuple[str, str], Harvest]:
    found = {}
    for code in CODES:
        adapter = adapter_over(still_fleet, load_province(PROVINCES / code), [])
        for resource in adapter.resources():
            found[code, resource.name] = harvest(adapter, resource.name)
    return found


@pytest.mark.parametrize("code", CODES)
def test_every_good_instrument_arrives_and_no_other(
    code: str, harvested: Mapping[tuple[str, str], Harvest], still_fleet: Fleet
) -> None:
    world = still_fleet.world.province(code)
    found = harvested[code, "instruments"]
    assert found.keys == world.expected_keys(truth.UNIT_KEYS[code])
    assert found.is_full
    # OAI-PMH tells its size with a resumption token only, and a list of one page has none.
    declared = {page.declared_total for page in found.pages}
    assert declared == {None if code == "420000" and len(found.pages) == 1 else world.total}


@pytest.mark.parametrize("code", CODES)
def test_exactly_the_hopeless_are_refused(
    code: str, harvested: Mapping[tuple[str, str], Harvest], still_fleet: Fleet
) -> None:
    hopeless = still_fleet.world.province(code).hopeless
    found = harvested[code, "instruments"]
    markers = {h.marker: h.reason for h in hopeless}
    refused = {
        next(marker for marker in markers if marker.encode() in record.raw): outcome
        for record, outcome in found.rejected
    }
    expected = {marker for marker, reason in markers.items() if reason != model.DUPLICATE_NUMBER}
    assert set(refused) == expected
    codes = {
        model.UNKNOWN_CLASS: {"unknown-class"},
        model.MISSING_NUMBER: {"missing-key"},
        model.IMPOSSIBLE_VALUE: {"too-small", "too-large"},
    }
    for marker, outcome in refused.items():
        assert {problem.code for problem in outcome.problems} <= codes[markers[marker]]
        assert all(problem.zh and problem.en for problem in outcome.problems)


@pytest.mark.parametrize("code", CODES)
def test_a_number_given_twice_comes_right_after_the_record_it_repeats(
    code: str, harvested: Mapping[tuple[str, str], Harvest], still_fleet: Fleet
) -> None:
    """Only the hub can tell duplicates: it sees both keys. The order makes the good record the first."""
    world = still_fleet.world.province(code)
    duplicates = [h for h in world.hopeless if h.reason == model.DUPLICATE_NUMBER]
    pulled = harvested[code, "instruments"].pulled
    repeated = [(first, second) for first, second in itertools.pairwise(pulled) if first.key == second.key]
    assert len(pulled) - len({record.key for record in pulled}) == len(repeated) == len(duplicates) > 0
    for (first, second), duplicate in zip(repeated, duplicates, strict=True):
        assert duplicate.marker in second.document["model"]
        assert duplicate.marker not in first.document["model"]


@pytest.mark.parametrize("code", CODES)
def test_every_document_is_the_truth_whatever_dirt_it_came_in(
    code: str, harvested: Mapping[tuple[str, str], Harvest], still_fleet: Fleet
) -> None:
    world = still_fleet.world.province(code)
    documents: dict[str, dict[str, Any]] = {}
    for pulled in harvested[code, "instruments"].pulled:
        documents.setdefault(pulled.document["id"], dict(pulled.document))
    dirty = 0
    for instrument, _ in world.good():
        expected = truth.document_of(code, instrument)
        document = documents[expected["id"]]
        source = document.pop("source_classification")
        assert document == expected
        assert source["scheme"] == "most-2006"
        assert source["code"] in (instrument.class_code, "011300")
        dirty += bool(instrument.dirt)
    assert dirty > 3


@pytest.mark.parametrize("code", CODES)
def test_the_survey_meets_the_instruments(
    code: str, harvested: Mapping[tuple[str, str], Harvest], still_fleet: Fleet
) -> None:
    world = still_fleet.world.province(code)
    found = harvested[code, "survey"]
    assert found.rejected == []
    assert {pulled.key: pulled.document for pulled in found.pulled} == {
        document["unit"]["id"] + "|" + document["internal_number"]: document
        for document in (truth.survey_of(code, row) for _, row in world.good())
    }
    assert found.keys == harvested[code, "instruments"].keys


@pytest.mark.parametrize("code", CODES)
def test_institutions_come_first_and_whole(
    code: str, harvested: Mapping[tuple[str, str], Harvest], still_fleet: Fleet
) -> None:
    found = harvested[code, "institutions"]
    expected = [truth.institution_of(code, unit) for unit in still_fleet.world.province(code).units]
    assert [pulled.document for pulled in found.pulled] == expected
    assert next(name for province, name in harvested if province == code) == "institutions"


@pytest.mark.parametrize("code", CODES)
def test_personal_numbers_are_never_public(code: str, harvested: Mapping[tuple[str, str], Harvest]) -> None:
    mobiles = 0
    for name in ("institutions", "instruments"):
        for pulled in harvested[code, name].pulled:
            mobiles += MOBILE.search(repr(pulled.document)) is not None
            public = schemas.redact(pulled.document_name, pulled.document, "public")
            assert MOBILE.search(repr(public)) is None
            assert "@" not in repr(public)
    assert mobiles > 0
