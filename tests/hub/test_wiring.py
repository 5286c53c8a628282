"""What is wrong with one province stops nothing else; what may be set is written down where a hub is run."""

import logging
import re
import shutil
from pathlib import Path

import pytest

from adapters import registry
from hub.core.settings import Settings
from hub.wiring import build_adapters


def test_a_broken_folder_leaves_its_province_out_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("310000", "360000", "_survey"):
        shutil.copytree(registry.PROVINCES / name, tmp_path / name)
    (tmp_path / "360000" / "manifest.yaml").write_text("province: [", encoding="utf-8")
    with caplog.at_level(logging.ERROR, logger="hub.wiring"):
        assert list(build_adapters({}, tmp_path)) == ["310000"]
    assert "360000" in caplog.text


def test_two_folders_cannot_claim_one_province(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("310000", "_survey"):
        shutil.copytree(registry.PROVINCES / name, tmp_path / name)
    shutil.copytree(tmp_path / "310000", tmp_path / "999999")
    with caplog.at_level(logging.ERROR, logger="hub.wiring"):
        assert list(build_adapters({}, tmp_path)) == ["310000"]
    assert "999999" in caplog.text


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    example = Path(__file__).parents[2] / "deploy" / "env.example"
    named = set(re.findall(r"^# HUB_([A-Z_]+)=", example.read_text(encoding="utf-8"), re.MULTILINE))
    assert named == {name.upper() for name in Settings.model_fields} - {"DEMO"}
