"""Paying through the pages: the order form, a transfer with its proof, online with its way back, refunds and invoices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import BytesIO

import httpx
import openpyxl
import orjson
import pytest

from adapters.simulators.cashier import Cashier
from hub.bookings.service import paid
from hub.core.errors import HubError
from hub.core.runtime import Runtime
from hub.settlement.channels import BankTransfer, OnlineChannel, OnlineTerms
from hub.settlement.service import payments
from tests.station_portal.booking_stage import CREDIT_CODE, ENTERPRISE, put_cast
from tests.station_portal.conftest import browser_of, csrf_of, text_of
from tests.station_portal.test_bookings import Stage, enter, give, submitted
from tests.station_portal.test_vouchers import put_programmes

PDF = b"%PDF-1.7\n% synthetic proof\n"


@dataclass
class Paying:
    """The enterprise, the institution, the station and a stranger at one accepted booking with its payment."""

    stage: Stage
    lab: httpx.Client
    cashier: Cashier
    runtime: Runtime
    booking: str
    address: str

    @property
    def enterprise(self) -> httpx.Client:
        return self.stage.enterprise


@pytest.fixture
def paying(own_world: Runtime) -> Iterator[Paying]:
    runtime: Runtime

    def carry(request: httpx.Request) -> httpx.Response:
        content = orjson.loads(request.content) if request.content else None
        told = request.headers.get("authorization", "")
        status, body = cashier.answer(request.method, request.url.path, content, told)
        return httpx.Response(status, json=body)

    def deliver(address: str, headers: dict[str, str], body: bytes) -> bool:
        small = {name.lower(): value for name, value in headers.items()}
        try:
            payments.take(runtime, "online", small, body)
        except HubError:
            return False
        return True

    cashier = Cashier("https://pay.test", clock=lambda: own_world.clock().timestamp(), deliver=deliver)
    online = OnlineChannel(
        OnlineTerms(**cashier.terms()), lambda: httpx.Client(transport=httpx.MockTransport(carry))
    )
    runtime = replace(own_world, payment_channels={"bank_transfer": BankTransfer(), "online": online})
    cast = put_cast(runtime)
    with ExitStack() as stack:
        browsers = [stack.enter_context(browser_of(runtime)) for _ in range(4)]
        for browser, name in zip(browsers, ("li", "station", "wang", "lab"), strict=True):
            enter(browser, name)
        stage = Stage(runtime, *browsers[:3], cast.instrument_id, cast.closed_id)
        put_programmes(stage)
        booking = submitted(stage)
        give(stage.station, booking, "accept")
        address = f"/payments/{payments.payment_id_of(booking.rpartition('/')[2])}"
        yield Paying(stage, browsers[3], cashier, runtime, booking, address)


def page(browser: httpx.Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, text_of(answer.text)
    return text_of(answer.text)


def post(browser: httpx.Client, path: str, **more: object) -> httpx.Response:
    data = {"csrf_token": csrf_of(browser.get("/payments").text), **more.pop("data", {})}  # type: ignore[dict-item]
    return browser.post(path, data=data, **more)  # type: ignore[arg-type]


def begin(paying: Paying, channel: str) -> httpx.Response:
    """Pay as the page offers it: with the order form that paying agrees to, where that is still to be done."""
    found = re.search(
        r'name="order_form_sha256" value="([0-9a-f]{64})"', paying.enterprise.get(paying.address).text
    )
    agreed = {} if found is None else {"order_form_sha256": found[1]}
    return post(paying.enterprise, f"{paying.address}/pay", data={"channel": channel, **agreed})


def attempt_of(browser: httpx.Client, address: str) -> str:
    found = re.search(r"/attempts/(pa-[0-9a-f]{24})", browser.get(address).text)
    assert found is not None
    return f"{address}/attempts/{found[1]}"


def test_both_sides_confirm_the_order_form_and_a_stranger_does_not_see_it(paying: Paying) -> None:
    address = f"{paying.booking}/order-form"
    shown = page(paying.enterprise, address)
    assert "委托单" in shown
    assert ENTERPRISE in shown
    assert "委托方：尚未确认" in shown
    assert "演示数据" in shown
    sha256 = re.search(r'name="sha256" value="([0-9a-f]{64})"', paying.enterprise.get(address).text)
    assert sha256 is not None
    for browser in (paying.enterprise, paying.lab):
        assert post(browser, address, data={"sha256": sha256[1]}).status_code == 303
    shown = page(paying.stage.station, address)
    assert "委托方：li 已确认" in shown
    assert "受托方：lab 已确认" in shown
    assert 'name="sha256"' not in paying.stage.station.get(address).text
    wrong = post(paying.enterprise, address, data={"sha256": "0" * 64})
    assert wrong.status_code == 422
    assert "已被取代" in text_of(wrong.text)
    assert paying.stage.stranger.get(address).status_code == 404
    assert post(paying.stage.stranger, address, data={"sha256": sha256[1]}).status_code == 404


def test_nothing_is_paid_before_the_enterprise_agreed_to_the_order_form(paying: Paying) -> None:
    assert "付款即确认其费用与条款" in page(paying.enterprise, paying.address)
    refused = post(paying.enterprise, f"{paying.address}/pay", data={"channel": "bank_transfer"})
    assert refused.status_code == 422
    assert "请先确认现行委托单" in text_of(refused.text)
    stale = {"channel": "bank_transfer", "order_form_sha256": "0" * 64}
    assert post(paying.enterprise, f"{paying.address}/pay", data=stale).status_code == 422
    assert "委托方：尚未确认" in page(paying.enterprise, f"{paying.booking}/order-form")
    assert begin(paying, "bank_transfer").status_code == 303
    assert "委托方：li 已确认" in page(paying.enterprise, f"{paying.booking}/order-form")
    assert "付款即确认其费用与条款" not in page(paying.enterprise, paying.address)


def test_without_the_font_the_pdf_says_why_and_shows_the_page_to_print(paying: Paying) -> None:
    shown = paying.enterprise.get(f"{paying.booking}/order-form")
    assert "未安装中文字体" in text_of(shown.text)
    assert "order-form/print" in shown.text
    answer = paying.enterprise.get(f"{paying.booking}/order-form.pdf")
    assert answer.status_code == 503
    assert "PDF 未生成：字体未安装" in text_of(answer.text)
    assert ENTERPRISE in text_of(answer.text)
    assert "data-print" in paying.enterprise.get(f"{paying.booking}/order-form/print").text


def test_a_transfer_with_its_proof_is_confirmed_by_the_institution(paying: Paying) -> None:
    assert "待付款" in page(paying.enterprise, "/payments")
    assert begin(paying, "bank_transfer").status_code == 303
    shown = page(paying.enterprise, paying.address)
    assert "附言须写明 JYH" in shown
    attempt = attempt_of(paying.enterprise, paying.address)
    bad = post(paying.enterprise, f"{attempt}/proof", files={"file": ("a.txt", b"hello", "text/plain")})
    assert bad.status_code == 422
    assert "不是 PDF、PNG 或 JPEG 文件" in text_of(bad.text)
    handed = post(paying.enterprise, f"{attempt}/proof", files={"file": ("回单.pdf", PDF, "application/pdf")})
    assert handed.status_code == 303
    assert "待核对 1" in page(paying.lab, "/payments?view=confirm")
    taken = paying.lab.get(f"{attempt}/proof")
    assert taken.content == PDF
    assert "attachment" in taken.headers["content-disposition"]
    wrong = post(paying.lab, f"{attempt}/confirm", data={"received": "1.00"})
    assert wrong.status_code == 422
    assert "金额应为" in text_of(wrong.text)
    assert 'value="1.00"' in wrong.text
    with paying.runtime.database.read() as session:
        held = payments.standing(session, paying.booking.rpartition("/")[2])
    assert held is not None
    fee = f"{held.owed_fen // 100}.{held.owed_fen % 100:02}"
    assert post(paying.enterprise, f"{attempt}/confirm", data={"received": fee}).status_code == 403
    assert post(paying.lab, f"{attempt}/confirm", data={"received": fee}).status_code == 303
    assert "已付清" in page(paying.enterprise, paying.address)
    for path in (paying.address, f"{attempt}/proof"):
        assert paying.stage.stranger.get(path).status_code == 404


def test_a_refused_transfer_says_why_and_may_be_tried_again(paying: Paying) -> None:
    begin(paying, "bank_transfer")
    attempt = attempt_of(paying.enterprise, paying.address)
    assert post(paying.lab, f"{attempt}/refuse", data={"reason": " "}).status_code == 422
    assert post(paying.lab, f"{attempt}/refuse", data={"reason": "未查到款项"}).status_code == 303
    shown = page(paying.enterprise, paying.address)
    assert "未查到款项" in shown
    assert "去付款" in shown


def test_online_the_way_back_never_claims_paid_before_it_is(paying: Paying) -> None:
    begun = begin(paying, "online")
    assert begun.headers["location"] == f"{paying.address}?told=go"
    found = re.search(
        r'href="https://pay\.test/pay/(pa-[0-9a-f]{24})"', paying.enterprise.get(paying.address).text
    )
    assert found is not None
    order = found[1]
    back = paying.enterprise.get(f"{paying.address}/return")
    assert back.headers["location"].endswith("told=checking")
    assert "尚未收到支付结果" in page(paying.enterprise, back.headers["location"])
    paying.cashier.mischief = {"lose_notification"}
    paying.cashier.pay(order)
    assert "付款中" in page(paying.enterprise, paying.address)
    back = paying.enterprise.get(f"{paying.address}/return?state=paid")
    assert back.headers["location"].endswith("told=paid")
    assert "已付清" in page(paying.enterprise, paying.address)


def test_a_browser_that_says_paid_proves_nothing_and_a_silent_channel_is_said(paying: Paying) -> None:
    paying.cashier.mischief = {"unavailable"}
    begun = begin(paying, "online")
    assert begun.headers["location"].endswith("told=unknown")
    assert "请勿重复付款" in page(paying.enterprise, paying.address)
    back = paying.enterprise.get(f"{paying.address}/return?state=paid")
    assert back.headers["location"].endswith("told=checking")
    second = begin(paying, "bank_transfer")
    assert second.status_code == 422
    assert "已有一笔付款正在进行" in text_of(second.text)


def test_cancelling_sends_money_back_and_the_institution_notes_it(paying: Paying) -> None:
    begin(paying, "bank_transfer")
    attempt = attempt_of(paying.enterprise, paying.address)
    with paying.runtime.database.read() as session:
        held = payments.standing(session, paying.booking.rpartition("/")[2])
    assert held is not None
    amount = f"{held.owed_fen // 100}.{held.owed_fen % 100:02}"
    assert post(paying.lab, f"{attempt}/confirm", data={"received": amount}).status_code == 303
    paid.mirror(paying.runtime.database, held.reference, now=paying.runtime.clock())
    assert give(paying.enterprise, paying.booking, "cancel", reason="plans_changed").status_code == 303
    assert "须退回企业" in page(paying.lab, paying.address)
    assert "须退回企业" not in page(paying.enterprise, paying.address)
    assert post(paying.enterprise, f"{paying.address}/refunds/1").status_code == 403
    assert post(paying.lab, f"{paying.address}/refunds/1").status_code == 303
    assert "已退款" in page(paying.enterprise, paying.address)


def test_an_invoice_that_does_not_fit_is_refused_beside_its_field(paying: Paying) -> None:
    with paying.runtime.database.read() as session:
        held = payments.standing(session, paying.booking.rpartition("/")[2])
    assert held is not None

    def yuan(fen: int) -> str:
        return f"{fen // 100}.{fen % 100:02}"

    vat = held.owed_fen * 6 // 106
    typed = {
        "code": "", "number": "26312000000000000001", "issued_on": "2026-01-05", "payer_name": ENTERPRISE,
        "payer_credit_code": CREDIT_CODE, "net_fen": yuan(held.owed_fen - vat), "vat_fen": yuan(vat),
        "gross_fen": yuan(held.owed_fen),
    }  # fmt: skip
    path = f"{paying.address}/invoices"
    wrong = post(paying.lab, path, data={**typed, "payer_name": "别的公司"})
    assert wrong.status_code == 422
    assert "购买方应为" in text_of(wrong.text)
    assert 'value="26312000000000000001"' in wrong.text
    assert post(paying.lab, path, data={**typed, "net_fen": "x"}).status_code == 422
    assert post(paying.enterprise, path, data=typed).status_code == 403
    assert post(paying.lab, path, data=typed).status_code == 303
    assert "26312000000000000001" in page(paying.enterprise, paying.address)
    found = re.search(r"/invoices/(\d+)/void", paying.lab.get(paying.address).text)
    assert found is not None
    assert post(paying.lab, f"{path}/{found[1]}/void", data={"reason": "抬头有误"}).status_code == 303
    assert "已作废" in page(paying.enterprise, paying.address)


def test_payments_are_taken_away_within_the_reader_s_reach(paying: Paying) -> None:
    number = re.search(r">(\d\d-\d{8}-[0-9A-Z]+)<", paying.enterprise.get("/payments").text)
    assert number is not None
    for reader in (paying.enterprise, paying.lab):
        answer = reader.get("/payments?view=open&format=xlsx")
        book = openpyxl.load_workbook(BytesIO(answer.content))
        rows = list(book.worksheets[0].values)
        assert (len(rows), rows[1][0]) == (3, number.group(1))
        fee, voucher, own, paid, back, left = rows[1][4:10]
        assert (round(fee - voucher - own, 2), round(own - paid + back - left, 2)) == (0, 0)
        assert rows[2][4:10] == rows[1][4:10]
        assert [title for title, _ in book["列说明"].values] == list(rows[0])
    done = paying.enterprise.get("/payments?view=done&format=csv").content.decode()
    assert number.group(1) not in done
    assert number.group(1) not in paying.stage.stranger.get("/payments?format=csv").content.decode()


def test_pages_of_nothing_and_english(paying: Paying) -> None:
    assert paying.enterprise.get("/payments/pm-" + "a" * 26).status_code == 404
    assert "没有付款" in page(paying.stage.stranger, "/payments")
    for path in ("/payments", paying.address, f"{paying.booking}/order-form"):
        answer = paying.enterprise.get(path, params={"lang": "en"})
        assert answer.status_code == 200
