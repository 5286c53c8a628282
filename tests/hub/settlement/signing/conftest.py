"""The local time-stamp authority, made once for each worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.settlement.signing.authority import Authority, make_authority


@pytest.fixture(scope="session")
def _authority_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority") / "tsa"
    make_authority(folder)
    return folder


@pytest.fixture
def authority(_authority_folder: Path) -> Iterator[Authority]:
    """An authority that answers."""
    held = Authority(_authority_folder)
    held.start()
    yield held
    held.stop()
