"""Deadlines are dated data with a source: what is begun under one rule keeps it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hub.core.clock import SHANGHAI
from hub.settlement.rules import deadlines, signing
from hub.settlement.rules.deadlines import deadline_of

HEAD = "name,province,valid_from,days,counted,grade,source\n"
FIRST = """pay_after_service,*,2026-01-01,10,working,demo,第一版（合成）
sign_document,*,2026-01-01,10,calendar,demo,第一版（合成）
"""
SECOND = """pay_after_service,*,2026-07-01,15,working,demo,第二版（合成）
pay_after_service,330000,2026-07-01,20,working,demo,浙江（合成）
sign_document,*,2026-07-01,7,calendar,demo,第二版（合成）
"""
Use = Callable[[str], None]


@pytest.fixture
def use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Reads other rows instead of the shipped ones."""

    def put(rows: str) -> None:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(HEAD + rows, "utf-8")
        monkeypatch.setattr(deadlines, "TABLE", path)

    return put


def test_the_shipped_ones_have_a_source_and_a_grade() -> None:
    for name, days, counted in (
        ("pay_after_service", 10, "working"),
        ("pay_before_service", 5, "working"),
        ("sign_document", 10, "calendar"),
    ):
        found = deadline_of(name, "330000", date(2026, 3, 2))  # type: ignore[arg-type]
        assert (found.days, found.counted, found.grade) == (days, counted, "local_decision")
        assert found.source


def test_another_value_is_for_what_is_begun_from_its_day_on(use: Use) -> None:
    days = [date(2026, 6, 1) + timedelta(days=number) for number in range(60)]
    use(FIRST)
    before = {day: deadline_of("pay_after_service", "310000", day).days for day in days}
    assert set(before.values()) == {10}
    use(FIRST + SECOND)
    for day in days:
        is_later = day >= date(2026, 7, 1)
        assert deadline_of("pay_after_service", "310000", day).days == (15 if is_later else before[day])
        assert deadline_of("pay_after_service", "330000", day).days == (20 if is_later else before[day])


def test_the_day_begins_in_beijing(use: Use) -> None:
    use(FIRST + SECOND)
    midnight = datetime(2026, 7, 1, tzinfo=SHANGHAI).astimezone(UTC)
    assert deadline_of("pay_after_service", "310000", midnight).days == 15
    assert deadline_of("pay_after_service", "310000", midnight - timedelta(seconds=1)).days == 10


def test_a_document_issued_before_keeps_its_days_to_sign(use: Use) -> None:
    use(FIRST + SECOND)
    old, new = datetime(2026, 6, 30, 1, tzinfo=UTC), datetime(2026, 7, 1, 1, tzinfo=UTC)
    assert signing.sign_by("310000", old) == old + timedelta(days=10)
    assert signing.sign_by("310000", new) == new + timedelta(days=7)
    at = new + timedelta(days=8)
    graded = [signing.grade(set(), "310000", issued_at=issued, now=at) for issued in (old, new)]
    assert graded == ["waiting", "overdue"]


@pytest.mark.parametrize(
    ("row", "why"),
    [("sign_document,*,2026-01-01,0,calendar,demo,x\n", "'0'"),
     ("sign_document,*,2026-01-01,7,lunar,demo,x\n", "lunar"),
     ("sign_document,*,2026-01-01,7,calendar,demo,\n", "source"),
     (FIRST + "sign_document,*,2026-01-01,7,calendar,demo,x\n", "two rows"),
     ("sign_document,*,2026-01-01,sieben,calendar,demo,x\n", "sieben")],
)  # fmt: skip
def test_a_row_that_cannot_be_meant_is_refused(use: Use, row: str, why: str) -> None:
    use(row)
    with pytest.raises(ValueError, match=why):
        deadline_of("sign_document", "310000", date(2026, 3, 2))


def test_where_none_is_in_force_nothing_is_made_up(use: Use) -> None:
    use(FIRST)
    with pytest.raises(LookupError, match="sign_document in 310000 on 2025-12-31"):
        deadline_of("sign_document", "310000", date(2025, 12, 31))
