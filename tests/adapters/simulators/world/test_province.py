"""A province moves only as told, every move leaves its trace, and time goes forward."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.simulators.world import ProvinceWorld, World
from adapters.simulators.world.model import (
    DUPLICATE_NUMBER,
    IMPOSSIBLE_VALUE,
    MISSING_NUMBER,
    UNKNOWN_CLASS,
)
from schemas import codes, crosswalk


@pytest.fixture
def province() -> ProvinceWorld:
    return World(records=600).province("310000")


def keys(province: ProvinceWorld) -> list[str]:
    return [instrument.key for instrument in province.instruments()]


def test_the_list_holds_good_and_hopeless_records(small_world: World) -> None:
    for code in small_world.provinces:
        province = small_world.province(code)
        good, bad = province.expected_keys(), [h.instrument for h in province.hopeless]
        listed = list(province.instruments())
        assert len(listed) == province.total == len(good) + len(bad)
        assert [i for i in listed if i in bad] == bad
        assert {i.key for i in listed if i not in bad} == good


def test_about_one_percent_is_hopeless_in_addition(full_world: World) -> None:
    hopeless = sum(len(full_world.province(code).hopeless) for code in full_world.provinces)
    assert 0.009 < hopeless / 33_817 < 0.011
    assert sum(full_world.province(code).total for code in full_world.provinces) == 33_817 + hopeless


def test_hopeless_records_are_hopeless(full_world: World) -> None:
    province = full_world.province("420000")
    assert {h.reason for h in province.hopeless} == {
        UNKNOWN_CLASS,
        MISSING_NUMBER,
        IMPOSSIBLE_VALUE,
        DUPLICATE_NUMBER,
    }
    good = province.expected_keys()
    schemes = [scheme for scheme in codes("class_scheme") if scheme != "most-2006"]
    values = set()
    for hopeless in province.hopeless:
        record = hopeless.instrument
        assert hopeless.marker in record.model
        assert (hopeless.key in good) == (hopeless.reason == DUPLICATE_NUMBER)
        if hopeless.reason == UNKNOWN_CLASS:
            assert record.class_code not in codes("instrument_class")
            assert not any(crosswalk(scheme, record.class_code) for scheme in schemes)
        elif hopeless.reason == MISSING_NUMBER:
            assert record.internal_number == ""
        elif hopeless.reason == IMPOSSIBLE_VALUE:
            assert record.value < 0 or record.value > 10**8
            values.add(record.value < 0)
    assert values == {True, False}


def test_markers_are_found_once(small_world: World) -> None:
    province = small_world.province("320000")
    models = [instrument.model for instrument in province.instruments()]
    for hopeless in province.hopeless:
        assert sum(hopeless.marker in model for model in models) == 1


def test_a_duplicate_follows_its_original_in_the_same_second(full_world: World) -> None:
    listed = list(full_world.province("430000").instruments())
    counted = Counter(instrument.key for instrument in listed)
    seen = 0
    for before, after in pairwise(listed):
        if before.key == after.key and after.internal_number:
            seen += 1
            assert before.modified == after.modified
            assert (before.name, before.model, before.value) != (after.name, after.model, after.value)
    assert seen == sum(1 for key, n in counted.items() if n > 1 and not key.endswith("|")) > 0


def test_keys_follow_the_identifier_of_the_dialect(small_world: World) -> None:
    province = small_world.province("330000")
    codes_of_units = {unit.credit_code for unit in province.units}
    assert {key.partition("|")[0] for key in province.expected_keys("credit_code")} == codes_of_units
    assert len(province.expected_keys("short_code")) == len(province.expected_keys())


def test_many_records_share_a_second_and_time_never_falls(full_world: World) -> None:
    instants = [instrument.modified for instrument in full_world.province("510000").instruments()]
    assert instants == sorted(instants)
    assert all(instant.microsecond == 0 and instant.utcoffset() for instant in instants)
    assert max(Counter(instants).values()) >= 8
    assert full_world.province("510000").now > instants[-1]


def test_touch_moves_a_record_to_the_end_of_the_log(province: ProvinceWorld) -> None:
    key = keys(province)[3]
    before, last, position = province.get(key), province.last_sequence, keys(province).index(key)
    after = province.touch(key)
    assert before is not None
    assert after.user_notice == f"{before.user_notice}（第1次修订）"
    assert province.touch(key).user_notice.endswith("（第2次修订）")
    assert keys(province).index(key) == position
    changes = province.changes(last)
    assert [(c.key, c.sequence) for c in changes] == [(key, last + 2)]
    assert changes[0].instrument == province.get(key)
    assert province.modified_since(after.modified) == [province.get(key)]


def test_touch_takes_fields(province: ProvinceWorld) -> None:
    key = keys(province)[0]
    assert province.touch(key, running_state="待修").running_state == "待修"
    row = province.touch_survey(key, effective_hours=1)
    assert province.survey_row(key) == row
    assert province.survey_rows(0, 1) == [row]


def test_vanish_and_restore(province: ProvinceWorld) -> None:
    listed = keys(province)
    key, last = listed[5], province.last_sequence
    province.vanish(key)
    assert keys(province) == [other for other in listed if other != key]
    assert province.get(key) is None
    assert province.survey_row(key) is None
    assert [(c.key, c.instrument) for c in province.changes(last)] == [(key, None)]
    with pytest.raises(KeyError):
        province.vanish(key)
    with pytest.raises(KeyError):
        province.touch(key)
    restored = province.restore(key)
    assert keys(province) == listed
    assert restored.modified == province.now
    assert [(c.key, c.instrument) for c in province.changes(last)] == [(key, restored)]
    with pytest.raises(KeyError):
        province.restore(key)


def test_a_duplicate_goes_and_comes_with_its_original(province: ProvinceWorld) -> None:
    duplicate = next(h for h in province.hopeless if h.reason == DUPLICATE_NUMBER)
    listed = keys(province)
    province.vanish(duplicate.key)
    assert duplicate.key not in keys(province)
    province.restore(duplicate.key)
    assert keys(province) == listed
    last = province.last_sequence
    good = province.touch(duplicate.key)
    found = [change.instrument for change in province.changes(last)]
    assert found[0] == good
    assert [i.model if i else "" for i in found[1:]] == [duplicate.instrument.model]


def test_unknown_keys_are_told(province: ProvinceWorld) -> None:
    for key in ("", "|", "x|20150000001", keys(province)[0] + "9", "x|YQ2015-000000²"):
        assert province.get(key) is None
        with pytest.raises(KeyError):
            province.touch(key)


def test_a_source_goes_empty_and_comes_back(province: ProvinceWorld) -> None:
    listed, last = keys(province), province.last_sequence
    province.go_empty()
    assert (province.total, province.page(0, 10), province.changes(), province.survey_total) == (0, [], [], 0)
    assert province.get(listed[0]) is None
    assert province.modified_since(province.now - timedelta(days=999)) == []
    province.come_back()
    assert keys(province) == listed
    assert province.last_sequence == last


def test_the_clock_moves_only_when_told(province: ProvinceWorld) -> None:
    before = province.now
    list(province.instruments())
    assert province.now == before
    assert province.tick(90) == before + timedelta(seconds=90)


def test_modified_since_pages_without_gap_or_repeat(province: ProvinceWorld) -> None:
    for key in keys(province)[4:30:5]:
        province.touch(key)
    province.vanish(keys(province)[7])
    start = province.page(10, 1)[0].modified
    whole = province.modified_since(start)
    assert [i.modified for i in whole] == sorted(i.modified for i in whole)
    assert len(whole) == province.count_since(start)
    paged = [i for offset in range(0, len(whole) + 7, 7) for i in province.modified_since(start, 7, offset)]
    assert paged == whole
    everything = province.modified_since(start - timedelta(days=999))
    assert Counter(i.key for i in everything) == Counter(keys(province))


MOVES = st.lists(st.tuples(st.sampled_from(["touch", "vanish", "restore"]), st.integers(0, 30)), max_size=25)


@settings(max_examples=40, deadline=None)
@given(moves=MOVES, page=st.integers(1, 9))
def test_a_follower_of_the_log_always_knows_the_list(moves: list[tuple[str, int]], page: int) -> None:
    """Whatever happens, reading the log in pages from any point leads to what the list says."""
    province = World(records=120).province("520000")
    some = [i.key for i in province.instruments() if i.internal_number]
    held: dict[tuple[str, str], object] = {}
    after = 0
    for number, (move, place) in enumerate(moves):
        if number % 3 == 0:
            after = _follow(province, after, page, held)
        try:
            getattr(province, move)(some[place % len(some)])
        except KeyError:
            continue
    _follow(province, after, page, held)
    listed = {(i.key, _part(i)): i for i in province.instruments()}
    assert {key: record for key, record in held.items() if record is not None} == listed


def _part(instrument: object) -> str:
    """Tells a duplicate from its original; a tombstone carries no more than the key."""
    model = getattr(instrument, "model", "")
    return model[-9:] if "HX" in model[-9:] else ""


def _follow(province: ProvinceWorld, after: int, page: int, held: dict[tuple[str, str], object]) -> int:
    while changes := province.changes(after, page):
        for change in changes:
            assert change.sequence > after
            after = change.sequence
            if change.instrument is None:
                for key in [key for key in held if key[0] == change.key]:
                    del held[key]
            else:
                held[change.key, _part(change.instrument)] = change.instrument
    return after
