"""The hub reads the calendars of the simulated platforms: what they hold is taken, what they ask is asked."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import schemas
from adapters.simulators.desk import Period, almanac
from hub.availability import queries, service
from hub.availability.rules import Slot
from hub.availability.service import pulls
from hub.catalog.models import Instrument
from hub.core.runtime import Runtime
from tests.adapters.bookings.platforms import Spoken, speak
from tests.hub.availability.platforms import CalendarProvince

pytestmark = pytest.mark.database

SHOWN = ("310000", "320000", "330000", "360000", "510000")


@pytest.fixture(params=SHOWN)
def spoken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Spoken]:
    held = speak(request.param, tmp_path / "platform")
    yield held
    held.line.end()


def _read(runtime: Runtime, spoken: Spoken, code: str) -> tuple[Runtime, str]:
    """A hub that has the platform's instrument in its catalogue and has read its calendar."""
    unit, number = spoken.native.unit_id, spoken.native.internal_number
    instrument_id = schemas.ids.instrument_id(code, unit, number)
    with runtime.database.write() as session:
        session.add(
            Instrument(
                id=instrument_id, province=code, is_listed=True, native_key=instrument_id, sharing_mode="external",
                created_at=spoken.clock.now, changed_at=spoken.clock.now,
                document={
                    "id": instrument_id, "province": code, "unit": {"id": unit}, "internal_number": number,
                    "name_zh": "仪器", "sharing_mode": "external", "location": {"province": code},
                    "classification": {"scheme": "most-2006", "code": "010102"},
                },
            )
        )  # fmt: skip
    hub = replace(runtime, clock=spoken.clock, adapters={code: CalendarProvince(code, spoken.port)})  # type: ignore[arg-type, dict-item]
    assert pulls.pull_province(hub, code) == 1
    return hub, instrument_id


def test_what_the_platform_holds_asks_and_charges_is_known_here(runtime: Runtime, spoken: Spoken) -> None:
    code = spoken.world.code
    taken = spoken.free_slot(skip=3)
    spoken.desk.reserve(spoken.key, Period(taken.start, taken.end))
    hub, instrument_id = _read(runtime, spoken, code)
    now = spoken.clock.now
    with hub.database.read() as session:
        facts = queries.index_facts(session, [instrument_id], now=now, until=now + pulls.AHEAD)[instrument_id]
        rules_in_force = queries.booking_rules(session, instrument_id, now=now)
        held = queries.live_claims(session, [instrument_id], Slot(now, now + pulls.AHEAD))
        conflicts = queries.conflicts(session)
    truth = [(p.start, p.end) for p, _ in spoken.desk.busy(spoken.key, now, now + pulls.AHEAD) if p.end > now]
    assert sorted(claim.slot for claim in held) == sorted(truth)
    assert (conflicts, facts.source, facts.as_of) == ([], "platform", now)
    if rules_in_force.capacity == 1:
        assert any(one.start <= taken.start and taken.end <= one.end for one in facts.busy)
    with hub.database.read() as session:
        shown = service.show(session, instrument_id, start=now, end=now + pulls.AHEAD, now=now)
    assert not [
        free
        for free in shown.free
        if rules_in_force.capacity == 1 and free.overlaps(Slot(taken.start, taken.end))
    ]
    _check_terms(hub, spoken, instrument_id)


def _check_terms(hub: Runtime, spoken: Spoken, instrument_id: str) -> None:
    with hub.database.read() as session:
        kept = queries.booking_rules(session, instrument_id, now=spoken.clock.now)
        tariff = service.tariff_of(session, instrument_id, now=spoken.clock.now)
    if spoken.world.code == "360000":  # 江西 tells times only
        assert (kept.source, tariff) == ("default", None)
        return
    truth = almanac.rules_of(spoken.key)
    assert (kept.source, kept.capacity, kept.max_minutes) == (
        "platform",
        truth.capacity,
        truth.longest_minutes,
    )
    assert kept.opening.lead_minutes == truth.lead_minutes
    assert tariff is not None
    assert tariff.source == "platform"
    row = spoken.world.survey_row(spoken.key)
    assert row is not None
    assert [position["outside_fen"] for position in tariff.document["positions"]] == [
        price.outside_fen for price in almanac.prices_of(row)
    ]
