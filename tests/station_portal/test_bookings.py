"""A booking through the pages, without scripts: from the form over the station's answer to the report and the rating."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape

import httpx
import pytest

from hub.bookings.service import forwarding
from hub.core.runtime import Runtime
from tests.station_portal import world
from tests.station_portal.booking_stage import put_cast
from tests.station_portal.conftest import PASSWORD, browser_of, csrf_of, text_of


@dataclass
class Stage:
    """The enterprise's and the station's browsers, and an instrument that both know."""

    runtime: Runtime
    enterprise: httpx.Client
    station: httpx.Client
    stranger: httpx.Client
    instrument_id: str
    closed_id: str


@pytest.fixture
def stage(own_world: Runtime) -> Iterator[Stage]:
    cast = put_cast(own_world)
    with ExitStack() as stack:
        browsers = [stack.enter_context(browser_of(own_world)) for _ in range(3)]
        for browser, name in zip(browsers, ("li", "station", "wang"), strict=True):
            enter(browser, name)
        yield Stage(own_world, *browsers, cast.instrument_id, cast.closed_id)


def enter(browser: httpx.Client, name: str) -> None:
    """Sign in by the form."""
    answer = browser.post("/sign-in", data={"username": name, "password": PASSWORD})
    assert answer.status_code == 303, answer.text


def fields_of(page: str) -> dict[str, str]:
    """The booking form as a browser would send it: hidden fields and the first offered time."""
    form = page.partition('class="booking-form"')[2]
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    start = re.search(r'<option value="(2026-[^"]+)"', form)
    assert start is not None
    position = re.search(r'name="(q-[^"]+)"', form)
    minutes = re.search(r'name="minutes">\s*<option value="(\d+)"', form)
    assert minutes is not None
    ordered = {} if position is None else {position[1]: "1"}
    return (
        hidden
        | ordered
        | {
            "service_mode": "entrusted_test",
            "sample-1": "钛合金断口",
            "count-1": "1",
            "start": start[1],
            "minutes": minutes[1],
            "direction": "technology_development",
            "contact_name": "李工",
            "contact_mobile": "13800000000",
        }
    )


def quoted(stage: Stage, **changes: str) -> httpx.Response:
    path = f"/instruments/{stage.instrument_id}/book"
    form = fields_of(stage.enterprise.get(path).text) | changes
    return stage.enterprise.post(path, data=form | {"do": "quote"})


def submitted(stage: Stage) -> str:
    """The page of a booking that was submitted."""
    page = quoted(stage).text
    form = fields_of(page) | {"do": "submit"}
    answer = stage.enterprise.post(f"/instruments/{stage.instrument_id}/book", data=form)
    assert answer.status_code == 303, text_of(answer.text)
    again = stage.enterprise.post(f"/instruments/{stage.instrument_id}/book", data=form)
    assert again.headers["location"] == answer.headers["location"]  # the same form twice is one booking
    return answer.headers["location"].partition("?")[0]


def give(browser: httpx.Client, page: str, command: str, **fields: str) -> httpx.Response:
    """Send the form of a command as the page has it."""
    text = browser.get(page).text
    form = text.partition(f'action="{page}/commands/{command}"')[2].partition("</form>")[0]
    assert form, f"{command} is not offered: {text_of(text)[:600]}"
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return browser.post(f"{page}/commands/{command}", data=hidden | fields)


def test_the_form_shows_free_time_and_the_fee_before_anything_is_submitted(stage: Stage) -> None:
    page = stage.enterprise.get(f"/instruments/{stage.instrument_id}/book").text
    assert "最早可约" in text_of(page)
    assert "计算费用" in text_of(page)
    assert "提交预约" not in text_of(page)
    assert "重新计算" in text_of(quoted(stage).text)


def test_what_is_missing_is_said_and_what_was_typed_stays(stage: Stage) -> None:
    refused = quoted(stage, service_mode="machine_time", direction="", start="", contact_name="李工 & 王工")
    assert refused.status_code == 422
    assert "请选择开始时间" in text_of(refused.text)
    assert "请选择服务方向" in text_of(refused.text)
    assert 'value="李工 &amp; 王工"' in refused.text


def test_what_is_not_shared_is_refused_with_its_reason(stage: Stage) -> None:
    page = text_of(stage.enterprise.get(f"/instruments/{stage.closed_id}/book").text)
    assert "目前还不能预约" in page
    assert "不共享" in page


def test_a_booking_from_the_form_to_the_rating(stage: Stage) -> None:
    page = submitted(stage)
    assert "预约已提交" in text_of(stage.enterprise.get(f"{page}?told=submitted").text)
    while forwarding.forward_next(stage.runtime, world.MANY):
        pass
    assert page in stage.station.get("/bookings?view=queue").text
    assert give(stage.station, page, "accept").status_code == 303
    assert "服务方已受理" in text_of(stage.enterprise.get(page).text)
    assert "条未读" in stage.enterprise.get("/").text
    stage.runtime.clock.advance(3 * 86_400)  # type: ignore[attr-defined]
    enter(stage.station, "station")
    enter(stage.enterprise, "li")
    assert give(stage.station, page, "check_in").status_code == 303
    used = {"start": "2026-01-08T09:00", "end": "2026-01-08T10:00"}
    assert give(stage.station, page, "check_out", **used).status_code == 303
    token = csrf_of(stage.station.get(page).text)
    sent = stage.station.post(
        f"{page}/reports",
        data={"csrf_token": token},
        files={"file": ("检测报告.pdf", b"%PDF-1.7 synthetic")},
    )
    assert sent.status_code == 303, text_of(sent.text)
    assert give(stage.station, page, "deliver").status_code == 303
    token = csrf_of(stage.enterprise.get(page).text)
    opened = stage.enterprise.post(f"{page}/reports/1", data={"csrf_token": token})
    file = stage.enterprise.get(opened.headers["location"])
    assert file.content == b"%PDF-1.7 synthetic"
    assert file.headers["content-disposition"].startswith("attachment")
    assert give(stage.enterprise, page, "complete").status_code == 303
    rated = stage.enterprise.post(f"{page}/rating", data={"csrf_token": token, "stars": "5", "text": "很好"})
    assert rated.status_code == 303, text_of(rated.text)
    assert "5 星（共 5 星） 很好" in text_of(stage.station.get(page).text)


def test_a_thread_is_read_by_both_sides(stage: Stage) -> None:
    page = submitted(stage)
    text = stage.enterprise.get(page).text
    form = dict(
        re.findall(
            r'type="hidden" name="([^"]+)" value="([^"]*)"',
            text.partition(f'{page}/notes"')[2].partition("</form>")[0],
        )
    )
    for _ in range(2):
        said = stage.enterprise.post(f"{page}/notes", data=form | {"text": "样品可否邮寄？<b>"})
        assert said.status_code == 303, text_of(said.text)
    assert unescape(stage.station.get(page).text).count("样品可否邮寄？<b>") == 1


def test_a_refusal_keeps_what_was_typed(stage: Stage) -> None:
    page = submitted(stage)
    refused = give(stage.enterprise, page, "cancel", reason="", text="改期再约")
    assert refused.status_code == 422
    assert "请选择事由" in text_of(refused.text)
    assert "改期再约" in refused.text


def test_others_find_nothing(stage: Stage) -> None:
    page = submitted(stage)
    assert stage.stranger.get(page).status_code == 404
    assert page not in stage.stranger.get("/bookings").text
    assert page in stage.enterprise.get("/bookings").text
