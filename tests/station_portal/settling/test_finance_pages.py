"""Finance's pages: from the calendar over review and payment to the seal, and everything that is refused on the way."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import openpyxl
import pytest

from hub.cli import demo_people
from hub.core.clock import SHANGHAI
from hub.core.runtime import Runtime
from hub.identity import rules as roles
from hub.identity import service as identity
from hub.settlement.service import payees, periods
from hub.settlement.service.payees import BankDetails
from tests.hub.settlement.periods import world
from tests.station_portal.conftest import text_of
from tests.station_portal.settling.finance_stage import Enter, _financed, enter, hub, number_all, read, send

__all__ = ["_financed", "enter", "hub"]

BATCH = f"/staff/settlement/batches/{world.BATCH}"
PAPER = ("回单.pdf", b"%PDF-1.7 synthetic", "application/pdf")
WHY = "1.5 h × 400 = 600.00；创新券 50% → 300.00；上限余 12,300.00"


class Explained(world.Usage):
    """A usage whose rated line says how it was reckoned."""

    @property
    def document(self) -> dict[str, Any]:
        return {**world.Usage.document.fget(self), "text_zh": WHY, "text_en": "1.5 h × 400 = 600.00"}  # type: ignore[attr-defined]


@pytest.fixture
def held(hub: Runtime) -> Runtime:
    """Shanghai's finance beside Zhejiang's, and March's lines calculated."""
    hub.clock.advance((world.AFTER - hub.clock()).total_seconds())  # type: ignore[attr-defined]
    with hub.database.write() as session:
        identity.put_account(
            session, "finance-310000", demo_people.PASSWORD, role=roles.PROVINCE_FINANCE, province="310000",
            area="31", display_name="上海市财政（演示）", is_demo=True, actor="test", now=hub.clock(),
        )  # fmt: skip
        identity.put_account(
            session, "second-310000", demo_people.PASSWORD, role=roles.PROVINCE_FINANCE, province="310000",
            area="31", display_name="上海市财政复核（演示）", is_demo=True, actor="test", now=hub.clock(),
        )  # fmt: skip
    world.furnish(hub.database)
    with hub.database.write() as session:
        for number in range(1, 4):
            world.rate(session, Explained(f"us-{number}"))
    world.close(hub.database)
    return hub


@pytest.fixture
def visited(held: Runtime, enter: Enter) -> httpx.Client:
    return enter("finance-310000")


@pytest.fixture
def home(held: Runtime, enter: Enter) -> httpx.Client:
    return enter("finance-330000")


def give(client: httpx.Client, what: str, **fields: object) -> httpx.Response:
    page = client.get(BATCH).text
    found = re.search(r'name="version" value="(\d+)"', page)
    sha = re.search(r'name="sha256" value="([0-9a-f]+)"', page)
    told = {"version": found.group(1) if found else "", "sha256": sha.group(1) if sha else "", **fields}
    return send(client, BATCH, f"{BATCH}/{what}", **told)


def line_ids(client: httpx.Client) -> list[str]:
    return re.findall(r'id="line-(\d+)"', client.get(BATCH).text)


def post(held: Runtime) -> None:
    with held.database.write() as session:
        periods.post_batch(session, world.BATCH, now=held.clock())
    number_all(held)


def test_every_list_says_whose_turn_it_is_and_until_when(
    held: Runtime, visited: httpx.Client, home: httpx.Client
) -> None:
    assert "等待本省办理" in read(visited, "/staff/settlement")
    assert "轮到您 ：核对后提交复核" in read(visited, "/staff/settlement/batches?period=2026-03")
    assert "上海财务：核对后提交复核" in read(home, "/staff/settlement/batches?period=2026-03&other=310000")
    assert "没有这样的批次" in read(home, "/staff/settlement/batches?period=2026-03&other=520000")
    assert give(visited, "submit").status_code == 303
    page = read(home, BATCH)
    assert page.count(WHY) == 3
    assert "1.5 h × 400 = 600.00" in text_of(home.get(BATCH, params={"lang": "en"}).text)
    home.cookies.delete("lang")
    assert "轮到您" in page
    assert "2026-05-05" in page, "thirty days to review"
    assert "浙江财务：逐行复核" in read(visited, BATCH)


def test_a_line_is_returned_with_code_and_words_and_the_difference_is_shown(
    held: Runtime, visited: httpx.Client, home: httpx.Client
) -> None:
    give(visited, "submit")
    first = line_ids(home)[0]
    wrong = give(home, "return", line=first, code="", text="数量与证据不符")
    assert (wrong.status_code, "数量与证据不符" in wrong.text) == (422, True)
    assert give(home, "return", line=first, code="wrong_quantity", text="数量与证据不符").status_code == 303
    page = read(home, BATCH)
    assert "数量有误 数量与证据不符" in page
    assert "与上一版核算的差异" in page
    assert "已移出" in page
    assert "行数 2" in page or "2 行数" in page
    assert give(visited, "submit").status_code == 303
    assert len(line_ids(home)) == 2


