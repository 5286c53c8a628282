"""`python -m adapters.check`: one line a province, every fault told, exit 1."""

from pathlib import Path
from typing import Any

import pytest

from adapters.check import check_all, check_folder, line_of, main
from adapters.registry import PROVINCES
from tests.adapters.folders import MANIFEST, MAPPING, README, VOCABULARY, changed, write_province


def test_the_provinces_of_the_project_are_without_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(list(PROVINCES.glob("[0-9]*/manifest.yaml")))
    assert all(line.endswith("ok") for line in lines)


def test_a_good_folder(tmp_path: Path) -> None:
    report = check_folder(write_province(tmp_path))
    assert report.faults == []
    assert "370000 · 山东省 · simulated · instruments" in line_of(report)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"manifest": changed(MANIFEST, "specification", "0.9.0")}, "specification must be"),
        ({"manifest": changed(MANIFEST, "name.zh", "山东")}, "must be 山东省"),
        ({"manifest": changed(MANIFEST, "station.name.zh", "济南驿站")}, "山东省大仪网服务驿站"),
        ({"manifest": changed(MANIFEST, "station.lon", 10)}, "outside China"),
        ({"manifest": changed(MANIFEST, "dialect.kind", "observed")}, "must say observed"),
        ({"manifest": changed(MANIFEST, "auth", {"kind": "hmac", "algorithm": "rot13"})}, "no digest algorithm"),
        ({"manifest": changed(MANIFEST, "resources.0.transport.paging.size", None)}, "paging.size"),
        ({"readme": None}, "README.md is missing"),
        ({"readme": "# 山东\n"}, "must say simulated"),
        ({"vocabulary": VOCABULARY + "zt,坏,broken,\n"}, "vocab.csv:3 running_state"),
        ({"vocabulary": VOCABULARY + "unused,坏,x,\n"}, "no rule uses the table unused"),
        ({"vocabulary": "table,native\n"}, "header must be"),
        ({"mapping": changed(MAPPING, "resources.instruments.fields.name_zh", None)}, "required field name_zh has no rule"),
        ({"mapping": changed(MAPPING, "resources.instruments.fields.nonsense", "x")}, "no field of the document"),
        ({"mapping": changed(MAPPING, "resources.instruments.fields.name_zh", {"from": "x", "do": ["exec"]})}, "no function exec"),
    ],
)  # fmt: skip
def test_every_fault_is_told_and_ends_with_one(
    tmp_path: Path, changes: dict[str, Any], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_province(tmp_path, **changes)
    assert main([str(tmp_path)]) == 1
    assert says in capsys.readouterr().out


def test_a_folder_must_be_named_by_its_code(tmp_path: Path) -> None:
    write_province(tmp_path).rename(tmp_path / "shandong")
    assert any("must be named 370000" in fault for fault in check_folder(tmp_path / "shandong").faults)


def test_two_provinces_may_not_share_a_tile(tmp_path: Path) -> None:
    write_province(tmp_path)
    other = changed(
        changed(changed(MANIFEST, "province", "410000"), "name.zh", "河南省"),
        "station.name.zh",
        "河南省大仪网服务驿站",
    )
    write_province(tmp_path, other, readme=README)
    assert [report.faults for report in check_all(tmp_path)] == [
        [],
        ["地图位置 / map tile：与 370000 相同 / same as 370000"],
    ]


def test_a_broken_folder_does_not_hide_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_province(tmp_path)
    (tmp_path / "380000").mkdir()
    (tmp_path / "380000" / "manifest.yaml").write_text("a: [")
    assert main([str(tmp_path)]) == 1
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.endswith("ok")
    assert second.startswith("380000")


def test_no_provinces_at_all_is_a_fault(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1
