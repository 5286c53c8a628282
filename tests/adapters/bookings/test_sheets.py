"""Bookings as files: the province's own columns, texts that stay texts, and a calendar other programs read."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import icalendar
import openpyxl
import pytest

from adapters import simulators
from adapters.contract import BookingOrder, Connection
from adapters.errors import Unsupported
from adapters.registry import PROVINCES, build_adapter, load_province
from tests.adapters.bookings.platforms import Spoken, speak

# What each province's description in `dialects/` lists.
COLUMNS = {
    "420000": "预约编号、所属单位标识、仪器内部编号、仪器名称、服务方式、开始时间、结束时间、检测项目、样品、申请单位、统一社会信用代码、联系人、电话、用途、费用（元）、期望日期、答复期限、备注",
    "430000": "SchoolCode、InnerID、CHNName、ReserveCode、ReserveType、BeginDateTime、EndDateTime、TestItems、Samples、UserOrganization、UserCreditCode、UserName、UserTelephone、UserEmail、Purpose、ChargeRMB、ExpectedDate、ReplyBefore、OtherInfo",
    "500000": "统一社会信用代码、单位内编号、仪器名称、预约单号、服务类别代码、预约开始、预约结束、项目、样品、委托单位、委托单位信用代码、联系人、手机、邮箱、用途、费用（元）、期望日期、回复期限、备注",
    "520000": "yydh、dwdm、nbbh、zwmc、fwfs、kssj、jssj、jcxm、yp、sqdw、sqdwdm、lxr、dh、dzyj、yt、fy、qwrq、hfqx、bz",
    "530000": "预约单号、所属单位标识、所在单位仪器内部编号、仪器设备名称、服务方式、预约开始时间、预约结束时间、检测项目、样品情况、申请单位、申请单位信用代码、联系人、电话、电子邮箱、用途、费用(元)、期望日期、答复期限、备注",
}


NAMES = {"420000": "hubei", "430000": "hunan", "500000": "chongqing", "520000": "guizhou", "530000": "yunnan"}
DIALECTS = Path(simulators.__file__).parent / "dialects"


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> BookingOrder:
    spoken: Spoken = speak("310000", tmp_path_factory.mktemp("any"))
    spoken.line.end()
    return spoken.order()


def adapter(code: str) -> object:
    return build_adapter(load_province(PROVINCES / code), Connection(), lambda **_: None)


def rows(content: bytes) -> list[list[object]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(book.worksheets) == 1
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


@pytest.mark.parametrize("code", COLUMNS)
def test_a_sheet_has_the_columns_of_its_description(code: str, order: BookingOrder) -> None:
    sheet = adapter(code).booking_sheet([order, replace(order, number="33-20261123-ZZZZZ")])
    found = rows(sheet.content)
    if code == "530000":
        assert found.pop(0)[0] == "大型仪器预约登记表"
    assert found[0] == COLUMNS[code].split("、")
    assert len(found) == 3
    first = dict(zip(found[0], found[1], strict=True))
    values = list(first.values())
    assert order.number in values
    assert order.instrument.internal_number in values
    assert order.enterprise.credit_code in values
    assert "13900000001" in values
    assert "S-1 镀膜玻璃×2" in values
    assert sheet.filename.endswith("2项.xlsx")
    description = (DIALECTS / f"{NAMES[code]}.md").read_text(encoding="utf-8")
    for column in COLUMNS[code].split("、"):
        assert column in description


def test_each_province_writes_time_money_and_mode_its_own_way(order: BookingOrder) -> None:
    def first(code: str, row: int = 1) -> dict[object, object]:
        found = rows(adapter(code).booking_sheet([order]).content)
        return dict(zip(found[row - 1], found[row], strict=True))

    start = order.slot.start.replace(tzinfo=None)
    assert first("420000")["开始时间"] == start
    assert first("420000")["费用（元）"] == 600.5
    assert first("430000")["BeginDateTime"] == start.strftime("%Y-%m-%dT%H:%M:%S")
    assert first("430000")["ReserveType"] == "1"
    assert first("500000")["服务类别代码"] == "A"
    assert first("500000")["费用（元）"] == "600.50"
    assert first("520000")["kssj"] == start
    assert first("530000", 2)["服务方式"] == "自主上机"
    assert first("530000", 2)["期望日期"] == "无"


@pytest.mark.parametrize("code", COLUMNS)
@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://x","y")', "+86", "-1", "@sum", "\t=1", "http://evil.example/"]
)
def test_a_text_never_becomes_a_formula_or_a_link(code: str, text: str, order: BookingOrder) -> None:
    spoilt = replace(order, note=text, purpose=text, enterprise=replace(order.enterprise, name=text))
    content = adapter(code).booking_sheet([spoilt]).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == text]
    assert len(cells) == 3
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)
    if text[0] in "=+-@\t":
        assert all(cell.quotePrefix for cell in cells)
    assert b"<f>" not in content


def test_the_same_bookings_give_the_same_bytes(order: BookingOrder) -> None:
    made = [adapter("520000").booking_sheet([order]).content for _ in range(2)]
    assert made[0] == made[1]


def test_control_characters_and_great_lengths_do_not_break_a_sheet(order: BookingOrder) -> None:
    spoilt = replace(order, note="a\x00b\x1f\ud800c" + "长" * 40_000, number="33/..\\:*?")
    sheet = adapter("520000").booking_sheet([spoilt])
    note = rows(sheet.content)[1][-1]
    assert isinstance(note, str)
    assert note.startswith("abc长")
    assert len(note) == 32_767
    assert not set('/\\:*?"<>|') & set(sheet.filename)


@pytest.mark.parametrize("code", ["310000", "340000"])
def test_a_province_with_an_interface_has_no_sheet(code: str, order: BookingOrder) -> None:
    with pytest.raises(Unsupported) as refused:
        adapter(code).booking_sheet([order])
    assert refused.value.zh
    assert refused.value.en


@pytest.mark.parametrize("code", ["310000", "520000"])
def test_a_calendar_is_read_back_by_its_own_library(code: str, order: BookingOrder) -> None:
    nameless = replace(order, id="bk-advice", slot=None, service_mode="consultation")
    sheet = adapter(code).booking_calendar([order, nameless])
    assert sheet.media_type.startswith("text/calendar")
    calendar = icalendar.Calendar.from_ical(sheet.content)
    (event,) = calendar.walk("VEVENT")
    assert event["UID"] == f"{order.id}@jiangyihui"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (order.slot.start, order.slot.end)
    assert event["SEQUENCE"] == 1
    moved = adapter(code).booking_calendar([replace(order, revision=4)])
    (again,) = icalendar.Calendar.from_ical(moved.content).walk("VEVENT")
    assert (again["UID"], again["SEQUENCE"]) == (event["UID"], 4)


def test_a_calendar_holds_no_line_that_somebody_else_wrote(order: BookingOrder) -> None:
    spoilt = replace(order, instrument_name="镜\r\nATTENDEE:mailto:x@example.com\nEND:VEVENT")
    content = adapter("520000").booking_calendar([spoilt]).content
    calendar = icalendar.Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    assert "ATTENDEE" not in event
    assert b"\r\nATTENDEE" not in content


def test_a_calendar_has_no_personal_data(order: BookingOrder) -> None:
    content = adapter("520000").booking_calendar([order]).content.decode()
    for personal in (order.contact.name, order.contact.mobile, order.contact.email):
        assert personal not in content


def test_time_of_day_in_the_calendar_is_the_same_instant(province: Callable[[str], Spoken]) -> None:
    spoken = province("310000")
    order = spoken.order()
    (event,) = icalendar.Calendar.from_ical(spoken.adapter.booking_calendar([order]).content).walk("VEVENT")
    assert event["DTSTART"].dt.astimezone(UTC) == order.slot.start.astimezone(UTC)
