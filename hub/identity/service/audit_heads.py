"""The daily head of the audit: signed, kept, and handed to every province.

Whoever rewrites the audit together with everything this database knows of it still meets the heads that eleven
provinces hold. A head is the canonical JSON (RFC 8785) of number, hash and count, as a JWS of the hub's audit key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.core import audit, outbound, outbox, sequencer
from hub.core.addresses import host_and_port
from hub.core.db import insert
from hub.core.errors import HubError
from hub.core.runtime import Runtime
from hub.identity import queries
from hub.identity.models import AuditHead, HeadDelivery
from hub.identity.service import signing

DELIVER_TASK = "identity.deliver_audit_head"
TYPE = "audit-head+jws"
OLDEST_SENT = timedelta(days=30)
"""A platform that was away longer fetches the heads it missed."""
_BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Head:
    """What a signed head says."""

    day: date
    number: int
    hash: str
    count: int


class HeadMalformed(ValueError):
    """A text that is no head signed by one of the given keys."""


class HeadNotTaken(HubError):
    """A province's platform did not take the head; it is sent again."""

    retryable = True

    def __init__(self, province: str, why: str) -> None:
        super().__init__(
            "audit_head_not_taken",
            f"{province} 未接收审计链头：{why}",
            f"{province} did not take the audit head: {why}",
            502,
        )


def sign_due_head(runtime: Runtime) -> date | None:
    """Sign today's head (Beijing time) unless that is done, and queue its deliveries; the day, or None.

    Safe to repeat and to run in several processes: one row a day. Before the first entry there is nothing to sign.
    """
    now = runtime.clock()
    day = now.astimezone(_BEIJING).date()
    with runtime.database.read() as session:
        number, chained = sequencer.head_of(session, audit.TOPIC)
        if number == 0 or session.get(AuditHead, day) is not None:
            return None
    key = signing.current_key(runtime.database, runtime.home, "audit", now=now)
    told: dict[str, str | int] = {
        "count": number,
        "day": day.isoformat(),
        "hash": chained.hex(),
        "hub": runtime.public_url,
        "number": number,
        "topic": audit.TOPIC,
    }
    text = key.sign_bytes(rfc8785.dumps(dict(told)), TYPE)
    row = {"day": day, "number": number, "hash": chained.hex(), "kid": key.kid, "jws": text, "signed_at": now}
    with runtime.database.write() as session:
        made = session.execute(
            insert(session, AuditHead).values(row).on_conflict_do_nothing().returning(AuditHead.day)
        ).first()
        if made is None:
            return None
        _hand_out(session, day, sorted(runtime.adapters), runtime.partners.audit_heads, now)
        subject = f"audit-head:{day.isoformat()}"
        audit.record(
            session, "system:audit", "identity.sign_audit_head", subject, {"number": number}, now=now
        )
    return day


def deliver_head(runtime: Runtime, day: date, province: str) -> None:
    """Send a head to a province's address: the JWS as the body. Safe to repeat. Raises `HeadNotTaken`."""
    address = runtime.partners.audit_heads.get(province)
    with runtime.database.read() as session:
        head = session.get(AuditHead, day)
    if address is None or head is None:
        return
    with outbound.client(
        allow={host_and_port(address)}, timeout=10.0, max_seconds=20.0, max_bytes=65_536
    ) as http:
        try:
            answer = http.post(
                address, content=head.jws.encode(), headers={"Content-Type": "application/jose"}
            )
        except httpx.HTTPError as fault:
            raise HeadNotTaken(province, type(fault).__name__) from fault
    if not answer.is_success:
        raise HeadNotTaken(province, str(answer.status_code))
    now = runtime.clock()
    with runtime.database.write() as session:
        session.execute(
            update(HeadDelivery)
            .where(
                HeadDelivery.day == day,
                HeadDelivery.province == province,
                HeadDelivery.delivered_at.is_(None),
            )
            .values(delivered_at=now)
        )


def _hand_out(
    session: Session, day: date, provinces: Iterable[str], addresses: Mapping[str, str], now: datetime
) -> None:
    """Note that every province is to have the head, and queue what addresses have not taken, of the last month too."""
    session.add_all(HeadDelivery(day=day, province=province) for province in provinces)
    session.flush()
    waiting = session.scalars(
        select(HeadDelivery).where(
            HeadDelivery.delivered_at.is_(None),
            HeadDelivery.day > day - OLDEST_SENT,
            HeadDelivery.province.in_(list(addresses)),
        )
    )
    for row in waiting:
        payload = {"day": row.day.isoformat(), "province": row.province}
        key = f"audit-head:{row.day}:{row.province}:{day}"
        outbox.enqueue(session, DELIVER_TASK, payload, queue=outbox.CONTROL, key=key, now=now)


def read_head(text: str, keys: KeySet) -> Head:
    """What a head says, once its signature is right. Raises `HeadMalformed`."""
    try:
        held = jws.deserialize_compact(text.strip(), keys, algorithms=[signing.ALGORITHM])
        told = orjson.loads(held.payload)
        if held.headers().get("typ") != TYPE or told["topic"] != audit.TOPIC:
            raise HeadMalformed("not a head of the audit")
        return Head(
            date.fromisoformat(told["day"]), int(told["number"]), str(told["hash"]), int(told["count"])
        )
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        raise HeadMalformed(f"{type(fault).__name__}: {fault}") from fault


def public_keys(session: Session, *, now: datetime) -> KeySet:
    """The public keys that heads are verified with, as this database has them."""
    rows = queries.published_keys(session, "audit", now=now)
    return KeySet([ECKey.import_key(dict(signing.public_jwk(row))) for row in rows])


def verify(
    session: Session, *, handed_out: Iterable[str] = (), keys: KeySet | None = None, now: datetime
) -> audit.AuditVerdict:
    """Check the audit against the heads that this database keeps and those that a province hands in.

    `keys` are the hub's public keys as the province kept them; without, those of this database are believed. A kept
    head whose signature is wrong, or that says something else than its own row, breaks the audit at its number.
    Raises `HeadMalformed` for a handed-in text that is no head.
    """
    wanted: dict[int, str] = {}
    believed = keys or public_keys(session, now=now)
    for row in session.scalars(select(AuditHead).order_by(AuditHead.day)):
        try:
            head = read_head(row.jws, believed)
        except HeadMalformed:
            return audit.AuditVerdict(0, row.number, "head altered", 0)
        if (head.day, head.number, head.hash) != (row.day, row.number, row.hash):
            return audit.AuditVerdict(0, row.number, "head altered", 0)
        wanted[head.number] = head.hash
    for text in handed_out:
        head = read_head(text, believed)
        if wanted.setdefault(head.number, head.hash) != head.hash:
            return audit.AuditVerdict(0, head.number, "rewritten", 0)
    return audit.verify(session, wanted)


def list_heads(session: Session, *, before: date | None = None, limit: int = 100) -> list[AuditHead]:
    """Signed heads, the newest first."""
    query = select(AuditHead).order_by(AuditHead.day.desc()).limit(limit)
    return list(session.scalars(query if before is None else query.where(AuditHead.day < before)))


def deliveries(session: Session, days: Iterable[date]) -> dict[date, dict[str, datetime | None]]:
    """Day → province → when its platform took the head (None: it has not, or has no address and fetches it)."""
    found: dict[date, dict[str, Any]] = {day: {} for day in days}
    rows = session.scalars(select(HeadDelivery).where(HeadDelivery.day.in_(list(found))))
    for row in rows:
        found[row.day][row.province] = row.delivered_at
    return found
