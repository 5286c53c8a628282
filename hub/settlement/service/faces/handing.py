"""Handing issued documents over to provinces: plan, claim, call, record. No transaction is open while one is called.

Every payment list and statement that is issued gets a delivery for each province concerned, found by looking at what
was issued: nobody can forget to ask for it. Three short transactions a paper: the claim takes a lease, the mark says
that bytes may leave from now on, the record writes down what came of it. Whoever takes a paper over after a crash knows
whether it may have arrived.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from adapters.contract import HandOver, PaperReceipt, Seal, SettlementPaper, SettlementPort
from adapters.errors import AdapterError, OutcomeUnknown, Throttled, Unsupported
from hub.core import db
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.exchange import rules as exchange_rules
from hub.exchange import service as exchange
from hub.exchange.signing import sealer
from hub.settlement.models import Document, FaceCase, PaperDelivery
from hub.settlement.rules import faces as rules
from hub.settlement.service.faces import cases
from hub.settlement.wire import faces as wire

LEASE_SECONDS = 60.0
"""After this long another worker takes over what a dead one held; one call ends long before."""

PLANNED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Held:
    """A paper under this worker's lease, and what to do with it."""

    delivery_id: int
    province: str
    fence: int
    step: Literal["send", "ask"]
    message: HandOver
    sent_at: datetime | None
    lookups: int


def hand_over_next(runtime: Runtime, holder: str) -> bool:
    """Bring the next due paper on its way; whether there was one. Safe to run in many places at once."""
    planned = plan_new(runtime.database, now=runtime.clock())
    held = claim_next(runtime, holder)
    if held is None:
        return planned > 0
    if held == "settled":
        return True
    port = runtime.adapters[held.province].settlement
    assert port is not None, "planned for a province with an interface"
    seal = _seal(runtime)
    if not mark_leaving(runtime.database, held, now=runtime.clock()):
        return True
    heard = call(port, held, seal)
    record(runtime.database, port, held, heard, now=runtime.clock())
    return True


def plan_new(database: Database, *, now: datetime) -> int:
    """Make deliveries for documents that have none yet; how many documents that were. Safe to repeat and anywhere."""
    missing = (
        select(Document.id)
        .outerjoin(PaperDelivery, PaperDelivery.document_id == Document.id)
        .where(Document.kind.in_(wire.KINDS), PaperDelivery.id.is_(None))
        .order_by(Document.issued_at, Document.id)
        .limit(PLANNED_AT_ONCE)
    )
    with database.read() as session:
        if session.scalar(missing.limit(1)) is None:
            return 0
    with database.write() as session:
        found = session.scalars(missing).all()
        for document_id in found:
            _plan(session, session.get_one(Document, document_id), now)
        return len(found)


def name_overdue(database: Database, *, now: datetime) -> int:
    """Open a case for papers that a province should have taken by now and has not; how many of them are new. Safe to repeat."""
    named = "paper_stuck:" + PaperDelivery.province + ":" + PaperDelivery.document_id
    late = select(PaperDelivery).where(
        PaperDelivery.state == "waiting",
        PaperDelivery.deadline < now,
        ~exists().where(FaceCase.open_key == named),
    )
    with database.read() as session:
        if session.scalar(late.limit(1)) is None:
            return 0
    with database.write() as session:
        rows = session.scalars(late.order_by(PaperDelivery.id).limit(PLANNED_AT_ONCE)).all()
        for row in rows:
            cases.open_case(session, "paper_stuck", row.province, row.document_id, _told(row), now=now)
        return len(rows)


def claim_next(runtime: Runtime, holder: str) -> Held | Literal["settled"] | None:
    """Lease the paper that is due longest. "settled": it needed no call. None: nothing is due."""
    now, database = runtime.clock(), runtime.database
    due = (
        select(PaperDelivery)
        .where(
            PaperDelivery.state.in_(("pending", "unknown")),
            PaperDelivery.due_at <= now,
            or_(PaperDelivery.lease_until.is_(None), PaperDelivery.lease_until <= now),
        )
        .order_by(PaperDelivery.due_at, PaperDelivery.id)
        .limit(1)
    )
    with database.read() as session:
        if session.scalar(due) is None:
            return None
    with database.write() as session:
        row = session.scalar(db.skip_locked(session, due))
        if row is None:
            return None
        adapter = runtime.adapters.get(row.province)
        port = None if adapter is None else adapter.settlement
        if port is None or not _can(port, row.kind):
            row.state, row.done_at = "waiting", None
            return "settled"
        step = rules.next_step(rules.Waiting(row.sent_at, "lookup" in port.capabilities, port.idempotent))
        if step == "person":
            row.state, row.done_at = "dead", now
            cases.open_case(session, "paper_unknown", row.province, row.document_id, _told(row), now=now)
            return "settled"
        row.holder, row.lease_until = holder, now + timedelta(seconds=LEASE_SECONDS)
        row.fence += 1
        row.attempts += step == "send"
        session.flush()
        message = message_of(session, row)
        return Held(row.id, row.province, row.fence, step, message, row.sent_at, row.lookups)


