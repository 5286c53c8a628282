"""The scan hook: the command's exit code is the verdict, and no verdict is no verdict."""

from pathlib import Path

import pytest

from hub.bookings.service.scanning import CommandScanner, ScannerFailed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "report"
    path.write_bytes(b"EICAR (synthetic)")
    return path


def test_the_exit_code_is_the_verdict(file: Path) -> None:
    assert CommandScanner("grep -qv EICAR").is_clean(file) is False
    assert CommandScanner("grep -q EICAR").is_clean(file) is True


@pytest.mark.parametrize("command", ["/no/such/scanner", "sh -c 'echo broken >&2; exit 2'"])
def test_no_verdict_is_asked_again(file: Path, command: str) -> None:
    with pytest.raises(ScannerFailed):
        CommandScanner(command).is_clean(file)


def test_an_empty_command_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="empty"):
        CommandScanner("  ")
