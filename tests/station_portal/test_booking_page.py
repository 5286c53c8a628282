"""What the page of a booking offers each side, and that it says who must act next, and by when, after every step."""

from __future__ import annotations

import re

import httpx
import icalendar
import pytest

from hub.bookings.models import Booking
from tests.station_portal import test_bookings, world
from tests.station_portal.booking_stage import ENTERPRISE
from tests.station_portal.conftest import browser_of, text_of
from tests.station_portal.test_booking_queue import arrived
from tests.station_portal.test_bookings import Stage, enter, give

stage = test_bookings.stage


def next_of(page: str) -> str:
    """The sentence that says who must act next."""
    return text_of(page.partition('class="turn"')[2].partition("</p>")[0].partition(">")[2])


def step(browser: httpx.Client, page: str, command: str, **fields: str) -> str:
    """Give a command and read the page it leads to."""
    answer = give(browser, page, command, **fields)
    assert answer.status_code == 303, text_of(answer.text)
    return browser.get(answer.headers["location"]).text


def test_every_step_says_who_is_next_and_by_when(stage: Stage) -> None:
    (page,) = arrived(stage, 1)
    assert re.search(
        r"湖北省大仪网服务驿站 ：答复（受理、改约或不受理）， 2026-01-\d\d \d\d:\d\d 前",
        next_of(stage.enterprise.get(page).text),
    )
    assert "轮到您 ：答复" in next_of(stage.station.get(page).text)
    after = step(stage.station, page, "accept")
    assert "已受理，已通知企业。" in text_of(after)
    assert f"{ENTERPRISE} ：送达样品， 2026-01-08 23:59 前" in next_of(after)
    after = step(stage.station, page, "receive_samples")
    assert "已登记收样" in text_of(after)
    assert "轮到您 ：安排上机" in next_of(after)
    after = step(stage.station, page, "check_in")
    assert "轮到您 ：用完后登记下机" in next_of(after)


def test_check_out_begins_with_the_time_since_the_check_in(stage: Stage) -> None:
    (page,) = arrived(stage, 1)
    step(stage.station, page, "accept")
    step(stage.station, page, "check_in")
    stage.runtime.clock.advance(5400)  # type: ignore[attr-defined]
    enter(stage.station, "station")
    form = stage.station.get(page).text.partition("commands/check_out")[2].partition("</form>")[0]
    start, end = (re.search(rf'name="{name}"[^>]*value="([^"]+)"', form) for name in ("start", "end"))
    assert start is not None
    assert end is not None
    used = {"start": start[1], "end": end[1], "quantity": "2", "charging_unit": "item", "note": "钨灯丝已换"}
    backwards = give(stage.station, page, "check_out", **used | {"end": "2026-01-01T00:00"})
    assert backwards.status_code == 422
    assert "结束时间应晚于开始时间" in text_of(backwards.text)
    assert "钨灯丝已换" in backwards.text
    after = step(stage.station, page, "check_out", **used)
    assert "轮到您 ：上传并交付报告" in next_of(after)
    with stage.runtime.database.read() as session:
        usage = session.get_one(Booking, page.removeprefix("/bookings/")).document["usage"]
    assert (usage["quantity"], usage["charging_unit"], usage["note"]) == (2, "item", "钨灯丝已换")
    assert usage["ended_at"] > usage["started_at"]


def test_other_terms_are_proposed_with_day_and_fee_and_answered_in_one_click(stage: Stage) -> None:
    (page,) = arrived(stage, 1)
    empty = give(stage.station, page, "propose", start="", end="", due_on="", fee="")
    assert empty.status_code == 422
    assert "请填写要改成的时段、日期或费用" in text_of(empty.text)
    wrong = give(stage.station, page, "propose", start="", end="", fee="三百")
    assert "费用请填数字" in text_of(wrong.text)
    terms = {"due_on": "2026-01-15", "fee": "1,200.50", "reason": "operator_absent", "text": "下周有人"}
    step(stage.station, page, "propose", start="", end="", **terms)
    read = text_of(stage.enterprise.get(page).text)
    for words in ("服务方提议改约", "2026-01-15 前完成", "费用改为 ¥1,200.5", "操作人员不在", "下周有人"):
        assert words in read
    after = step(stage.enterprise, page, "agree")
    assert "已同意改约" in text_of(after)
    with stage.runtime.database.read() as session:
        held = session.get_one(Booking, page.removeprefix("/bookings/"))
        assert (held.state, held.fee_fen, str(held.due_on)) == ("accepted", 120_050, "2026-01-15")


