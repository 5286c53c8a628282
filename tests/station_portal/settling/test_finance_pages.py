"""Finance's pages: from the calendar over review and payment to the seal, and everything that is refused on the way."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import httpx
import openpyxl

from hub.core.runtime import Runtime
from hub.settlement.service import periods
from tests.station_portal.conftest import text_of
from tests.station_portal.settling.batch_stage import (
    BATCH,
    WHY,
    give,
    held,
    home,
    line_ids,
    paid_list,
    visited,
)
from tests.station_portal.settling.finance_stage import Enter, _financed, enter, hub, read, send

__all__ = ["_financed", "enter", "held", "home", "hub", "visited"]


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
    assert "3 行，费用 ¥1,800.00，创新券 ¥900.00，自付 ¥900.00" in whole
    assert "仅看较上一版核算有变化的" not in whole, "there is only one calculation"
    one = read(visited, f"{BATCH}?order=us-2")
    assert "1 行，费用 ¥600.00" in one
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
    assert "待付 ¥900.00" in read(home, place), "nothing is paid less because of it"
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
    page = read(home, BATCH)
    assert "¥1,800.00" in page
    assert ("system:" in page, "account:" in page) == (False, False), "everybody by name"
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
    assert "合计 ¥900.00" in page
    assert "结转承诺" in page
    assert "没有结转" in read(home, "/staff/settlement/commitments?year=2025")
