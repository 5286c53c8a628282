"""Whole files: drop folder, download, upload; ZIP, CSV, XLSX; and everything hostile that may be in them."""

import hashlib
import time as real_time
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.contract import Limits, NativePage
from adapters.errors import LimitExceeded, Malformed, ManifestInvalid, Unreachable, Unsupported
from adapters.transports.archives import check_sum, read_checksums
from tests.adapters.files import CSV, XLSX, packed, table, upload, workbook
from tests.adapters.platforms import RunningTime, ids, maker, site, transport

DROP = {
    "kind": "file_drop", "files": "cq_*.zip", "format": "csv", "encoding": "gb18030", "member": "仪器*.csv",
    "checksums": {"inside": "SHA256SUMS"}, "snapshot": True, "size": 3, "required": ["id"],
}  # fmt: skip


def drop(
    folder: Path, cursor: str | None = None, options: dict[str, Any] = DROP, **more: Any
) -> list[NativePage]:
    return list(transport(options, site(folder=folder, **more)).pages(cursor))


# --- CSV -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_several_encodings(encoding: str) -> None:
    content = 'id,名称,备注\r\n1,"甲,乙",\r\n\r\n2,"一\n二",㐀\r\n'.encode(encoding)
    pages = upload(content, CSV | {"encoding": ["utf-8", "gb18030"]})
    assert [record.body for record in pages[0].records] == [
        {"id": "1", "名称": "甲,乙"},
        {"id": "2", "名称": "一\n二", "备注": "㐀"},
    ]
    assert pages[-1].is_last
    assert not pages[-1].is_full


def test_a_snapshot_upload_is_full_and_comes_in_pages() -> None:
    pages = upload(table(7), CSV | {"encoding": "gb18030", "snapshot": True})
    assert [len(page.records) for page in pages] == [3, 3, 1]
    assert all(page.is_full for page in pages)
    assert [page.is_last for page in pages] == [False, False, True]


def test_header_and_explanation_rows() -> None:
    content = "大型仪器信息表,,\n编 号,名称,\n(必填),(必填),\n1,甲,\n".encode()
    pages = upload(content, CSV | {"header": 2, "skip": 1})
    assert [record.body for record in pages[0].records] == [{"编 号": "1", "名称": "甲"}]


