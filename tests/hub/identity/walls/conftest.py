"""The world of walls, made once for each module."""

from collections.abc import Iterator

import pytest

from tests.hub.identity.walls.world import World, build


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One of everything, and everybody on both sides of it."""
    held = build(tmp_path_factory.mktemp("walls"))
    yield held
    held.close()
