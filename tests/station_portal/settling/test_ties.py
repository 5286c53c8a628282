"""The register of declared ties: who may say it, what is wrong with it, what it does, and how it ends."""

from __future__ import annotations

import re

import pytest

import schemas
from hub.cli.demo_people import ENTERPRISE, SECOND_ENTERPRISE
from hub.core import audit
from hub.core.clock import day_of
from hub.core.runtime import Runtime
from hub.settlement.queries.relations import ties_between
from tests.station_portal.settling.finance_stage import Enter, _financed, enter, hub, number_all, read, send

__all__ = ["_financed", "enter", "hub"]

PAGE = "/ties"
OWN, OTHER = ENTERPRISE[1], SECOND_ENTERPRISE[1]
STRANGER = schemas.uscc.complete("91110000MA2026999")
TYPED = {
    "one": OWN,
    "other": OTHER,
    "kind": "shareholding",
    "source": "工商登记 2026 股东名册（合成）",
    "valid_from": "2025-01-01",
}


def test_an_office_declares_for_its_area_and_ends_what_it_kept(hub: Runtime, enter: Enter) -> None:
    bureau = enter("bureau-3304")
    assert "没有登记的关联关系" in read(bureau, PAGE)
    assert send(bureau, PAGE, PAGE, **TYPED).status_code == 303
    assert send(bureau, PAGE, PAGE, **TYPED).status_code == 303, "the same again is the same"
    page = read(bureau, PAGE)
    for words in (
        ENTERPRISE[0],
        SECOND_ENTERPRISE[0],
        TYPED["source"],
        "2025-01-01 起",
        "嘉兴市科技局（演示）",
        "有效",
    ):
        assert words in page
    assert page.count(TYPED["source"]) == 1
    with hub.database.read() as session:
        [tie] = ties_between(session, OTHER, OWN, day_of(hub.clock()))
    other = enter("bureau-3205")
    assert TYPED["source"] in read(other, PAGE), "an order concerns offices of two areas"
    assert "登记终止" not in read(other, PAGE)
    end = f"/ties/{tie.id}/end"
    assert send(other, PAGE, end, last_day="2025-02-01", why="不归本辖区").status_code == 403
    wrong = send(bureau, PAGE, end, last_day="2024-12-31", why="股权转让")
    assert (wrong.status_code, "终止日期不能早于起始日期" in wrong.text) == (422, True)
    assert send(bureau, PAGE, end, last_day="2025-02-01", why="").status_code == 422
    assert send(bureau, PAGE, end, last_day="2025-02-01", why="股权转让，登记 2026-7").status_code == 303
    assert "没有登记的关联关系" in read(bureau, PAGE)
    assert "2025-02-01 止 今日不生效" in read(bureau, f"{PAGE}?past=1")
    number_all(hub)
    with hub.database.read() as session:
        assert ties_between(session, OTHER, OWN, day_of(hub.clock())) == []
        told = [each.action for each in audit.read_entries(session) if each.subject == f"tie:{tie.id}"]
    assert sorted(told) == ["settlement.end_tie", "settlement.register_tie"]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"other": "1234"}, 422, "统一社会信用代码有误"),
        ({"other": OWN}, 422, "无须登记"),
        ({"kind": "friendship"}, 422, "请选择关联关系"),
        ({"source": " "}, 422, "请写明依据"),
        ({"valid_from": "昨天"}, 422, "日期请写成"),
        ({"valid_until": "2024-01-01"}, 422, "终止日期不能早于起始日期"),
        ({"one": STRANGER, "other": schemas.uscc.complete("91120000MA2026998")}, 403, ""),
    ],
)
def test_what_is_wrong_is_said_beside_what_was_typed(
    enter: Enter, changes: dict[str, str], status: int, words: str
) -> None:
    bureau = enter("bureau-3304")
    answer = send(bureau, PAGE, PAGE, **{**TYPED, **changes})
    assert (answer.status_code, words in answer.text) == (status, True)
    assert status == 403 or "工商登记 2026" in answer.text or "source" in changes
    assert "没有登记的关联关系" in read(bureau, PAGE)


def test_a_manager_declares_for_the_own_party_only(hub: Runtime, enter: Enter) -> None:
    manager = enter("jiaxing-manager")
    assert "/ties" in manager.get("/organisation").text
    page = read(manager, PAGE)
    assert ("申报本单位的关联关系" in page, OWN in page) == (True, True)
    told = {**TYPED, "one": STRANGER, "other": STRANGER}
    assert send(manager, PAGE, PAGE, **told).status_code == 303, "whatever is sent as the own party"
    assert (OWN in read(manager, PAGE), STRANGER in read(manager, PAGE)) == (True, True)
    assert "登记终止" not in read(manager, PAGE)
    tie = re.search(r'id="tie-(\d+)"', manager.get(PAGE).text)
    assert tie is not None
    assert (
        send(manager, PAGE, f"/ties/{tie.group(1)}/end", last_day="2025-02-01", why="不再关联").status_code
        == 403
    )
    assert STRANGER not in read(enter("huzhou-manager"), PAGE), "others read nothing of it"
    member = enter("jiaxing-member")
    assert member.get(PAGE).status_code == 403
