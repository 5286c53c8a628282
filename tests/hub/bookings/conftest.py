"""Fixtures of the bookings' tests."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hub.app import create_app
from hub.core.db import Database
from tests.hub.bookings import people
from tests.hub.bookings.desk import Desk
from tests.hub.bookings.people import Cast
from tests.hub.bookings.world import World
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock


@pytest.fixture
def world(database: Database, clock: VirtualClock, tmp_path: Path) -> World:
    """Five provinces, one instrument each."""
    return World.build(database, clock, tmp_path)


@pytest.fixture
def cast(world: World) -> Cast:
    return people.settle(world.database, world.clock())


@pytest.fixture
def http(world: World, cast: Cast) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(create_app(world.runtime)), base_url="http://hub.test") as held:
        yield held


@pytest.fixture
def desk(http: httpx.Client) -> Desk:
    return Desk(http)
