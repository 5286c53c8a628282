"""Applications for vouchers: lists for both sides, one with its papers and history, and its place in the line."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from hub.identity.rules.enterprises import customer_kind
from hub.settlement.models import Application, ApplicationEvent, ApplicationPaper
from hub.settlement.rules.applications import REVIEWED, Place, form_for, forms, lacking_papers

OPEN = ("submitted", "approved_once", "waiting_budget", "papers_missing")


def find_application(session: Session, application_id: str) -> Application | None:
    """One application."""
    return session.get(Application, application_id)


def applications_of(
    session: Session, holder: str, *, limit: int = 50, after: str | None = None
) -> list[Application]:
    """The enterprise's applications, the newest first; `after` is the identifier of the last one of the page before."""
    return _listed(session, Application.holder == holder, limit, after)


def applications_in(
    session: Session,
    area: str,
    *,
    states: Collection[str] = (),
    limit: int = 50,
    after: str | None = None,
) -> list[Application]:
    """What was handed in for programmes of an area (a prefix; empty is the belt), the newest first. Drafts are the applicant's."""
    mine = Application.area.startswith(area, autoescape=True)
    wanted = Application.state.in_(states) if states else Application.submitted_at.is_not(None)
    return _listed(session, mine & wanted & (Application.state != "draft"), limit, after)


def waiting_for_office(session: Session, area: str, *, limit: int = 200) -> list[Application]:
    """What the offices of an area have to decide, in the order in which it came."""
    mine = select(Application).where(
        Application.area.startswith(area, autoescape=True), Application.state.in_(REVIEWED)
    )
    return list(session.scalars(mine.order_by(Application.submitted_at, Application.id).limit(limit)))


def count_for_office(session: Session, area: str) -> int:
    """How many applications wait for an answer of an area's offices."""
    mine = select(func.count()).select_from(Application)
    return (
        session.scalar(
            mine.where(Application.area.startswith(area, autoescape=True), Application.state.in_(REVIEWED))
        )
        or 0
    )


def papers_of(session: Session, application_id: str) -> list[ApplicationPaper]:
    """The papers that go with an application now, in the order in which they came."""
    mine = select(ApplicationPaper).where(
        ApplicationPaper.application_id == application_id, ApplicationPaper.removed_at.is_(None)
    )
    return list(session.scalars(mine.order_by(ApplicationPaper.id)))


def events_of(session: Session, application_id: str) -> list[ApplicationEvent]:
    """The history of an application, in order."""
    mine = select(ApplicationEvent).where(ApplicationEvent.application_id == application_id)
    return list(session.scalars(mine.order_by(ApplicationEvent.number)))


def place_of(session: Session, row: Application) -> Place | None:
    """The application's place among those of its programme; None for one that waits for nobody."""
    states: tuple[str, ...]
    if row.state in REVIEWED:
        line, states, at = "review", REVIEWED, Application.submitted_at
        mine = row.submitted_at
    elif row.state == "waiting_budget":
        line, states, at = "budget", ("waiting_budget",), Application.decided_at
        mine = row.decided_at
    else:
        return None
    held = select(func.count()).where(
        Application.programme_id == row.programme_id, Application.state.in_(states)
    )
    before = session.scalar(held.where(or_(at < mine, (at == mine) & (Application.id < row.id)))) or 0
    return Place(line, before + 1, session.scalar(held) or 0)


def lacking_of(session: Session, row: Application) -> tuple[str, ...]:
    """The kinds of papers that are still missing, by the form and by what the office asked for."""
    form = forms().get(row.programme_id)
    if form is None:
        return ()
    asked = form_for(form, customer_kind(row.holder))
    return lacking_papers(asked, row.missing, {each.kind for each in papers_of(session, row.id)})


def _listed(
    session: Session, wanted: ColumnElement[bool], limit: int, after: str | None
) -> list[Application]:
    mine = select(Application).where(wanted)
    last = None if after is None else session.get(Application, after)
    if last is not None:
        mine = mine.where(
            or_(
                Application.made_at < last.made_at,
                (Application.made_at == last.made_at) & (Application.id < last.id),
            )
        )
    return list(
        session.scalars(mine.order_by(Application.made_at.desc(), Application.id.desc()).limit(limit))
    )
