"""Whether an instrument can be booked from outside: the page and the API never disagree."""

from datetime import date
from itertools import product

import pytest

from hub.catalog import rules
from station_portal import booking, i18n

TODAY = date(2026, 11, 21)
ZH = i18n.language("zh")
SHARING = (None, "external", "internal", "none")
RUNNING = (None, "normal", "standby", "occasional_fault", "awaiting_repair", "awaiting_scrap")
CUSTOMS = (
    None,
    {"supervised": False},
    {"supervised": True},
    {"supervised": True, "until": "2026-11-21"},
    {"supervised": True, "until": "2026-11-20"},
    {"supervised": True, "permitted_purposes": ["teaching"]},
    {
        "supervised": True,
        "until": "2030-01-01",
        "permitted_purposes": ["teaching", "approved_external_service"],
    },
)


def document(
    sharing: str | None, running: str | None, customs: dict[str, object] | None
) -> dict[str, object]:
    told = {"sharing_mode": sharing, "running_state": running, "customs": customs}
    return {name: value for name, value in told.items() if value is not None}


@pytest.mark.parametrize(("sharing", "running"), tuple(product(SHARING, RUNNING)))
def test_yes_is_said_exactly_when_nothing_stands_against_it(sharing: str | None, running: str | None) -> None:
    for customs in CUSTOMS:
        told = document(sharing, running, customs)
        verdict = booking.judge(told, link="https://a.example/", today=TODAY, language=ZH)
        assert (verdict.answer == "yes") == (not rules.booking_from_outside(told, TODAY)), told
        assert (verdict.link is None) == (verdict.answer == "no")
        assert verdict.reasons


def test_what_decides_stands_first() -> None:
    told = document("internal", "normal", {"supervised": True})
    verdict = booking.judge(told, link=None, today=TODAY, language=ZH)
    assert verdict.answer == "no"
    assert [reason.kind for reason in verdict.reasons] == ["no", "maybe", "yes"]


def test_an_unknown_sharing_mode_is_neither_yes_nor_no() -> None:
    verdict = booking.judge({}, link="https://a.example/", today=TODAY, language=i18n.language("en"))
    assert verdict.answer == "maybe"
    assert verdict.title == "Perhaps open to outside users"
