"""An order form as people read it: the same texts on the page, on the print page and in the PDF."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import schemas
from hub.core.clock import SHANGHAI
from hub.settlement import printing
from hub.settlement.rules import percent
from hub.settlement.service.order_forms import OrderForm

_SIDES = {"enterprise": "委托方", "provider": "受托方"}


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished PDF and what it is called."""

    filename: str
    content: bytes


def texts_of(form: OrderForm) -> dict[str, Any]:
    """What the form says, in Chinese, as its template takes it: every string is shown as it is."""
    body = form.document.body
    programme = body.get("programme")
    notes = [] if form.is_current else ["本委托单已被后一份取代，仅供查阅。"]
    if programme is not None and programme["is_demo"]:
        notes.append("演示数据：创新券政策为演示用，本文件不作为结算依据。")
    return {
        "title": "委托单",
        "subtitle": f"订单号 {body['order_number']} · 第 {body['number']} 份",
        "notes": notes,
        "facts": _facts(body),
        "items_title": "服务项目" if body.get("items") else "",
        "head": ["项目", "数量", "单价（元）"] if body.get("items") else [],
        "items": [_item(each, "见算式" if body.get("lines") else "面议") for each in body.get("items", [])],
        "amounts_title": "费用",
        "amounts": _amounts(body),
        "terms_title": "保密条款",
        "terms": [f"{number}. {each['zh']}" for number, each in enumerate(body["confidentiality"], 1)],
        "signs_title": "双方确认",
        "signs": [_sign(form, side) for side in _SIDES],
        "foot": [f"江仪汇 · {form.document.id}", f"SHA-256 {form.document.sha256}"],
    }


def print_form(form: OrderForm, fonts: Path) -> Printed:
    """The form as a PDF. Raises `PdfIncomplete`: then the print page says the same."""
    name = f"{form.document.body['order_number']}-order-form-{form.document.number}.pdf"
    return Printed(name, printing.render_pdf("order-form", texts_of(form), fonts))


def _facts(body: Any) -> list[list[str]]:
    enterprise = body["enterprise"]
    rows = [["委托方", enterprise["name"]]]
    if "credit_code" in enterprise:
        rows.append(["统一社会信用代码", enterprise["credit_code"]])
    rows.append(["受托方", body["institution"]["name"]])
    if "station" in body:
        rows.append(["服务驿站", body["station"]])
    rows.append(["仪器", body["instrument"]["name"]])
    rows.append(["服务方式", schemas.codes("service_mode")[body["service_mode"]].zh])
    if "slot" in body:
        start, end = (
            datetime.fromisoformat(body["slot"][name]).astimezone(SHANGHAI) for name in ("start", "end")
        )
        rows.append(["时段", f"{start:%Y-%m-%d %H:%M} 至 {end:%Y-%m-%d %H:%M}"])
    if "due_on" in body:
        rows.append(["约定完成日期", date.fromisoformat(body["due_on"]).isoformat()])
    rows.append(["付款时间", schemas.codes("payment_due")[body["payment_due"]].zh])
    rows.append(
        ["出具时间", f"{datetime.fromisoformat(body['issued_at']).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"]
    )
    if "replaces" in body:
        rows.append(["取代", f"第 {body['replaces'].rpartition('/')[2]} 份委托单"])
    return rows


def _item(each: Any, without: str) -> list[str]:
    unit = schemas.codes("charging_unit")[each["charging_unit"]].zh if "charging_unit" in each else ""
    price = money(each["fee_fen"]) if "fee_fen" in each else without
    return [each["name"], f"{each['quantity']} {unit}".strip(), price]


def _amounts(body: Any) -> list[list[str]]:
    rows = [["算式", each["zh"]] for each in body.get("lines", [])]
    rows.append(["费用合计", f"{money(body['fee_fen'])} 元"])
    if "vat" in body:
        vat = body["vat"]
        rows.append(
            [
                f"其中税额（{percent(vat['permille'] * 10)}）",
                f"{money(vat['vat_fen'])} 元，不含税 {money(vat['net_fen'])} 元",
            ]
        )
    if body["voucher_fen"]:
        name = body.get("programme", {}).get("name_zh", "创新券")
        rows.append(["创新券支付", f"{money(body['voucher_fen'])} 元，{name}"])
    rows.append(["自付", f"{money(body['own_fen'])} 元"])
    return rows


def _sign(form: OrderForm, side: str) -> list[str]:
    said = next((each for each in form.confirmed if each.side == side), None)
    if said is None:
        return [f"{_SIDES[side]}：尚未确认"]
    at = said.at.astimezone(SHANGHAI)
    return [f"{_SIDES[side]}：{said.person} 已确认", f"{at:%Y-%m-%d %H:%M:%S} · 文件摘要 {said.sha256}"]


def money(fen: int) -> str:
    """Fen as yuan with separators: 6000000 → `60,000.00`."""
    return f"{fen // 100:,}.{fen % 100:02}"
