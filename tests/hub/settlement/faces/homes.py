"""A hub with two enterprises and the demo's programmes, and home systems that speak to it about allotments."""

from __future__ import annotations

from datetime import date
from typing import Any

from adapters.contract import AllotmentReply, AllotmentWord
from hub.cli import demo_people
from hub.core.db import Database
from hub.identity import queries as identity
from hub.settlement import rules, service
from hub.settlement.service.faces import allotments
from tests.hub.settlement.vouchers import ACTOR, NOW, PROGRAMME

CODE = demo_people.ENTERPRISE[1]
UNTIL = date(2026, 12, 31)


def furnish(database: Database) -> str:
    """Programmes and the demo's people; the identifier of the enterprise that vouchers are for."""
    demo_people.put_offices(database, [], clock=lambda: NOW)
    with database.write() as session:
        service.load_programmes(session, rules.demo(), actor=ACTOR, now=NOW)
        enterprise = identity.enterprise_by_code(session, CODE)
        assert enterprise is not None
        return enterprise.id


def word(fen: int, revision: int = 1, **changes: Any) -> AllotmentWord:
    """What the home system of 浙江 says."""
    told = {"id": "ED-1", "programme_id": PROGRAMME, "holder_code": CODE, "valid_until": UNTIL, **changes}
    name = f"allotment:{told['id']}:{revision}"
    return AllotmentWord(fen=fen, revision=revision, message_id=name, **told)


def hear(database: Database, told: AllotmentWord, province: str = "330000") -> AllotmentReply:
    """The hub's answer."""
    with database.write() as session:
        return allotments.hear(session, province, told, way="pull", now=NOW)
