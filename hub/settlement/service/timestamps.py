"""Time-stamps (RFC 3161) of statements, payment lists, credit documents and chain heads, in the background.

What is wanted is a row and what failed is tried again for ever: an authority that was down for an hour or a week finds
the whole backlog when it is back, and one success makes the rest due at once. Nothing waits for the authority but the
closing of a period (`oldest_waiting`). Without a configured authority nothing is wanted and nothing waits.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from typing import NamedTuple

import httpx
import rfc8785
from cryptography import x509
from rfc3161_client import (
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.base import HashAlgorithm
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from hub.core import db, lease, outbound, sequencer
from hub.core.addresses import host_and_port
from hub.core.clock import SHANGHAI
from hub.core.ids import holder_name
from hub.core.runtime import Runtime
from hub.settlement import ledger
from hub.settlement.errors import TimeStampRefused
from hub.settlement.models import Document, TimeStamp
from hub.settlement.rules import signing as rules

log = logging.getLogger(__name__)

BATCH = 100
"""Documents that one round begins to want stamps for."""

CHAINS = (ledger.TOPIC, "settlement-seal")
"""Topics whose heads are stamped: the ledger, and the seals of closed batches."""

LONGEST_PAUSE = timedelta(minutes=10)
_LEASE, _LEASE_SECONDS = "settlement.time_stamps", 60.0
_MOST_BYTES = 65_536


class Stamped(NamedTuple):
    """What an authority answered: the whole reply as DER, and the time in it."""

    reply: bytes
    at: datetime


def oldest_waiting(session: Session) -> datetime | None:
    """Since when the oldest missing time-stamp has been wanted; None when nothing waits."""
    return session.scalar(select(func.min(TimeStamp.wanted_at)).where(TimeStamp.reply.is_(None)))


def stamp_due(runtime: Runtime) -> bool:
    """Want what is missing and ask for the next stamp; whether there is more to do at once. Safe to repeat.

    One question a round while the authority does not answer. Several processes may run it; one at a time works.
    """
    if not runtime.tsa_url:
        return False
    now = runtime.clock()
    has_more = _want_missing(runtime, now)
    with runtime.database.read() as session:
        if session.scalar(_due(now)) is None:
            return has_more
    with runtime.database.write() as session:
        if lease.take(session, _LEASE, holder_name(), seconds=_LEASE_SECONDS, now=now) is None:
            return False
        row = session.scalar(_due(now))
        if row is None:
            return has_more
        subject, message = row.subject, _message(session, row.subject)
    try:
        stamped = ask(runtime, message)
    except (httpx.HTTPError, TimeStampRefused) as fault:
        _put_off(runtime, subject, f"{type(fault).__name__}: {fault}", now)
        return has_more
    with runtime.database.write() as session:
        _keep(session, subject, stamped, runtime.tsa_url)
        # It answers again: what was put off need not wait any longer.
        session.execute(
            update(TimeStamp)
            .where(TimeStamp.reply.is_(None), TimeStamp.next_at > now)
            .values(next_at=now)
            .execution_options(synchronize_session=False)
        )
    return True


def ask(runtime: Runtime, message: bytes) -> Stamped:
    """Have a message's SHA-256 stamped by the configured authority. Raises httpx's errors and `TimeStampRefused`."""
    request = TimestampRequestBuilder(message, HashAlgorithm.SHA256).build()
    assert request.nonce is not None
    with outbound.client(
        allow={host_and_port(runtime.tsa_url)}, timeout=10.0, max_seconds=20.0, max_bytes=_MOST_BYTES
    ) as http:
        answer = http.post(
            runtime.tsa_url,
            content=request.as_bytes(),
            headers={"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"},
        )
    if not answer.is_success:
        raise TimeStampRefused(f"HTTP {answer.status_code}")
    digest = hashlib.sha256(message).digest()
    return read_reply(answer.content, digest, request.nonce, runtime.tsa_ca)


def read_reply(reply: bytes, digest: bytes, nonce: int, roots: bytes) -> Stamped:
    """The time in a reply that answers this very question and is signed under one of the roots (PEM).

    Raises `TimeStampRefused`: another imprint or nonce, a foreign authority, no granted status, no time-stamp at all.
    """
    try:
        told = decode_timestamp_response(reply)
        builder = VerifierBuilder().nonce(nonce)
        for root in x509.load_pem_x509_certificates(roots):
            builder = builder.add_root_certificate(root)
        builder.build().verify(told, digest)
        at: datetime = told.tst_info.gen_time
    except (VerificationError, ValueError) as fault:
        raise TimeStampRefused(str(fault) or type(fault).__name__) from None
    return Stamped(reply, at)


def _want_missing(runtime: Runtime, now: datetime) -> bool:
    """Rows for documents that have none, and once a day for the heads of chains; whether there may be more."""
    with runtime.database.read() as session:
        missing = session.execute(_unwanted()).all()
        heads = [head for topic in CHAINS if (head := _new_head(session, topic, now)) is not None]
    if not missing and not heads:
        return False
    rows = [{"subject": f"document:{row.id}", "digest": row.sha256} for row in missing]
    rows += [{"subject": head, "digest": hashlib.sha256(head.encode()).hexdigest()} for head in heads]
    with runtime.database.write() as session:
        wanted = [{**row, "wanted_at": now, "next_at": now, "attempts": 0} for row in rows]
        session.execute(db.insert(session, TimeStamp).on_conflict_do_nothing(), wanted)
    return len(missing) >= BATCH


def _unwanted() -> Select[str, str]:
    has_row = select(TimeStamp.subject).where(TimeStamp.subject == "document:" + Document.id)
    return (
        select(Document.id, Document.sha256)
        .where(Document.kind.in_(rules.STAMPED), ~has_row.correlate(Document).exists())
        .order_by(Document.issued_at, Document.id)
        .limit(BATCH)
    )


def _new_head(session: Session, topic: str, now: datetime) -> str | None:
    """The subject of a chain's head when none was wanted today (Beijing time) and it has moved since the last."""
    number, chained = sequencer.head_of(session, topic)
    subject = f"head:{topic}/{number}/{chained.hex()}"
    of_topic = TimeStamp.subject.startswith(f"head:{topic}/", autoescape=True)
    last = session.scalar(select(func.max(TimeStamp.wanted_at)).where(of_topic))
    is_today = last is not None and last.astimezone(SHANGHAI).date() >= now.astimezone(SHANGHAI).date()
    return None if number == 0 or is_today or session.get(TimeStamp, subject) is not None else subject


