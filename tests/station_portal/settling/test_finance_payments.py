"""Finance pays: proof, bounce, correction, money that comes back, and results that contradict each other."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from hub.core.clock import SHANGHAI
from hub.core.runtime import Runtime
from hub.settlement.service import periods
from tests.hub.settlement.periods import world
from tests.hub.settlement.tampering import tamper
from tests.station_portal.conftest import text_of
from tests.station_portal.settling.batch_stage import (
    BATCH,
    PAPER,
    give,
    held,
    home,
    line_ids,
    paid_list,
    pay,
    put_account,
    visited,
)
from tests.station_portal.settling.finance_stage import Enter, _financed, enter, hub, number_all, read, send

__all__ = ["_financed", "enter", "held", "home", "hub", "visited"]


def test_from_payment_over_bounce_to_the_seal(
    held: Runtime, visited: httpx.Client, home: httpx.Client
) -> None:
    place = paid_list(held, visited, home)
    assert "待录入账户" in read(home, place)
    put_account(held, visited)
    page = read(home, place)
    assert "622200001234" in page
    assert visited.get(place).status_code == 403, "only the payer and auditors read its list"
    wrong = pay(home, place, amount="899.99")
    assert (wrong.status_code, "SYN-0001" in wrong.text) == (409, True)
    assert pay(home, place).status_code == 303
    page = read(home, place)
    assert "已付" in page
    assert "SYN-0001" in page
    proof = re.search(r'href="(/staff/settlement/payment-lines/[^"]+/proof)"', home.get(place).text)
    assert proof is not None
    assert home.get(proof.group(1)).content == PAPER[1]
    bounced = send(
        home,
        place,
        proof.group(1).replace("/proof", "/bounce"),
        reason="account_closed",
        text="银行退汇（合成）",
    )
    assert bounced.status_code == 303
    again = bounced.headers["location"].partition("?")[0]
    assert again != place
    assert "账户已销 · 银行退汇（合成）" in read(home, place)
    assert pay(home, again, bank_reference="SYN-0002").status_code == 303
    assert "轮到您" in read(visited, BATCH)
    assert give(visited, "seal").status_code == 303
    assert "封存散列" in read(visited, BATCH)
    number_all(held)
    assert "全部一致" in read(visited, f"{BATCH}?verify=1")
    tamper(held.database, "UPDATE settlement_payment_line SET bank_reference = 'SYN-9' WHERE state = 'paid'")
    assert "不符：封存后有改动" in read(visited, f"{BATCH}?verify=1")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"paid_on": "04/04"}, "付款日期请写成"),
        ({"paid_on": "2026-12-31"}, "不能晚于今天"),
        ({"bank_reference": " "}, "银行流水号须为"),
        ({"amount": "abc"}, "金额请写成元"),
        ({"amount": "900.001"}, "金额请写成元"),
        ({"files": {"proof": ("x.exe", b"MZ", "application/pdf")}}, "凭证须为 PDF"),
        ({"files": {"proof": ("x.pdf", b"%PDF-" + b"0" * 5_000_000, "application/pdf")}}, "不能超过 5 MB"),
        ({"files": None}, "请上传付款凭证"),
    ],
)
def test_a_payment_that_is_wrongly_told_is_refused_by_its_field(
    held: Runtime, visited: httpx.Client, home: httpx.Client, fields: dict[str, object], words: str
) -> None:
    place = paid_list(held, visited, home)
    answer = pay(home, place, **fields)
    assert answer.status_code == 422
    assert words in text_of(answer.text)
    assert "待付 ¥900.00" in read(home, place)


def test_a_payment_of_this_morning_is_of_today(
    held: Runtime, visited: httpx.Client, home: httpx.Client, enter: Enter
) -> None:
    place = paid_list(held, visited, home)
    now = held.clock()
    dawn = now.replace(hour=22, minute=30) + timedelta(days=int(now.hour >= 22))
    held.clock.advance((dawn - now).total_seconds())  # type: ignore[attr-defined]
    today = dawn.astimezone(SHANGHAI).date()
    assert today > dawn.date(), "it is the day before in UTC"
    early = enter("finance-330000")
    assert f'value="{today}"' in early.get(place).text
    assert pay(early, place, paid_on=today.isoformat()).status_code == 303


def test_a_posted_line_is_corrected_by_two_sides(
    held: Runtime, visited: httpx.Client, home: httpx.Client
) -> None:
    paid_list(held, visited, home)
    first = line_ids(visited)[0]
    told = {"batch": world.BATCH, "reason": "priced_wrong", "text": "单价录错（合成）"}
    assert send(visited, BATCH, f"/staff/settlement/lines/{first}/credit", **told).status_code == 303
    again = send(visited, BATCH, f"/staff/settlement/lines/{first}/credit", **told)
    assert (again.status_code, "单价录错（合成）" in again.text) == (409, True)
    page = read(home, BATCH)
    assert "轮到浙江财务" in page
    credit = re.search(r'action="(/staff/settlement/credits/\d+/decide)"', home.get(BATCH).text)
    assert credit is not None
    assert send(visited, BATCH, credit.group(1), decision="issue").status_code == 403
    assert send(home, BATCH, credit.group(1), decision="refuse", text="").status_code == 422
    assert send(home, BATCH, credit.group(1), decision="issue").status_code == 303
    assert "已出具 credit:310000-330000/1" in read(visited, BATCH)
    assert visited.get("/staff/documents/credit:310000-330000/1").status_code == 200
    assert '"/staff/documents/credit:310000-330000/1"' in visited.get(BATCH).text, (
        "from the line to its document"
    )


def test_money_that_comes_back_is_recorded_on_its_payment_line_by_who_paid(
    held: Runtime, visited: httpx.Client, home: httpx.Client
) -> None:
    place = paid_list(held, visited, home)
    assert pay(home, place).status_code == 303
    first = line_ids(visited)[0]
    told = {"batch": world.BATCH, "reason": "priced_wrong", "text": "单价录错（合成）"}
    send(visited, BATCH, f"/staff/settlement/lines/{first}/credit", **told)
    credit = re.search(r'action="(/staff/settlement/credits/\d+)/decide"', home.get(BATCH).text)
    assert credit is not None
    assert send(home, BATCH, f"{credit.group(1)}/decide", decision="issue").status_code == 303
    assert "应由收款单位退回" in read(visited, BATCH)
    statement = read(home, "/staff/documents/statement:310000-330000/1")
    assert "科技创新券（演示）" in statement, "a demo's programme says so on its documents"
    page = read(home, place)
    assert ("待收回 ¥300.00" in page, "须与应退回的 ¥300.00 分毫不差" in page) == (True, True)
    back = f"{credit.group(1)}/payback"
    form = {"paid_on": "2026-04-05", "bank_reference": "R-1", "amount": "300.00"}
    assert send(visited, BATCH, back, **form, files={"proof": PAPER}).status_code == 403, (
        "it is who paid that is paid back"
    )
    assert send(home, place, back, **form).status_code == 422, "no paper"
    less = send(home, place, back, **{**form, "amount": "299.99"}, files={"proof": PAPER})
    assert (less.status_code, 'value="299.99"' in less.text) == (409, True)
    assert "待收回" in read(home, place)
    assert send(home, place, back, **form, files={"proof": PAPER}).status_code == 303
    assert send(home, place, back, **form, files={"proof": PAPER}).status_code == 303, "the same proof again"
    assert (
        send(home, place, back, **{**form, "bank_reference": "R-2"}, files={"proof": PAPER}).status_code
        == 409
    )
    page = read(home, place)
    assert ("已收回 2026-04-05 · R-1" in page, "待收回" in page) == (True, False)
    assert "已于 2026-04-05 收回" in read(visited, BATCH)
    assert home.get(f"{credit.group(1)}/proof").content == PAPER[1]
    assert visited.get(f"{credit.group(1)}/proof").status_code == 403


def test_a_result_that_contradicts_shows_both_sides_and_is_closed_with_words(
    held: Runtime, visited: httpx.Client, home: httpx.Client
) -> None:
    place = paid_list(held, visited, home)
    line = re.search(r'id="line-([^"]+)"', home.get(place).text)
    assert line is not None
    said = {
        "id": "r-1", "line": line.group(1), "outcome": "paid", "amount_fen": 89_999, "on": "2026-04-06",
        "bank_reference": "HZ-7",
    }  # fmt: skip
    with held.database.write() as session:
        answered = periods.apply_redemption_result(session, said, province="330000", now=held.clock())
    assert answered.verdict == "contradictory"
    cases = "/staff/settlement/redemption-cases"
    page = read(home, cases)
    for words in (
        "所报金额与应付金额不同",
        "¥899.99",
        "¥900.00",
        "HZ-7",
        "请其以新的消息编号更正后重发",
        "打开付款行",
    ):
        assert words in page
    assert "没有待核对的兑付结果" in read(visited, cases), "it is not their payment"
    close = re.search(r'action="(/staff/settlement/redemption-cases/\d+/close)"', home.get(cases).text)
    assert close is not None
    assert send(visited, cases, close.group(1), text="越权").status_code in (403, 404)
    assert send(home, cases, close.group(1), text=" ").status_code == 422
    assert send(home, cases, close.group(1), text="已电话核对，对方重发").status_code == 303
    assert "没有待核对的兑付结果" in read(home, cases)
    assert "已电话核对，对方重发" in read(home, f"{cases}?only=closed")
