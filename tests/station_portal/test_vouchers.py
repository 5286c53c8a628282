"""A voucher through the pages: who pays how much before submitting, on the booking, and in the enterprise's wallet."""

from __future__ import annotations

from datetime import date

import httpx

import schemas
from hub.identity import queries as identity
from hub.settlement import rules, service
from tests.station_portal.booking_stage import CREDIT_CODE
from tests.station_portal.conftest import text_of
from tests.station_portal.test_bookings import Stage, fields_of, give, quoted, stage, submitted

__all__ = ["stage"]


def put_programmes(held: Stage, fen: int | None = 3_000) -> None:
    """The published and the demo's programmes, and an allotment for the enterprise."""
    now = held.runtime.clock()
    with held.runtime.database.write() as session:
        service.load_programmes(session, [*rules.published(), *rules.demo()], actor="system:test", now=now)
        enterprise = identity.enterprise_by_code(session, CREDIT_CODE)
        assert enterprise is not None
        if fen is not None:
            told = service.Allotment("JX-1", "demo-330400-voucher", enterprise.id, fen, date(2026, 12, 31))
            service.allot(session, told, actor="system:test", now=now)


def page_of(browser: httpx.Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, text_of(answer.text)
    return text_of(answer.text)


def test_who_pays_how_much_is_seen_before_submitting_on_the_booking_and_in_the_wallet(stage: Stage) -> None:
    put_programmes(stage)
    offered = text_of(quoted(stage).text)
    assert "创新券支付 −¥30.00" in offered
    assert "自付" in offered
    assert "可用 30.00 元" in offered
    assert "浙江省科技创新券 政策条款不全：对象与额度" in offered
    booking = submitted(stage)
    assert "创新券支付 ¥30.00（已预占）" in page_of(stage.enterprise, booking)
    assert "创新券支付 ¥30.00（已预占）" in page_of(stage.station, booking)
    wallet = page_of(stage.enterprise, "/vouchers")
    assert "嘉兴市科技创新券（演示） 演示 ¥30.00 ¥0.00 ¥30.00 ¥0.00 2026-12-31 可用" in wallet
    assert "条款尚未查明，暂不能使用" in wallet
    give(stage.station, booking, "reject", reason="slot_taken")
    assert "¥30.00 ¥30.00 ¥0.00 ¥0.00 2026-12-31 可用" in page_of(stage.enterprise, "/vouchers")
    assert "已释放" in page_of(stage.enterprise, booking)


def test_a_share_that_others_have_used_is_told_and_nothing_is_booked(stage: Stage) -> None:
    put_programmes(stage)
    form = fields_of(quoted(stage).text) | {"do": "submit"}
    with stage.runtime.database.write() as session:
        enterprise = identity.enterprise_by_code(session, CREDIT_CODE)
        assert enterprise is not None
        told = service.Allotment(
            "JX-1", "demo-330400-voucher", enterprise.id, 1_000, date(2026, 12, 31), revision=2
        )
        service.allot(session, told, actor="system:test", now=stage.runtime.clock())
    answer = stage.enterprise.post(f"/instruments/{stage.instrument_id}/book", data=form)
    assert answer.status_code == 422
    assert "创新券现可支付 10.00 元，低于报价时的 30.00 元，未提交。" in text_of(answer.text)
    assert "¥10.00 ¥10.00 ¥0.00 ¥0.00" in page_of(stage.enterprise, "/vouchers")


def test_a_wallet_is_its_own_enterprise_s(stage: Stage) -> None:
    put_programmes(stage)
    assert "还没有创新券" in page_of(stage.stranger, "/vouchers")
    assert stage.station.get("/vouchers").status_code == 403
    answer = stage.enterprise.get("/vouchers", headers={"Accept-Language": "en"}, params={"lang": "en"})
    assert "Jiaxing innovation voucher (demo)" in text_of(answer.text)


def test_without_any_programme_the_quote_says_nothing_of_vouchers(stage: Stage) -> None:
    assert "创新券支付" not in text_of(quoted(stage).text)


def test_the_form_asks_for_a_declaration_and_keeps_it_with_the_booking(stage: Stage) -> None:
    path = f"/instruments/{stage.instrument_id}/book"
    assert "关联单位" not in text_of(stage.enterprise.get(path).text), "no programme asks"
    put_programmes(stage)
    assert "持股合计达到 25%" in text_of(stage.enterprise.get(path).text)
    assert "兑付前须满足：尚未声明是否关联单位" in text_of(quoted(stage).text)
    page = quoted(stage, is_related="no")
    assert "尚未声明是否关联单位" not in text_of(page.text)
    assert 'value="no" checked' in page.text
    form = fields_of(page.text) | {"is_related": "no", "do": "submit"}
    answer = stage.enterprise.post(path, data=form)
    assert answer.status_code == 303, text_of(answer.text)


def test_a_related_party_says_how_and_gets_no_voucher(stage: Stage) -> None:
    put_programmes(stage)
    refused = quoted(stage, is_related="yes")
    assert refused.status_code == 422
    assert "请选择关联关系" in text_of(refused.text)
    told = text_of(quoted(stage, is_related="yes", relation="affiliation").text)
    assert "属于不予补助的情形：关联单位之间的服务" in told
    assert "创新券支付 −¥0.00" in told
    form = fields_of(quoted(stage, is_related="yes", relation="affiliation").text)
    more = {"is_related": "yes", "relation": "affiliation", "do": "submit"}
    answer = stage.enterprise.post(f"/instruments/{stage.instrument_id}/book", data=form | more)
    assert answer.status_code == 303, text_of(answer.text)
    path = answer.headers["location"].partition("?")[0]
    assert "属于不予补助的情形：关联单位之间的服务" in page_of(stage.enterprise, path), (
        "the booking says why as well"
    )
    assert "不予补助" not in page_of(stage.station, path), "it is the enterprise's own affair"


def test_the_search_tells_who_holds_a_voucher_what_is_left_to_pay(stage: Stage) -> None:
    path = "/search?open=any&sort=own_share&unit=sample&quantity=2"
    assert "没有可用的创新券，自付等于费用" in page_of(stage.enterprise, path)
    put_programmes(stage)
    told = page_of(stage.enterprise, path)
    assert "自付已扣除可用创新券（嘉兴市科技创新券（演示））" in told
    assert "券付 ¥30.00" in told, told[:3000]
    assert "没有可用的创新券" in page_of(stage.stranger, path), "a voucher is its holder's own"
    answer = stage.enterprise.get(
        "/api/v1/instruments", params={"open": "any", "sort": "own_share", "unit": "sample"}
    )
    shares = [item["shares"] for item in answer.json()["items"] if "shares" in item]
    assert shares
    assert all(each["voucher_fen"] + each["own_fen"] == each["total_fen"] for each in shares)
    assert schemas.problems("instrument-page", answer.json()) == []
    assert answer.headers["cache-control"] == "private, no-store"