def test_broken_rows_cost_themselves_only() -> None:
    rows = [b"id,name", b"1,a", b"2,b,surplus", b"3", b"4,\xff\xff\xff", b"5," + b"x" * 50, b"6,f,"]
    rows += [f"{n},z".encode() for n in range(7, 120)]
    pages = upload(b"\n".join(rows), CSV | {"size": 500}, limits=Limits(cell_chars=20))
    assert ids(pages) == ["1", "3", "6", *map(str, range(7, 120))]
    assert [piece.code for piece in pages[0].damaged] == ["row-width", "bad-encoding", "cell-too-long"]
    assert "第 3 行" in pages[0].damaged[0].position


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no column names"),
        (b"id,id\n1,2\n", "twice"),
        (b"id\n1\n", "lacks the columns name"),
        (b'id,name\n1,"open\n2,b\n', "line"),
        ("id,name\n1,仪器\n2,仪器\n3,仪器\n".encode("utf-16"), "encoded|CSV|columns"),
        ("id,name\n1,仪器仪\n2,仪器设\n3,扫描镜\n".encode("gb18030"), "not encoded in utf-8"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_and_says_why(content: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        upload(content, CSV | {"required": ["id", "name"]})


@pytest.mark.parametrize(
    "limits", [Limits(file_bytes=10), Limits(rows=2), Limits(columns=1), Limits(run_pages=1)]
)
def test_csv_caps(limits: Limits) -> None:
    with pytest.raises(LimitExceeded):
        upload(table(8), CSV | {"encoding": "gb18030"}, limits=limits)


def test_a_file_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(LimitExceeded, match="seconds"):
        upload(
            b"id\n" + b"1\n" * 5_000,
            CSV | {"size": 5_000},
            time=RunningTime(),
            limits=Limits(parse_seconds=3),
        )


def test_equal_rows_in_a_file_are_no_loop() -> None:
    assert ids(upload(b"id\n" + b"1\n" * 9)) == ["1"] * 9


def test_the_wrong_kind_of_file_is_refused_by_its_name() -> None:
    with pytest.raises(Malformed, match=r"\.xlsx"):
        upload(b"x", {"kind": "file_upload", "format": "xlsx"} | {"accepts": [".xlsx"]}, filename="报表.xls")


# --- drop folder -----------------------------------------------------------------------------------------------------


def test_the_newest_snapshot_is_read_and_then_nothing_until_the_next(tmp_path: Path) -> None:
    (tmp_path / "cq_202609_1.zip").write_bytes(packed({"仪器信息.csv": table(4)}))
    (tmp_path / "cq_202610_1.zip").write_bytes(packed({"仪器信息.csv": table(5)}))
    (tmp_path / "cq_202611_1.zip.part").write_bytes(b"half")
    (tmp_path / "note.txt").write_bytes(b"x")
    pages = drop(tmp_path)
    assert ids(pages) == ["0", "1", "2", "3", "4"]
    assert [page.is_last for page in pages] == [False, True]
    assert all(page.is_full for page in pages)
    assert pages[0].records[0].body == {"id": "0", "名称": "仪器，0号", "原值(万元)": "0.5"}
    again = drop(tmp_path, pages[-1].cursor)
    assert ids(again) == []
    assert again[0].is_last
    assert not again[0].is_full
    assert again[0].cursor == pages[-1].cursor
    (tmp_path / "cq_202611_1.zip").write_bytes(packed({"仪器信息.csv": table(2)}))
    assert ids(drop(tmp_path, again[0].cursor)) == ["0", "1"]


def test_increments_are_all_read_in_name_order(tmp_path: Path) -> None:
    options = DROP | {"snapshot": False}
    for month, first in ((10, 4), (9, 0), (11, 8)):
        (tmp_path / f"cq_2026{month:02d}.zip").write_bytes(packed({"仪器信息.csv": table(4, first)}))
    pages = drop(tmp_path, options=options)
    assert ids(pages) == [str(n) for n in range(12)]
    assert [page.is_last for page in pages] == [False] * 5 + [True]
    assert not any(page.is_full for page in pages)


@pytest.mark.parametrize("stop", range(5))
def test_a_drop_resumes_inside_a_file(tmp_path: Path, stop: int) -> None:
    options = DROP | {"snapshot": False}
    for month, first in ((9, 0), (10, 4), (11, 8)):
        (tmp_path / f"cq_2026{month:02d}.zip").write_bytes(packed({"仪器信息.csv": table(4, first)}))
    pages = drop(tmp_path, options=options)
    rest = drop(tmp_path, pages[stop].cursor, options)
    assert [*ids(pages[: stop + 1]), *ids(rest)] == [str(n) for n in range(12)]


def test_a_file_changed_under_a_resume_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "cq_1.zip"
    path.write_bytes(packed({"仪器信息.csv": table(5)}))
    pages = drop(tmp_path)
    path.write_bytes(packed({"仪器信息.csv": table(5, 10)}))
    assert ids(drop(tmp_path, pages[0].cursor)) == ["10", "11", "12", "13", "14"]


def test_a_newer_snapshot_replaces_the_one_being_read(tmp_path: Path) -> None:
    (tmp_path / "cq_1.zip").write_bytes(packed({"仪器信息.csv": table(5)}))
    pages = drop(tmp_path)
    (tmp_path / "cq_2.zip").write_bytes(packed({"仪器信息.csv": table(2, 20)}))
    rest = drop(tmp_path, pages[0].cursor)
    assert ids(rest) == ["20", "21"]
    assert rest[-1].is_full


def test_a_file_without_its_checksum_list_beside_it_is_not_complete_yet(tmp_path: Path) -> None:
    options = {**DROP, "checksums": {"beside": "{name}.sha256"}, "files": "cq_*.zip"}
    content = packed({"仪器信息.csv": table(2)}, sums=False)
    (tmp_path / "cq_1.zip").write_bytes(content[:100])
    assert ids(drop(tmp_path, options=options)) == []
    (tmp_path / "cq_1.zip").write_bytes(content)
    (tmp_path / "cq_1.zip.sha256").write_text(f"cq_1.zip,{hashlib.sha256(content).hexdigest()}\n")
    assert ids(drop(tmp_path, options=options)) == ["0", "1"]
    (tmp_path / "cq_1.zip").write_bytes(content[:100])
    with pytest.raises(Malformed, match="checksum"):
        drop(tmp_path, options=options)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (packed({"仪器信息.csv": table(2)}, broken=True), "checksum of 仪器信息.csv"),
        (packed({"仪器信息.csv": table(2)}, sums=False), "SHA256SUMS"),
        (packed({"其他.csv": table(2)}), "holds no"),
        (packed({"仪器信息.csv": table(2)})[:-40], "no complete ZIP"),
        (b"PK\x03\x04" + b"\x00" * 50, "no complete ZIP"),
        (packed({"仪器信息.csv": b"name\nx\n"}), "lacks the columns id"),
    ],
)
def test_a_dropped_file_that_is_not_right_is_refused_with_its_name(
    tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "cq_1.zip").write_bytes(content)
    with pytest.raises(Malformed, match=says):
        drop(tmp_path)


