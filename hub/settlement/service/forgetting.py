"""Files and papers of settlement that nobody has to keep any more, by the rules of `data/retention.csv`.

What goes is the content; the row with its hash stays, so that an original can still be compared. Small pieces, safe to
repeat and to run anywhere.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.runtime import Runtime
from hub.settlement.models import Application, ApplicationEvent, ApplicationPaper, Paper, UsageEvidence
from hub.settlement.rules.retention import retention
from hub.settlement.service import evidence_files, forgotten_files

BATCH = 100
_GRANTED = ("granted", "handed_over")
_NOTHING = ("refused", "withdrawn")


def forget_old(runtime: Runtime) -> int:
    """One round; how many contents went of the kind of which most did."""
    now, gone = runtime.clock(), []
    with runtime.database.write() as session:
        lost = _forget_evidence(session, now)
        gone.append(len(lost))
        last = [each for each in lost if not _is_kept(session, each)]
    for sha256 in last:  # the row says first that it is gone: a file without a row is only wasted space
        evidence_files.drop(Path(runtime.home), sha256)
    with runtime.database.write() as session:
        gone.append(_empty(session, Paper, _order_papers(now), now=now))
    with runtime.database.write() as session:
        gone.append(_empty(session, ApplicationPaper, _application_papers(now), now=now))
    with runtime.database.write() as session:  # also off the application: what is submitted is there
        drafts = _papers_of_drafts(now)
        gone.append(_empty(session, ApplicationPaper, drafts, now=now, removed_at=now))
    with runtime.database.read() as session:
        removed = forgotten_files.forget_proofs(session, Path(runtime.home), now=now)
    with runtime.database.write() as session:
        _note(session, "payment-proofs", removed, now)
    return max(*gone, removed)


def _forget_evidence(session: Session, now: datetime) -> list[str]:
    """The hashes of files that are forgotten now."""
    is_loose = UsageEvidence.version.is_(None) & UsageEvidence.dispute_id.is_(None)
    old = select(UsageEvidence.id).where(
        UsageEvidence.forgotten_at.is_(None),
        or_(
            is_loose & (UsageEvidence.added_at < _before("loose_evidence", now)),
            UsageEvidence.added_at < _before("evidence", now),
        ),
    )
    rows = session.execute(
        update(UsageEvidence)
        .where(UsageEvidence.id.in_(old.limit(BATCH)))
        .values(forgotten_at=now)
        .returning(UsageEvidence.sha256)
        .execution_options(synchronize_session=False)
    ).all()
    _note(session, "usage-evidence", len(rows), now)
    return sorted({sha256 for (sha256,) in rows})


def _is_kept(session: Session, sha256: str) -> bool:
    """Whether another usage still keeps the same content."""
    mine = select(UsageEvidence.id).where(
        UsageEvidence.sha256 == sha256, UsageEvidence.forgotten_at.is_(None)
    )
    return session.scalar(mine.limit(1)) is not None


def _order_papers(now: datetime) -> ColumnElement[bool]:
    since = func.coalesce(Paper.decided_at, Paper.uploaded_at)
    is_unused = Paper.state.in_(("refused", "replaced"))
    return or_(
        and_(is_unused, since < _before("order_papers_unused", now)),
        since < _before("order_papers", now),
    )


def _application_papers(now: datetime) -> ColumnElement[bool]:
    unused = _before("application_papers_unused", now)
    return or_(
        and_(_of(*_GRANTED), _last_step() < _before("application_papers", now)),
        and_(_of(*_NOTHING), _last_step() < unused),
        ApplicationPaper.removed_at < unused,
    )


def _papers_of_drafts(now: datetime) -> ColumnElement[bool]:
    before = _before("application_drafts", now)
    return and_(_of("draft"), _last_step() < before, ApplicationPaper.handed_in_at < before)


def _last_step() -> ColumnElement[datetime]:
    """The newest step of the paper's application."""
    last = select(func.max(ApplicationEvent.made_at)).where(
        ApplicationEvent.application_id == ApplicationPaper.application_id
    )
    return func.coalesce(last.scalar_subquery(), ApplicationPaper.handed_in_at)


def _of(*states: str) -> ColumnElement[bool]:
    return ApplicationPaper.application_id.in_(select(Application.id).where(Application.state.in_(states)))


def _empty(
    session: Session, table: Any, is_old: ColumnElement[bool], *, now: datetime, **more: datetime
) -> int:
    mine = select(table.id).where(table.content.is_not(None), is_old).limit(BATCH)
    rows = session.execute(
        update(table)
        .where(table.id.in_(mine))
        .values(content=None, **more)
        .returning(table.id)
        .execution_options(synchronize_session=False)
    ).all()
    _note(session, table.__tablename__, len(rows), now)
    return len(rows)


def _note(session: Session, subject: str, count: int, now: datetime) -> None:
    if count:
        audit.record(
            session, "system:retention", "settlement.forget_papers", subject, {"papers": count}, now=now
        )


def _before(what: str, now: datetime) -> datetime:
    return retention()[what].before(now)
