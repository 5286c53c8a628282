"""A booking's row in any state, and people on both of its sides."""

from datetime import timedelta
from typing import Any

from hub.bookings.models import Booking
from hub.core.db import Database
from hub.identity.rules import Principal
from tests.virtual_clock import VirtualClock

ENTERPRISE, INSTITUTION = "en-jiaxing", "31-u-aaaaaaaaaaaa"
MEMBER = Principal(
    "account", "account:member", "甲", "enterprise_member", None, person_id="p-1", party_id=ENTERPRISE
)
STRANGER = Principal(
    "account", "account:stranger", "乙", "enterprise_member", None, person_id="p-2", party_id="en-other"
)
STATION = Principal(
    "account", "account:station", "驿站", "station_staff", "310000", person_id="p-3", party_id="op-31"
)
OPERATOR = Principal(
    "account", "account:operator", "机主", "instrument_operator", None, person_id="p-4", party_id=INSTITUTION
)


def put_booking(database: Database, clock: VirtualClock, **changes: Any) -> Booking:
    """A booking of the member with the institution in 上海, by default with the service done."""
    now = clock()
    values: dict[str, Any] = {
        "id": "bk-" + "a" * 26,
        "number": "31-20260105-AAAAAA",
        "revision": 7,
        "state": "service_done",
        "service_mode": "machine_time",
        "province": "310000",
        "channel": "portal",
        "instrument_id": "31-aaaaaaaaaaaa",
        "institution_id": INSTITUTION,
        "operator_id": "op-31",
        "enterprise_id": ENTERPRISE,
        "home_area": "330400",
        "person_id": "p-1",
        "applicant": "account:member",
        "starts_at": now - timedelta(hours=3),
        "ends_at": now - timedelta(hours=1),
        "turn_side": "provider",
        "created_at": now - timedelta(days=3),
        "updated_at": now,
        "document": {},
    } | changes
    with database.write() as session:
        booking = Booking(**values)
        session.add(booking)
    return booking
