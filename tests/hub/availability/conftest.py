"""Fixtures of availability's tests."""

import pytest

from hub.core.db import Database
from tests.hub.availability import instruments


@pytest.fixture
def held(database: Database) -> Database:
    """A database with a small catalogue in it."""
    instruments.catalogue(database)
    return database
