"""Applications for vouchers: handed in by enterprises, decided by two people of the issuing area."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from hub.core.lists import Cursor, Limit, Number, page_answer, text_position
from hub.core.web import CommandKey, CurrentRuntime, ReadSession, WriteSession, json_answer
from hub.identity import rules as people
from hub.identity.access import Principal, action
from hub.settlement.models import Application
from hub.settlement.queries import applications as queries
from hub.settlement.rules.applications import forms
from hub.settlement.service import applications
from hub.settlement.service.applications import Filled, Moved
from hub.settlement.wire.applications import application_document

router = APIRouter(prefix="/api/v1", tags=["settlement"])

Reader = Annotated[Principal, action("application.read")]
Applicant = Annotated[Principal, action("application.write")]
Office = Annotated[Principal, action("application.review")]
ApplicationId = Annotated[str, Path(pattern="^va-[a-z2-7]{24}$")]

NO_STORE = {"Cache-Control": "no-store"}
MOST_FORM = 6 * 1024 * 1024


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Content(_Body):
    """What is applied for, in fen, and the answers by field name; `revision` of the application that was read."""

    fen: int = Field(ge=1, le=1_000_000_000_000)
    answers: dict[str, str] = Field(default_factory=dict, max_length=100)
    revision: int | None = Field(default=None, ge=0)


class Begun(Content):
    """A new application."""

    programme_id: str = Field(min_length=3, max_length=60)


class Seen(_Body):
    """The revision that was read; left out, whichever it is now."""

    revision: int | None = Field(default=None, ge=0)


class Approved(Seen):
    """The amount approved, in fen; left out, what was applied for."""

    fen: int | None = Field(default=None, ge=1, le=1_000_000_000_000)


class Reasoned(Seen):
    """Why, in words that the applicant reads."""

    reason: str = Field(min_length=1, max_length=500)


class PapersAsked(Reasoned):
    """Which kinds of papers are missing."""

    missing: list[str] = Field(min_length=1, max_length=20)


class HandedOver(Seen):
    """The application's number in the issuing area's own system."""

    reference: str = Field(min_length=1, max_length=100)


@router.get("/applications")
def list_applications(
    session: ReadSession, principal: Reader, *, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """The enterprise's own applications, or those for programmes of the office's area; the newest first."""
    after = text_position("applications", cursor) or None
    if principal.role in people.principals.ENTERPRISE_ROLES:
        rows = queries.applications_of(session, principal.party_id or "", limit=limit + 1, after=after)
    else:
        rows = queries.applications_in(session, principal.area or "", limit=limit + 1, after=after)
    is_side = principal.role != people.AUDITOR
    return page_answer(
        "applications",
        rows,
        limit,
        lambda row: row.id,
        lambda row: _document(session, row, is_side=is_side),
    )


@router.post("/applications", status_code=201)
def begin_application(
    session: WriteSession, runtime: CurrentRuntime, principal: Applicant, body: Begun, key: CommandKey = None
) -> Response:
    """Begin an application as a draft. The same key again is the same application."""
    filled = Filled(body.fen, body.answers)
    done = applications.begin(
        session, principal, body.programme_id, filled, key=key or "", now=runtime.clock()
    )
    return _answer(session, done, 201)


@router.get("/applications/{application_id}")
def show_application(
    application_id: ApplicationId, session: ReadSession, runtime: CurrentRuntime, principal: Reader
) -> Response:
    """One application, for its two sides; an auditor does not see what is personal."""
    row, is_side = applications.visible(session, principal, application_id, now=runtime.clock())
    return json_answer(_document(session, row, is_side=is_side), headers=NO_STORE)


@router.put("/applications/{application_id}")
def save_application(
    application_id: ApplicationId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Applicant,
    body: Content,
) -> Response:
    """Change what was filled in, while it is a draft or papers are missing."""
    filled = Filled(body.fen, body.answers)
    return _answer(
        session,
        applications.save(
            session, principal, application_id, filled, revision=body.revision, now=runtime.clock()
        ),
    )


@router.post("/applications/{application_id}/papers", status_code=201, max_body_size=MOST_FORM)
def add_paper(
    application_id: ApplicationId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Applicant,
    *,
    kind: Annotated[str, Form(max_length=40)],
    file: Annotated[UploadFile, File()],
) -> Response:
    """Hand in a paper: PDF, JPEG or PNG to 5 MB. The same content again is the same paper."""
    content = file.file.read(applications.MOST_PAPER_BYTES + 1)
    paper = applications.add_paper(
        session,
        principal,
        application_id,
        kind,
        filename=file.filename or "",
        content=content,
        now=runtime.clock(),
    )
    told = {"number": paper.id, "kind": paper.kind, "sha256": paper.sha256, "size": paper.size}
    return json_answer(told, 201, NO_STORE)


@router.get("/applications/{application_id}/papers/{paper_number}")
def read_paper(
    application_id: ApplicationId,
    paper_number: Number,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Reader,
) -> Response:
    """A paper as a download, for the two sides; reading it is audited."""
    paper = applications.read_paper(session, principal, application_id, paper_number, now=runtime.clock())
    suffix = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[paper.media_type]
    headers = {
        **NO_STORE,
        "Content-Disposition": f'attachment; filename="{paper.application_id}-{paper.id}.{suffix}"',
    }
    return Response(paper.content, media_type=paper.media_type, headers=headers)


@router.delete("/applications/{application_id}/papers/{paper_number}", status_code=204)
def remove_paper(
    application_id: ApplicationId,
    paper_number: Number,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Applicant,
) -> None:
    """Take a paper off while the application may be edited. Safe to repeat."""
    applications.remove_paper(session, principal, application_id, paper_number, now=runtime.clock())


@router.post("/applications/{application_id}/submit")
def submit(
    application_id: ApplicationId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Applicant,
    body: Seen,
) -> Response:
    """Hand it in, or again once what was missing is there."""
    return _answer(
        session,
        applications.submit(session, principal, application_id, revision=body.revision, now=runtime.clock()),
    )


@router.post("/applications/{application_id}/withdraw")
def withdraw(
    application_id: ApplicationId, session: WriteSession, runtime: CurrentRuntime, principal: Applicant
) -> Response:
    """Take it back before it is decided."""
    return _answer(session, applications.withdraw(session, principal, application_id, now=runtime.clock()))


def _review(session: Session, command: Callable[..., Moved], *args: Any, **more: Any) -> Response:
    return _answer(session, command(session, *args, **more))


@router.post("/applications/{application_id}/ask-papers")
def ask_papers(
    application_id: ApplicationId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Office,
    body: PapersAsked,
) -> Response:
    """Give it back for papers."""
    return _review(
        session, applications.ask_papers, principal, application_id, body.missing, body.reason,
        revision=body.revision, now=runtime.clock(),
    )  # fmt: skip


@router.post("/applications/{application_id}/approve")
def approve(
    application_id: ApplicationId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Office,
    body: Approved,
) -> Response:
    """The first approval."""
    return _review(
        session, applications.approve, principal, application_id, body.fen,
        revision=body.revision, now=runtime.clock(),
    )  # fmt: skip


@router.post("/applications/{application_id}/confirm")
def confirm(
    application_id: ApplicationId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Office,
    body: Seen,
) -> Response:
    """The second approval, by another person: the voucher is granted, or waits for budget."""
    return _review(
        session, applications.confirm, principal, application_id, revision=body.revision, now=runtime.clock()
    )


@router.post("/applications/{application_id}/refuse")
def refuse(
    application_id: ApplicationId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Office,
    body: Reasoned,
) -> Response:
    """Refuse with a reason."""
    return _review(
        session, applications.refuse, principal, application_id, body.reason,
        revision=body.revision, now=runtime.clock(),
    )  # fmt: skip


@router.post("/applications/{application_id}/hand-over")
def hand_over(
    application_id: ApplicationId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Office,
    body: HandedOver,
) -> Response:
    """The issuing area's own system, which is master, has taken it in."""
    return _review(
        session, applications.hand_over, principal, application_id, body.reference,
        revision=body.revision, now=runtime.clock(),
    )  # fmt: skip


def _answer(session: Session, done: Moved, status: int = 200) -> Response:
    return json_answer(_document(session, done.application, is_side=True), status, NO_STORE)


def _document(session: Session, row: Application, *, is_side: bool) -> dict[str, Any]:
    return application_document(
        row,
        queries.papers_of(session, row.id),
        queries.events_of(session, row.id),
        form=forms().get(row.programme_id),
        missing=queries.lacking_of(session, row),
        place=queries.place_of(session, row),
        is_side=is_side,
    )
