"""Fixtures of the bookings' tests."""

from pathlib import Path

import pytest

from hub.core.db import Database
from tests.hub.bookings.world import World
from tests.virtual_clock import VirtualClock


@pytest.fixture
def world(database: Database, clock: VirtualClock, tmp_path: Path) -> World:
    """Five provinces, one instrument each."""
    return World.build(database, clock, tmp_path)