def test_the_enterprise_cannot_propose_a_fee(stage: Stage) -> None:
    (page,) = arrived(stage, 1)
    form = stage.enterprise.get(page).text.partition("commands/propose")[2].partition("</form>")[0]
    assert 'name="fee"' not in form
    forced = give(stage.enterprise, page, "propose", start="", end="", fee="1")
    assert forced.status_code == 422
    assert "费用只能由服务方提议" in text_of(forced.text)


def test_a_station_dispatches_and_the_institution_hands_back(stage: Stage) -> None:
    (page,) = arrived(stage, 1)
    after = step(stage.station, page, "dispatch")
    assert "已派给管理单位" in text_of(after)
    with browser_of(stage.runtime) as lab:
        enter(lab, "lab")
        assert page in lab.get("/bookings?view=queue").text
        assert page not in stage.station.get("/bookings?view=queue").text
        assert "轮到您 ：答复" in next_of(lab.get(page).text)
        step(lab, page, "hand_back")
    assert page in stage.station.get("/bookings?view=queue").text


def test_a_booking_goes_to_a_colleague_and_to_nobody_else(stage: Stage) -> None:
    (page,) = arrived(stage, 1)
    form = stage.enterprise.get(page).text.partition("commands/transfer")[2].partition("</form>")[0]
    options = dict(re.findall(r'<option value="([^"]+)">([^<]+)', form))
    assert list(options.values()) == ["zhao"]
    assert "请选择同事" in text_of(give(stage.enterprise, page, "transfer").text)
    forced = give(stage.enterprise, page, "transfer", person_id="ps-" + "a" * 26)
    assert forced.status_code == 422
    after = step(stage.enterprise, page, "transfer", person_id=next(iter(options)))
    assert "已转给同事" in text_of(after)
    with stage.runtime.database.read() as session:
        assert session.get_one(Booking, page.removeprefix("/bookings/")).applicant == "account:zhao"


def test_a_booking_in_a_calendar_names_no_person(stage: Stage) -> None:
    (page,) = arrived(stage, 1)
    made = stage.enterprise.get(f"{page}/calendar.ics")
    assert made.headers["content-type"].startswith("text/calendar")
    (event,) = icalendar.Calendar.from_ical(made.content).walk("VEVENT")
    assert str(event["uid"]) == f"{page.removeprefix('/bookings/')}@jiangyihui"
    assert "待驿站答复" in str(event["summary"])
    for private in ("李工", "13800000000", "钛合金断口", ENTERPRISE):
        assert private not in made.content.decode()
    assert stage.stranger.get(f"{page}/calendar.ics").status_code == 404


@pytest.mark.parametrize("command", ["reject", "cancel"])
def test_what_ends_a_booking_needs_a_reason_first(stage: Stage, command: str) -> None:
    (page,) = arrived(stage, 1)
    text = stage.station.get(page).text if command == "reject" else stage.enterprise.get(page).text
    part = text.partition(f"commands/{command}")[0].rpartition("<details")[2]
    assert "danger" in part
    browser = stage.station if command == "reject" else stage.enterprise
    assert give(browser, page, command).status_code == 422


def test_a_province_of_the_other_end_reads_it_too(stage: Stage) -> None:
    (page,) = arrived(stage, 1)
    with browser_of(stage.runtime) as staff:
        enter(staff, f"staff-{world.MANY}")
        read = text_of(staff.get(page).text)
    assert "湖北省大仪网服务驿站 ：答复" in read


def test_usage_above_what_was_agreed_is_reckoned_and_confirmed_by_the_enterprise(stage: Stage) -> None:
    (page,) = arrived(stage, 1)
    step(stage.station, page, "accept")
    step(stage.station, page, "check_in")
    used = {
        "start": "2026-01-05T10:00",
        "end": "2026-01-05T11:00",
        "quantity": "2",
        "charging_unit": "sample",
    }
    after = text_of(step(stage.station, page, "check_out", **used))
    assert "按使用核算" in after
    assert "约定费用 ¥750" in after
    assert "按使用合计 ¥1,500" in after
    read = text_of(stage.enterprise.get(page).text)
    assert "实际使用超出约定 ¥750" in read
    after = text_of(step(stage.enterprise, page, "confirm_fee"))
    assert "已确认按实际使用计费" in after
    assert "企业已确认，按使用付。" in after
