"""Whatever is changed of a batch after it was sealed, checking the batch finds and names it."""

import pytest
from sqlalchemy import text

from hub.core.db import Database
from hub.settlement.models import Batch
from hub.settlement.service import periods
from hub.settlement.service.documents import digest
from hub.settlement.service.periods.sealing import seal_parts
from tests.hub.settlement.periods.test_way import lines_of
from tests.hub.settlement.periods.world import AFTER, BATCH, VISITED, Usage, furnish, pay, posted
from tests.hub.settlement.tampering import tamper

pytestmark = pytest.mark.database

CHANGED = {
    "entry's fee": ("UPDATE settlement_member SET fee_fen = fee_fen + 1, own_fen = own_fen + 1", "line:"),
    "entry's order": ("UPDATE settlement_member SET order_number = 'JYH-0'", "line:"),
    "entry's hash": ("UPDATE settlement_member SET sha256 = '0'", "line:"),
    "entry's place": ("UPDATE settlement_member SET position = position + 7", "line:"),
    "last entry gone": ("DELETE FROM settlement_member WHERE position = 3", "calculation:"),
    "entry gone": ("DELETE FROM settlement_member WHERE position = 2", "line:"),
    "line's fee": ("UPDATE settlement_line SET fee_fen = fee_fen + 1, own_fen = own_fen + 1", "line:"),
    "line's enterprise": ("UPDATE settlement_line SET enterprise_id = 'en-9'", "line:"),
    "line's institution": ("UPDATE settlement_line SET institution_id = '31-u-aaaaaaaaaaaa'", "line:"),
    "line's document": ("UPDATE settlement_line SET document = '{}'", "line:"),
    "calculation's hash": ("UPDATE settlement_calculation SET sha256 = '0'", "calculation:"),
    "calculation's list": ("UPDATE settlement_calculation SET lines_sha256 = '0'", "calculation:"),
    "calculation gone": ("UPDATE settlement_batch SET revision = 0", "calculation:"),
    "batch's total": ("UPDATE settlement_batch SET fee_fen = fee_fen + 1, own_fen = own_fen + 1", "batch:"),
    "batch's statement": ("UPDATE settlement_batch SET statement_id = NULL", "batch:"),
    "statement": (
        "UPDATE settlement_document SET body = '{\"number\": 1}' WHERE kind = 'statement'",
        "statement:",
    ),
    "payment list": (
        "UPDATE settlement_document SET body = '{\"number\": 1}' WHERE kind = 'payment-list'",
        "payment-list:",
    ),
    "payment list's name": ("UPDATE settlement_payment_list SET document_id = 'none/1'", "none/1"),
    "payment's amount": ("UPDATE settlement_payment_line SET fen = fen + 1", "payment-line:"),
    "payment's payee": ("UPDATE settlement_payment_line SET payee_id = 'other'", "payment-line:"),
    "payment's order": ("UPDATE settlement_payment_item SET order_number = 'JYH-0'", "payment-line:"),
    "order not paid": ("DELETE FROM settlement_payment_item", "payment-line:"),
    "proof's reference": ("UPDATE settlement_payment_line SET bank_reference = 'B-9'", "seal:"),
    "proof's day": ("UPDATE settlement_payment_line SET paid_on = '2026-04-19'", "seal:"),
    "seal": ("UPDATE settlement_batch SET sealed_sha256 = '0'", "seal:"),
    "seal gone": ("UPDATE settlement_batch SET sealed_sha256 = NULL", "seal:"),
    "opened again": ("UPDATE settlement_batch SET state = 'paid'", "seal:"),
    "published seal": (
        "UPDATE core_change SET payload = '{\"sha256\": \"0\"}' WHERE topic = 'settlement-seal'",
        "seal:",
    ),
}


@pytest.fixture
def sealed(database: Database) -> Database:
    furnish(database)
    posted(database, Usage("u1"), Usage("u2", 40_000, 10_000), Usage("u3", 5_000, 0))
    [line] = lines_of(database)
    pay(database, line.id, 40_000)
    with database.write() as session:
        periods.seal_batch(session, BATCH, VISITED, now=AFTER)
    return database


@pytest.mark.parametrize("what", CHANGED)
def test_whatever_is_changed_of_a_sealed_batch_is_found_and_named(sealed: Database, what: str) -> None:
    statement, named = CHANGED[what]
    with sealed.read() as session:
        assert periods.verify_batch(session, BATCH).broken is None
    tamper(sealed, statement)
    with sealed.read() as session:
        found = periods.verify_batch(session, BATCH)
    assert found.broken is not None
    assert found.broken.startswith(named), found


def test_a_seal_made_to_fit_a_changed_payment_is_not_the_published_one(sealed: Database) -> None:
    """Somebody changes how a line was paid and reckons the batch's own hash anew: the log of seals contradicts."""
    with sealed.write() as session:
        session.execute(text("UPDATE settlement_payment_line SET bank_reference = 'B-9'"))
        held = session.get_one(Batch, BATCH)
        held.sealed_sha256 = digest(seal_parts(session, held))
    with sealed.read() as session:
        found = periods.verify_batch(session, BATCH)
    assert (found.broken, found.why) == (f"seal:{BATCH}", "not what was published")
