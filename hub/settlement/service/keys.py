"""Idempotency keys of commands over money."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.core import idempotency
from hub.core.idempotency import Ticket
from hub.settlement.models import CommandKey


def take(session: Session, actor: str, key: str | None, asked: Mapping[str, Any], *, now: datetime) -> Ticket:
    """Take the key for a command; `asked` is everything that makes it this one and no other.

    `ticket.answer(session, answer, subject=…)` keeps what it is answered with. Raises what `idempotency.take` raises.
    """
    return idempotency.take(session, CommandKey, actor, key, asked, now=now)
