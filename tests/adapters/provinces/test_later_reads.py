"""What a later read brings: changes only where the dialect allows it, tombstones, nothing lost inside a second."""

from collections.abc import Callable

import pytest

from adapters.contract import Rejected
from adapters.errors import LimitExceeded, LoopDetected
from adapters.registry import PROVINCES, load_province
from adapters.simulators.world import Instrument, ProvinceWorld
from tests.adapters.provinces.harvesting import (
    Harvest,
    Reached,
    harvest,
    resource_of,
    take,
    with_transport,
)
from tests.adapters.provinces.truth import UNIT_KEYS

Reach = Callable[..., Reached]
WITH_TOMBSTONES = ("310000", "320000", "420000")
BY_TIME = ("360000", "510000")
INCREMENTAL = (*WITH_TOMBSTONES, *BY_TIME)


def key_of(code: str, instrument: Instrument) -> str:
    return f"{getattr(instrument.unit, UNIT_KEYS[code])}|{instrument.internal_number}"


def some_good(world: ProvinceWorld, number: int) -> Instrument:
    return next(instrument for place, (instrument, _) in enumerate(world.good()) if place == number)


@pytest.mark.parametrize("code", INCREMENTAL)
def test_a_later_read_brings_what_changed_and_little_else(code: str, reach: Reach) -> None:
    province = reach(code, records=1000)
    first = harvest(province.adapter)
    province.world.tick(60)
    edited = province.world.touch(some_good(province.world, 3).key)
    later = harvest(province.adapter, cursor=first.cursor)
    assert not later.is_full
    assert key_of(code, edited) in later.keys
    assert len(later.keys) < len(first.keys) / 2
    document = next(p.document for p in later.pulled if p.key == key_of(code, edited))
    assert document["user_notice"] == edited.user_notice
    assert harvest(province.adapter, cursor=later.cursor).keys <= {key_of(code, edited)} | first.keys


@pytest.mark.parametrize("code", WITH_TOMBSTONES)
def test_what_was_withdrawn_comes_as_a_tombstone_and_may_come_back(code: str, reach: Reach) -> None:
    province = reach(code)
    first = harvest(province.adapter)
    gone = some_good(province.world, 5)
    province.world.tick(60)
    province.world.vanish(gone.key)
    second = harvest(province.adapter, cursor=first.cursor)
    assert key_of(code, gone) in second.deleted
    assert key_of(code, gone) not in second.keys
    full = harvest(province.adapter)
    assert key_of(code, gone) not in full.keys
    province.world.tick(60)
    province.world.restore(gone.key)
    third = harvest(province.adapter, cursor=second.cursor)
    assert key_of(code, gone) in third.keys
    assert key_of(code, gone) not in third.deleted


@pytest.mark.parametrize("code", ["330000", *BY_TIME])
def test_without_tombstones_a_full_read_shows_what_is_gone(code: str, reach: Reach) -> None:
    province = reach(code)
    first = harvest(province.adapter)
    gone = some_good(province.world, 5)
    province.world.vanish(gone.key)
    again = harvest(province.adapter)
    assert again.is_full
    assert first.keys - again.keys == {key_of(code, gone)}


@pytest.mark.parametrize("code", INCREMENTAL)
def test_a_read_killed_after_any_page_goes_on_and_ends_complete(code: str, reach: Reach) -> None:
    """Every cut point: the cursor of each page leads to the same whole."""
    size = 20
    province = reach(code, records=400, page=None if code == "420000" else size)
    whole = harvest(province.adapter)
    resource = resource_of(province.adapter, "instruments")
    for cut in range(len(whole.pages) - 1):
        parts = Harvest()
        for page in whole.pages[: cut + 1]:
            for record in page.records:
                take(province.adapter, resource, record, parts)
        rest = harvest(province.adapter, cursor=whole.pages[cut].cursor)
        assert parts.keys | rest.keys == whole.keys
        assert rest.is_full
    assert code == "420000" or len(whole.pages) > 1


def test_sichuan_loses_no_row_of_a_second_shared_by_more_rows_than_a_page(reach: Reach) -> None:
    province = reach("510000", records=1000, page=3)
    seconds: dict[object, int] = {}
    for instrument in province.world.instruments():
        seconds[instrument.modified] = seconds.get(instrument.modified, 0) + 1
    assert max(seconds.values()) > 3
    found = harvest(province.adapter)
    assert found.keys == province.world.expected_keys()
    assert found.is_full
    raws = {record.raw for page in found.pages for record in page.records}
    assert len(raws) == province.world.total
    later = harvest(province.adapter, cursor=found.cursor)
    assert later.keys <= found.keys


def test_sichuan_stops_rather_than_lose_rows_when_a_second_is_larger_than_any_page(reach: Reach) -> None:
    province = reach("510000", records=1000)
    adapter = province.adapter_of(with_transport(province.province, "paging", size=1, max_size=2))
    with pytest.raises(LimitExceeded):
        harvest(adapter)


def test_rows_of_the_second_a_read_ended_in_are_read_again(reach: Reach) -> None:
    """A row written in the same second, after the read had passed it, arrives with the next one."""
    province = reach("510000")
    first = harvest(province.adapter)
    last = max(instrument.modified for instrument in province.world.instruments())
    late = some_good(province.world, 1)
    position = province.world.touch(late.key)
    object.__setattr__(position, "modified", last)  # committed late, stamped early
    later = harvest(province.adapter, cursor=first.cursor)
    assert key_of("510000", late) in later.keys


