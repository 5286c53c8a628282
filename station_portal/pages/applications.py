"""The enterprise's applications for vouchers: filling in, papers, how far each has come and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from sqlalchemy.orm import Session

import schemas
from hub.core.clock import SHANGHAI
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession, WriteSession
from hub.identity import access
from hub.identity import queries as identity
from hub.settlement import queries
from hub.settlement.queries import applications as reading
from hub.settlement.rules.applications import forms
from hub.settlement.service import applications
from hub.settlement.service.applications import Filled
from station_portal import programme_words, wording
from station_portal.application_words import SUFFIXES, row_words, sections, shown
from station_portal.booking_files import attachment
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.keeping.fields import Wrong, by_field, fen_of, refused_words, whole, yuan_of
from station_portal.pages.bookings import AnyForm

router = APIRouter(include_in_schema=False)

Applicant = Annotated[access.Principal, access.action("application.write")]
Reader = Annotated[access.Principal, access.action("application.read")]
MOST_UPLOAD = 6 * 1024 * 1024


@router.get("/applications")
def list_applications(frame: CurrentFrame, session: ReadSession, me: Applicant) -> Response:
    """What the enterprise has applied for, and what it can apply for."""
    rows = reading.applications_of(session, me.party_id or "")
    known = {each.id: each for each in queries.everything(session)}
    context = {
        "items": [
            {
                **row_words(frame, session, row),
                "programme": programme_words.programme_name(known[row.programme_id], frame.language),
                "is_demo": known[row.programme_id].is_demo,
            }
            for row in rows
        ],
        "offers": _offers(frame, session, me),
        "has_home": identity.home_at(session, me.party_id or "", frame.now) is not None,
    }
    return frame.page("applications.html", context)


@router.get("/applications/new")
def new_application(
    frame: CurrentFrame,
    session: ReadSession,
    me: Applicant,
    programme: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """The empty form of a programme."""
    return _form(frame, session, me, programme, {"key": token_urlsafe(12)})


@router.post("/applications")
def begin(frame: CurrentFrame, me: Applicant, runtime: CurrentRuntime, form: AnyForm) -> Response:
    """Keep it as a draft; the same form sent twice is one application."""
    programme = form.get("programme", "")[:60]
    try:
        with runtime.database.write() as session:
            done = applications.begin(
                session, me, programme, filled_of(form), key=form.get("key", "")[:40], now=frame.now
            )
            application_id = done.application.id
    except HubError as refused:
        wrong = refused_words(refused, field_of, frame.language, "fen")
        with runtime.database.read() as session:
            return _form(frame, session, me, programme, form, wrong=wrong)
    return see_other(f"/applications/{application_id}?told=saved#papers")


@router.get("/applications/{application_id}")
def show_application(
    application_id: str,
    frame: CurrentFrame,
    session: ReadSession,
    me: Applicant,
    told: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """One application: where it stands, what is missing, and its form while it may be changed."""
    return _page(frame, session, me, application_id, told=told)


@router.post("/applications/{application_id}")
def change(
    application_id: str, frame: CurrentFrame, me: Applicant, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """`do` is save, submit (what is typed is saved with it) or withdraw."""
    do = form.get("do", "save")
    revision = whole(form.get("revision", ""))
    read = revision if isinstance(revision, int) else None
    try:
        with runtime.database.write() as session:
            if do == "withdraw":
                applications.withdraw(session, me, application_id, now=frame.now)
            elif do == "submit" and _is_submitted(session, frame, me, application_id):
                pass  # the same form, sent twice
            else:
                saved = applications.save(
                    session, me, application_id, filled_of(form), revision=read, now=frame.now
                )
                if do == "submit":
                    now_at = saved.application.revision
                    applications.submit(session, me, application_id, revision=now_at, now=frame.now)
    except HubError as refused:
        wrong = refused_words(refused, field_of, frame.language, "fen")
        with runtime.database.read() as session:
            return _page(frame, session, me, application_id, typed=form, wrong=wrong)
    return see_other(f"/applications/{application_id}?told={'withdrawn' if do == 'withdraw' else do}")


@router.post("/applications/{application_id}/papers", max_body_size=MOST_UPLOAD)
def add_paper(
    application_id: str,
    frame: CurrentFrame,
    me: Applicant,
    runtime: CurrentRuntime,
    *,
    kind: Annotated[str, Form(max_length=40)] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Hand in a paper."""
    try:
        content = b"" if file is None else file.file.read(applications.MOST_PAPER_BYTES + 1)
        name = "" if file is None else file.filename or ""
        with runtime.database.write() as session:
            applications.add_paper(
                session, me, application_id, kind, filename=name, content=content, now=frame.now
            )
    except HubError as refused:
        wrong = refused_words(refused, str, frame.language, "file")
        with runtime.database.read() as session:
            return _page(frame, session, me, application_id, wrong=wrong)
    return see_other(f"/applications/{application_id}?told=paper#papers")


@router.post("/applications/{application_id}/papers/{paper_number}/remove")
def remove_paper(
    application_id: str, paper_number: int, frame: CurrentFrame, session: WriteSession, me: Applicant
) -> Response:
    """Take a paper off the application."""
    applications.remove_paper(session, me, application_id, paper_number, now=frame.now)
    return see_other(f"/applications/{application_id}#papers")


