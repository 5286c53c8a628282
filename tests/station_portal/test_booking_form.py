"""The booking form leads to what can be booked, or to asking; a taken time leads to the waiting list; staff book for a walk-in."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from hub.availability import service as availability
from hub.bookings.models import Booking, Wish
from hub.bookings.service import waiting
from hub.catalog.models import Instrument
from hub.core.clock import SHANGHAI
from tests.station_portal import test_bookings, world
from tests.station_portal.booking_stage import CREDIT_CODE, ENTERPRISE
from tests.station_portal.conftest import browser_of, hrefs_of, text_of
from tests.station_portal.test_bookings import Stage, enter, fields_of

stage = test_bookings.stage
TESTS_ONLY = {
    "positions": [
        {
            "id": "p1",
            "name_zh": "微区形貌观察",
            "basis": "samples",
            "outside_fen": 30_000,
            "service_modes": ["entrusted_test"],
        }
    ]
}
"""A tariff as most of Shanghai's instruments have it: tests have a fee, machine time has none."""


def keep_tests_only(stage: Stage) -> None:
    with stage.runtime.database.write() as session:
        availability.keep_tariff(
            session,
            stage.instrument_id,
            TESTS_ONLY,
            source="station",
            actor="system:test",
            now=stage.runtime.clock(),
        )


def booking_of(stage: Stage, answer: httpx.Response) -> Booking:
    assert answer.status_code == 303, text_of(answer.text)
    booking_id = answer.headers["location"].partition("?")[0].removeprefix("/bookings/")
    with stage.runtime.database.read() as session:
        return session.get_one(Booking, booking_id)


def test_without_a_fee_machine_time_cannot_be_chosen_and_says_how_to_ask(stage: Stage) -> None:
    keep_tests_only(stage)
    page = stage.enterprise.get(f"/instruments/{stage.instrument_id}/book?mode=machine_time").text
    assert re.search(r'value="machine_time" disabled', page)
    assert re.search(r'value="entrusted_test" checked', page)
    assert "费用面议：请先选择技术咨询" in text_of(page)
    path = f"/instruments/{stage.instrument_id}/book"
    forced = stage.enterprise.post(
        path, data=fields_of(page) | {"service_mode": "machine_time", "do": "quote"}
    )
    assert "费用面议" in text_of(forced.text)
    assert "改为咨询并提交" in text_of(forced.text)
    assert "提交预约" not in text_of(forced.text)


def test_a_question_is_asked_without_time_and_fee(stage: Stage) -> None:
    keep_tests_only(stage)
    path = f"/instruments/{stage.instrument_id}/book"
    form = fields_of(stage.enterprise.get(path).text) | {"purpose_text": "断口形貌能否看到 10 nm？"}
    answer = stage.enterprise.post(path, data=form | {"do": "ask"})
    asked = booking_of(stage, answer)
    assert (asked.service_mode, asked.starts_at, asked.fee_fen) == ("consultation", None, None)
    again = stage.enterprise.post(path, data=form | {"do": "ask"})
    assert again.headers["location"] == answer.headers["location"]


def test_what_stands_against_a_booking_says_the_way_out(stage: Stage) -> None:
    page = stage.enterprise.get(f"/instruments/{stage.closed_id}/book").text
    assert "请另选仪器" in text_of(page)
    similar = next(link for link in hrefs_of(page) if link.startswith("/search?class="))
    found = stage.enterprise.get(similar).text
    assert stage.closed_id not in found
    assert stage.closed_id in stage.enterprise.get(similar + "&open=any&province=420000").text


def test_machine_time_is_booked_by_the_rate_that_was_chosen(stage: Stage) -> None:
    path = f"/instruments/{stage.instrument_id}/book"
    page = stage.enterprise.get(path).text
    assert re.search(r'name="t-2" value="yes" checked', page)
    assert re.search(r"¥[\d,.]+/样品", text_of(page))  # a price says what it is for
    assert 'role="group" aria-label="样品 2"' in page
    form = fields_of(page) | {
        "service_mode": "machine_time",
        "t-2": "yes",
        "minutes": "60",
        "q-1": "",
        "sample-1": "",
    }
    quoted = stage.enterprise.post(path, data=form | {"do": "quote"})
    assert "¥500" in text_of(quoted.text)
    final = fields_of(quoted.text) | form | {"do": "submit"}
    final["quote_id"] = fields_of(quoted.text)["quote_id"]
    booked = booking_of(stage, stage.enterprise.post(path, data=final))
    assert (booked.service_mode, booked.fee_fen) == ("machine_time", 50_000)
    # Whoever comes second is offered to wait, and is told when it is free.
    late = stage.enterprise.post(path, data=form | {"do": "quote", "key": "another-key-another-key"})
    assert late.status_code == 422
    assert re.search(r'class="wait" open', late.text)


