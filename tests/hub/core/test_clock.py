"""Which day an instant belongs to."""

from datetime import UTC, date, datetime

from hub.core.clock import day_of


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    assert day_of(datetime(2026, 1, 5, 15, 59, 59, tzinfo=UTC)) == date(2026, 1, 5)
    assert day_of(datetime(2026, 1, 5, 16, 0, tzinfo=UTC)) == date(2026, 1, 6)
