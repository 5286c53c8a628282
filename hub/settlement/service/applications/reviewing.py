"""The office's side: papers asked for, two approvals by two people, the grant, refusals, and what waits for budget."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.core.clock import SHANGHAI
from hub.identity.rules import Principal
from hub.settlement import ledger, queries
from hub.settlement.errors import ProgrammeUnusable
from hub.settlement.errors.programmes import (
    AnotherPersonNeeded,
    ApplicationInvalid,
    MasterElsewhere,
    PapersUnnamed,
    ReasonNeeded,
)
from hub.settlement.models import Application
from hub.settlement.money import yuan
from hub.settlement.queries.applications import papers_of
from hub.settlement.rules import applications
from hub.settlement.service import grants
from hub.settlement.service.applications import moving
from hub.settlement.service.applications.moving import Moved

MOST_REASON = 500


def ask_papers(
    session: Session,
    principal: Principal,
    application_id: str,
    missing: Collection[str],
    reason: str,
    *,
    revision: int | None = None,
    now: datetime,
) -> Moved:
    """Give the application back for papers: which kinds, and in words. Papers that are there are asked for anew.

    Raises `PapersUnnamed`, `ApplicationUnknown`, `ApplicationChanged`, `ApplicationState`.
    """
    row = moving.locked(session, principal, moving.REVIEW, application_id, now=now)
    known = schemas.codes("application_paper")
    kinds = [code for code in known if code in set(missing)]
    words = reason.strip()[:MOST_REASON]
    if not kinds or not words:
        raise PapersUnnamed
    if row.state == "papers_missing" and (row.missing, row.reason) == (kinds, words):
        return Moved(row, is_repeat=True)
    moving.check_revision(row, revision)
    row.missing, row.reason = kinds, words
    moving.move(session, row, "ask_papers", "office", actor=principal.name, note=words, now=now)
    for paper in papers_of(session, row.id):
        if paper.kind in kinds:
            paper.removed_at = now
    return Moved(row)


def approve(
    session: Session,
    principal: Principal,
    application_id: str,
    fen: int | None = None,
    *,
    revision: int | None = None,
    now: datetime,
) -> Moved:
    """The first approval, of `fen` (at most what was applied for; None: all of it). Safe to repeat by the same person.

    Raises `MasterElsewhere`, `ApplicationInvalid`, `ApplicationUnknown`, `ApplicationChanged`, `ApplicationState`.
    """
    row = moving.locked(session, principal, moving.REVIEW, application_id, now=now)
    _check_issued_here(session, row)
    approved = row.fen if fen is None else fen
    if row.state == "approved_once" and (row.first_by, row.approved_fen) == (principal.name, approved):
        return Moved(row, is_repeat=True)
    moving.check_revision(row, revision)
    if not 0 < approved <= row.fen:
        told = yuan(row.fen)
        raise ApplicationInvalid(
            [
                {
                    "pointer": "/approved_fen",
                    "code": "amount",
                    "zh": f"核定金额应大于 0，不超过申领的 {told} 元",
                    "en": f"approve more than 0 and at most the {told} CNY applied for",
                }
            ]
        )
    row.approved_fen, row.first_by, row.first_at = approved, principal.name, now
    note = f"核定 {yuan(approved)} 元"
    moving.move(session, row, "approve", "office", actor=principal.name, note=note, now=now)
    return Moved(row)


def confirm(
    session: Session,
    principal: Principal,
    application_id: str,
    *,
    revision: int | None = None,
    now: datetime,
) -> Moved:
    """The second approval, by another person: the grant is made in this transaction, or the application waits for budget.

    Safe to repeat: what is granted or waits stays so. Raises `AnotherPersonNeeded`, `MasterElsewhere`, `ProgrammeUnusable`,
    `ApplicationUnknown`, `ApplicationChanged`, `ApplicationState`.
    """
    row = moving.locked(session, principal, moving.REVIEW, application_id, now=now)
    _check_issued_here(session, row)
    if row.state in ("granted", "waiting_budget") and row.decided_by == principal.name:
        return Moved(row, is_repeat=True)
    if row.state == "approved_once" and row.first_by == principal.name:
        raise AnotherPersonNeeded("复审", "The second approval")
    moving.check_revision(row, revision)
    if applications.MACHINE.find(row.state, "confirm", "office") is None:
        moving.move(session, row, "confirm", "office", actor=principal.name, now=now)
    is_first = _first_waiting(session, row.programme_id) is None
    if is_first and _grant(session, row, principal.name, now=now):
        moving.move(session, row, "confirm", "office", actor=principal.name, now=now)
    else:
        row.decided_by, row.decided_at = principal.name, now
        moving.move(session, row, "queue", "office", actor=principal.name, now=now)
    return Moved(row)


def refuse(
    session: Session,
    principal: Principal,
    application_id: str,
    reason: str,
    *,
    revision: int | None = None,
    now: datetime,
) -> Moved:
    """Refuse with a reason, at either review or while it waits for budget. Safe to repeat. The enterprise may apply again.

    Raises `ReasonNeeded`, `MasterElsewhere`, `ApplicationUnknown`, `ApplicationChanged`, `ApplicationState`.
    """
    row = moving.locked(session, principal, moving.REVIEW, application_id, now=now)
    _check_issued_here(session, row)
    words = reason.strip()[:MOST_REASON]
    if not words:
        raise ReasonNeeded
    if row.state == "refused":
        return Moved(row, is_repeat=True)
    moving.check_revision(row, revision)
    row.reason, row.once = words, None
    row.decided_by, row.decided_at = principal.name, now
    moving.move(session, row, "refuse", "office", actor=principal.name, note=words, now=now)
    return Moved(row)


def hand_over(
    session: Session,
    principal: Principal,
    application_id: str,
    reference: str,
    *,
    revision: int | None = None,
    now: datetime,
) -> Moved:
    """The issuing area's own system, which is master, has taken the application in under `reference`. Nothing is granted here.

    Safe to repeat. Raises `ReasonNeeded` without a reference, `ApplicationState` where the hub itself is master.
    """
    row = moving.locked(session, principal, moving.REVIEW, application_id, now=now)
    words = " ".join(reason for reason in reference.split())[:100]
    if not words:
        raise ReasonNeeded
    if row.state == "handed_over" and row.external_reference == words:
        return Moved(row, is_repeat=True)
    programme = queries.find_programme(session, row.programme_id)
    if programme is None or programme.document["authority"] == "hub":
        raise ProgrammeUnusable(row.programme_id, "由本枢纽发放，无须转出", "it is granted here")
    moving.check_revision(row, revision)
    row.external_reference = words
    row.decided_by, row.decided_at = principal.name, now
    moving.move(session, row, "hand_over", "office", actor=principal.name, note=words, now=now)
    return Moved(row)


def release_waiting(session: Session, programme_id: str, *, now: datetime) -> int:
    """Grant what waits for the programme's budget, in the order of its second approvals; how many that was.

    Stops at the first one that the budget does not hold: nobody is passed over; and where the programme cannot be used any
    more, so that staff refuse or wait. Safe to repeat and to run anywhere.
    """
    count = 0
    while (row := _first_waiting(session, programme_id, is_locked=True)) is not None:
        try:
            is_granted = row.decided_by is not None and _grant(session, row, row.decided_by, now=now)
        except ProgrammeUnusable:
            break
        if not is_granted:
            break
        moving.move(session, row, "release", "system", actor="system:settlement", now=now)
        count += 1
    return count


def programmes_waiting(session: Session) -> list[str]:
    """Programmes for whose budget applications wait."""
    mine = select(Application.programme_id).where(Application.state == "waiting_budget").distinct()
    return sorted(session.scalars(mine))


def _first_waiting(session: Session, programme_id: str, *, is_locked: bool = False) -> Application | None:
    mine = select(Application).where(
        Application.programme_id == programme_id, Application.state == "waiting_budget"
    )
    mine = mine.order_by(Application.decided_at, Application.id).limit(1)
    if is_locked:
        mine = mine.with_for_update().execution_options(populate_existing=True)
    return session.scalar(mine)


def _grant(session: Session, row: Application, approver: str, *, now: datetime) -> bool:
    """Make the grant for an approved application; False when the year's budget does not hold it, and nothing is written."""
    assert row.approved_fen is not None, "approved once before"
    account = grants.pool(row.programme_id, now.astimezone(SHANGHAI).year)
    if ledger.balances(session, [account], is_locked=True)[account] < row.approved_fen:
        return False
    made = grants.grant(
        session,
        row.programme_id,
        row.holder,
        row.approved_fen,
        key=f"application:{row.id}",
        actor=approver,
        now=now,
    )
    row.decided_by, row.decided_at = approver, row.decided_at or now
    row.grant_id = made.id
    return True


def _check_issued_here(session: Session, row: Application) -> None:
    programme = queries.find_programme(session, row.programme_id)
    if programme is None or programme.document["authority"] != "hub":
        form = applications.forms().get(row.programme_id)
        where_zh = form.apply_zh if form is not None and form.apply_zh else "发放地区的系统"
        where_en = form.apply_en if form is not None and form.apply_en else "the home area's system"
        raise MasterElsewhere(where_zh, where_en)
