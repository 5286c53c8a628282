"""Drafts of programmes and the versions they come to."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hub.settlement.models import ProgrammeDraft, ProgrammeRow


def open_draft(programme_id: str) -> Select[ProgrammeDraft]:
    """The programme's draft that is neither published nor discarded: at most one."""
    return select(ProgrammeDraft).where(
        ProgrammeDraft.programme_id == programme_id, ProgrammeDraft.state == "draft"
    )


def draft_of(session: Session, programme_id: str) -> ProgrammeDraft | None:
    """The programme's open draft."""
    return session.scalar(open_draft(programme_id))


def find_draft(session: Session, draft_id: int) -> ProgrammeDraft | None:
    """A draft by its number, in whatever state."""
    return session.get(ProgrammeDraft, draft_id)


def drafts_in(session: Session, area: str) -> list[ProgrammeDraft]:
    """Open drafts of an area (a prefix; empty is the belt), the one changed last first."""
    mine = select(ProgrammeDraft).where(
        ProgrammeDraft.area.startswith(area, autoescape=True), ProgrammeDraft.state == "draft"
    )
    return list(session.scalars(mine.order_by(ProgrammeDraft.changed_at.desc(), ProgrammeDraft.id)))


def versions_of(session: Session, programme_id: str) -> list[ProgrammeRow]:
    """Every version of a programme, the newest first."""
    mine = select(ProgrammeRow).where(ProgrammeRow.id == programme_id)
    return list(session.scalars(mine.order_by(ProgrammeRow.version.desc())))
