"""Whose bookings a personal calendar shows: one's own side's, and for a manager the whole institution's."""

from dataclasses import replace

import pytest

from hub.bookings import queries
from hub.core.db import Database
from tests.hub.bookings.rows import OPERATOR, STATION, put_booking
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

MANAGER = replace(OPERATOR, name="account:manager", role="institution_manager")


def test_a_manager_sees_every_booking_of_the_institution(database: Database, clock: VirtualClock) -> None:
    put_booking(database, clock, responsible="station", number="31-1")
    put_booking(database, clock, id="bk-" + "b" * 26, responsible="institution", number="31-2")
    elsewhere = {"institution_id": "31-u-bbbbbbbbbbbb", "responsible": "institution"}
    put_booking(database, clock, id="bk-" + "c" * 26, number="31-3", **elsewhere)
    put_booking(database, clock, id="bk-" + "d" * 26, number="31-4", state="draft")
    shown = {}
    with database.read() as session:
        for person in (MANAGER, OPERATOR, STATION):
            rows = queries.feed_rows(session, person, now=clock())
            shown[person.role] = sorted(row.number for row in rows)
    assert shown == {
        "institution_manager": ["31-1", "31-2"],
        "instrument_operator": ["31-2"],
        "station_staff": ["31-1"],
    }
