"""Confirming: by the enterprise, or by silence after two notices by two channels."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hub.settlement.models import Usage
from hub.settlement.service.usage import disputing, recording, telling
from hub.settlement.service.usage.moving import SYSTEM, By
from hub.settlement.service.usage.rated_lines import Rated


def confirm_usage(session: Session, usage: Usage, by: By, *, way: str = "enterprise", now: datetime) -> Rated:
    """The enterprise confirms a locked usage: it is priced in this transaction. Raises `UsageRefused`."""
    return recording.confirm(session, usage, by, way, now=now)


def confirm_by_silence(session: Session, usage: Usage, *, now: datetime) -> Rated | None:
    """Confirm if the time is over and two notices went by two channels; None where silence says nothing yet."""
    if usage.state != "submitted" or usage.confirm_by is None or now < usage.confirm_by:
        return None
    if not telling.is_told_twice(session, usage):
        return None
    return recording.confirm(session, usage, SYSTEM, "silence", now=now)


DUE_ORDER = (Usage.timer_at, Usage.id)
"""The longest overdue first."""


def due(now: datetime) -> Select[datetime | None, str]:
    """Usages whose next step is due, by `DUE_ORDER`."""
    return select(*DUE_ORDER).where(Usage.timer_at <= now)


def act_due(session: Session, usage: Usage, recipients: Iterable[str], *, now: datetime) -> Rated | None:
    """Do what is due on a locked usage: remind, confirm by silence, or name the arbiter. Safe to repeat.

    What it came to when silence has confirmed it, else None.
    """
    if usage.timer_at is None or usage.timer_at > now:
        return None
    if usage.state == "disputed":
        disputing.appoint_arbiter(session, usage, now=now)
        return None
    if usage.state != "submitted":
        usage.timer_at = None
        return None
    made = confirm_by_silence(session, usage, now=now)
    if made is None:
        telling.remind(session, usage, recipients, now=now)
    return made
