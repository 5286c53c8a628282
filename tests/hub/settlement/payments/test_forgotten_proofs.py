"""Proofs of transfers are kept thirty years from the end of the year; then the file goes, and nothing else."""

from datetime import datetime

import pytest

from hub.core.clock import SHANGHAI
from hub.settlement import ledger
from hub.settlement.models import Attempt
from hub.settlement.service import forgetting, payments
from hub.settlement.service.kept_files import kept_files
from hub.settlement.service.payments import transfers
from tests.hub.settlement.payments.test_transfers import OWNER, confirm, hand_in
from tests.hub.settlement.payments.world import World

pytestmark = pytest.mark.database


def at(world: World, instant: datetime) -> int:
    """How many contents a round forgets then."""
    world.clock.advance((instant - world.clock()).total_seconds())
    return forgetting.forget_old(world.runtime)


def named(world: World) -> list[str]:
    with world.database.read() as session:
        return [each.sha256 for each in kept_files(session, now=world.clock())]


def test_a_proof_of_a_transfer_goes_when_its_years_are_over_and_its_hash_stays(world: World) -> None:
    world.owe()
    attempt = world.start("bank_transfer").attempt_id
    hand_in(world, attempt)
    confirm(world, attempt)
    year = world.today().year
    with world.database.read() as session:
        proof = session.get_one(Attempt, attempt).proof
    assert proof is not None
    path = transfers.path_of(world.home, proof["sha256"])
    assert at(world, datetime(year + 30, 12, 31, 23, 59, tzinfo=SHANGHAI)) == 0
    assert (path.is_file(), named(world)) == (True, [proof["sha256"]])
    assert at(world, datetime(year + 31, 1, 1, 0, 1, tzinfo=SHANGHAI)) == 1
    assert (path.exists(), named(world)) == (False, [])
    assert forgetting.forget_old(world.runtime) == 0
    with world.database.read() as session:
        assert session.get_one(Attempt, attempt).proof == proof
        assert ledger.verify(session).broken is None
    assert (world.state, world.broken()) == ("paid", [])


def test_a_proof_that_a_newer_transfer_names_too_stays(world: World) -> None:
    world.owe()
    first = world.start("bank_transfer").attempt_id
    hand_in(world, first)
    with world.database.write() as session:
        payments.refuse(session, OWNER, first, "金额不符", now=world.clock())
    year = world.today().year
    world.clock.advance(400 * 86_400)
    second = world.start("bank_transfer").attempt_id
    hand_in(world, second)
    confirm(world, second)
    with world.database.read() as session:
        proof = session.get_one(Attempt, second).proof
    assert proof is not None
    assert at(world, datetime(year + 31, 1, 2, tzinfo=SHANGHAI)) == 0
    assert transfers.path_of(world.home, proof["sha256"]).is_file()
