"""The race: 32 clients, 200 slots, two web processes; judged on committed rows, not on what was answered."""

import json
import random
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.availability import service as availability
from hub.availability.models import Calendar, Cell, Claim, RulesRow
from hub.availability.service import Asker, Slot
from hub.bookings.models import Booking
from hub.core.db import Database
from tests.hub.bookings import people, world
from tests.hub.bookings.people import Cast

pytestmark = [pytest.mark.database, pytest.mark.long]

PROVINCE = "520000"
CLIENTS, PROCESSES = 32, 2
ONE_LANE, THREE_LANES, QUARTERS, MOVING = 1, 2, 3, 4
CAPACITY = {ONE_LANE: 1, THREE_LANES: 3, QUARTERS: 1, MOVING: 1}
ASKED = {ONE_LANE: 2, THREE_LANES: 4, QUARTERS: 2, MOVING: 2}
"""How many clients ask for the very same slot of each instrument."""


def test_nobody_gets_what_somebody_else_has(database: Database, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    cast = furnish(database, now)
    steps = lay_out(database, cast, now)
    answers = race(database.url, tmp_path, cast, steps)

    assert [answer for answer in answers if answer["status"] >= 500] == []
    judge_rows(database)
    judge_winners(answers)
    commands = Counter((answer["command"], answer["status"] < 300) for answer in answers)
    for command in ("submit", "accept", "propose", "agree", "cancel"):
        assert commands[command, True], f"the race never saw a {command} that went through: {commands}"


def furnish(database: Database, now: datetime) -> Cast:
    world.furnish(database, now, instruments=4, step_minutes=15)
    with database.write() as session:
        for number, capacity in CAPACITY.items():
            row = session.get_one(RulesRow, (world.instrument_id(PROVINCE, number), 1))
            row.document = {**row.document, "capacity": capacity}
    return people.settle(database, now, PROVINCE)


def lay_out(database: Database, cast: Cast, now: datetime) -> list[dict[str, Any]]:
    """200 slots: 80 of one lane, 20 of three, 60 quarters of an hour, 40 that move, overlap and are cancelled."""
    dice = random.Random(20261001)
    base = now.replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=3)
    steps = []
    for number, count, minutes in (
        (ONE_LANE, 80, 60),
        (THREE_LANES, 20, 60),
        (QUARTERS, 60, 15),
        (MOVING, 40, 60),
    ):
        for index in range(count):
            start = base + timedelta(minutes=minutes * index)
            slot = Slot(start, start + timedelta(minutes=minutes))
            asked = ask(database, cast, number, slot)
            for client in range(ASKED[number]):
                body, then = asked, [["accept", "station", {}]] if index % 3 == 0 else []
                if number == MOVING:
                    body = ask(database, cast, number, shifted(slot, 30)) if client else asked
                    then = moving_about(asked, dice)
                steps.append({"group": f"{number}-{index}", "body": body, "then": then})
    twice = [dict(step, key=f"race-the-same-key-{at:05}") for at, step in enumerate(steps[:40])]
    steps[:40] = twice
    steps += [dict(step, then=[]) for step in twice]
    dice.shuffle(steps)
    return steps


def ask(database: Database, cast: Cast, number: int, slot: Slot) -> dict[str, Any]:
    asked = world.request(PROVINCE, slot, number=number)
    principal = cast.li.principal
    held = frozenset({principal.party_id or "", principal.person_id or ""})
    asker = Asker(principal.name, enterprise_id=principal.party_id, is_verified=True, holders=held)
    with database.write() as session:
        quote = availability.quote(session, asker, asked["instrument_id"], asked, now=datetime.now(UTC))
    return {"command": "submit", "request": {**asked, "quote_id": quote.id}}


def shifted(slot: Slot, minutes: int) -> Slot:
    by = timedelta(minutes=minutes)
    return Slot(slot.start + by, slot.end + by)


def moving_about(body: dict[str, Any], dice: random.Random) -> list[list[Any]]:
    """Accept, propose a time that overlaps the present one, agree, and perhaps cancel."""
    slot = {name: _later(text, 30) for name, text in body["request"]["slot"].items()}
    then: list[list[Any]] = [["accept", "station", {}], ["propose", "li", {"slot": slot}]]
    then.append([dice.choice(("agree", "agree", "decline")), "station", {"proposal": 1}])
    if dice.random() < 0.5:
        then.append(["cancel", "li", {"reason": "plans_changed"}])
    return then


