"""Proofs of payment lists are kept thirty years; then the file goes, and the line, its hash and the sealed chain stay."""

from datetime import datetime
from pathlib import Path

import pytest

from hub.core.clock import SHANGHAI
from hub.core.db import Database
from hub.settlement import ledger
from hub.settlement.service import forgotten_files, periods, proofs
from hub.settlement.service.kept_files import kept_files
from hub.settlement.service.periods import Proof
from tests.hub.settlement.periods.test_paying import posted
from tests.hub.settlement.periods.test_way import lines_of
from tests.hub.settlement.periods.world import AFTER, HOME, Usage, furnish

pytestmark = pytest.mark.database


def test_a_proof_of_a_paid_line_goes_when_its_years_are_over(database: Database, tmp_path: Path) -> None:
    furnish(database)
    posted(database, Usage("u1"))
    [line] = lines_of(database)
    sha256 = proofs.keep_proof(tmp_path, b"%PDF-1.7 synthetic")
    with database.write() as session:
        proof = Proof(datetime(2026, 4, 21).date(), "B-7", 30_000, sha256)  # noqa: DTZ001
        periods.record_payment(session, line.id, HOME, proof, now=AFTER)
    last = datetime(AFTER.astimezone(SHANGHAI).year + 30, 12, 31, 23, tzinfo=SHANGHAI)
    for now, gone, left in ((last, 0, 1), (last.replace(year=last.year + 1), 1, 0)):
        with database.read() as session:
            assert forgotten_files.forget_proofs(session, tmp_path, now=now) == gone
            assert len(list(kept_files(session, now=now))) == left
        assert proofs.path_of(tmp_path, sha256).is_file() == bool(left)
    assert [each.proof_sha256 for each in lines_of(database)] == [sha256]
    with database.read() as session:
        assert ledger.verify(session).broken is None