def test_waiting_for_a_taken_time_until_it_is_free(stage: Stage) -> None:
    path = f"/instruments/{stage.instrument_id}"
    form = fields_of(stage.enterprise.get(f"{path}/book").text)
    begin = stage.runtime.clock().astimezone(SHANGHAI) + timedelta(days=1)
    window = {
        "wait_from": f"{begin:%Y-%m-%dT00:00}",
        "wait_until": f"{begin:%Y-%m-%dT23:00}",
        "wait_minutes": "60",
    }
    for wrong, words in (
        ({"wait_until": ""}, "请填写候补的结束时间"),
        ({"wait_minutes": "9999"}, "不超过候补时间段"),
    ):
        refused = stage.enterprise.post(f"{path}/wait", data=form | window | wrong)
        assert refused.status_code == 422
        assert words in text_of(refused.text)
        assert 'value="李工"' in refused.text
    made = stage.enterprise.post(f"{path}/wait", data=form | window)
    assert made.headers["location"] == "/wishes?told=waiting"
    assert "候补中" in text_of(stage.enterprise.get("/wishes?told=waiting").text)
    assert waiting.offer_free(stage.runtime.database, now=stage.runtime.clock()) == 1
    offered = stage.enterprise.get("/wishes").text
    assert "有空档" in text_of(offered)
    to_book = next(link for link in hrefs_of(offered) if "/book?start=" in link)
    assert re.search(r'<option value="2026-[^"]+" selected', stage.enterprise.get(to_book).text)
    assert "没有候补" in text_of(stage.stranger.get("/wishes").text)
    with stage.runtime.database.read() as session:
        number = session.scalars(select(Wish.id)).one()
    token = form["csrf_token"]
    assert stage.enterprise.post(f"/wishes/{number}/leave", data={"csrf_token": token}).status_code == 303
    assert "已结束" in text_of(stage.enterprise.get("/wishes").text)


# --- at the counter -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [CREDIT_CODE, CREDIT_CODE.lower(), "合成新材料"])
def test_a_verified_enterprise_is_found_by_code_and_name(stage: Stage, who: str) -> None:
    page = stage.station.get("/staff/counter", params={"who": who}).text
    assert ENTERPRISE in text_of(page)
    assert CREDIT_CODE in text_of(page)
    assert any(link.startswith("/staff/counter?enterprise=") for link in hrefs_of(page))


@pytest.mark.parametrize("who", ["湖州合成公司", "没有这样的企业", "%", "嘉"])
def test_who_is_not_verified_is_not_offered(stage: Stage, who: str) -> None:
    page = stage.station.get("/staff/counter", params={"who": who}).text
    assert "没有找到已核实的企业" in text_of(page)


def test_a_walk_in_is_booked_and_who_entered_it_stays_visible(stage: Stage) -> None:
    found = stage.station.get("/staff/counter", params={"who": CREDIT_CODE}).text
    chosen = next(link for link in hrefs_of(found) if link.startswith("/staff/counter?enterprise="))
    listed = stage.station.get(chosen + "&q=质谱").text
    path = next(link for link in hrefs_of(listed) if link.startswith(f"/staff/counter/{stage.instrument_id}"))
    page = stage.station.get(path).text
    assert f"代 {ENTERPRISE} 录入" in text_of(page)
    address = f"/staff/counter/{stage.instrument_id}"
    form = fields_of(page)
    quoted = stage.station.post(address, data=form | {"do": "quote"})
    assert "合计" in text_of(quoted.text)
    final = form | {"quote_id": fields_of(quoted.text)["quote_id"], "do": "submit"}
    answer = stage.station.post(address, data=final)
    booked = booking_of(stage, answer)
    assert (booked.state, booked.channel, booked.fee_fen) == ("accepted", "counter", 30_000 + 1_250 * 36)
    assert stage.station.post(address, data=final).headers["location"] == answer.headers["location"]
    place = answer.headers["location"].partition("?")[0]
    for reader in (stage.station, stage.enterprise):
        assert "柜台代录 station" in text_of(reader.get(place).text)
        form = text_of(reader.get(f"{place}/order-form").text)
        assert "算式" in form, "the form of a walk-in says how its fee was reckoned"
        assert "费用合计 750.00 元" in form


def test_an_institution_books_for_a_walk_in_on_its_own_instruments_only(stage: Stage) -> None:
    with browser_of(stage.runtime) as lab:
        enter(lab, "lab")
        found = lab.get("/staff/counter", params={"who": CREDIT_CODE}).text
        chosen = next(link for link in hrefs_of(found) if link.startswith("/staff/counter?enterprise="))
        listed = lab.get(chosen + "&q=仪").text
        offered = {
            re.split("[/?]", link)[3] for link in hrefs_of(listed) if link.startswith("/staff/counter/")
        }
    with stage.runtime.database.read() as session:
        mine = session.get_one(Instrument, stage.instrument_id).institution_id
        assert stage.instrument_id in offered
        assert {session.get_one(Instrument, each).institution_id for each in offered} == {mine}


def test_the_counter_is_for_the_provider_and_its_own_instruments(stage: Stage) -> None:
    assert stage.enterprise.get("/staff/counter").status_code == 403
    assert stage.station.get(f"/staff/counter/{stage.instrument_id}?enterprise=nobody").status_code == 303
    with stage.runtime.database.read() as session:
        other = session.scalars(select(Instrument.id).where(Instrument.province != world.MANY)).first()
    found = stage.station.get("/staff/counter", params={"who": CREDIT_CODE}).text
    enterprise = next(link for link in hrefs_of(found) if "enterprise=" in link).partition("=")[2]
    page = stage.station.get(f"/staff/counter/{other}?enterprise={enterprise}").text
    form = fields_of(page) | {"service_mode": "consultation", "do": "submit"}
    refused = stage.station.post(f"/staff/counter/{other}", data=form)
    assert refused.status_code in {403, 422}
    with stage.runtime.database.read() as session:
        assert session.scalars(select(Booking)).all() == []
