"""Programmes at the offices: listed with what is missing, edited, tried on past orders, published by another, their money."""

from __future__ import annotations

import re

from hub.settlement import queries, service
from hub.settlement.queries import drafts
from hub.settlement.rules import Order
from hub.settlement.rules.programme_changes import changes
from tests.station_portal.conftest import text_of
from tests.station_portal.settling.programme_stage import CODE, GUIZHOU, Stage, inputs_of, stage

__all__ = ["stage"]

PAGE = f"/staff/programmes/{GUIZHOU}"
BUDGET = f"{PAGE}/budget"


def edited(stage: Stage, who: str = "first", **changes: str) -> dict[str, str]:
    return inputs_of(stage.page(who, PAGE), PAGE) | changes


def put_orders(stage: Stage) -> None:
    """A grant and two orders of the enterprise of Guiyang in Shanghai."""
    now = stage.runtime.clock()
    with stage.runtime.database.write() as session:
        service.grant(session, GUIZHOU, stage.enterprise_id, 5_000_000, key="g", actor="system:test", now=now)
        for number, fee in enumerate((100_000, 300_000)):
            order = Order(
                reference=f"bk-{number}", ordered_on=now.date(), fee_fen=fee, holder=stage.enterprise_id,
                home_area="520103", owner_area="310000", service_mode="entrusted_test", credit_code=CODE,
                instrument_class="010102", is_related=False,
            )  # fmt: skip
            service.hold(session, order, now=now)


def test_the_form_gives_back_the_document_that_it_was_made_from(stage: Stage) -> None:
    answer = stage.post("first", PAGE, edited(stage) | {"do": "save"})
    assert answer.status_code == 303, text_of(answer.text)
    with stage.runtime.database.read() as session:
        draft, held = drafts.draft_of(session, GUIZHOU), queries.find_programme(session, GUIZHOU)
        assert draft is not None
        assert held is not None
        assert changes(held.document, draft.document) == ()
        assert {name: draft.document[name] for name in ("id", "area", "name_zh", "valid_from")} == {
            name: held.document[name] for name in ("id", "area", "name_zh", "valid_from")
        }


def test_tried_saved_and_published_by_another_person(stage: Stage) -> None:
    put_orders(stage)
    form = edited(stage, **{"holder-enterprise-rate": "20", "validity_days": "365"})
    tried = stage.post("first", PAGE, form | {"do": "simulate"})
    assert tried.status_code == 200, text_of(tried.text)
    told = text_of(tried.text)
    assert "没有保存任何内容" in told
    assert "原来补助 ¥1,600.00 新条款补助 ¥800.00 差额 ¥−800.00" in told
    assert "费用 3000.00 元 × 20% = 600.00 元" in told
    assert "待发布的草稿" not in text_of(stage.page("first", PAGE))
    answer = stage.post("first", PAGE, form | {"do": "save"})
    assert answer.status_code == 303, text_of(answer.text)
    mine = text_of(stage.page("first", PAGE))
    assert "企业 · 补助比例 40% 20%" in mine
    assert "您编辑过这份草稿，须由另一人发布。" in mine
    published = inputs_of(stage.page("second", PAGE), f"{PAGE}#draft") | {"do": "publish"}
    published.pop("csrf_token")
    assert stage.post("first", PAGE, published).status_code == 422
    assert stage.post("second", PAGE, published).status_code == 303
    after = text_of(stage.page("second", PAGE))
    assert "现行第 2 版" in after
    assert "有效期（天） 180 365" in after
    with stage.runtime.database.read() as session:
        order = queries.find_order(session, "bk-0")
        assert order is not None
        assert order.voucher_fen == 40_000


def test_a_term_that_cannot_be_read_is_named_and_the_rest_stays(stage: Stage) -> None:
    form = edited(
        stage, **{"holder-enterprise-year": "很多", "name_zh": "", "since": "", "min_value_fen": "x"}
    )
    answer = stage.post("first", PAGE, form | {"do": "save"})
    assert answer.status_code == 422
    assert "金额应为数字" in text_of(answer.text)
    assert 'value="很多"' in answer.text
    form = edited(stage, valid_from="2026-13-40", **{"source-text": ""})
    answer = stage.post("first", PAGE, form | {"do": "save"})
    assert answer.status_code == 422
    assert 'href="#valid_from"' in answer.text


