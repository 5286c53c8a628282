"""Events for subscribers: pushed in order, signed, repeated until taken, and again from any number on request."""

import base64
import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import orjson
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.core import audit, outbox, sequencer
from hub.core.clock import Clock
from hub.core.db import Database
from hub.identity.rules import ENTERPRISE_ROLES, INSTITUTION_ROLES, Principal
from hub.notices import queries, rules
from hub.notices.errors import WebhookInvalid, WebhookUnknown
from hub.notices.models import Webhook

PUSH_TASK = "notices.push"
TOPIC = "booking"
MOST_WEBHOOKS = 10
BATCH = 100
"""Events that one turn pushes at most."""

NewClient = Callable[[], httpx.Client]


class _Turn(NamedTuple):
    url: str
    secret: str
    party: str
    start: int
    events: list[sequencer.Change]


def party_of(principal: Principal) -> str:
    """The party whose events a principal may subscribe to: its enterprise, its institution, or its province."""
    if principal.role in ENTERPRISE_ROLES:
        return f"enterprise:{principal.party_id}"
    if principal.role in INSTITUTION_ROLES:
        return f"institution:{principal.party_id}"
    return f"province:{principal.province}"


def create_webhook(
    session: Session, owner: str, party: str, url: str, *, private_hosts: Collection[str], now: datetime
) -> Webhook:
    """Subscribe an address to a party's events from now on; the row carries the secret, shown this once.

    `party` is `enterprise:<id>`, `province:<code>` or `institution:<id>`: the caller has checked that the owner acts
    for it. `private_hosts` are the operator's `host:port` pairs that plain http may reach. Raises `WebhookInvalid`.
    """
    if len(url) > 500 or not url.isascii() or not _is_web(url, private_hosts):
        raise WebhookInvalid(
            "url",
            "请填写 https 地址（不含用户名和口令，不超过 500 字符）。",
            "Give an https address without user name or password, at most 500 characters.",
        )
    if len(queries.webhooks_of(session, owner)) >= MOST_WEBHOOKS:
        raise WebhookInvalid(
            "url", f"最多可设 {MOST_WEBHOOKS} 个推送地址。", f"There can be {MOST_WEBHOOKS} webhooks at most."
        )
    made = Webhook(
        id=f"wh-{secrets.token_hex(8)}",
        owner=owner,
        party=party,
        url=url,
        secret=f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
        delivered=sequencer.last_number(session, TOPIC),
        failures=0,
        created_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(session, owner, "notices.create_webhook", made.id, {"party": party}, now=now)
    return made


def end_webhook(session: Session, owner: str, webhook_id: str, *, now: datetime) -> None:
    """End a subscription. Safe to repeat. Raises `WebhookUnknown`."""
    held = _held(session, owner, webhook_id)
    if held.ended_at is None:
        held.ended_at = now
        audit.record(session, owner, "notices.end_webhook", webhook_id, now=now)


def replay(session: Session, owner: str, webhook_id: str, after: int, *, now: datetime) -> None:
    """Push everything after event number `after` again, at once. Raises `WebhookUnknown`, `WebhookInvalid`."""
    held = _held(session, owner, webhook_id)
    last = sequencer.last_number(session, TOPIC)
    if not 0 <= after <= last:
        raise WebhookInvalid(
            "after", f"事件编号应在 0 与 {last} 之间。", f"An event number lies between 0 and {last}."
        )
    held.delivered, held.failures, held.rests_until, held.fault = after, 0, None, None
    outbox.enqueue(session, PUSH_TASK, {"webhook_id": webhook_id}, now=now)
    audit.record(session, owner, "notices.replay_webhook", webhook_id, {"after": after}, now=now)


def wake_webhooks(database: Database, *, now: datetime) -> int:
    """Put a turn into the outbox for every webhook that has events before it and does not rest; how many.

    Called in a loop; a webhook whose turn already waits is not put twice.
    """
    with database.read() as session:
        last = sequencer.last_number(session, TOPIC)
        due = session.execute(
            select(Webhook.id, Webhook.delivered, Webhook.failures).where(
                Webhook.ended_at.is_(None),
                Webhook.delivered < last,
                or_(Webhook.rests_until.is_(None), Webhook.rests_until <= now),
            )
        ).all()
    if not due:
        return 0
    with database.write() as session:
        for webhook_id, delivered, failures in due:
            key = f"{PUSH_TASK}:{webhook_id}:{delivered}:{failures}:{now:%Y%m%d%H}"
            outbox.enqueue(session, PUSH_TASK, {"webhook_id": webhook_id}, key=key, now=now)
    return len(due)


def push_events(database: Database, new_client: NewClient, webhook_id: str, *, clock: Clock) -> int:
    """One turn of a webhook: its party's next events, oldest first; how many its address took.

    An address that does not take one rests for a growing while and keeps its place. An event that was taken but
    not recorded is pushed again with the same `webhook-id`: receivers drop what they have.
    """
    with database.read() as session:
        turn = _turn(session, webhook_id)
    if turn is None:
        return 0
    taken, reached, fault = 0, turn.start, None
    for change in turn.events:
        if turn.party in (change.payload or {}).get("parties", ()):
            fault = _push(new_client, turn, change, clock())
            if fault is not None:
                break
            taken += 1
        reached = change.number
    _record(database, webhook_id, turn.start, reached, fault, has_pushed=taken > 0, now=clock())
    return taken


def _is_web(url: str, private_hosts: Collection[str]) -> bool:
    try:
        parts = urlsplit(url)
        host = f"{parts.hostname}:{parts.port or 443}"
    except ValueError:
        return False
    is_allowed = parts.scheme == "https" or (parts.scheme == "http" and host in private_hosts)
    return is_allowed and bool(parts.hostname) and parts.username is None and parts.password is None


def _turn(session: Session, webhook_id: str) -> _Turn | None:
    held = session.get(Webhook, webhook_id)
    if held is None or held.ended_at is not None:
        return None
    events = sequencer.read_after(session, TOPIC, held.delivered, BATCH)
    return _Turn(held.url, held.secret, held.party, held.delivered, events) if events else None


def _push(new_client: NewClient, turn: _Turn, change: sequencer.Change, now: datetime) -> str | None:
    payload = change.payload or {}
    body = orjson.dumps({"number": change.number, "event": payload.get("event")})
    message_id, seconds = f"evt-{change.number}", int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": rules.webhook_signature(turn.secret, message_id, seconds, body),
    }
    try:
        with new_client() as client:
            answer = client.post(turn.url, content=body, headers=headers)
    except httpx.HTTPError as fault:
        return f"{type(fault).__name__}: {fault}"[:300]
    return None if answer.is_success else f"HTTP {answer.status_code}"


def _record(
    database: Database,
    webhook_id: str,
    start: int,
    reached: int,
    fault: str | None,
    *,
    has_pushed: bool,
    now: datetime,
) -> None:
    with database.write() as session:
        held = session.get_one(Webhook, webhook_id)
        if held.delivered != start:  # a replay was asked for meanwhile, or another turn was faster
            return
        held.delivered, held.fault = reached, fault
        held.failures = 0 if fault is None else held.failures + 1
        held.rests_until = None if fault is None else now + rules.push_pause(held.failures)
        if has_pushed:
            held.delivered_at = now


def _held(session: Session, owner: str, webhook_id: str) -> Webhook:
    held = session.get(Webhook, webhook_id)
    if held is None or held.owner != owner:
        raise WebhookUnknown(webhook_id)
    return held
