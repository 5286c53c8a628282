"""Telling followers that an instrument's availability has changed."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.availability.queries import TOPIC
from hub.core import sequencer


def announce(session: Session, instrument_id: str, kind: str, *, now: datetime) -> None:
    """One instrument has changed: `kind` says what, for people who read the log; followers read the instrument anew."""
    sequencer.announce(session, TOPIC, instrument_id, {"kind": kind}, now=now)
