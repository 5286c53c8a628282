"""Printed documents with the font that the asset build put in place."""

from __future__ import annotations

from typing import Any

import pytest

from hub.settlement import printing
from hub.settlement.errors.printing import PdfIncomplete
from station_portal import assets

pytestmark = pytest.mark.browser

FORM: dict[str, Any] = {
    "title": "委托单",
    "subtitle": "31-20260701-ABCDEF 第 1 份",
    "notes": ["演示数据，不作结算依据"],
    "facts": [["委托方", "嘉兴市演示精密制造有限公司"], ["文件摘要", "0d1b0f7f" * 8]],
    "items_title": "服务项目",
    "head": ["项目", "数量", "单价（元）"],
    "items": [[f"高分辨 TEM 形貌观察（第 {number} 组，含制样）", "2 样", "1,200.00"] for number in range(60)],
    "amounts_title": "费用",
    "amounts": [["费用", "144,000.00 元"], ["创新券支付", "−72,000.00 元"], ["自付", "72,000.00 元"]],
    "terms_title": "保密条款",
    "terms": ["一、样品、数据与结果仅用于本次委托；二、≥ 5 年内不得向第三方披露。" * 12],
    "signs_title": "双方确认",
    "signs": [["委托方：张三", "2026-07-01 10:00", "摘要 0d1b0f7f"]],
    "foot": ["江仪汇", "本页由系统生成"],
}


def test_every_text_comes_back_over_several_pages_and_equal_data_give_equal_bytes() -> None:
    pdf = printing.render_pdf("order-form", FORM, assets.FONTS)
    assert pdf.startswith(b"%PDF-")
    assert printing.lost_texts(pdf, FORM) == []
    assert printing.lost_texts(pdf, {**FORM, "title": "委托書"}) == ["委托書"]
    assert pdf == printing.render_pdf("order-form", FORM, assets.FONTS)


@pytest.mark.parametrize("text", ["𠮷野家 😀", "བོད་ཡིག", "委托\u0007单\U000f0000"])
def test_a_text_that_the_font_cannot_show_issues_nothing(text: str) -> None:
    with pytest.raises(PdfIncomplete) as refused:
        printing.render_pdf("order-form", {**FORM, "facts": [["委托方", text]]}, assets.FONTS)
    assert text[:2] in refused.value.zh


@pytest.mark.parametrize(
    "text", ['"]; #panic("x")', '#import "/etc/passwd"', "$ a_b $ *粗* `代码` // 注", "\\u{4e00}"]
)
def test_a_text_is_a_text_and_never_part_of_the_template(text: str) -> None:
    pdf = printing.render_pdf("order-form", {**FORM, "terms": [text]}, assets.FONTS)
    assert printing.lost_texts(pdf, {"text": text}) == []
