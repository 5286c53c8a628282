"""What a page of finance offers whom: the access matrix, the side, and the state that the machine asks for."""

from __future__ import annotations

import schemas
from hub.identity import rules
from hub.identity.rules import Principal, Subject
from hub.settlement.queries.periods import BatchShown
from hub.settlement.rules.periods import side_of

READ, READ_PAYMENTS = "settlement.read", "settlement.read_payments"
VISITED = frozenset({"submit", "recalculate", "seal", "propose_credit"})
HOME = frozenset({"return_line", "agree", "issue_credit"})
COMMANDS = (*sorted(VISITED | HOME), "reopen")
_AFTER_POSTING = ("posted", "paid", "closed")


def may(me: Principal, batch: BatchShown, command: str) -> bool:
    """Whether the page offers the command; that a review is overdue is asked when it is given."""
    if not rules.may(me, f"settlement.{command}", _subject(batch, command)):
        return False
    side = side_of(me.role, me.province, command, batch.visited, batch.home)
    if side is None:
        return False
    if command in ("propose_credit", "issue_credit"):
        return batch.state in _AFTER_POSTING
    return schemas.machine("settlement-batch").find(batch.state, command, side) is not None


def payer_subject(area: str) -> Subject:
    """A payment list as the access matrix sees it: who pays it."""
    return Subject(home_area=area)


def _subject(batch: BatchShown, command: str) -> Subject:
    return Subject(
        home_area=None if command in VISITED else batch.home,
        station_province=None if command in HOME else batch.visited,
        state=batch.state,
    )
