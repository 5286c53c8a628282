"""What moves in a province moves in the hub: edits, withdrawals and returns, and a survey that comes early or late."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.simulators.world import Instrument, World
from tests.e2e import expected
from tests.e2e.federation import Federation, federation

pytestmark = [pytest.mark.long, pytest.mark.database]

BY_TOMBSTONE, BY_ABSENCE = "310000", "330000"
PUSHED = "340000"


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Federation]:
    """A province with tombstones and one without, harvested."""
    with federation(World(records=300), tmp_path, [BY_TOMBSTONE, BY_ABSENCE]) as running:
        running.harvest([BY_TOMBSTONE, BY_ABSENCE])
        running.settle()
        yield running


def some_good(running: Federation, code: str, place: int) -> Instrument:
    assert running.fleet is not None
    good = running.fleet.world.province(code).good()
    return next(instrument for at, (instrument, _) in enumerate(good) if at == place)


def total(running: Federation, **asked: Any) -> int:
    return int(running.get("/api/v1/instruments", open="any", **asked)["total"])


def test_what_a_province_withdraws_goes_and_may_come_back(two: Federation) -> None:
    """By a tombstone of the feed, and by being missing from a full read."""
    assert two.fleet is not None
    before = {code: total(two, province=code) for code in (BY_TOMBSTONE, BY_ABSENCE)}
    for code, count in before.items():
        world, gone = two.fleet.world.province(code), some_good(two, code, 3)
        address = f"/api/v1/instruments/{expected.id_of(code, gone)}"
        assert two.client.get(address).status_code == 200

        world.tick(60)
        world.vanish(gone.key)
        [*_, end] = two.sync(code)
        two.settle()
        assert end.verdict == "complete"
        assert total(two, province=code) == count - 1
        answer = two.client.get(address)
        assert (answer.status_code, answer.json()["code"]) == (410, "instrument_withdrawn")

        world.tick(60)
        world.restore(gone.key)
        two.sync(code)
        two.settle()
        assert total(two, province=code) == count
        assert two.get(address)["instrument"]["name_zh"] == gone.name


def test_an_edit_is_found_under_its_new_words_and_no_longer_under_the_old(two: Federation) -> None:
    assert two.fleet is not None
    old = some_good(two, BY_TOMBSTONE, 5)
    identifier = expected.id_of(BY_TOMBSTONE, old)
    assert two.get("/api/v1/instruments", open="any", q=old.model)["total"] > 0
    world = two.fleet.world.province(BY_TOMBSTONE)
    world.tick(60)
    world.touch(old.key, model="ZQX-77419")
    [*_, end] = two.sync(BY_TOMBSTONE)
    two.settle()
    found = two.get("/api/v1/instruments", open="any", q="ZQX-77419")
    assert [item["id"] for item in found["items"]] == [identifier]
    again = two.every("/api/v1/instruments", open="any", q=old.model, limit=100)
    assert all(item["id"] != identifier or item["model"] != old.model for item in again)
    run = two.get(f"/api/v1/provinces/{BY_TOMBSTONE}/runs/{end.run_id}")
    assert (run["created"], run["updated"], run["withdrawn"]) == (0, 1, 0)


def _documents(running: Federation) -> dict[str, dict[str, Any]]:
    listed = running.every("/api/v1/instruments", open="any", sort="newest", limit=100)
    return {item["id"]: running.get(f"/api/v1/instruments/{item['id']}") for item in listed}


def _sharing(running: Federation) -> dict[str, int]:
    [belt] = [r for r in running.get("/api/v1/statistics")["sharing"] if r["region"]["code"] == "belt"]
    return {mode: belt[mode]["count"] for mode in ("external", "internal", "none", "unknown")}


def test_a_survey_may_come_before_or_after_what_it_surveys(tmp_path: Path) -> None:
    """Until it has come, sharing is unknown and counted as such; in the end both ways lead to the same."""
    ends = []
    for is_first in (True, False):
        with federation(World(records=300), tmp_path / str(is_first), [PUSHED]) as running:
            assert running.fleet is not None
            good = list(running.fleet.world.province(PUSHED).good())
            if is_first:
                running.sync(PUSHED)
                running.settle()
                assert total(running) == 0  # a survey row alone names no instrument
                assert _sharing(running) == dict.fromkeys(("external", "internal", "none", "unknown"), 0)
                running.play()
            else:
                running.play()
                running.settle()
                assert total(running) == len(good)
                assert running.get("/api/v1/instruments")["total"] == 0
                assert _sharing(running)["unknown"] == len(good)
                shown = running.get(f"/api/v1/instruments/{expected.id_of(PUSHED, good[0][0])}")
                assert expected.said(shown["instrument"]) == expected.facts_of(good[0][0], None)
                assert [reason["code"] for reason in shown["booking"]["reasons"]][:1] == ["sharing_unknown"]
                running.sync(PUSHED)
            running.settle()
            assert _sharing(running)["unknown"] == 0
            documents = _documents(running)
            for instrument, row in good:
                shown = documents[expected.id_of(PUSHED, instrument)]
                assert expected.said(shown["instrument"]) == expected.facts_of(instrument, row)
                assert [expected.item_said(item) for item in shown["service_items"]] == expected.items_of(row)
            ends.append({id: (d["instrument"], d["service_items"]) for id, d in documents.items()})
    assert ends[0] == ends[1]
