"""The proof of a payment is a file below HUB_HOME that its row names: one that is gone is found."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hub.core.db import Database
from hub.core.kept_files import faults
from hub.settlement.service import periods, proofs
from hub.settlement.service.kept_files import kept_files
from hub.settlement.service.periods import Proof
from tests.hub.settlement.periods.test_paying import BACK, credit, pay
from tests.hub.settlement.periods.test_way import lines_of
from tests.hub.settlement.periods.world import AFTER, HOME, Usage, furnish, posted

pytestmark = pytest.mark.database


def test_the_proof_of_a_payment_is_named_by_its_row(database: Database, tmp_path: Path) -> None:
    furnish(database)
    posted(database, Usage("u1"))
    line = lines_of(database)[0]
    sha256 = proofs.keep_proof(tmp_path, b"%PDF-1.7 receipt")
    with database.write() as session:
        proof = Proof(date(2026, 4, 20), "B-1", line.owed_fen, sha256)
        periods.record_payment(session, line.id, HOME, proof, now=AFTER)
    with database.read() as session:
        (named,) = kept_files(session, now=AFTER)
    assert named.row == f"payment-line:{line.id}"
    assert list(faults(tmp_path, [named])) == []
    (tmp_path / named.path).unlink()
    assert [each.why for each in faults(tmp_path, [named])] == ["missing"]


def test_the_paper_of_money_that_came_back_is_named_by_its_credit(database: Database, tmp_path: Path) -> None:
    furnish(database)
    [line] = posted(database, Usage("u1"))
    [payment] = lines_of(database)
    pay(database, payment.id, 30_000)
    made = credit(database, line)
    with database.read() as session:
        before = {each.row for each in kept_files(session, now=AFTER)}
    sha256 = proofs.keep_proof(tmp_path, b"%PDF-1.7 paid back")
    with database.write() as session:
        periods.record_payback(session, made.id, HOME, replace(BACK, sha256=sha256), now=AFTER)
    with database.read() as session:
        [named] = [each for each in kept_files(session, now=AFTER) if each.row not in before]
    assert named.row == f"credit:{made.id}"
    assert list(faults(tmp_path, [named])) == []
    (tmp_path / named.path).write_bytes(b"%PDF-1.7 another paper")
    assert [each.why for each in faults(tmp_path, [named])] == ["differs"]
