"""The review between two provinces: submit, return lines, take corrections, agree by two people on two sides, take back."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.settlement.errors import HashDiffers, LineNotHere, SettlementSamePerson
from hub.settlement.models import Batch, LineReturn, RatedLine
from hub.settlement.rules import periods as rules
from hub.settlement.service import usage
from hub.settlement.service.periods import calculating
from hub.settlement.service.periods.acting import Acting, Moved, check, code_of, lock, move, words


def submit_batch(session: Session, batch_id: str, acting: Acting, *, now: datetime) -> Moved:
    """The visited side submits the batch to the home side; corrected versions of returned lines come along.

    Raises `BatchUnknown`, `BatchChanged`, `BatchStateWrong`, `ReviewNotOver`, `TotalsDiffer`.
    """
    batch = lock(session, batch_id)
    check(batch, "submit", acting, now=now)
    corrections = _take_corrections(session, batch)
    calculating.keep_calculation(session, batch, acting.name, now=now)
    batch.maker, batch.checker, batch.submitted_at = acting.name, None, now
    batch.review_until = batch.review_until or now + rules.terms().review
    told = {"revision": batch.revision, "corrections": corrections}
    return move(session, batch, "submit", acting, now=now, detail=told)


def return_line(
    session: Session, batch_id: str, line_id: int, acting: Acting, *, code: str, text: str, now: datetime
) -> Moved:
    """The home side sends one line back with a code of `line_return` and words; the rest is calculated without it.

    Raises as `submit_batch`, and `LineNotHere`, `WordsMissing`.
    """
    batch = lock(session, batch_id)
    check(batch, "return_line", acting, now=now)
    code_of("line_return", code, "code")
    told = words(text, "text", "退回的说明", "why the line is returned")
    mine = select(RatedLine).where(
        RatedLine.id == line_id, RatedLine.batch_id == batch_id, RatedLine.state == "batched"
    )
    line = session.scalar(mine.execution_options(populate_existing=True))
    if line is None:
        raise LineNotHere(line_id)
    # The batch is ours, so the line stays in it; the usage locks itself before its line, and so may not find it locked.
    usage.return_line(session, line_id, code, text=told, by=acting.name, now=now)
    row = LineReturn(
        line_id=line_id,
        batch_id=batch_id,
        usage_id=line.usage_id,
        code=code,
        text=told,
        returned_by=acting.name,
        returned_at=now,
    )
    session.add(row)
    session.flush()
    calculating.keep_calculation(session, batch, acting.name, now=now)
    detail = {"line_id": line_id, "code": code, "revision": batch.revision}
    return move(session, batch, "return_line", acting, now=now, detail=detail)


def agree_batch(session: Session, batch_id: str, acting: Acting, *, sha256: str, now: datetime) -> Moved:
    """The home side agrees to exactly this calculation; by another person than who submitted it.

    Raises as `submit_batch`, and `HashDiffers`, `SettlementSamePerson`.
    """
    batch = lock(session, batch_id)
    check(batch, "agree", acting, now=now)
    if acting.name == batch.maker:
        raise SettlementSamePerson
    if sha256 != batch.sha256:
        raise HashDiffers(batch.sha256 or "")
    totals = {name: getattr(batch, name) for name in ("lines", "fee_fen", "voucher_fen", "own_fen")}
    calculating.control_totals(session, batch_id, totals)
    batch.checker, batch.agreed_at = acting.name, now
    return move(session, batch, "agree", acting, now=now, detail={"revision": batch.revision})


def reopen_batch(session: Session, batch_id: str, acting: Acting, *, text: str, now: datetime) -> Moved:
    """Either finance office takes the agreement back before it is posted, with a reason. Raises as `submit_batch`, `WordsMissing`."""
    batch = lock(session, batch_id)
    check(batch, "reopen", acting, now=now)
    told = words(text, "text", "撤回的理由", "why it is taken back")
    batch.checker, batch.agreed_at = None, None
    return move(session, batch, "reopen", acting, now=now, detail={"text": told})


def _take_corrections(session: Session, batch: Batch) -> int:
    """Put what was corrected meanwhile into the batch: ready versions of usages that were returned from it."""
    returned = select(LineReturn.usage_id).where(LineReturn.batch_id == batch.id)
    mine = (
        update(RatedLine)
        .where(
            RatedLine.state == "ready",
            RatedLine.batch_id.is_(None),
            RatedLine.visited == batch.visited,
            RatedLine.home == batch.home,
            RatedLine.usage_id.in_(returned),
        )
        .values(state="batched", batch_id=batch.id)
        .execution_options(synchronize_session=False)
    )
    taken: int = session.execute(mine).rowcount  # type: ignore[attr-defined]
    return taken
