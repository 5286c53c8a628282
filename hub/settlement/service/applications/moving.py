"""How an application moves: who may, in which state, with its history, and who is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import schemas
from hub.core import audit
from hub.core.clock import SHANGHAI
from hub.identity import queries as identity
from hub.identity import rules as identity_rules
from hub.identity import service as deciding
from hub.identity.errors import OwnCase
from hub.identity.rules import Principal, Subject
from hub.notices import service as notices
from hub.settlement import queries
from hub.settlement.errors import ProgrammeUnknown, ProgrammeUnusable
from hub.settlement.errors.programmes import ApplicationChanged, ApplicationState, ApplicationUnknown
from hub.settlement.models import Application, ApplicationEvent
from hub.settlement.queries.applications import find_application
from hub.settlement.rules import Programme, applications, missing, term_names

READ, WRITE, REVIEW = "application.read", "application.write", "application.review"
OFFICES = identity_rules.principals.AREA_ROLES


@dataclass(frozen=True, slots=True)
class Moved:
    """What a command did. `is_repeat`: it had been done before, and nothing was written."""

    application: Application
    is_repeat: bool = False


def subject_of(row: Application) -> Subject:
    """The application as the access matrix sees it: the enterprise's, and of the issuing area."""
    return Subject(
        enterprise_id=row.holder, home_area=row.area, state=row.state, name=f"application:{row.id}"
    )


def locked(
    session: Session, principal: Principal, action: str, application_id: str, *, now: datetime
) -> Application:
    """The application, for its side only and nobody else's before this transaction ends.

    Raises `ApplicationUnknown`; identity's `NotAllowed` and `OtherParty`; `OwnCase` when somebody of the office also acts
    for the applicant.
    """
    mine = select(Application).where(Application.id == application_id).with_for_update()
    row = session.scalar(mine.execution_options(populate_existing=True))
    if row is None:
        raise ApplicationUnknown
    deciding.allow(session, principal, action, subject_of(row), now=now)
    if action == REVIEW:
        if row.state == "draft":
            raise ApplicationUnknown
        if row.holder in identity.parties_of(session, principal.person_id or ""):
            raise OwnCase(principal.name, action, f"application:{row.id}")
    return row


def visible(
    session: Session, principal: Principal, application_id: str, *, now: datetime
) -> tuple[Application, bool]:
    """The application, and whether the reader is one of its two sides (an auditor is not). Drafts are the applicant's own.

    Raises `ApplicationUnknown`, `NotAllowed`, `OtherParty`.
    """
    row = find_application(session, application_id)
    if row is None:
        raise ApplicationUnknown
    deciding.allow(session, principal, READ, subject_of(row), now=now)
    is_applicant = principal.party_id == row.holder
    if row.submitted_at is None and not is_applicant:
        raise ApplicationUnknown
    return row, principal.role != identity_rules.AUDITOR


def check_revision(row: Application, revision: int | None) -> None:
    """Raises `ApplicationChanged` when it is not the revision that was read; None: not asked."""
    if revision is not None and revision != row.revision:
        raise ApplicationChanged(row.revision)


def move(
    session: Session,
    row: Application,
    command: str,
    side: str,
    *,
    actor: str,
    now: datetime,
    note: str = "",
) -> None:
    """Carry out the machine's row for the command, with its entry in the history and the audit. Raises `ApplicationState`."""
    found = applications.MACHINE.find(row.state, command, side)
    if found is None:
        held, given = (
            schemas.codes("application_state")[row.state],
            schemas.codes("application_command")[command],
        )
        raise ApplicationState(given.zh, held.zh)
    row.state = row.state if found.target == schemas.machines.SAME else found.target
    row.revision += 1
    session.flush()
    record(session, row, command, side, actor=actor, note=note, now=now)
    if "notify_office" in found.effects:
        tell_office(session, row, now=now)
    if "notify_applicant" in found.effects:
        tell_applicant(session, row, now=now)


def record(
    session: Session, row: Application, command: str, side: str, *, actor: str, note: str, now: datetime
) -> None:
    """One entry of the history and one of the audit."""
    mine = select(func.count()).where(ApplicationEvent.application_id == row.id)
    session.add(
        ApplicationEvent(
            application_id=row.id,
            number=(session.scalar(mine) or 0) + 1,
            command=command,
            side=side,
            to_state=row.state,
            note=note,
            made_by=actor,
            made_at=now,
        )
    )
    session.flush()
    told = {"command": command, "state": row.state, "fen": row.fen}
    private = {"note": note} if note else None
    audit.record(
        session, actor, f"application.{command}", f"application:{row.id}", told, private=private, now=now
    )


def usable(session: Session, programme_id: str, *, now: datetime) -> Programme:
    """The programme, if enterprises can apply for its vouchers. Raises `ProgrammeUnknown`, `ProgrammeUnusable`."""
    newest = queries.find_programme(session, programme_id)
    if newest is None:
        raise ProgrammeUnknown(programme_id)
    today = now.astimezone(SHANGHAI).date()
    held = {each.id: each for each in queries.concerning(session, [newest.area], today)}.get(programme_id)
    if held is None:
        raise ProgrammeUnusable(programme_id, "不在有效期", "it is not in force")
    if held.kind != "voucher":
        raise ProgrammeUnusable(
            programme_id, "不是创新券，无须申领", "it is no voucher and is not applied for"
        )
    if programme_id not in applications.forms():
        raise ProgrammeUnusable(programme_id, "尚未配置申领表", "there is no application form for it")
    lacking = missing(held)
    if lacking:
        zh, en = term_names(lacking)
        raise ProgrammeUnusable(programme_id, f"条款不全（{zh}）", f"not configured: {en}")
    return held


def tell_office(session: Session, row: Application, *, now: datetime) -> None:
    """Tell the people of the issuing area's offices that something waits for them."""
    _tell(
        session,
        row,
        offices_of(session, row.area),
        "application_submitted",
        link=f"/staff/applications/{row.id}",
        now=now,
    )


def tell_applicant(session: Session, row: Application, *, now: datetime) -> None:
    """Tell who applied how it stands; the reason is read on the page."""
    _tell(session, row, [row.made_by], "application_moved", link=f"/applications/{row.id}", now=now)


def offices_of(session: Session, area: str) -> list[str]:
    """Names of the people who act for the offices of an area or of one above it."""
    prefixes = dict.fromkeys(
        (area[:2], area[:4].removesuffix("00"), area.removesuffix("00").removesuffix("00"))
    )
    found: set[str] = set()
    for role in OFFICES:
        for prefix in prefixes:
            found.update(identity.names_acting(session, role=role, area=prefix))
    return sorted(found)


def _tell(
    session: Session, row: Application, recipients: Iterable[str], template: str, *, link: str, now: datetime
) -> None:
    words = schemas.codes("application_state")[row.state].zh
    notices.notify(
        session,
        recipients,
        template,
        {"number": row.number, "state": words},
        subject=row.id,
        link=link,
        key=f"application:{row.id}:{row.revision}",
        now=now,
    )
