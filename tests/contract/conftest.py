"""One server for the suite: the fleet of all simulators over one small world, and a stand-in for the hub."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.registry import Province, discover
from adapters.simulators.fleet import discover as discover_simulators
from adapters.simulators.serve import address, listen, serving
from adapters.simulators.simulator import Hub
from adapters.simulators.world import World
from tests.adapters.provinces.harvesting import Harbour, harbour
from tests.contract.entrances import Entrances
from tests.contract.reading import Reading, Speaker, speaker

PROVINCES = discover()


@pytest.fixture(scope="session")
def provinces() -> dict[str, Province]:
    return dict(PROVINCES)


@pytest.fixture(scope="session")
def stand_in() -> Iterator[tuple[Entrances, Hub]]:
    entrances, held = Entrances(), listen()
    hub = Hub(address(held), "key", "staff", "password")
    with serving(entrances.app, held):
        yield entrances, hub


@pytest.fixture(scope="session")
def one_harbour() -> Iterator[Harbour]:
    with harbour() as opened:
        yield opened


@pytest.fixture(scope="session")
def still(
    tmp_path_factory: pytest.TempPathFactory,
    provinces: dict[str, Province],
    stand_in: tuple[Entrances, Hub],
    one_harbour: Harbour,
) -> Callable[[str], Speaker]:
    """Every province over one world that nobody moves."""
    entrances, hub = stand_in
    made: dict[str, Speaker] = {}
    fleet = one_harbour.moor(
        World(records=600), tmp_path_factory.mktemp("fleet"), sorted(discover_simulators())
    )

    def speak(code: str) -> Speaker:
        if code not in made:
            made[code] = speaker(fleet, provinces[code], hub, entrances)
        return made[code]

    return speak


@pytest.fixture(scope="session")
def first_read(still: Callable[[str], Speaker]) -> Callable[[str, str], Reading]:
    """The first full read of a resource, read once for all tests."""
    done: dict[tuple[str, str], Reading] = {}

    def read(code: str, name: str) -> Reading:
        if (code, name) not in done:
            speaks = still(code)
            resource = next(r for r in speaks.adapter.resources() if r.name == name)
            done[code, name] = speaks.read(resource)
        return done[code, name]

    return read


@pytest.fixture
def fresh(
    tmp_path: Path, provinces: dict[str, Province], stand_in: tuple[Entrances, Hub], one_harbour: Harbour
) -> Callable[[str], Speaker]:
    """A province over a world of its own that the test may move or break."""
    entrances, hub = stand_in

    def speak(code: str) -> Speaker:
        fleet = one_harbour.moor(World(records=200), tmp_path / code, [code])
        return speaker(fleet, provinces[code], hub, entrances)

    return speak