def test_the_line_table_is_narrowed_sorted_and_taken_away_as_shown(
    held: Runtime, visited: httpx.Client, home: httpx.Client
) -> None:
    whole = read(visited, BATCH)
    assert "3 行，费用 ¥1,800，创新券 ¥900，自付 ¥900" in whole
    assert "仅看较上一版核算有变化的" not in whole, "there is only one calculation"
    one = read(visited, f"{BATCH}?order=us-2")
    assert "1 行，费用 ¥600" in one
    assert "没有符合条件的行" in read(visited, f"{BATCH}?institution=%E4%B8%8D%E5%AD%98%E5%9C%A8")
    assert "3 行" in read(visited, f"{BATCH}?enterprise=en-1&standing=batched&sort=fee")
    assert "3 行" in read(visited, f"{BATCH}?standing=nonsense&sort=nonsense&page=9"), (
        "what does not exist is left out"
    )
    rows = list(
        openpyxl.load_workbook(BytesIO(visited.get(f"{BATCH}?order=us-2&format=xlsx").content)).active.values
    )
    assert len(rows) == 3, "the head, the line, the sums"
    assert (rows[1][4], rows[2][4], rows[1][8]) == (600, 600, "待记账")
    csv = visited.get(f"{BATCH}?order=us-2&format=csv").content.decode()
    assert csv.count("US-2") == 1
    give(visited, "submit")
    first = line_ids(home)[0]
    give(home, "return", line=first, code="wrong_quantity", text="数量与证据不符")
    assert "0 行" in read(home, f"{BATCH}?changed=1"), "what was taken out is told above the table"


def test_two_people_on_two_sides_agree_to_the_same_result(
    held: Runtime, visited: httpx.Client, home: httpx.Client
) -> None:
    give(visited, "submit")
    assert "同意这一版核算" not in read(visited, BATCH)
    assert send(visited, BATCH, f"{BATCH}/agree").status_code == 403
    stale = give(home, "agree", version="1")
    assert stale.status_code == 412
    assert give(home, "agree", sha256="0" * 64).status_code == 409
    assert give(home, "agree").status_code == 303
    assert "浙江省财政（演示）" in read(visited, BATCH)
    refused = give(home, "reopen", text=" ")
    assert refused.status_code == 422
    assert give(home, "reopen", text="还要再看一行").status_code == 303
    assert "还要再看一行" in read(visited, BATCH)


def paid_list(held: Runtime, visited: httpx.Client, home: httpx.Client) -> str:
    """The batch agreed and posted; the address of its payment list."""
    give(visited, "submit")
    give(home, "agree")
    post(held)
    found = re.search(r'href="(/staff/settlement/payments/[^"?]+)"', home.get(BATCH).text)
    assert found is not None
    return found.group(1)


def line_of(client: httpx.Client, place: str) -> str:
    found = re.search(r'action="/staff/settlement/payment-lines/([^/"]+)/paid"', client.get(place).text)
    assert found is not None
    return found.group(1)


def pay(client: httpx.Client, place: str, **fields: object) -> httpx.Response:
    told = {"paid_on": "2026-04-04", "bank_reference": "SYN-0001", "amount": "900.00", **fields}
    files = told.pop("files", {"proof": PAPER})
    return send(
        client, place, f"/staff/settlement/payment-lines/{line_of(client, place)}/paid", files=files, **told
    )


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


def put_account(held: Runtime, visited: httpx.Client) -> None:
    """The institution's account, approved by the province's finance."""
    manager = roles.Principal(
        "account", "account:m", "m", roles.INSTITUTION_MANAGER, None, None, world.INSTITUTION
    )
    with held.database.write() as session:
        told = BankDetails("合成研究所", "合成银行", "622200001234")
        entered = payees.propose_payee(session, manager, world.INSTITUTION, told, now=held.clock())
    done = send(visited, "/staff/payees", f"/staff/payees/{entered.id}/decide", decision="approve")
    assert done.status_code == 303


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
    assert "待付 ¥900" in read(home, place)


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
    page = read(home, place)
    assert ("待收回 ¥300" in page, "须与应退回的 ¥300 分毫不差" in page) == (True, True)
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


def test_a_city_s_pages_lead_only_where_it_may_go(
    held: Runtime, visited: httpx.Client, home: httpx.Client, enter: Enter
) -> None:
    place = paid_list(held, visited, home)
    city = enter("finance-3304")
    for page in (
        place,
        "/staff/settlement/payments",
        "/staff/settlement/commitments",
        "/staff/settlement/redemption-cases",
    ):
        links = set(re.findall(r'href="(/staff[^"#]*)"', city.get(page).text))
        assert links
        for link in links:
            assert city.get(link).status_code == 200, (page, link)