@router.get("/applications/{application_id}/papers/{paper_number}")
def read_paper(
    application_id: str, paper_number: int, frame: CurrentFrame, session: WriteSession, me: Reader
) -> Response:
    """A paper as a download, for the two sides only; the look is audited. Its name is ours: a file may be called anything."""
    paper = applications.read_paper(session, me, application_id, paper_number, now=frame.now)
    name = f"{paper.application_id}-{paper.kind}-{paper.id}.{SUFFIXES[paper.media_type]}"
    assert paper.content is not None, "a forgotten paper is not given out"
    return attachment(name, paper.media_type, paper.content)


def _is_submitted(session: Session, frame: Frame, me: access.Principal, application_id: str) -> bool:
    row, is_side = applications.visible(session, me, application_id, now=frame.now)
    return is_side and row.state == "submitted"


def filled_of(form: Mapping[str, str]) -> Filled:
    """What was typed: the amount in fen (0 when it is none) and the answers."""
    answers = {
        name.removeprefix("a-"): value.strip().replace("\r\n", "\n")
        for name, value in form.items()
        if name.startswith("a-")
    }
    return Filled(fen_of(form.get("fen", "")) or 0, answers)


def field_of(pointer: str) -> str:
    """The form's field that a pointer of a refusal names."""
    name = pointer.rpartition("/")[2]
    return f"a-{name}" if pointer.startswith("/answers/") else "papers" if "paper-" in pointer else name


def _offers(frame: Frame, session: Session, me: access.Principal) -> list[dict[str, Any]]:
    """The programmes of the enterprise's home that vouchers are applied for, or why not."""
    home = identity.home_at(session, me.party_id or "", frame.now)
    if home is None:
        return []
    language = frame.language
    found = []
    for programme in queries.concerning(session, [home.area], frame.now.astimezone(SHANGHAI).date()):
        if programme.kind != "voucher":
            continue
        form = forms().get(programme.id)
        try:
            applications.usable(session, programme.id, now=frame.now)
            why = ""
        except HubError as refused:
            why = language.pick(refused.zh, refused.en)
        window = programme.terms.get("window")
        found.append(
            {
                "id": programme.id,
                "name": programme_words.programme_name(programme, language),
                "is_demo": programme.is_demo,
                "why": why,
                "is_home": programme.document["authority"] == "home",
                "apply": "" if form is None else language.pick(form.apply_zh, form.apply_en),
                "window": "" if window is None else programme_words.value_words("window", window, language),
                "once": form is not None and form.is_once_a_year,
            }
        )
    return found


def _form(
    frame: Frame,
    session: Session,
    me: access.Principal,
    programme_id: str,
    typed: Mapping[str, str],
    *,
    wrong: Wrong | None = None,
) -> Response:
    programme = applications.usable(session, programme_id, now=frame.now)
    home = identity.home_at(session, me.party_id or "", frame.now)
    form = forms()[programme_id]
    known = {} if home is None else {"credit_code": home.credit_code or "", "enterprise_name": home.name,
                                     "registered_area": home.area, "registered_address": home.address}  # fmt: skip
    language = frame.language
    context = {
        "item": None,
        "programme": {
            "id": programme.id,
            "name": programme_words.programme_name(programme, language),
            "is_demo": programme.is_demo,
            "is_home": programme.document["authority"] == "home",
            "apply": language.pick(form.apply_zh, form.apply_en),
        },
        "sections": sections(frame, form, known),
        "typed": typed,
        "wrong": wrong or [],
        "faults": by_field(wrong or []),
        "told": "",
    }
    return frame.page("application.html", context, status=422 if wrong else 200)


def _page(
    frame: Frame,
    session: Session,
    me: access.Principal,
    application_id: str,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Wrong | None = None,
    told: str = "",
) -> Response:
    row, _ = applications.visible(session, me, application_id, now=frame.now)
    form = forms()[row.programme_id]
    language = frame.language
    held = {f"a-{name}": value for name, value in row.answers.items()} | {"fen": yuan_of(row.fen)}
    item = shown(frame, session, row)
    texts = {
        "saved": language("草稿已保存。"),
        "save": language("草稿已保存。"),
        "submit": language("申领已提交。"),
        "withdrawn": language("申领已撤回。"),
        "paper": language("材料已上传。"),
    }
    context = {
        "item": item,
        "programme": {
            "id": row.programme_id,
            "name": item["programme"],
            "is_demo": item["is_demo"],
            "is_home": item["is_home"],
            "apply": item["apply"],
        },
        "sections": sections(frame, form, row.answers),
        "typed": typed or held,
        "wrong": wrong or [],
        "faults": by_field(wrong or []),
        "told": texts.get(told, ""),
        "may_edit": row.state in ("draft", "papers_missing"),
        "may_withdraw": row.state in ("draft", *reading.OPEN),
        "paper_kinds": [
            (code, language.pick(entry.zh, entry.en))
            for code, entry in schemas.codes("application_paper").items()
        ],
        "wanted": wording.names("application_paper", list(form.papers), language),
    }
    return frame.page("application.html", context, status=422 if wrong else 200)