def test_names_written_by_chinese_tools_are_understood(tmp_path: Path) -> None:
    plain = packed({"placeholder1.csv": table(2)}, sums=False)
    name = "仪器信息12.csv".encode("gb18030")
    assert len(name) == len("placeholder1.csv") - 2
    name = "仪器信息1234.csv".encode("gb18030")
    assert len(name) == len("placeholder1.csv")
    (tmp_path / "cq_1.zip").write_bytes(plain.replace(b"placeholder1.csv", name))
    options = {key: value for key, value in DROP.items() if key != "checksums"}
    assert ids(drop(tmp_path, options=options)) == ["0", "1"]


def test_links_and_missing_folders(tmp_path: Path) -> None:
    outside = tmp_path / "secret.zip"
    outside.write_bytes(packed({"仪器信息.csv": table(2)}))
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "cq_1.zip").symlink_to(outside)
    assert ids(drop(folder)) == []
    with pytest.raises(Unreachable):
        drop(tmp_path / "nowhere")
    with pytest.raises(Unsupported):
        list(transport(DROP, site()).pages(None))


def test_dropped_content_may_be_handed_in_directly() -> None:
    assert ids(upload(packed({"仪器信息.csv": table(2)}), DROP, "cq_1.zip")) == ["0", "1"]


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize("style", ["{sum}  {name}", "{name},{sum}", "{SUM} *{name}", '"{name}";"{sum}"'])
def test_checksum_lists_in_the_usual_styles(algorithm: str, style: str) -> None:
    content = table(2)
    digest = hashlib.new(algorithm, content).hexdigest()
    line = style.format(sum=digest, SUM=digest.upper(), name="仪器 1.csv")
    sums = read_checksums(f"# 校验\n\n{line}\n".encode("gb18030"), "SUMS")
    assert sums == {"仪器 1.csv": digest}
    check_sum(content, sums, "仪器 1.csv")
    with pytest.raises(Malformed, match="does not fit"):
        check_sum(content + b" ", sums, "仪器 1.csv")
    with pytest.raises(Malformed, match="lacks"):
        check_sum(content, sums, "另一个.csv")


def test_a_line_that_is_no_checksum_is_named() -> None:
    with pytest.raises(Malformed, match="line 2"):
        read_checksums(b"\nabc  file.csv\n", "SUMS")


# --- ZIP -------------------------------------------------------------------------------------------------------------


def test_a_bomb_is_weighed_before_it_is_opened() -> None:
    bomb = packed({"仪器.csv": b"id\n" + b"0" * 30_000_000}, sums=False)
    assert len(bomb) < 100_000
    options = {key: value for key, value in DROP.items() if key != "checksums"}
    started = real_time.process_time()
    with pytest.raises(LimitExceeded):
        upload(bomb, options, limits=Limits(ratio=100))
    with pytest.raises(LimitExceeded):
        upload(bomb, options, limits=Limits(expanded_bytes=1_000_000, ratio=10_000))
    assert real_time.process_time() - started < 1.0


def test_a_directory_that_lies_about_sizes_is_found_out() -> None:
    honest = packed({"仪器.csv": b"id\n" + b"1\n" * 5_000}, sums=False)
    size = len(b"id\n" + b"1\n" * 5_000).to_bytes(4, "little")
    lying = honest.replace(size, (10).to_bytes(4, "little"))
    assert lying != honest
    options = {key: value for key, value in DROP.items() if key not in ("checksums", "required")}
    with pytest.raises(Malformed):
        upload(lying, options)


