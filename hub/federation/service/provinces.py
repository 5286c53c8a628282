"""A province's connection state: who is connected, when it was last heard, how long it is left alone."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from adapters.errors import AdapterError
from hub.core.db import insert
from hub.federation import rules
from hub.federation.models import Province

_PROVINCE: Table = Province.__table__  # type: ignore[assignment]

# Built once: every page of a harvest begins with it.
_CONTACT = (
    update(_PROVINCE)
    .where(_PROVINCE.c.code == bindparam("b_code"))
    .values(state="connected", failures=0, open_until=None, last_contact_at=bindparam("b_now"))
)


def lock_province(session: Session, code: str) -> Province:
    """The province's row, locked to the end of the transaction: whoever writes a province's records holds it.

    Creates the row at the first call. On SQLite the write lock is enough.
    """
    query = select(Province).where(Province.code == code).with_for_update()
    row = session.scalar(query)
    if row is None:
        session.execute(insert(session, Province).values(code=code, state="planned").on_conflict_do_nothing())
        row = session.scalars(query).one()
    return row


def ensure_provinces(session: Session, codes: Iterable[str]) -> None:
    """Give each of these provinces its row. Safe to repeat."""
    known = set(session.scalars(select(Province.code)))
    missing = [{"code": code, "state": "planned"} for code in codes if code not in known]
    if missing:
        session.execute(insert(session, Province).on_conflict_do_nothing(), missing)


def record_contact(session: Session, code: str, now: datetime) -> None:
    """The province answered: it is connected and the breaker is closed. Locks its row, which has to be there."""
    session.connection().execute(_CONTACT, {"b_code": code, "b_now": now})


def record_failure(province: Province, error: AdapterError, now: datetime) -> None:
    """A call failed. Faults of the hub itself (an unsupported request) say nothing about the province."""
    province.last_failure_at = now
    province.last_error = rules.error_reason(error)._asdict()
    if error.code in {"unsupported", "manifest-invalid", "limit-exceeded", "malformed", "loop-detected"}:
        return
    held = rules.Breaker(province.failures, province.open_until)
    is_final = error.code in {"auth-rejected", "refused"}
    after = rules.breaker_after_failure(held, now, is_final=is_final)
    province.failures, province.open_until = after
    province.state = rules.state_after_failure(error, after, province.state)


def breaker_of(session: Session, code: str) -> rules.Breaker:
    """The province's breaker; closed when nothing was ever recorded."""
    row = session.get(Province, code)
    return rules.Breaker() if row is None else rules.Breaker(row.failures, row.open_until)
