"""The auditor's desk: checks, samples anybody draws again, and cases to take away."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO

import pytest

from hub.core import audit
from hub.core.runtime import Runtime
from hub.core.settings import Settings
from tests.hub.settlement.tampering import tamper
from tests.station_portal.conftest import browser_of
from tests.station_portal.settling.finance_stage import (
    Enter,
    _financed,
    enter,
    hub,
    number_all,
    put_lines,
    read,
    send,
)

__all__ = ["_financed", "enter", "hub"]

DESK = "/staff/audits"


def drawn(client: object, **fields: object) -> str:
    answer = send(client, DESK, f"{DESK}/samples", **{"seed": "种子-1", "size": "4", **fields})  # type: ignore[arg-type]
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_the_buttons_say_what_holds_and_name_what_does_not(hub: Runtime, enter: Enter) -> None:
    put_lines(hub)
    client = enter("auditor")
    page = read(client, DESK)
    assert "本次未核对" in page
    assert "总账 链、每笔分录、每个余额与分录合计 完整" in read(client, f"{DESK}?check=all")
    tamper(hub.database, "UPDATE settlement_entry SET fen = fen + 1 WHERE posting_id = 3")
    page = read(client, f"{DESK}?check=ledger")
    assert "不符" in page
    assert "分录与上链内容不一致" in page


def test_a_sample_is_drawn_shown_drawn_again_and_exported(hub: Runtime, enter: Enter) -> None:
    put_lines(hub)
    client = enter("auditor-33")
    place = drawn(client, visited="420000", voucher="1")
    page = read(client, place)
    assert "12 行中抽 4 行" in page
    assert "服务省 湖北 · 有创新券" in page
    assert "结果一致" in read(client, f"{place}?again=1")
    assert place.rpartition("/")[2] in read(client, DESK)
    for wanted, start in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
        answer = client.get(f"{place}?format={wanted}")
        assert answer.content.startswith(start), wanted
        assert "attachment" in answer.headers["content-disposition"]
    assert "字体未安装" in read(client, f"{place}?format=pdf"), "the page to print says why there is no PDF"
    with browser_of(replace(hub, fonts=Settings().fonts_folder)) as printing:
        printing.cookies = client.cookies
        assert printing.get(f"{place}?format=pdf").content.startswith(b"%PDF")
    csv = client.get(f"{place}?format=csv").content.decode("utf-8-sig")
    total = csv.strip().splitlines()[-1].split(",")
    fees = [float(row.split(",")[5]) for row in csv.strip().splitlines()[1:-1]]
    assert (total[1], float(total[5])) == ("合计", pytest.approx(sum(fees)))


def test_a_case_is_taken_and_the_taking_audited(hub: Runtime, enter: Enter) -> None:
    put_lines(hub)
    client = enter("auditor")
    place = drawn(client)
    found = next(part for part in client.get(place).text.split('"') if "/cases/" in part)
    answer = client.get(found)
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        assert {"manifest.json", "line.json", "postings.json", "audit.json"} <= set(archive.namelist())
    number_all(hub)
    with hub.database.read() as session:
        actions = [each.action for each in audit.read_entries(session, limit=1000)]
    assert {"settlement.draw_sample", "settlement.take_case"} <= set(actions)
    assert client.get(f"{place}/cases/999999").status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"seed": " "}, "种子须为"),
        ({"size": "x"}, "请写 1 至 200"),
        ({"size": "0"}, "每次抽 1 至 200"),
        ({"first": "03/02"}, "YYYY-MM-DD"),
        ({"least": "1.234"}, "至多两位小数"),
        ({"least": "1e400"}, "至多两位小数"),
        ({"visited": "999999"}, "没有这个省份"),
    ],
)
def test_a_form_that_is_wrong_keeps_what_was_typed(
    hub: Runtime, enter: Enter, fields: dict[str, str], words: str
) -> None:
    client = enter("auditor")
    answer = send(client, DESK, f"{DESK}/samples", **{"seed": "保留的种子", "size": "3", **fields})
    assert (answer.status_code, words in answer.text, "<title>错误：" in answer.text) == (422, True, True)
    assert "保留的种子" in answer.text or "seed" in fields


def test_samples_stay_within_the_reach(hub: Runtime, enter: Enter) -> None:
    put_lines(hub)
    place = drawn(enter("auditor"))
    assert enter("auditor-33").get(place).status_code == 403
    assert enter("finance-330000").get(place).status_code == 403
    assert "抽样" not in read(enter("finance-330000"), DESK)
    assert enter("jiaxing-manager").get(DESK).status_code == 403
