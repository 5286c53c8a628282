"""The manifests and mappings of the installed provinces are documents of the specification."""

from pathlib import Path

import pytest
import yaml

import schemas

FOLDER = Path(schemas.__file__).parent.parent / "adapters" / "provinces"
FILES = sorted((*FOLDER.glob("*/manifest.yaml"), *FOLDER.glob("*/mapping.yaml")))


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}-{file.stem}" for file in FILES])
def test_a_province_is_described_by_the_specification(file: Path) -> None:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    told = [
        f"{problem.pointer}: {problem.en}" for problem in schemas.problems(f"adapter-{file.stem}", content)
    ]
    assert told == []


def test_the_eleven_are_there() -> None:
    assert {file.parent.name for file in FILES} >= {
        entry.code for entry in schemas.codes("province").values() if entry.attributes["region"]
    }
