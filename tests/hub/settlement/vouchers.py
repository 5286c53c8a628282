"""A small world of vouchers: the demo's programmes, and grants and allotments for the Jiaxing enterprise."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.core.db import Database
from hub.settlement import queries, rules, service
from hub.settlement.rules import Decisions, Order
from hub.settlement.service import Allotment, Allotted
from tests.hub.settlement.orders import ORDER, order, with_terms

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOLDER = ORDER.holder
PROGRAMME = "demo-330400-voucher"
GUIZHOU = "demo-520000-voucher"
ACTOR = "system:test"


def furnish(database: Database, fen: int | None = 100_000_000) -> None:
    """The demo's programmes, and one allotment for the enterprise."""
    with database.write() as session:
        service.load_programmes(session, rules.demo(), actor=ACTOR, now=NOW)
        if fen is not None:
            allot(session, fen)


def allot(session: Session, fen: int, external_id: str = "ZJ-1", **changes: Any) -> Allotted:
    """The home system's word about an allotment."""
    told = {"holder": HOLDER, "valid_until": date(2026, 12, 31), **changes}
    return service.allot(
        session, Allotment(external_id, PROGRAMME, fen=fen, **told), actor="platform:33", now=NOW
    )


def hold(database: Database, reference: str, fee_fen: int | None = 60_000, **facts: Any) -> Decisions:
    """Hold for an order of the enterprise."""
    with database.write() as session:
        return service.hold(session, _order(reference, fee_fen, facts), now=NOW)


def _order(reference: str, fee_fen: int | None, facts: dict[str, Any]) -> Order:
    return order(reference=reference, fee_fen=fee_fen, **facts)


def release(database: Database, reference: str) -> service.Resolution | None:
    """The order came to nothing."""
    with database.write() as session:
        return service.release(session, reference, now=NOW)


def capture(database: Database, reference: str, fen: int) -> service.Resolution:
    """The order was used."""
    with database.write() as session:
        return service.capture(session, reference, fen, now=NOW)


def wallet(database: Database, holder: str = HOLDER) -> list[tuple[int, int, int, int]]:
    """Granted, left, held and used of each grant."""
    with database.read() as session:
        held = queries.wallets(session, holder)
    return [(each.granted_fen, each.left_fen, each.held_fen, each.used_fen) for each in held]


def change(database: Database, **terms: Any) -> None:
    """Another version of the Jiaxing programme."""
    document = next(each for each in rules.demo() if each["id"] == PROGRAMME)
    with database.write() as session:
        service.put_programme(session, with_terms(document, **terms), actor=ACTOR, now=NOW)
