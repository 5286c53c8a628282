"""Lists and results as signed files: 重庆 in XLSX, 云南 in CSV."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import load_workbook

from adapters.contract import PaymentLine
from adapters.errors import Malformed, SignatureInvalid
from tests.adapters.settlement.offices import LIST, Faced, face, seal

FOLDERS = {
    "500000": ("jiesuan/xiafa", "jiesuan/yishou", "jiesuan/huizhi", "jiesuan/yidu"),
    "530000": ("兑付/下发", "兑付/已收", "兑付/回执", "兑付/已读"),
}
HEADS = {
    "500000": ["清单号", "行号", "处理结果", "金额（元）", "支付日期", "凭证号", "退票原因代码"],
    "530000": ["清单编号", "行编号", "状态", "金额(元)", "兑付日期", "凭证编号", "未兑付原因"],
}
WORDS = {"500000": ("支付", "退票", "C"), "530000": ("已兑付", "未兑付", "户名不符")}


@pytest.fixture(params=["500000", "530000"])
def faced(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Faced]:
    made = face(request.param, tmp_path)
    yield made
    made.spoken.line.end()


def table(content: bytes, filename: str) -> list[list[str]]:
    if filename.endswith("xlsx"):
        sheet = load_workbook(io.BytesIO(content)).active
        return [
            ["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)
        ]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def answer(faced: Faced, rows: list[list[str]]) -> tuple[bytes, str]:
    """A result file as the province's office writes it."""
    code = faced.spoken.code
    whole = [HEADS[code], *rows]
    if code == "530000":
        out = io.StringIO()
        csv.writer(out).writerows(whole)
        return out.getvalue().encode("utf-8-sig"), "回执-1.csv"
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held)
    sheet = book.add_worksheet()
    for number, row in enumerate(whole):
        sheet.write_row(number, 0, row)
    book.close()
    return held.getvalue(), "huizhi-1.xlsx"


def drop(faced: Faced, content: bytes, name: str, signature: str | None) -> Path:
    place = faced.folder / FOLDERS[faced.spoken.code][2]
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(content)
    if signature is not None:
        (place / f"{name}.sig").write_text(signature)
    return place / name


def good_rows(faced: Faced) -> list[list[str]]:
    paid, bounced, why = WORDS[faced.spoken.code]
    return [
        [LIST, "L-1", paid, "300.00", "2026-11-24", "PZ1", ""],
        [LIST, "L-2", bounced, "123.45", "", "", why],
    ]


def test_a_list_is_a_signed_file_whose_rows_are_its_lines(faced: Faced) -> None:
    sheet, signature = faced.port.files(faced.message(), seal)
    assert signature.filename == f"{sheet.filename}.sig"
    head, first, second = table(sheet.content, sheet.filename)
    told = dict(zip(head, first, strict=True))
    assert LIST in told.values()
    assert "ab" * 32 in told.values()
    assert "6222000000000001" in told.values()
    assert {"300", "300.00"} & set(told.values())
    assert {"123.45"} & set(second)
    assert faced.port.files(faced.message(), seal)[0].content == sheet.content


def test_a_payee_s_name_never_becomes_a_formula(faced: Faced) -> None:
    paper = faced.paper(lines=(PaymentLine("L-1", 42_345, "=cmd|' /C calc'!A0"),))
    sheet = faced.port.files(faced.message(paper))[0]
    if sheet.filename.endswith("csv"):
        assert "'=cmd" in sheet.content.decode("utf-8-sig")
    else:
        cells = [cell for row in load_workbook(io.BytesIO(sheet.content)).active.iter_rows() for cell in row]
        assert [cell.data_type for cell in cells if str(cell.value).startswith("=cmd")] == ["s"]


def test_handing_over_twice_leaves_one_file_and_asking_finds_it_even_when_it_was_taken(faced: Faced) -> None:
    out, taken = (faced.folder / name for name in FOLDERS[faced.spoken.code][:2])
    assert faced.port.lookup(faced.paper()).kind == "not_found"
    receipts = [faced.port.hand_over(faced.message(), seal) for _ in range(2)]
    assert [each.kind for each in receipts] == ["received", "received"]
    assert sorted(path.suffix for path in out.iterdir()) == sorted(
        [".sig", f".{'csv' if faced.spoken.code == '530000' else 'xlsx'}"]
    )
    taken.mkdir(parents=True)
    for path in out.iterdir():
        path.rename(taken / path.name)
    assert faced.port.lookup(faced.paper()).kind == "received"
    assert faced.port.hand_over(faced.message(), seal).kind == "received"
    assert list(out.iterdir()) == []


def test_a_file_of_that_name_with_other_content_is_a_mismatch(faced: Faced) -> None:
    faced.port.hand_over(faced.message(), seal)
    other = faced.paper(lines=(PaymentLine("L-1", 42_345, "别的单位"),))
    assert faced.port.hand_over(faced.message(other), seal).kind == "mismatch"


def test_a_signed_result_file_is_read_and_put_aside(faced: Faced) -> None:
    content, name = answer(faced, good_rows(faced))
    path = drop(faced, content, name, None)
    assert [each for page in faced.port.results(None) for each in page.redemptions] == []
    assert path.exists()
    drop(faced, content, name, faced.signer.sign(content, faced.spoken.clock.now.timestamp()))
    paid, bounced = [each for page in faced.port.results(None) for each in page.redemptions]
    assert (paid.kind, paid.line_id, paid.fen, paid.proof, paid.is_signed) == (
        "paid",
        "L-1",
        30_000,
        "PZ1",
        True,
    )
    assert (bounced.kind, bounced.line_id, bounced.reason) == ("bounced", "L-2", "name_mismatch")
    assert not path.exists()
    assert (faced.folder / FOLDERS[faced.spoken.code][3] / name).exists()


def test_a_file_whose_page_was_not_kept_is_read_again(faced: Faced) -> None:
    content, name = answer(faced, good_rows(faced))
    drop(faced, content, name, faced.signer.sign(content, faced.spoken.clock.now.timestamp()))
    first = next(iter(faced.port.results(None)))
    assert first.redemptions == next(iter(faced.port.results(None))).redemptions


@pytest.mark.parametrize("spoil", ["edited", "other province", "old", "unknown key"])
def test_a_result_file_that_is_not_the_province_s_is_damaged_and_concludes_nothing(
    faced: Faced, spoil: str
) -> None:
    content, name = answer(faced, good_rows(faced))
    moment = faced.spoken.clock.now.timestamp()
    told = {"other province": {"aud": "310000"}, "unknown key": {"kid": "office-9"}}.get(spoil, {})
    signature = faced.signer.sign(content, moment - 8 * 86_400 if spoil == "old" else moment, **told)
    drop(faced, content + b" " if spoil == "edited" else content, name, signature)
    pages = list(faced.port.results(None))
    assert [each for page in pages for each in page.redemptions] == []
    (damaged,) = [each for page in pages for each in page.damaged]
    assert damaged.code == "signature-invalid"
    assert damaged.position == name


def test_an_uploaded_file_is_read_without_a_signature_and_a_wrong_one_is_refused(faced: Faced) -> None:
    content, name = answer(faced, good_rows(faced))
    read = faced.port.read_file(content, name)
    assert [each.is_signed for each in read] == [False, False]
    with pytest.raises(SignatureInvalid):
        faced.port.read_file(content, name, "no..signature")
    with pytest.raises(Malformed):
        faced.port.read_file(b"\x00\x01", name)