def test_zhejiang_logs_in_again_whenever_its_token_ends_in_mid_harvest(reach: Reach) -> None:
    province = reach("330000", records=400, page=5)
    before = province.world.now
    found = harvest(province.adapter)
    assert found.keys == province.world.expected_keys("credit_code")
    logins = (province.world.now - before).total_seconds() / 60 - len(found.pages)
    assert len(found.pages) > 10
    assert logins >= len(found.pages) // 5  # every fifth request finds its token ended, and asks twice


@pytest.mark.parametrize("code", ["310000", "330000"])
def test_tokens_that_end_all_at_once_stop_nobody(code: str, reach: Reach) -> None:
    province = reach(code, records=400, page=20)
    province.fleet.failures[code].set({"expire_after": 3})
    assert harvest(province.adapter).keys == province.world.expected_keys(UNIT_KEYS[code])


@pytest.mark.parametrize("code", sorted(UNIT_KEYS))
def test_a_busy_platform_is_asked_again_after_the_time_it_names(code: str, reach: Reach) -> None:
    province = reach(code)
    province.fleet.failures[code].set({"unavailable": 2, "retry_after": 7})
    assert harvest(province.adapter).keys == province.world.expected_keys(UNIT_KEYS[code])
    assert [wait >= 7 for wait in province.waits] == [True, True]


@pytest.mark.parametrize("code", sorted(UNIT_KEYS))
@pytest.mark.parametrize("fault", ["broken_answers", "half_answers"])
def test_half_an_answer_is_never_taken_for_a_whole_one(code: str, fault: str, reach: Reach) -> None:
    province = reach(code)
    harvest(province.adapter, "institutions")  # log in first, so that the fault meets a page
    province.fleet.failures[code].set({fault: 99})
    with pytest.raises(Exception, match="/") as stopped:
        harvest(province.adapter)
    assert stopped.value.code in ("unreachable", "malformed")  # type: ignore[attr-defined]
    province.fleet.failures[code].clear()
    assert harvest(province.adapter).keys == province.world.expected_keys(UNIT_KEYS[code])


@pytest.mark.parametrize("code", ["310000", "320000", "330000", "360000"])
def test_a_page_repeated_for_ever_is_noticed(code: str, reach: Reach) -> None:
    province = reach(code, records=400, page=10)
    harvest(province.adapter, "institutions")
    province.fleet.failures[code].set({"repeat_page": True})
    with pytest.raises(LoopDetected):
        harvest(province.adapter)


@pytest.mark.parametrize("code", sorted(UNIT_KEYS))
def test_a_source_that_holds_nothing_says_so_and_deletes_nothing_by_itself(code: str, reach: Reach) -> None:
    province = reach(code)
    first = harvest(province.adapter)
    province.world.go_empty()
    empty = harvest(province.adapter)
    assert (empty.keys, empty.deleted) == (set(), [])
    later = harvest(province.adapter, cursor=first.cursor)
    assert (later.keys, later.deleted) == (set(), [])
    province.world.come_back()
    assert harvest(province.adapter).keys == first.keys


def test_shanghai_starts_a_full_read_by_itself_when_its_feed_was_rebuilt(reach: Reach) -> None:
    province = reach("310000")
    first = harvest(province.adapter)
    province.fleet.simulators["310000"].rebuild_feed()  # type: ignore[attr-defined]
    again = harvest(province.adapter, cursor=first.cursor)
    assert again.is_full
    assert again.keys == first.keys


def test_hubei_goes_on_from_where_it_was_when_its_token_has_expired(reach: Reach) -> None:
    province = reach("420000", records=12_000)
    province.fleet.failures["420000"].set({"expire_after": 2})
    found = harvest(province.adapter)
    assert found.keys == province.world.expected_keys()
    assert len(found.pages) > 1
    assert {page.declared_total for page in found.pages[:-1]} >= {province.world.total}


def test_jiangxi_errors_name_the_table_they_were_read_with(reach: Reach) -> None:
    province = reach("360000")
    wrong = with_transport(province.province, "arguments", instruType="5")
    # In table A 202 is 数据验证错误; table B would say 推送格式错误.
    with pytest.raises(Exception, match="202 数据验证错误") as stopped:
        harvest(province.adapter_of(wrong))
    assert "A" in str(stopped.value)


def test_an_unknown_place_word_costs_the_record_not_the_run(reach: Reach) -> None:
    province = reach("330000")
    odd = some_good(province.world, 2)
    province.world.touch(odd.key, running_state="已外借", country_name="乌有国")
    found = harvest(province.adapter)
    outcome = next(o for r, o in found.rejected if o.key == key_of("330000", odd))
    assert isinstance(outcome, Rejected)
    assert {(p.code, p.table) for p in outcome.problems} == {
        ("unmapped-code", "running_state"),
        ("unmapped-code", "country"),
    }
    assert len(found.keys) == len(province.world.expected_keys()) - 1


@pytest.mark.parametrize("code", sorted(UNIT_KEYS))
def test_probing_a_platform_changes_nothing(code: str, reach: Reach) -> None:
    province = reach(code)
    province.adapter.probe()
    province.fleet.failures[code].set({"unavailable": 99})
    with pytest.raises(Exception, match="/") as stopped:
        province.adapter.probe()
    assert stopped.value.retryable  # type: ignore[attr-defined]


def test_wrong_credentials_are_the_hubs_fault(reach: Reach) -> None:
    for code in ("310000", "320000", "330000", "510000"):
        province = reach(code)
        given = province.fleet.simulators[code].credentials
        given.update(dict.fromkeys(given, "wrong"))  # type: ignore[attr-defined]
        adapter = province.adapter_of(load_province(PROVINCES / code))
        with pytest.raises(Exception, match="/") as stopped:
            harvest(adapter)
        assert (stopped.value.code, stopped.value.fault) == ("auth-rejected", "hub")  # type: ignore[attr-defined]
