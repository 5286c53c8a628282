"""The demo's programmes and vouchers: what was found published beside complete invented ones, and an allotment to spend."""

from datetime import timedelta

from sqlalchemy.orm import Session

from hub.cli.demo_people import ACTOR, ENTERPRISE
from hub.core.clock import SHANGHAI, Clock
from hub.core.db import Database
from hub.identity import queries as identity
from hub.settlement import queries, rules
from hub.settlement import service as settlement

ALLOTTED = ("demo-330400-voucher", "DEMO-JX-1", 10_000_000)
"""Programme, the home system's identifier, and fen of what the demo's enterprise may spend."""


def put_vouchers(database: Database, *, clock: Clock) -> None:
    """Every programme, and the allotment of the demo's enterprise. Safe to repeat: what is there stays as it is."""
    with database.write() as session:
        for documents in (rules.published(), rules.demo()):
            settlement.load_programmes(session, documents, actor=ACTOR, now=clock())
        _allot(session, clock)


def _allot(session: Session, clock: Clock) -> None:
    enterprise = identity.enterprise_by_code(session, ENTERPRISE[1])
    if enterprise is None or queries.wallets(session, enterprise.id):
        return
    now = clock()
    programme_id, external_id, fen = ALLOTTED
    until = now.astimezone(SHANGHAI).date() + timedelta(days=364)
    told = settlement.Allotment(external_id, programme_id, enterprise.id, fen, until)
    settlement.allot(session, told, actor=ACTOR, now=now)
