"""The board without scripts: who sees what, days and weeks, one tap for a local user and back, conflicts named."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import httpx
import pytest

from hub.availability import queries
from hub.availability import service as availability
from hub.availability.rules import Slot
from hub.catalog import queries as catalog
from hub.core.clock import SHANGHAI
from station_portal.keeping.rules_form import DAYS
from tests.station_portal import test_bookings, world
from tests.station_portal.conftest import csrf_of, hrefs_of, text_of
from tests.station_portal.keeping.conftest import OTHER, Desks, fields_of
from tests.station_portal.test_bookings import Stage

BOARD = "/staff/board"

stage = test_bookings.stage


def _tomorrow(desks: Desks, begin: int, end: int) -> Slot:
    midnight = desks.now.replace(hour=16, minute=0, second=0)  # midnight of the next day in Shanghai
    return Slot(midnight + timedelta(hours=begin), midnight + timedelta(hours=end))


def _takes(page: str) -> list[str]:
    return [unescape(told) for told in re.findall(r'name="take" value="([^"]+)"', page)]


def _one(desks: Desks, **more: str) -> str:
    asked = {"instrument": desks.instrument_id, "view": "day", "day": "2026-01-06", **more}
    return f"{BOARD}?{httpx.QueryParams(asked)}"


def test_the_workspace_and_the_instrument_lead_to_the_board(onlookers: Desks) -> None:
    for who in ("station", "manager", "operator", "staff"):
        assert BOARD in hrefs_of(onlookers.page(who, "/staff")), who
    page = f"/instruments/{onlookers.instrument_id}"
    assert f"{BOARD}?instrument={onlookers.instrument_id}" in hrefs_of(onlookers.page("operator", page))
    assert BOARD not in onlookers.page("stranger", page)


def test_a_day_shows_bookings_and_free_time_of_the_institution(desks: Desks) -> None:
    desks.book(_tomorrow(desks, 9, 11))
    page = desks.page("manager", f"{BOARD}?day=2026-01-06")
    words = text_of(page)
    assert "09:00–11:00" in words
    assert "枢纽预约" in words
    assert "11:00–12:00 空闲" in words
    assert words.count("合成大学") >= 1
    assert f'href="{BOARD}?day=2026-01-05"' in page
    assert f'href="{BOARD}?day=2026-01-07"' in page


def test_a_week_of_one_instrument_has_a_row_for_each_day(onlookers: Desks) -> None:
    page = onlookers.page("station", f"{BOARD}?instrument={onlookers.instrument_id}&day=2026-01-07")
    words = text_of(page)
    assert "2026-01-05 – 2026-01-11" in words
    assert page.count('scope="rowgroup"') == 7
    assert words.count("不开放") == 2
    assert "预约规则" in words


def test_a_week_of_many_tells_free_time_in_one_piece(desks: Desks) -> None:
    desks.book(_tomorrow(desks, 9, 11))
    page = desks.page("station", f"{BOARD}?view=week&day=2026-01-06")
    assert 'class="board week"' in page
    assert "11:00–12:00" in text_of(page)
    assert _takes(page) == []


def test_one_tap_takes_free_time_once_and_is_undone(desks: Desks) -> None:
    page = desks.page("operator", _one(desks))
    form = fields_of(page, f"{BOARD}/take")
    take = _takes(page)[0]
    answers = [desks.post("operator", f"{BOARD}/take", {**form, "take": take}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "told=known" in answers[1].headers["location"]
    told = desks.page("operator", answers[0].headers["location"])
    assert "已标为本地占用" in text_of(told)
    assert take not in _takes(told)
    with desks.runtime.database.read() as session:
        held = queries.live_claims(session, [desks.instrument_id], _tomorrow(desks, 0, 24))
    assert [(claim.source, claim.slot.minutes) for claim in held] == [("local", 60)]
    undo = re.search(r'name="free" value="([^"]+)"', told)
    assert undo is not None
    freed = desks.post("operator", f"{BOARD}/free", {**form, "free": undo[1]})
    assert "已释放" in text_of(desks.page("operator", freed.headers["location"]))
    assert take in _takes(desks.page("operator", _one(desks)))


def test_a_tap_that_meets_a_booking_opens_a_conflict_that_is_named(desks: Desks) -> None:
    page = desks.page("station", _one(desks))
    take = _takes(page)[0]
    desks.book(Slot(*map(datetime.fromisoformat, take.split("|")[1:])))
    form = fields_of(page, f"{BOARD}/take")
    answer = desks.post("station", f"{BOARD}/take", {**form, "take": take})
    told = text_of(desks.page("station", answer.headers["location"]))
    assert "列入待处理的冲突" in told
    assert "冲突" in text_of(desks.page("station", "/staff/conflicts"))
    assert "1 个待处理" in text_of(desks.page("station", "/staff"))


@pytest.mark.parametrize(
    "take",
    [
        "",
        "x",
        "x|y|z",
        "{id}|2026-01-06T09:00:00|2026-01-06T10:00:00",
        "{id}|9999-12-31T23:00:00-12:00|9999-12-31T23:30:00-12:00",
        "{id}|2026-01-06T10:00:00+08:00|2026-01-06T09:00:00+08:00",
    ],
)
def test_a_malformed_tap_changes_nothing(onlookers: Desks, take: str) -> None:
    answer = onlookers.post(
        "station", f"{BOARD}/take", {"take": take.replace("{id}", onlookers.instrument_id)}
    )
    assert "told=unclear" in answer.headers["location"]


def test_a_tap_on_what_is_over_changes_nothing(desks: Desks) -> None:
    over = f"{desks.instrument_id}|2026-01-04T09:00:00+08:00|2026-01-04T10:00:00+08:00"
    assert "told=over" in desks.post("station", f"{BOARD}/take", {"take": over}).headers["location"]


def test_what_is_over_is_no_longer_called_free(desks: Desks) -> None:
    page = desks.page("manager", f"{BOARD}?instrument={desks.instrument_id}&day=2025-12-30&view=day")
    assert "空闲" not in text_of(page.partition("data-board")[2].partition("</table>")[0])
    assert "已过" in text_of(page)
    assert _takes(page) == []


def test_everybody_sees_their_own_only(onlookers: Desks) -> None:
    with onlookers.runtime.database.read() as session:
        others = catalog.institutions(session, province=world.MANY, limit=2)[1]
        foreign = catalog.instruments(session, institution_id=others.id, limit=1)[0].id
    assert onlookers.stranger.get(_one(onlookers)).status_code == 403
    assert onlookers.stranger.get(f"{BOARD}?institution={onlookers.institution_id}").status_code == 403
    assert onlookers.manager.get(f"{BOARD}?instrument={foreign}").status_code == 403
    assert onlookers.manager.get(f"{BOARD}?institution={others.id}").status_code == 403
    assert onlookers.instrument_id not in onlookers.page("stranger", f"{BOARD}?show=all")
    take = f"{foreign}|2026-01-06T09:00:00+08:00|2026-01-06T10:00:00+08:00"
    assert onlookers.post("manager", f"{BOARD}/take", {"take": take}).status_code == 403
    assert onlookers.station.post(f"{BOARD}/take", data={"take": take}).status_code == 403
    unit = onlookers.page("staff", f"{BOARD}?institution={onlookers.institution_id}")
    assert "/closures" not in unit
    seen = onlookers.page("staff", _one(onlookers))
    assert "空闲" in text_of(seen)
    assert _takes(seen) == []
    assert onlookers.post("staff", f"{BOARD}/take", {"take": take}).status_code == 403


def test_a_station_with_many_instruments_turns_pages_and_searches(onlookers: Desks) -> None:
    first = onlookers.page("station", f"{BOARD}?show=all&view=week")
    assert first.count('scope="row"') == 20
    following = re.search(r'href="([^"]+after=[^"]+)"', first)
    assert following is not None
    second = onlookers.page("station", unescape(following[1]))
    seen = set(re.findall(r"instrument=([0-9]{2}-[a-z2-7]{12})", first))
    assert not seen & set(re.findall(r"instrument=([0-9]{2}-[a-z2-7]{12})", second))
    found = onlookers.page("station", f"{BOARD}?q=核磁共振&view=week")
    assert 0 < found.count('scope="row"') <= 20
    assert "核磁共振波谱仪" in text_of(found)
    assert "没有找到这样的仪器" in text_of(onlookers.page("station", f"{BOARD}?q=zzzzqqqq"))
    assert onlookers.page("station", f"{BOARD}?q=核磁共振&after=forged")
    elsewhere = onlookers.page("stranger", f"{BOARD}?q=核磁共振&view=week")
    assert OTHER[:2] in elsewhere
    assert not seen & set(re.findall(r"instrument=([0-9]{2}-[a-z2-7]{12})", elsewhere))


def test_only_what_is_taken_is_shown_first(desks: Desks) -> None:
    assert "全部仪器" in text_of(desks.page("station", f"{BOARD}?show=busy"))
    assert "这段时间没有占用" in text_of(desks.page("station", f"{BOARD}?show=busy&day=2026-01-06"))
    desks.book(_tomorrow(desks, 9, 11))
    page = desks.page("station", f"{BOARD}?day=2026-01-06")
    assert page.count('scope="rowgroup"') == 1


def test_an_instrument_that_never_closes_is_shown_day_and_night(desks: Desks) -> None:
    night = {"opening": {day: [{"from": "00:00", "to": "24:00"}] for day in DAYS}, "open_on_holidays": True}
    with desks.runtime.database.write() as session:
        document = {**queries.booking_rules(session, desks.instrument_id, now=desks.now).document, **night}
        availability.keep_rules(session, desks.instrument_id, document, actor="test", now=desks.now)
    for who in ("staff", "operator"):
        words = text_of(desks.page(who, _one(desks)))
        assert "00:00–01:00 空闲" in words
        assert "23:00–24:00 空闲" in words
    desks.book(_tomorrow(desks, 22, 26))
    assert "22:00–24:00 枢纽预约" in text_of(desks.page("staff", _one(desks)))
    assert "00:00–02:00 枢纽预约" in text_of(desks.page("staff", _one(desks, day="2026-01-07")))


def test_a_day_that_is_none_is_today_and_the_calendar_is_bounded(onlookers: Desks) -> None:
    assert "2026-01-05 周一 · 今天" in text_of(onlookers.page("station", f"{BOARD}?day=morgen"))
    assert "2027-02-09" in text_of(onlookers.page("station", f"{BOARD}?day=9999-12-31"))


def test_the_board_in_english(desks: Desks) -> None:
    words = text_of(desks.page("station", _one(desks, lang="en")))
    assert "09:00–10:00 Free" in words
    assert "Booking rules" in words


def test_a_booking_leads_to_its_page_with_number_and_enterprise(stage: Stage) -> None:
    form = test_bookings.fields_of(test_bookings.quoted(stage, service_mode="machine_time").text)
    form |= {"do": "submit", "service_mode": "machine_time"}
    answer = stage.enterprise.post(f"/instruments/{stage.instrument_id}/book", data=form)
    assert answer.status_code == 303, text_of(answer.text)
    page = answer.headers["location"].partition("?")[0]
    number, day = re.search(r"42-[0-9]{8}-[A-Z0-9]{6}", stage.enterprise.get(page).text), _day_of(stage, page)
    assert number is not None
    for view in ("day", "week"):
        board = stage.station.get(f"{BOARD}?view={view}&day={day}").text
        assert f'href="{page}"' in board, view
        assert number[0] in text_of(board)
        assert "嘉兴合成新材料有限公司" in text_of(board)
    token = csrf_of(stage.station.get("/account").text)
    closing = {"csrf_token": token, "reason": "failure", "start": f"{day}T00:00", "end": f"{day}T23:00"}
    named = stage.station.post(f"/staff/instruments/{stage.instrument_id}/closures", data=closing)
    assert f'href="{page}"' in named.text
    assert number[0] in text_of(named.text)


def _day_of(stage: Stage, page: str) -> str:
    with stage.runtime.database.read() as session:
        held = queries.find_claim(session, page.rpartition("/")[2])
    assert held is not None
    return f"{held.slot.start.astimezone(SHANGHAI):%Y-%m-%d}"
