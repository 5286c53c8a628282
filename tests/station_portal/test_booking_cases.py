"""What does not go by itself is shown with what happened, and settled by forms; a province sees its own."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import select

from hub.bookings import queries
from hub.bookings.models import Booking, Delivery
from hub.bookings.service import cases, recording
from hub.core.runtime import Runtime
from tests.hub.bookings.provinces import FakeProvince
from tests.station_portal import test_bookings, world
from tests.station_portal.conftest import csrf_of, text_of
from tests.station_portal.test_bookings import Stage

SignIn = Callable[[str], str]
PAGE = "/staff/booking-cases"
HOSTILE = "<script>alert(1)</script>"

stage = test_bookings.stage


def _open(runtime: Runtime, province: str, subject: str = "") -> int:
    """A case of a province's order feed; its number."""
    with runtime.database.write() as session:
        now = runtime.clock()
        told = {"raw": HOSTILE}
        cases.open_case(session, "damaged_feed", province, None, told, now=now, subject=subject)
        return queries.cases(session, province=province)[0].id


def test_nothing_to_do_is_said(visitor: httpx.Client, sign_in: SignIn) -> None:
    sign_in("admin")
    assert "没有需要处理的异常" in text_of(visitor.get(PAGE).text)
    assert PAGE in visitor.get("/staff").text


def test_a_case_is_closed_once_with_what_was_done(
    visitor: httpx.Client, sign_in: SignIn, own_world: Runtime
) -> None:
    number = _open(own_world, world.MANY)
    token = sign_in("admin")
    page = visitor.get(PAGE).text
    assert "订单流中有损坏的条目" in text_of(page)
    assert HOSTILE not in page
    address = f"{PAGE}/{number}/close"
    for wrong in ("", " 好 ", "长" * 1001):
        refused = visitor.post(address, data={"csrf_token": token, "text": wrong})
        assert refused.status_code == 422
        assert "请填写处理说明" in text_of(refused.text)
        assert wrong in refused.text
    assert visitor.post(address, data={"text": "已核对"}).status_code == 403
    form = {"csrf_token": token, "text": "已请平台补发"}
    answer = visitor.post(address, data=form)
    assert answer.status_code == 303
    told = text_of(visitor.get(answer.headers["location"]).text)
    assert "事项已关闭" in told
    assert "没有需要处理的异常" in told
    again = visitor.post(address, data=form)
    assert again.status_code == 404
    assert f"没有编号为 {number} 的事项" in text_of(again.text)
    with own_world.database.read() as session:
        closed = queries.cases(session, state="closed")[0]
        assert (closed.resolution, closed.closed_by) == ("已请平台补发", "account:admin")


def test_staff_see_and_close_only_their_provinces_cases(
    visitor: httpx.Client, sign_in: SignIn, own_world: Runtime
) -> None:
    mine, other = _open(own_world, world.MANY), _open(own_world, world.UPLOADS)
    token = sign_in(f"staff-{world.MANY}")
    page = visitor.get(PAGE).text
    assert f"{PAGE}/{mine}/close" in page
    assert f"{PAGE}/{other}/close" not in page
    refused = visitor.post(f"{PAGE}/{other}/close", data={"csrf_token": token, "text": "越权关闭"})
    assert refused.status_code == 404
    tried = visitor.post(f"{PAGE}/deliveries/1/retry", data={"csrf_token": token})
    assert tried.status_code == 403
    with own_world.database.read() as session:
        assert {row.id for row in queries.cases(session)} == {mine, other}


@pytest.mark.parametrize(("was_sent", "then"), [(True, "unknown"), (False, "pending")])
def test_a_message_left_to_a_person_is_tried_by_the_administrator(
    stage: Stage,
    visitor: httpx.Client,
    sign_in: SignIn,
    own_world: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    *,
    was_sent: bool,
    then: str,
) -> None:
    # The way to a platform makes a message; none is sent here.
    platform = FakeProvince(world.MANY, "lookup", own_world.clock)  # type: ignore[arg-type]
    monkeypatch.setattr(own_world.adapters[world.MANY], "bookings", platform)
    booking_page = test_bookings.submitted(stage)
    with own_world.database.write() as session:
        sent = session.scalars(select(Delivery)).one()
        sent.sent_at = own_world.clock() if was_sent else None
        recording.settle(session, sent, "person", now=own_world.clock())
        number = session.get_one(Booking, sent.booking_id).number
    with own_world.database.read() as session:
        assert session.get_one(Delivery, sent.id).state == "dead"
    sign_in("admin")
    page = visitor.get(PAGE).text
    assert f'href="{booking_page}"' in page
    assert number in page
    assert "等待人工" in text_of(page)
    assert ("立即查询" in text_of(page)) is was_sent
    answer = visitor.post(f"{PAGE}/deliveries/{sent.id}/retry", data={"csrf_token": csrf_of(page)})
    assert answer.status_code == 303
    assert "不会重复下单" in text_of(visitor.get(answer.headers["location"]).text)
    with own_world.database.read() as session:
        assert session.get_one(Delivery, sent.id).state == then


def test_a_message_that_is_not_there_is_said(visitor: httpx.Client, sign_in: SignIn) -> None:
    token = sign_in("admin")
    refused = visitor.post(f"{PAGE}/deliveries/99/retry", data={"csrf_token": token})
    assert refused.status_code == 404
    assert "99" in text_of(refused.text)


def test_enterprises_may_not_look(stage: Stage) -> None:
    assert stage.enterprise.get(PAGE).status_code == 403
