"""XLSX workbooks: what cells become, and everything hostile that may be in one."""

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from adapters.contract import Limits
from adapters.errors import AdapterError, LimitExceeded, Malformed
from tests.adapters.files import XLSX, packed, part_changed, upload, workbook
from tests.adapters.platforms import RunningTime, ids

SHEET = "xl/worksheets/sheet1.xml"


def test_cells_arrive_as_json_knows_them() -> None:
    day, moment = date(2016, 3, 1), datetime(2016, 3, 1, 8, 30)  # noqa: DTZ001 - spreadsheets have no zones
    rows = [
        ["id", "日期", "时刻", "原值", "是否", "空"],
        [1, day, moment, 12.5, True, None],
        [None] * 6,
        ["0101", 42430, "文字", 2.0, False, "  "],
    ]
    pages = upload(workbook(rows), XLSX, "表.xlsx")
    assert [record.body for record in pages[0].records] == [
        {"id": 1, "日期": "2016-03-01", "时刻": "2016-03-01 08:30:00", "原值": 12.5, "是否": True},
        {"id": "0101", "日期": 42430, "时刻": "文字", "原值": 2, "是否": False},
    ]


def test_a_workbook_of_another_writer_and_its_sheets() -> None:
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held)
    book.add_worksheet("说明").write_string(0, 0, "说明")
    sheet = book.add_worksheet("仪器设备")
    for column, name in enumerate(("id", "名称")):
        sheet.write_string(1, column, name)
    sheet.write_number(2, 0, 7)
    sheet.write_string(2, 1, "=1+1")
    sheet.write_formula(3, 0, "=3+4", value=7)
    book.close()
    for chosen in ("仪器设备", 2):
        pages = upload(held.getvalue(), XLSX | {"sheet": chosen, "header": 2}, "表.xlsx")
        assert [record.body for record in pages[0].records] == [{"id": 7, "名称": "=1+1"}, {"id": 7}]
    with pytest.raises(Malformed, match="no sheet"):
        upload(held.getvalue(), XLSX | {"sheet": "没有"}, "表.xlsx")


def test_a_dimension_that_lies_changes_nothing() -> None:
    content = part_changed(
        workbook([["id"], [1], [2]]),
        SHEET,
        lambda xml: xml.replace(b'<dimension ref="A1:A3"', b'<dimension ref="A1:XFD1048576"'),
    )
    assert ids(upload(content, XLSX, "表.xlsx")) == [1, 2]


def test_a_cell_far_out_and_a_row_far_down() -> None:
    wide = part_changed(
        workbook([["id"], [1]]),
        SHEET,
        lambda xml: xml.replace(b"</sheetData>", b'<row r="3"><c r="XFD3"><v>1</v></c></row></sheetData>'),
    )
    pages = upload(wide, XLSX, "表.xlsx")
    assert ids(pages) == [1]
    deep = part_changed(
        workbook([["id"], [1]]),
        SHEET,
        lambda xml: xml.replace(
            b"</sheetData>", b'<row r="1048576"><c r="A1048576"><v>9</v></c></row></sheetData>'
        ),
    )
    assert ids(upload(deep, XLSX, "表.xlsx"))[0] == 1


def test_a_cell_beside_the_table_costs_its_row() -> None:
    pages = upload(workbook([["id", "b"], [1, 2], [3, 4, "剩"]]), XLSX, "表.xlsx")
    assert ids(pages) == [1]
    assert pages[0].damaged[0].code == "row-width"


@pytest.mark.parametrize(
    "part",
    [SHEET, "xl/workbook.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"],
)
def test_a_dtd_in_any_part_is_refused(part: str) -> None:
    def plant(xml: bytes) -> bytes:
        prolog = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
        return xml.replace(b"?>", b"?>" + prolog, 1) if b"?>" in xml[:100] else prolog + xml

    held = io.BytesIO()
    book = xlsxwriter.Workbook(held)
    book.add_worksheet().write_column(0, 0, ["id", "x"])
    book.close()
    changed = part_changed(held.getvalue(), part, plant)
    assert b"<!DOCTYPE" in zipfile.ZipFile(io.BytesIO(changed)).read(part)
    with pytest.raises(Malformed, match="DTD"):
        upload(changed, XLSX, "表.xlsx")


def test_a_workbook_bomb_is_refused_before_a_row_is_read() -> None:
    row = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>x</t></is></c></row>'
    rows = b"".join(row % (n, n) for n in range(1, 60_001))
    bomb = part_changed(
        workbook([["id"]]),
        SHEET,
        lambda xml: xml[: xml.index(b"<sheetData>") + 11] + rows + xml[xml.index(b"</sheetData>") :],
    )
    with pytest.raises(LimitExceeded):
        upload(bomb, XLSX, "表.xlsx", limits=Limits(expanded_bytes=2_000_000))
    with pytest.raises(LimitExceeded):
        upload(bomb, XLSX, "表.xlsx", limits=Limits(ratio=10))
    with pytest.raises(LimitExceeded, match="rows"):
        upload(bomb, XLSX, "表.xlsx", limits=Limits(rows=1_000))


def test_a_part_that_would_be_read_whole_is_kept_small() -> None:
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held)
    book.add_worksheet().write_column(0, 0, ["id", *(f"文字 {number} " * 20 for number in range(200))])
    book.close()
    assert len(ids(upload(held.getvalue(), XLSX, "表.xlsx"))) == 200
    with pytest.raises(LimitExceeded, match="sharedStrings"):
        upload(held.getvalue(), XLSX, "表.xlsx", limits=Limits(expanded_bytes=200_000))


def test_a_workbook_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(LimitExceeded, match="seconds"):
        upload(
            workbook([["id"], *([n] for n in range(3_000))]),
            XLSX,
            "表.xlsx",
            time=RunningTime(),
            limits=Limits(parse_seconds=3),
        )


def test_a_date_out_of_all_range_warns_nobody() -> None:
    content = part_changed(
        workbook([["id", "d"], [1, date(2016, 3, 1)]]),
        SHEET,
        lambda xml: xml.replace(b"<v>42430</v>", b"<v>99999999</v>"),
    )
    assert b"99999999" in zipfile.ZipFile(io.BytesIO(content)).read(SHEET)
    (page,) = upload(content, XLSX, "表.xlsx")
    assert page.records[0].body["id"] == 1


def test_a_table_wider_than_allowed_is_refused() -> None:
    with pytest.raises(LimitExceeded, match="columns"):
        upload(workbook([[f"c{n}" for n in range(30)]]), XLSX, "表.xlsx", limits=Limits(columns=20))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"id,name\n1,2\n", b"PK\x03\x04junk", packed({"a.txt": b"x"}, sums=False),
        workbook([["id"], [1]])[:-200],
        part_changed(workbook([["id"], [1]]), SHEET, lambda xml: xml[: len(xml) // 2]),
        part_changed(workbook([["id"], [1]]), "xl/workbook.xml", lambda _: b"<workbook/>"),
        part_changed(workbook([["id"], [1]]), SHEET, lambda xml: xml.replace(b'r="A2"', b'r="!!"')),
    ],
    ids=["empty", "csv", "junk", "other-zip", "cut", "half-sheet", "no-sheets", "bad-reference"],
)  # fmt: skip
def test_what_is_no_workbook_is_refused_kindly(content: bytes) -> None:
    with pytest.raises(AdapterError) as refused:
        upload(content, XLSX, "表.xlsx")
    assert "表.xlsx" in refused.value.zh
    assert isinstance(refused.value, Malformed)
