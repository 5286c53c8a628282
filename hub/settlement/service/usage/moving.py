"""Moving a usage: one decision of the machine, under the row's lock, in the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.settlement.errors.usage import UsageRefused, UsageUnknown
from hub.settlement.models import RatedLine, Usage, UsageDispute, UsageVersion
from hub.settlement.rules import usages as rules
from hub.settlement.rules.usages import Facts
from hub.settlement.service.usage import telling


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: a side of the machine, the name for the record, and the person behind it."""

    side: str
    actor: str
    person_id: str | None = None


SYSTEM = By("system", "system:settlement")


def lock(session: Session, usage_id: str) -> Usage:
    """The usage, nobody else changing it before this transaction ends. Raises `UsageUnknown`."""
    mine = select(Usage).where(Usage.id == usage_id).with_for_update()
    held = session.scalar(mine.execution_options(populate_existing=True))
    if held is None:
        raise UsageUnknown(usage_id)
    return held


def lock_order(session: Session, reference: str, kind: str = "service") -> Usage | None:
    """The order's usage of that kind, locked; None when nothing was recorded."""
    mine = select(Usage).where(Usage.reference == reference, Usage.kind == kind).with_for_update()
    return session.scalar(mine.execution_options(populate_existing=True))


def lock_of_line(session: Session, line_id: int) -> Usage | None:
    """The usage that a line prices, locked before the line is; None for a line of a usage that is not kept here."""
    of = select(RatedLine.usage_id).where(RatedLine.id == line_id).scalar_subquery()
    return session.scalar(select(Usage).where(Usage.id == of).with_for_update(of=Usage))


def live_line(session: Session, usage_id: str) -> RatedLine | None:
    """The one line of the usage that counts, locked."""
    mine = select(RatedLine).where(
        RatedLine.usage_id == usage_id, RatedLine.state.not_in(("returned", "withdrawn"))
    )
    return session.scalar(mine.with_for_update().execution_options(populate_existing=True))


def version_of(session: Session, usage: Usage) -> UsageVersion:
    """The present version."""
    return session.get_one(UsageVersion, (usage.id, usage.version))


def present(session: Session, usage: Usage) -> dict[str, Any]:
    """The document of the present version: what was used, its lines and its price."""
    return version_of(session, usage).document


def present_of(session: Session, reference: str) -> dict[str, Any] | None:
    """The document of the present version of the order's service; None when nothing was recorded."""
    usage = session.scalar(select(Usage).where(Usage.reference == reference, Usage.kind == "service"))
    return None if usage is None else present(session, usage)


def open_dispute(session: Session, usage_id: str) -> UsageDispute | None:
    """The dispute that is not decided yet, locked."""
    mine = select(UsageDispute).where(UsageDispute.usage_id == usage_id, UsageDispute.ended_at.is_(None))
    return session.scalar(mine.with_for_update().execution_options(populate_existing=True))


def facts(session: Session, usage: Usage, *, is_confirmable: bool = False) -> Facts:
    """The usage as decisions see it."""
    line = live_line(session, usage.id) if usage.state == "rated" else None
    dispute = open_dispute(session, usage.id) if usage.state == "disputed" else None
    return Facts(
        state=rules.state_of(usage.state, None if line is None else line.state),
        confirm_by=usage.confirm_by,
        is_confirmable=is_confirmable,
        is_told_twice=usage.state == "submitted" and telling.is_told_twice(session, usage),
        is_arbitrated=dispute is not None and dispute.arbiter is not None,
        decide_by=None if dispute is None else dispute.decide_by,
    )


def move(
    session: Session,
    usage: Usage,
    command: str,
    by: By,
    *,
    reason: str | None = None,
    is_confirmable: bool = False,
    now: datetime,
) -> None:
    """Carry out a command on a locked usage. Raises `UsageRefused`; what follows from it is the caller's."""
    known = facts(session, usage, is_confirmable=is_confirmable)
    found = rules.decide(known, command, by.side, reason=reason, now=now)
    if isinstance(found, rules.Refusal):
        raise UsageRefused(
            command, found.code, found.zh, found.en, state=found.state, possible=found.possible
        )
    if found != known.state:
        usage.state = found
    usage.revision += 1
    usage.updated_at = now
