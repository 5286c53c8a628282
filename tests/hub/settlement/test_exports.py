"""Tables as files: cells by their kind, text that stays text, bounds that are said."""

import csv
from datetime import UTC, date, datetime
from io import BytesIO, StringIO

import openpyxl
import pytest
from pypdf import PdfReader

from hub.core.settings import Settings
from hub.settlement.errors import ExportTooLarge
from hub.settlement.errors.printing import PdfIncomplete
from hub.settlement.service.exports import (
    MOST_CSV,
    MOST_PDF,
    MOST_XLSX,
    Column,
    Table,
    csv_lines,
    pdf_bytes,
    xlsx_bytes,
)

COLUMNS = (
    Column("单位"),
    Column("金额（元）", "fen"),
    Column("笔数", "count"),
    Column("日期", "date"),
    Column("时间", "instant"),
)
AT = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
DAY = date(2026, 3, 2)
CLOCK = [datetime.fromisoformat(told) for told in ("2026-03-02", "2026-03-02T09:05")]
"""The same, as a cell holds it."""
ACTIVE = ("=1+1", "+86", "-5", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x.example")')


def table(
    *rows: tuple[object, ...], total: tuple[object, ...] | None = None, count: int | None = None
) -> Table:
    return Table("结算[2026/3]", COLUMNS, rows, len(rows) if count is None else count, total)


def as_csv(held: Table) -> list[list[str]]:
    raw = b"".join(csv_lines(held))
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(raw.decode("utf-8-sig"), newline="")))


def as_sheet(held: Table) -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(BytesIO(xlsx_bytes(held))).worksheets[0]


def test_cells_are_written_by_their_kind() -> None:
    held = table(
        ("测试一所", -5, 3, DAY, AT),
        (None, 123_456_789_01, 0, None, None),
        total=("合计", 7, None, None, None),
    )
    assert as_csv(held)[1:] == [
        ["测试一所", "-0.05", "3", "2026-03-02", "2026-03-02 09:05"],
        ["", "123456789.01", "0", "", ""],
        ["合计", "0.07", "", "", ""],
    ]
    sheet = as_sheet(held)
    assert sheet.title == "结算 2026 3"
    assert [cell.value for cell in sheet[2]] == [
        "测试一所",
        -0.05,
        3,
        *CLOCK,
    ]
    assert sheet["B3"].value == 123456789.01
    assert (sheet["B2"].number_format, sheet["E2"].number_format) == ("#,##0.00", "yyyy-mm-dd hh:mm")
    assert [cell.value for cell in sheet[4]][:2] == ["合计", 0.07]


@pytest.mark.parametrize("text", ACTIVE)
def test_text_that_a_spreadsheet_would_run_stays_text(text: str) -> None:
    held = table((text, 1, 1, DAY, AT))
    assert as_csv(held)[1][0] == f"'{text}"
    cell = as_sheet(held)["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).replace("_x000D_", "\r") == text


def test_quotes_commas_and_lines_survive_and_control_signs_do_not_break_the_file() -> None:
    text = '甲 "乙", 丙\n丁\x00\x07'
    held = table((text, 1, 1, DAY, AT))
    assert as_csv(held)[1][0] == '甲 "乙", 丙\n丁\x07'
    assert as_sheet(held)["A2"].value == '甲 "乙", 丙\n丁'


def test_what_is_too_large_is_refused_before_anything_is_written() -> None:
    for write, most in ((csv_lines, MOST_CSV), (xlsx_bytes, MOST_XLSX)):
        with pytest.raises(ExportTooLarge, match=f"{most:,}") as refused:
            write(table(count=most + 1))
        assert (refused.value.status, refused.value.field) == (413, "format")


def test_a_large_csv_leaves_in_pieces() -> None:
    rows = ((f"{n}", n, n, DAY, AT) for n in range(2_000))
    pieces = list(csv_lines(Table("t", COLUMNS, rows, 2_000)))
    assert len(pieces) > 3
    assert b"".join(pieces).count(b"\r\n") == 2_001


FONTS = Settings().fonts_folder


def test_a_printed_table_says_the_same_and_chinese_comes_back() -> None:
    rows = [(f"合成研究所 {n} 号（演示）", -5 - n, 1_000 + n, DAY, AT) for n in range(60)]
    held = Table("结算清单", COLUMNS, rows, 60, ("合计", 123_456_789, None, None, None))
    made = pdf_bytes(held, FONTS, subtitle="2026-03 · 上海 → 浙江", notes=("演示数据",), foot=("sha256 abc",))
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages)
    assert "1,234,567.89" in text
    assert "合成研究所" in text
    assert made == pdf_bytes(
        held, FONTS, subtitle="2026-03 · 上海 → 浙江", notes=("演示数据",), foot=("sha256 abc",)
    )


def test_a_printed_table_that_would_lose_something_is_not_issued() -> None:
    held = table(("研究所 \U000e0041", 1, 1, DAY, AT))
    with pytest.raises(PdfIncomplete):
        pdf_bytes(held, FONTS, subtitle="x")
    with pytest.raises(ExportTooLarge):
        pdf_bytes(table(count=MOST_PDF + 1), FONTS, subtitle="x")