@pytest.mark.parametrize("name", ["../仪器.csv", "/仪器.csv", "a/../../仪器.csv", "C:/仪器.csv"])
def test_unsafe_names_are_refused(name: str) -> None:
    with pytest.raises(Malformed, match="not safe"):
        upload(packed({name: table(1)}, sums=False), {**DROP, "checksums": None})


def test_too_many_entries_and_encrypted_entries() -> None:
    many = packed({f"仪器{n}.csv": b"id\n1\n" for n in range(30)}, sums=False)
    with pytest.raises(LimitExceeded):
        upload(many, {**DROP, "checksums": None}, limits=Limits(entries=20))
    content = bytearray(packed({"仪器.csv": table(1)}, sums=False))
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1
    content[6] |= 1
    with pytest.raises(Malformed, match="encrypted"):
        upload(bytes(content), {**DROP, "checksums": None})


# --- download, NDJSON, JSON ------------------------------------------------------------------------------------------


def test_a_table_fetched_whole_each_time() -> None:
    calls: list[str] = []
    content = workbook([["id"], [1], [2], [3]])

    def app(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        return httpx.Response(200, content=content)

    options = {"kind": "file_pull", "path": "/export/table.xlsx", "format": "xlsx", "size": 2}
    pages = list(transport(options, site(app)).pages(None))
    assert ids(pages) == [1, 2, 3]
    assert all(page.is_full for page in pages)
    assert ids(list(transport(options, site(app)).pages(pages[0].cursor))) == [3]
    assert calls == ["/root/export/table.xlsx"] * 2


def test_half_a_download_is_malformed() -> None:
    content = workbook([["id"], [1]])
    with pytest.raises(Malformed):
        list(
            transport(
                {"kind": "file_pull", "path": "/t.xlsx", "format": "xlsx"},
                site(lambda _: httpx.Response(200, content=content[:-99])),
            ).pages(None)
        )


def test_ndjson_and_json_files() -> None:
    assert ids(upload(b'{"id":1}\nbroken\n{"id":2}', {"kind": "file_upload", "format": "ndjson"})) == [1, 2]
    assert ids(
        upload(b'{"rows":[{"id":1},{"id":2}]}', {"kind": "file_upload", "format": "json", "records": "rows"})
    ) == [1, 2]
    with pytest.raises(Malformed):
        upload(b'{"rows":5}', {"kind": "file_upload", "format": "json", "records": "rows"})


def test_pushed_batches() -> None:
    lines = b'{"op":"U","sj":"2026-01-01 00:00:00","yq":{"id":1}}\n{"op":"D","yq":{"id":2}}\n{bad\n{"op":"U","yq":7}\n"text"\n'
    make = maker("sj", ("op", "D"))
    made = transport({"kind": "push_in", "record": "yq", "size": 2}, site(), make)
    pages = list(made.parse(lines, "b1.ndjson"))
    records = [record for page in pages for record in page.records]
    assert [(record.body, record.deleted) for record in records] == [({"id": 1}, False), ({"id": 2}, True)]
    assert records[0].modified is not None
    assert records[0].raw == b'{"id":1}'
    assert [piece.code for page in pages for piece in page.damaged] == [
        "bad-json",
        "not-an-object",
        "not-an-object",
    ]
    assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert not any(page.is_full for page in pages)


def test_push_caps_and_an_empty_batch() -> None:
    with pytest.raises(LimitExceeded):
        list(transport({"kind": "push_in"}, site(limits=Limits(rows=2))).parse(b"{}\n" * 3, "b"))
    with pytest.raises(LimitExceeded):
        list(transport({"kind": "push_in"}, site(limits=Limits(file_bytes=2))).parse(b"{}\n" * 3, "b"))
    empty = list(transport({"kind": "push_in"}, site()).parse(b"", "b"))
    assert len(empty) == 1
    assert empty[0].is_last


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "file_upload"},
        CSV | {"encoding": "klingon"},
        CSV | {"delimiter": ";;"},
        XLSX | {"sheet": True},
        {"kind": "file_drop", "format": "csv"},
        DROP | {"checksums": {"beside": "SUMS"}},
        {**DROP, "member": None},
        DROP | {"checksums": {"outside": "x"}},
    ],
)
def test_faulty_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ManifestInvalid):
        transport(options, site())
