"""The work queue: by deadline, narrowed, answered one by one or several at once, each with its own verdict."""

from __future__ import annotations

import io
import re
from html import unescape

import httpx
import openpyxl
import pytest
from sqlalchemy import select

from adapters.contract import Connection
from adapters.registry import PROVINCES, build_adapter, load_province
from hub.bookings.models import Booking
from hub.bookings.service import forwarding
from tests.station_portal import test_bookings, world
from tests.station_portal.conftest import text_of
from tests.station_portal.test_bookings import Stage, enter, give, submitted

stage = test_bookings.stage
QUEUE = "/bookings?view=queue"


def arrived(stage: Stage, count: int) -> list[str]:
    """Pages of bookings that the station has."""
    pages = [submitted(stage) for _ in range(count)]
    while forwarding.forward_next(stage.runtime, world.MANY):
        pass
    return pages


def ticked(page: str, wanted: list[str]) -> dict[str, str | list[str]]:
    """The queue's form with these bookings ticked."""
    form = page.partition("data-work")[2]
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    picks = re.findall(r'name="pick" value="([^"]+)"', form)
    return hidden | {"pick": [pick for pick in picks if f"/bookings/{pick.partition(':')[0]}" in wanted]}


def state_of(stage: Stage, page: str) -> str:
    with stage.runtime.database.read() as session:
        booking_id = page.removeprefix("/bookings/")
        return str(session.scalar(select(Booking.state).where(Booking.id == booking_id)))


def number_of(stage: Stage, page: str) -> str:
    with stage.runtime.database.read() as session:
        return session.get_one(Booking, page.removeprefix("/bookings/")).number