def race(url: str, folder: Path, cast: Cast, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for process in range(PROCESSES):
        mine = range(process, CLIENTS, PROCESSES)
        plan = {
            "people": {"li": cast.li.headers(), "station": cast.station.headers()},
            "clients": [{"name": f"c{client:02}", "steps": steps[client::CLIENTS]} for client in mine],
        }
        (folder / f"plan-{process}.json").write_text(json.dumps(plan), "utf-8")
    command = [sys.executable, "-m", "tests.faults.racer", url, str(folder), str(PROCESSES)]
    subprocess.run(command, check=True, timeout=200)
    left = [json.loads((folder / f"answers-{number}.json").read_text("utf-8")) for number in range(PROCESSES)]
    together = min(one["ended"] for one in left) - max(one["begun"] for one in left)
    whole = max(one["ended"] for one in left) - min(one["begun"] for one in left)
    assert together > 0.5 * whole, "the processes ran one after the other: nothing was raced"
    return [answer for one in left for answer in one["answers"]]


def judge_rows(database: Database) -> None:
    """Never more live claims at one instant than lanes; every claim's cells are its own; bookings agree with claims."""
    with database.read() as session:
        claims = list(session.scalars(select(Claim).where(Claim.state.in_(("held", "confirmed")))))
        minutes = {row.instrument_id: row.cell_minutes for row in session.scalars(select(Calendar))}
        cells: dict[str, set[int]] = defaultdict(set)
        for row in session.scalars(select(Cell)):
            assert row.cell not in cells[row.claim_id], "one claim in two lanes of a cell"
            cells[row.claim_id].add(row.cell)
        bookings = {row.id: row for row in session.scalars(select(Booking))}
    taken: Counter[tuple[str, int]] = Counter()
    for claim in claims:
        for start, end in _times(claim):
            taken.update((claim.instrument_id, at) for at in _cells(start, end, minutes[claim.instrument_id]))
        booking = bookings[claim.id]
        assert (booking.starts_at, booking.ends_at) == (claim.starts_at, claim.ends_at)
        wanted = {
            at for start, end in _times(claim) for at in _cells(start, end, minutes[claim.instrument_id])
        }
        assert cells.pop(claim.id) == wanted
    assert not {claim: left for claim, left in cells.items() if left}, "cells that nobody claims"
    lanes = {world.instrument_id(PROVINCE, number): count for number, count in CAPACITY.items()}
    assert [place for place, count in taken.items() if count > lanes[place[0]]] == [], "overlaps"
    for booking in bookings.values():
        is_live = booking.state in {"forwarded", "accepted", "reschedule_proposed"}
        assert is_live == (booking.id in {claim.id for claim in claims}), booking.state


def judge_winners(answers: list[dict[str, Any]]) -> None:
    """Of identical requests exactly as many win as there are lanes, and a repeated key is the first one's answer."""
    won: dict[str, set[str]] = defaultdict(set)
    for answer in answers:
        if answer["command"] == "submit" and answer["status"] == 201:
            won[answer["group"]].add(answer["id"])
    for group, winners in won.items():
        number = int(group.split("-")[0])
        if number != MOVING:
            assert len(winners) == CAPACITY[number], group
    assert sum(not group.startswith(f"{MOVING}-") for group in won) == 160, (
        "every slot that several wanted was given to somebody"
    )
    refused = {
        answer["code"] for answer in answers if answer["command"] == "submit" and answer["status"] != 201
    }
    assert refused <= {"slot_taken", "command_in_flight"}


def _times(claim: Claim) -> list[tuple[datetime, datetime]]:
    times = [(claim.starts_at, claim.ends_at)]
    if claim.proposed_starts_at is not None and claim.proposed_ends_at is not None:
        start, end = claim.proposed_starts_at, claim.proposed_ends_at
        times = (
            [(min(start, claim.starts_at), max(end, claim.ends_at))]
            if start < claim.ends_at
            else [*times, (start, end)]
        )
    return times


def _cells(start: datetime, end: datetime, minutes: int) -> range:
    return range(int(start.timestamp()) // (minutes * 60), -(-int(end.timestamp()) // (minutes * 60)))


def _later(text: str, minutes: int) -> str:
    return (datetime.fromisoformat(text) + timedelta(minutes=minutes)).isoformat()
