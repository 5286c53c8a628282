"""The relay: due outbox rows become broker messages; and running due rows in place, without a broker."""

import logging
from collections.abc import Callable

from hub.core import outbox
from hub.core.clock import Clock, utc_now
from hub.core.db import Database
from hub.core.ids import holder_name

log = logging.getLogger(__name__)

Send = Callable[[outbox.Message], object]
"""Hands one message to the broker; raises when it cannot."""


def relay_once(database: Database, send: Send, *, limit: int = 50, clock: Clock = utc_now) -> int:
    """Claim due rows and send a message for each; how many were claimed. Safe to repeat and to run in many places.

    The claim is committed before anything is sent: a message can never name a row that does not exist yet.
    What could not be sent stays claimed and comes back by itself (`outbox.RESEND_SECONDS`), so a broker that is
    down loses nothing; the fault of the first failed message is raised after the rest was tried.
    """
    now = clock()
    with database.read() as session:
        if not outbox.has_due(session, now):
            return 0
    with database.write() as session:
        messages = outbox.claim_due(session, holder_name(), limit=limit, now=now)
    fault: Exception | None = None
    for message in messages:
        try:
            send(message)
        except Exception as unsent:
            log.warning("outbox %d (%s) was not sent: %s", message.id, message.task_name, unsent)
            fault = fault or unsent
    if fault is not None:
        raise fault
    return len(messages)


def drain(database: Database, perform: Send, *, clock: Clock = utc_now, limit: int = 1000) -> int:
    """Run due rows one after the other in this process until none is due; how many deliveries it made.

    For tests and one-shot commands. `limit` bounds a row that keeps making new due rows.
    """
    done = 0
    while done < limit:
        claimed = relay_once(database, perform, clock=clock)
        if not claimed:
            return done
        done += claimed
    return done