def speak_natively(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake platform writes files as the real province does."""
    real = build_adapter(load_province(PROVINCES / world.MANY), Connection(), lambda **_: httpx.Client())
    for name in ("booking_sheet", "booking_calendar"):
        adapter = stage.runtime.adapters[world.MANY]
        monkeypatch.setattr(adapter, name, getattr(real, name), raising=False)


def verdicts(answer: httpx.Response) -> list[str]:
    """The results in words, one a booking."""
    return [text_of(part) for part in answer.text.partition('class="verdicts"')[2].split("<li")[1:]]


def test_several_are_accepted_each_for_itself_and_what_failed_says_why(stage: Stage) -> None:
    one, cancelled, other = arrived(stage, 3)
    form = ticked(stage.station.get(QUEUE).text, [one, cancelled, other])
    assert len(form["pick"]) == 3
    assert give(stage.enterprise, cancelled, "cancel", reason="plans_changed").status_code == 303
    first = ticked(stage.station.get(QUEUE).text, [one]) | {"key": form["key"]}
    half = stage.station.post("/bookings/bulk", data=first | {"do": "accept"})  # as if it had died in between
    assert "1 项已办理，0 项未办理" in text_of(half.text)
    answer = stage.station.post("/bookings/bulk", data=form | {"do": "accept"})
    told = verdicts(answer)
    assert "2 项已办理，1 项未办理" in text_of(answer.text)
    assert [state_of(stage, page) for page in (one, other)] == ["accepted", "accepted"]
    assert state_of(stage, cancelled) != "accepted"
    assert sum("未办理" in words for words in told) == 1
    failed = next(words for words in told if "未办理" in words)
    assert number_of(stage, cancelled) in failed
    assert "原因：" in failed
    again = stage.station.post("/bookings/bulk", data=form | {"do": "accept"})
    assert "2 项已办理，1 项未办理" in text_of(again.text)
    with stage.runtime.database.read() as session:
        assert session.get_one(Booking, one.removeprefix("/bookings/")).revision == 3


def test_refusing_several_needs_a_reason_that_everybody_reads(stage: Stage) -> None:
    one, other = arrived(stage, 2)
    form = ticked(stage.station.get(QUEUE).text, [one, other]) | {"do": "reject", "text": "本周检修"}
    refused = stage.station.post("/bookings/bulk", data=form)
    assert refused.status_code == 422
    assert "请选择事由" in text_of(refused.text)
    assert "本周检修" in refused.text
    assert len(re.findall(r'name="pick" value="[^"]+" checked', refused.text)) == 2
    assert state_of(stage, one) == "forwarded"
    done = stage.station.post("/bookings/bulk", data=form | {"reason": "instrument_down"})
    assert "2 项已办理，0 项未办理" in text_of(done.text)
    read = text_of(stage.enterprise.get(one).text)
    assert "仪器故障或维护" in read
    assert "本周检修" in read


@pytest.mark.parametrize("fields", [{"do": "accept"}, {"do": "cancel", "reason": "time_unsuitable"}, {}])
def test_nothing_chosen_and_other_commands_change_nothing(stage: Stage, fields: dict[str, str]) -> None:
    (page,) = arrived(stage, 1)
    form = ticked(stage.station.get(QUEUE).text, [page] if fields.get("do") != "accept" else [])
    refused = stage.station.post("/bookings/bulk", data=form | fields)
    assert refused.status_code == 422
    assert state_of(stage, page) == "forwarded"


def test_who_is_not_the_provider_answers_nothing(stage: Stage) -> None:
    (page,) = arrived(stage, 1)
    mine = stage.station.get(QUEUE).text
    pick = str(ticked(mine, [page])["pick"][0])
    token = re.search(r'name="csrf_token" value="([^"]+)"', stage.stranger.get("/bookings").text)
    assert token is not None
    form = {"csrf_token": token[1], "key": "k" * 20, "do": "accept", "pick": pick}
    answer = stage.stranger.post("/bookings/bulk", data=form)
    assert "0 项已办理，1 项未办理" in text_of(answer.text)
    assert number_of(stage, page) not in answer.text
    assert state_of(stage, page) == "forwarded"


def test_the_queue_is_narrowed_and_a_number_leads_to_its_booking(stage: Stage) -> None:
    one, other = arrived(stage, 2)
    assert give(stage.station, one, "accept").status_code == 303
    assert other in stage.station.get(f"{QUEUE}&state=forwarded").text
    assert one not in stage.station.get(f"{QUEUE}&state=forwarded").text
    assert "没有符合条件的预约" in text_of(stage.station.get(f"{QUEUE}&due=late").text)
    assert "没有符合条件的预约" in text_of(stage.station.get(f"{QUEUE}&mode=consultation").text)
    assert other in stage.station.get(f"{QUEUE}&due=week&mode=entrusted_test&state=nonsense").text
    stage.runtime.clock.advance(30 * 86_400)  # type: ignore[attr-defined]
    enter(stage.station, "station")
    late = stage.station.get(f"{QUEUE}&due=late").text
    assert other in late
    assert "已逾期" in text_of(late)
    number = number_of(stage, one)
    found = stage.station.get(f"{QUEUE}&q={number.lower()}")
    assert (found.status_code, found.headers["location"]) == (303, one)
    assert one in stage.station.get(f"/bookings?q={number[:11]}").text


def test_the_queue_says_what_waits_and_what_is_late_state_by_state(stage: Stage) -> None:
    one, late, other = arrived(stage, 3)
    assert 'class="tallies"' not in stage.station.get(QUEUE).text  # a single state needs no choice
    assert give(stage.station, one, "accept").status_code == 303
    with stage.runtime.database.write() as session:
        held = session.get_one(Booking, one.removeprefix("/bookings/"))
        held.turn_side = "provider"
        session.get_one(Booking, late.removeprefix("/bookings/")).turn_by = stage.runtime.clock()
    stage.runtime.clock.advance(60)
    tallies = stage.station.get(QUEUE).text.partition('class="tallies"')[2].partition("</nav>")[0]
    assert text_of(f"<nav{tallies}").split() == ["2", "待驿站答复", "已逾期", "1", "项", "1", "已受理"]
    (narrowed,) = re.findall(r'href="([^"]*state=forwarded)"', tallies)
    shown = stage.station.get(unescape(narrowed)).text
    assert [page for page in (one, late, other) if f'href="{page}"' in shown] == [late, other]
    assert 'class="tallies"' not in stage.enterprise.get(QUEUE).text


def test_the_queue_goes_page_by_page(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station_portal.pages.booking_list.SHOWN", 2)
    pages = arrived(stage, 3)
    first = stage.station.get(f"{QUEUE}&state=forwarded").text
    following = re.search(r'class="pager".*?href="([^"]+)"', first, re.DOTALL)
    assert following is not None
    second = stage.station.get(unescape(following[1])).text
    shown = [page for text in (first, second) for page in pages if f'href="{page}"' in text]
    assert sorted(shown) == sorted(pages)
    assert "回到第一页" in text_of(second)


def test_what_has_no_deadline_stands_at_the_end_of_the_queue(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station_portal.pages.booking_list.SHOWN", 1)
    pages = arrived(stage, 3)
    with stage.runtime.database.write() as session:
        for page in pages[:2]:
            session.get_one(Booking, page.removeprefix("/bookings/")).turn_by = None
    shown, address = [], QUEUE
    while address:
        text = stage.station.get(address).text
        shown += [page for page in pages if f'href="{page}"' in text]
        following = re.search(r'href="([^"]+)">\s*下一页', text)
        address = unescape(following[1]) if following else ""
    assert shown[0] == pages[2]
    assert sorted(shown) == sorted(pages)


def test_the_short_address_of_a_label_leads_whoever_may_see_it(stage: Stage) -> None:
    (page,) = arrived(stage, 1)
    number = number_of(stage, page)
    labels = stage.enterprise.get(f"{page}/labels").text
    assert "<svg" in labels
    assert f"/b/{number}" in text_of(labels)
    assert "钛合金断口" in text_of(labels)
    assert "13800000000" not in labels
    assert "李工" not in labels
    led = stage.station.get(f"/b/{number.lower()}")
    assert (led.status_code, led.headers["location"]) == (303, page)
    assert stage.stranger.get(f"/b/{number}").status_code == 404
    assert stage.stranger.get(f"{page}/labels").status_code == 404
    stage.station.cookies.clear()
    asked = stage.station.get(f"/b/{number}")
    assert asked.headers["location"] == f"/sign-in?next=/b/{number}"


def test_ticked_bookings_go_out_as_the_provinces_own_sheet(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak_natively(stage, monkeypatch)
    one, other = arrived(stage, 2)
    page = stage.station.get(QUEUE).text
    form = ticked(page, [one, other])
    made = stage.station.post("/bookings/sheet", data=form)
    book = openpyxl.load_workbook(io.BytesIO(made.content))
    cells = [str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert {number_of(stage, one), number_of(stage, other)} <= set(cells)
    assert made.headers["content-disposition"].startswith("attachment")
    none = stage.station.post("/bookings/sheet", data=ticked(page, []))
    assert none.status_code == 422
    assert "不能生成预约单" in text_of(none.text)
    assert stage.station.get(f"{one}/sheet.xlsx").content.startswith(b"PK")
    assert b"BEGIN:VCALENDAR" in stage.station.get(f"{one}/calendar.ics").content
    assert stage.enterprise.get(f"{one}/sheet.xlsx").status_code == 403
