"""Provinces with a booking interface, each over a small world of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.adapters.bookings.platforms import Spoken, speak


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Callable[[str], Spoken]]:
    """A province by its code; its line is ended after the test."""
    made: list[Spoken] = []

    def make(code: str) -> Spoken:
        made.append(speak(code, tmp_path / code))
        return made[-1]

    yield make
    for spoken in made:
        spoken.line.end()
