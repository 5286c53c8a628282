"""Worlds are costly to make and only read here, so they are made once."""

import pytest

from adapters.simulators.world import World


@pytest.fixture(scope="session")
def full_world() -> World:
    return World()


@pytest.fixture(scope="session")
def small_world() -> World:
    return World(records=600)
