from pathlib import Path

import pytest

from hub.core.db import Database
from tests.hub.settlement.payments.world import World
from tests.virtual_clock import VirtualClock


@pytest.fixture
def world(database: Database, clock: VirtualClock, tmp_path: Path) -> World:
    """An order that owes 300.00 CNY of its 600.00 itself, until today."""
    held = World(database, clock, tmp_path)
    held.owe()
    return held