def mark_leaving(database: Database, held: Held, *, now: datetime) -> bool:
    """From now on the paper may have arrived; False when another worker has taken it over."""
    values: dict[str, Any] = {"lease_until": now + timedelta(seconds=LEASE_SECONDS)}
    if held.step == "send":
        values |= {"sent_at": now, "state": "unknown"}
    with database.write() as session:
        return _set(session, held, **values)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a call, and the hub's signature it was made with."""

    receipt: PaperReceipt | None = None
    error: AdapterError | None = None
    signature: str | None = None


def call(port: SettlementPort, held: Held, seal: Seal) -> Heard:
    """Speak to the province, once. Holds no transaction and never raises for what the province does."""
    signed: list[str] = []

    def sealing(payload: bytes, members: Mapping[str, Any]) -> str:
        signed.append(seal(payload, members))
        return signed[-1]

    try:
        if held.step == "ask":
            return Heard(receipt=port.lookup(held.message.paper))
        return Heard(port.hand_over(held.message, sealing), signature=next(iter(signed), None))
    except AdapterError as error:
        return Heard(error=error, signature=next(iter(signed), None))


def record(database: Database, port: SettlementPort, held: Held, heard: Heard, *, now: datetime) -> bool:
    """Write down what came of the call; False when another worker has taken the paper over."""
    with database.write() as session:
        mine = select(PaperDelivery).where(
            PaperDelivery.id == held.delivery_id,
            PaperDelivery.fence == held.fence,
            PaperDelivery.done_at.is_(None),
        )
        row = session.scalar(mine.with_for_update().execution_options(populate_existing=True))
        if heard.signature is not None:
            exchange.keep_signature(session, held.message.message_id, heard.signature)
        if row is None:
            return False
        row.holder = row.lease_until = None
        if heard.receipt is not None:
            _received(session, row, held, heard.receipt, port, now=now)
        elif heard.error is not None:
            _failed(session, row, held, heard.error, port, now=now)
        return True


def message_of(session: Session, row: PaperDelivery) -> HandOver:
    """The paper with its envelope."""
    envelope = exchange.envelope(session, row.message_id)
    return HandOver(
        paper=find_paper(session, row.document_id),
        key=envelope.key,
        message_id=envelope.message_id,
        sequence=envelope.sequence,
        deadline=envelope.deadline,
        correlation_id=envelope.correlation_id,
    )


def find_paper(session: Session, document_id: str) -> SettlementPaper:
    """The paper that an issued document is."""
    row = session.get_one(Document, document_id)
    return wire.paper_of(row.id, row.kind, row.number, row.sha256, row.body, issued_at=row.issued_at)


def acknowledge(
    session: Session,
    row: PaperDelivery,
    *,
    remote_id: str | None,
    way: exchange_rules.Way,
    raw: bytes,
    now: datetime,
) -> None:
    """The province has the paper: by its answer, its own receipt, or a person's download. Safe to repeat."""
    if row.state == "delivered":
        return
    row.state, row.done_at, row.remote_id, row.last_error = "delivered", now, remote_id, None
    answer = exchange_rules.Incoming(
        row.province, f"receipt:{row.message_id}", row.document_id, "received", None, now, way, raw
    )
    exchange.record_receipt(session, row.message_id, answer, now=now)
    for kind in ("paper_stuck", "paper_unknown"):
        cases.settle_cases(session, kind, row.province, row.document_id, resolution="delivered", now=now)


def _plan(session: Session, document: Document, now: datetime) -> None:
    for province in wire.provinces_of(document.kind, document.body):
        body = {"document": document.id, "kind": document.kind, "sha256": document.sha256}
        subject, deadline = f"{document.id}@{province}", now + rules.DEADLINE
        there = select(PaperDelivery.id).where(
            PaperDelivery.document_id == document.id, PaperDelivery.province == province
        )
        if session.scalar(there) is not None:
            continue
        sealed = exchange.seal(
            session, subject, document.kind, body, province=province, deadline=deadline, now=now
        )
        added = db.insert(session, PaperDelivery).values(
            document_id=document.id,
            province=province,
            kind=document.kind,
            message_id=sealed.message_id,
            state="pending",
            due_at=now,
            deadline=deadline,
            fence=0,
            attempts=0,
            lookups=0,
        )
        session.execute(added.on_conflict_do_nothing())


