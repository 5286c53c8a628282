"""Posting what both sides agreed to: the ledger, the statement, the payment lists, and the lines settled; once."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.settlement import ledger
from hub.settlement.errors import BatchStateWrong, HashDiffers
from hub.settlement.ledger import Account, Transfer, clearing
from hub.settlement.models import Batch, BatchEvent, Calculation, RatedLine
from hub.settlement.rules import periods as rules
from hub.settlement.service import documents
from hub.settlement.service.documents import Issued
from hub.settlement.service.periods import calculating, listing, sealing
from hub.settlement.service.periods.acting import SYSTEM, Acting, Moved, check, lock, move


def post_batch(session: Session, batch_id: str, *, acting: Acting = SYSTEM, now: datetime) -> Moved:
    """Post an agreed batch; when nothing is to be paid it is paid at once.

    Not posted twice: the second time its state refuses. Raises `BatchUnknown`, `BatchChanged`, `BatchStateWrong`,
    `TotalsDiffer`, `HashDiffers` (an approval is of another result), and the ledger's `AccountOverdrawn`.
    """
    batch = lock(session, batch_id)
    check(batch, "post", acting, now=now)
    approvals = _approvals(session, batch)
    totals = {name: getattr(batch, name) for name in ("lines", "fee_fen", "voucher_fen", "own_fen")}
    calculating.control_totals(session, batch_id, totals)
    statement = issue_statement(session, batch, approvals, now=now)
    owed = listing.owed_by(session, batch)
    count = listing.issue_lists(session, batch, owed, now=now)
    _settle_lines(session, batch_id)
    batch.posted_at = now
    told = {"statement": statement.id, "payment_lists": count}
    done = move(session, batch, "post", acting, now=now, detail=told)
    _post_ledger(session, batch, owed, now=now)
    if count == 0:
        done = move(session, batch, "settle", SYSTEM, now=now)
    return done


def send_empty(session: Session, batch_id: str, *, now: datetime) -> Moved:
    """An empty period sends an empty statement: nothing to agree to, nothing to pay, closed and sealed at once.

    Raises `BatchUnknown`, `BatchStateWrong`.
    """
    batch = lock(session, batch_id)
    check(batch, "send_empty", SYSTEM, now=now)
    if batch.lines:
        raise BatchStateWrong("send_empty", batch.state)
    statement = issue_statement(session, batch, [], now=now)
    batch.posted_at = batch.closed_at = now
    batch.sealed_sha256 = sealing.publish_seal(session, batch, now=now)
    return move(session, batch, "send_empty", SYSTEM, now=now, detail={"statement": statement.id})


def statement_series(visited: str, home: str) -> str:
    """The series of a pair's statements."""
    return f"statement:{visited}-{home}"


def _approvals(session: Session, batch: Batch) -> list[dict[str, Any]]:
    """Who submitted and who agreed last, both to the present result. Raises `HashDiffers`."""
    found = []
    for command in ("submit", "agree"):
        mine = select(BatchEvent).where(BatchEvent.batch_id == batch.id, BatchEvent.command == command)
        event = session.scalar(mine.order_by(BatchEvent.number.desc()).limit(1))
        if event is None or event.sha256 != batch.sha256:
            raise HashDiffers(batch.sha256 or "")
        approval = {
            "side": event.side,
            "act": command,
            "person": event.actor,
            "sha256": event.sha256,
            "at": rules.instant(event.at),
        }
        found.append(approval)
    return found


def issue_statement(
    session: Session, batch: Batch, approvals: list[dict[str, Any]], *, now: datetime
) -> Issued:
    """Issue the statement of the batch's newest calculation; the batch is locked by the caller."""
    made = session.get_one(Calculation, (batch.id, batch.revision))
    body = {
        **made.document,
        "revision": batch.revision,
        "calculation_sha256": made.sha256,
        "approvals": approvals,
        "issued_at": rules.instant(now),
    }
    issued = documents.issue(session, "statement", statement_series(batch.visited, batch.home), body, now=now)
    batch.statement_id = issued.id
    return issued


def _settle_lines(session: Session, batch_id: str) -> None:
    session.execute(
        update(RatedLine)
        .where(RatedLine.batch_id == batch_id, RatedLine.state == "batched")
        .values(state="settled")
        .execution_options(synchronize_session=False)
    )


def _post_ledger(session: Session, batch: Batch, owed: list[listing.OwedLine], *, now: datetime) -> None:
    """What the programmes captured becomes a debt between the two provinces; inside one province nothing is to clear."""
    if batch.visited == batch.home:
        return
    sums: dict[str, int] = defaultdict(int)
    for each in owed:
        sums[each.programme_id] += each.fen
    target = clearing(batch.visited, batch.home)
    transfers = [Transfer(Account("captured", name), target, fen) for name, fen in sorted(sums.items())]
    if transfers:
        ledger.post(session, f"post:{batch.id}", "post", transfers, now=now)
