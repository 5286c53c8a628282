"""`python -m schemas` and the page it writes."""

import json
from pathlib import Path

import pytest

import schemas
from schemas.__main__ import main
from schemas.examples import valid_examples
from schemas.handbook import handbook

PAGE = Path(schemas.__file__).parent.parent / "docs" / "specification.md"


def test_the_overview_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    told = capsys.readouterr().out
    assert "instrument-survey" in told
    assert "instrument_class" in told
    assert "检查通过" in told


def test_a_document_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instrument"]) == 0
    assert json.loads(capsys.readouterr().out) == schemas.document("instrument")


def test_a_code_list_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "sharing_mode"]) == 0
    assert "external\t外部共享\tShared externally" in capsys.readouterr().out


def test_a_document_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = valid_examples("instrument")[0].document
    file = tmp_path / "document.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert main(["--explain", "instrument", str(file)]) == 0
    file.write_text(json.dumps({**document, "original_value_fen": 0}), encoding="utf-8")
    assert main(["--explain", "instrument", str(file)]) == 1
    assert "/original_value_fen\ttoo-small\t「原值」" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["drone"], ["--list", "colour"], ["--explain", "instrument", "/nowhere.json"]]
)
def test_a_wrong_question_is_answered_with_two(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err


def test_bytes_that_are_no_json_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "document.json"
    file.write_bytes(b"{NaN}")
    assert main(["--explain", "instrument", str(file)]) == 2
    assert "JSON" in capsys.readouterr().err


def test_the_page_is_what_the_specification_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--handbook"]) == 0
    assert capsys.readouterr().out == handbook(schemas.VERSION)
    assert PAGE.read_text(encoding="utf-8") == handbook(schemas.VERSION), (
        "run: python -m schemas --handbook > docs/specification.md"
    )


def test_the_page_names_every_field_and_list() -> None:
    page = handbook(schemas.VERSION)
    for name in schemas.document_names():
        for field in schemas.tree(name).walk():
            assert not field.path or f"`{field.path}`" in page
    for name in schemas.list_names():
        assert f'<a id="code-{name}"></a>' in page