def _can(port: SettlementPort, kind: str) -> bool:
    return ("hand_over" if kind == "payment-list" else "statement") in port.capabilities


def _received(
    session: Session,
    row: PaperDelivery,
    held: Held,
    receipt: PaperReceipt,
    port: SettlementPort,
    *,
    now: datetime,
) -> None:
    if receipt.duplicate_ids:
        told = {**_told(row), "remote_ids": [receipt.remote_id, *receipt.duplicate_ids]}
        cases.open_case(session, "paper_duplicate", row.province, row.document_id, told, now=now)
    if receipt.kind == "received":
        way: exchange_rules.Way = "lookup" if held.step == "ask" else "response"
        acknowledge(session, row, remote_id=receipt.remote_id, way=way, raw=receipt.raw, now=now)
        return
    if receipt.kind == "not_found":
        _absent(session, row, held, port, now)
        return
    row.last_error = {"code": receipt.kind, "zh": receipt.text[:500], "en": receipt.text[:500]}
    if receipt.kind == "refused" and row.attempts > 1 and "lookup" in port.capabilities:
        row.state, row.due_at = (
            "unknown",
            now,
        )  # the refusal may only say that an earlier send arrived after all
        return
    _end(session, row, "paper_mismatch" if receipt.kind == "mismatch" else "paper_refused", now)


def _end(session: Session, row: PaperDelivery, kind: str, now: datetime) -> None:
    """The province will not take it: a person must act."""
    row.state, row.done_at = ("dead" if kind == "paper_mismatch" else "refused"), now
    cases.open_case(session, kind, row.province, row.document_id, _told(row), now=now)


def _absent(session: Session, row: PaperDelivery, held: Held, port: SettlementPort, now: datetime) -> None:
    """It is not there: proof once it could have been, else ask again."""
    sent_at = row.sent_at or now
    row.lookups += 1
    if held.step == "ask" and not rules.is_absent(sent_at, now, port.settle_seconds):
        row.due_at = rules.next_ask(row.lookups, sent_at, now, port.settle_seconds)
        return
    if row.last_error is not None and row.last_error["code"] == "refused":
        _end(session, row, "paper_refused", now)
        return
    row.state, row.sent_at, row.due_at = "pending", None, rules.next_send(row.attempts, now)
    _complain(session, row, "paper_stuck", row.attempts >= rules.TROUBLE, now)


def _failed(
    session: Session,
    row: PaperDelivery,
    held: Held,
    error: AdapterError,
    port: SettlementPort,
    *,
    now: datetime,
) -> None:
    row.last_error = {"code": error.code, "zh": error.zh[:500], "en": error.en[:500]}
    if held.step == "ask" or isinstance(error, OutcomeUnknown):
        sent_at = row.sent_at or now
        row.lookups += 1
        row.due_at = rules.next_ask(row.lookups, sent_at, now, port.settle_seconds)
        _complain(session, row, "paper_unknown", now >= sent_at + rules.PATIENCE, now)
        return
    row.sent_at = held.sent_at  # surely not done: what an earlier send did stays as it was
    row.state = "pending" if held.sent_at is None else "unknown"
    if isinstance(error, Unsupported):
        row.state = "waiting"  # no address or folder: the province's people use the portal
        return
    asked = error.retry_after if isinstance(error, Throttled) else None
    row.due_at = rules.next_send(row.attempts, now, asked)
    is_final = not error.retryable
    _complain(
        session, row, "paper_stuck", is_final or row.attempts >= rules.TROUBLE or now > row.deadline, now
    )


def _complain(session: Session, row: PaperDelivery, kind: str, is_due: bool, now: datetime) -> None:
    if is_due:
        cases.open_case(session, kind, row.province, row.document_id, _told(row), now=now)


def _told(row: PaperDelivery) -> dict[str, Any]:
    return {
        "document": row.document_id,
        "message_id": row.message_id,
        "attempts": row.attempts,
        "lookups": row.lookups,
        "error": row.last_error,
    }


def _set(session: Session, held: Held, **values: Any) -> bool:
    done = session.execute(
        update(PaperDelivery)
        .where(
            PaperDelivery.id == held.delivery_id,
            PaperDelivery.fence == held.fence,
            PaperDelivery.done_at.is_(None),
        )
        .values(**values)
        .returning(PaperDelivery.id)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None


def _seal(runtime: Runtime) -> Seal:
    own = sealer(runtime.database, runtime.home).ready(runtime.clock())

    def seal(payload: bytes, members: Mapping[str, Any]) -> str:
        return own.seal(payload, members, now=runtime.clock())

    return seal
