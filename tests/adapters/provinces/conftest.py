"""One server for the session, a small world that stands still, and fresh worlds for tests that move them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.simulators.fleet import Fleet
from adapters.simulators.world import World
from tests.adapters.provinces.harvesting import Harbour, Reached, harbour
from tests.adapters.provinces.truth import UNIT_KEYS


@pytest.fixture(scope="session")
def open_harbour() -> Iterator[Harbour]:
    with harbour() as opened:
        yield opened


@pytest.fixture(scope="session")
def still_fleet(open_harbour: Harbour, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """All six provinces over about 1,000 records; nobody may move this world."""
    return open_harbour.moor(World(records=1000), tmp_path_factory.mktemp("fleet"), sorted(UNIT_KEYS))


@pytest.fixture
def reach(open_harbour: Harbour, tmp_path: Path) -> Callable[..., Reached]:
    """`reach(code, records=200, page=None)`: a fresh world with one province that answers."""

    def call(code: str, records: int = 200, page: int | None = None) -> Reached:
        return open_harbour.reach(code, tmp_path / code, records, page)

    return call