def test_unconfigured_programmes_are_listed_with_what_is_missing(stage: Stage) -> None:
    told = text_of(stage.page("first", "/staff/programmes"))
    assert "条款不全，不能使用" in told
    assert "缺少：对象与额度" in told
    assert "贵州省科技创新券（演示） 演示" in told
    assert "上海" not in told.partition("补助政策 辖区")[2]


def test_other_areas_neither_read_nor_change(stage: Stage) -> None:
    for who in ("elsewhere", "bureau"):
        assert stage[who].get(PAGE).status_code == 403
        assert stage[who].get(BUDGET).status_code == 403
        assert stage.post(who, PAGE, {"do": "save", "id": GUIZHOU, "area": "520000"}).status_code in (
            403,
            422,
        )
        assert stage.post(who, BUDGET, {"kind": "fund", "fen": "1", "key": "k"}).status_code == 403
    assert stage["guiyang"].get(PAGE).status_code == 403
    assert stage["first"].get("/staff/programmes/no-such-programme").status_code == 404


def test_a_new_programme(stage: Stage) -> None:
    form = inputs_of(stage.page("first", "/staff/programmes/new"), "/staff/programmes/new") | {
        "id": "520000-pilot", "name_zh": "贵州试点券（合成）", "valid_from": "2026-01-01", "do": "save",
        "source-text": "合成决定", "source-date": "2026-01-01",
    }  # fmt: skip
    assert (
        stage.post("first", "/staff/programmes/new", form | {"area": "310000", "id": "310000-x"}).status_code
        == 403
    )
    answer = stage.post("first", "/staff/programmes/new", form)
    assert answer.headers["location"].startswith("/staff/programmes/520000-pilot")
    assert "尚未发布" in text_of(stage.page("second", "/staff/programmes/520000-pilot"))
    assert "贵州试点券（合成）" in text_of(stage.page("second", "/staff/programmes"))


def test_money_is_proposed_by_one_and_confirmed_by_another(stage: Stage) -> None:
    form = {"kind": "grant", "holder": CODE, "fen": "20,000", "key": "k1", "note": "合成文号"}
    assert stage.post("first", BUDGET, form).status_code == 303
    assert stage.post("first", BUDGET, form).status_code == 303
    mine = stage.page("first", BUDGET)
    assert text_of(mine).count("发放创新券 ¥20,000.00 · 贵阳合成新材料有限公司 待确认") == 1
    assert "须由另一人确认" in text_of(mine)
    assert "确认执行" not in text_of(mine)
    action = re.search(r'action="(/staff/instructions/\d+)"', mine)
    assert action is not None
    refused = stage.post("first", action[1], {"do": "confirm", "programme": GUIZHOU})
    assert refused.status_code == 422
    assert "确认须由另一人办理。" in text_of(refused.text)
    assert stage.post("second", action[1], {"do": "confirm", "programme": GUIZHOU}).status_code == 303
    told = text_of(stage.page("second", BUDGET))
    assert "未发放 ¥980,000.00 已发放 ¥20,000.00" in told
    assert "发放创新券 ¥20,000.00 · 贵阳合成新材料有限公司 已执行" in told
    assert "¥20,000.00" in text_of(stage.page("guiyang", "/vouchers"))


def test_an_instruction_that_cannot_be_meant_is_said_beside_the_form(stage: Stage) -> None:
    for form, words in (
        ({"kind": "grant", "holder": "91000000000000000X", "fen": "5"}, "没有该企业"),
        ({"kind": "fund", "fen": "很多"}, "请填写大于 0 的金额"),
        ({"kind": "fund", "fen": "999999999"}, "超过政策所列"),
    ):
        answer = stage.post("first", BUDGET, form | {"key": "bad"})
        assert answer.status_code == 422
        assert words in text_of(answer.text)


def test_the_budget_is_drawn_and_told_in_a_table(stage: Stage) -> None:
    put_orders(stage)
    page = stage.page("second", BUDGET)
    assert page.count('<rect class="bar ') >= 1
    assert "<polyline" in page
    month = f"{stage.runtime.clock():%Y-%m}"
    assert f"{month} 1,000,000.00 50,000.00 1,600.00 0.00 0.00 0.00" in text_of(page)


def test_flows_say_when_there_is_nothing(stage: Stage) -> None:
    told = text_of(stage.page("first", "/staff/voucher-flows"))
    assert "流出：本地企业使用外地仪器" in told
    assert "这段时间没有记录。" in told