def _message(session: Session, subject: str) -> bytes:
    """What is stamped: a document's canonical form, or a head's own subject, which says number and hash."""
    kind, _, name = subject.partition(":")
    return rfc8785.dumps(session.get_one(Document, name).body) if kind == "document" else subject.encode()


def _due(now: datetime) -> Select[TimeStamp]:
    due = select(TimeStamp).where(TimeStamp.reply.is_(None), TimeStamp.next_at <= now)
    return due.order_by(TimeStamp.next_at, TimeStamp.subject).limit(1)


def _keep(session: Session, subject: str, stamped: Stamped, authority: str) -> None:
    held = session.get_one(TimeStamp, subject, with_for_update=True)
    if held.reply is None:
        held.reply, held.stamped_at, held.authority = stamped.reply, stamped.at, authority
        held.next_at, held.last_error = None, None
        session.flush()


def _put_off(runtime: Runtime, subject: str, why: str, now: datetime) -> None:
    log.warning("time-stamp of %s: %s", subject, why)
    with runtime.database.write() as session:
        held = session.get_one(TimeStamp, subject, with_for_update=True)
        held.attempts += 1
        held.last_error = why[:500]
        held.next_at = now + min(timedelta(seconds=10 * 2 ** min(held.attempts, 10)), LONGEST_PAUSE)
        session.flush()