def test_whoever_pays_is_named(held: Runtime, visited: httpx.Client, home: httpx.Client) -> None:
    paid_list(held, visited, home)
    for page in (BATCH, "/staff/settlement/batches?period=2026-03&other=310000"):
        assert "嘉兴市财务：按付款清单付款并登记凭证" in read(home, page), (
            "a province may step in, and is not waited for"
        )
    sheet = visited.get("/staff/settlement/batches?period=2026-03&format=csv").content.decode()
    assert "嘉兴市财务" in sheet


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


def test_netting_is_said_by_both_and_pays_nothing_less(
    held: Runtime, visited: httpx.Client, home: httpx.Client
) -> None:
    place = paid_list(held, visited, home)
    matrix = "/staff/settlement/matrix?period=2026-03"
    assert "付款清单的收款人是管理单位" in read(home, matrix)
    told = {"other": "310000", "is_on": "yes", "period": "2026-03"}
    assert send(home, matrix, "/staff/settlement/netting", **told).status_code == 303
    assert "双方同意" not in read(home, matrix)
    assert (
        send(visited, matrix, "/staff/settlement/netting", **{**told, "other": "330000"}).status_code == 303
    )
    assert "双方同意" in read(home, matrix)
    assert "待付 ¥900" in read(home, place), "nothing is paid less because of it"
    assert send(home, matrix, "/staff/settlement/netting", **{**told, "is_on": "no"}).status_code == 303
    assert "双方同意" not in read(visited, matrix)
    assert send(home, matrix, "/staff/settlement/netting", **{**told, "other": "330000"}).status_code == 422
    assert send(home, matrix, "/staff/settlement/netting", **{**told, "other": "110000"}).status_code == 422


def test_exports_say_what_the_screen_says(held: Runtime, visited: httpx.Client, home: httpx.Client) -> None:
    place = paid_list(held, visited, home)
    for path, fen in (
        (f"{BATCH}?", (180_000, 90_000, 90_000)),
        ("/staff/settlement/batches?period=2026-03&", (180_000, 90_000, 90_000)),
        ("/staff/settlement/payments?", (90_000, 90_000)),
        (f"{place}?", (90_000,)),
        ("/staff/settlement/matrix?period=2026-03&", ()),
        ("/staff/settlement/commitments?year=2026&", (0,)),
    ):
        book = openpyxl.load_workbook(BytesIO(home.get(f"{path}format=xlsx").content))
        last = [cell.value for cell in list(book.worksheets[0].rows)[-1]]
        found = [value for value in last if isinstance(value, float | int)]
        for amount in fen:
            assert amount / 100 in found, (path, last)
        csv = home.get(f"{path}format=csv").content.decode("utf-8-sig")
        assert csv.splitlines()[-1].startswith("合计") or ",合计," in csv.splitlines()[-1]
        assert home.get(f"{path}format=pdf").status_code == 200
    assert "¥1,800" in read(home, BATCH)
    matrix = read(home, "/staff/settlement/matrix?period=2026-03")
    assert "900" in matrix
    assert "−900" in matrix
    journal = home.get("/staff/settlement/journal?first=2026-03-01&end=2026-05-01")
    assert "2026-05-01 balance" in journal.text
    assert home.get("/staff/settlement/journal?first=2026-03-01&end=x").status_code == 422


def test_others_do_not_see_it(held: Runtime, visited: httpx.Client, home: httpx.Client, enter: Enter) -> None:
    place = paid_list(held, visited, home)
    assert enter("jiaxing-manager").get("/staff/settlement").status_code == 403
    assert enter("station-310000").get(BATCH).status_code == 403
    city = enter("finance-3304")
    assert city.get("/staff/settlement").status_code == 403
    assert "付款清单" in read(city, "/staff")
    assert "登记付款" in read(city, place)
    assert "提交复核" not in read(enter("auditor"), BATCH).partition("经过")[0]
    assert "登记付款" not in read(enter("auditor-33"), place)
    assert enter("auditor-33").get("/staff/settlement/batches/2026-03.310000-520000").status_code == 403
    assert home.get("/staff/settlement/batches/nothing").status_code == 404
    assert home.get("/staff/settlement/payments/nothing").status_code == 404


def test_what_was_unpaid_at_the_end_of_the_year_is_listed(
    held: Runtime, visited: httpx.Client, home: httpx.Client
) -> None:
    paid_list(held, visited, home)
    with held.database.write() as session:
        assert periods.carry_commitments(session, 2026, now=held.clock() + timedelta(days=300)) == 1
    page = read(home, "/staff/settlement/commitments?year=2026")
    assert "合计 ¥900" in page
    assert "结转承诺" in page
    assert "没有结转" in read(home, "/staff/settlement/commitments?year=2025")
