"""The applicant's side: filling in, papers, submitting, withdrawing."""

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import schemas
from hub.core import audit, db
from hub.core.clock import SHANGHAI
from hub.identity import service as identity
from hub.identity.errors import EnterpriseUnknown
from hub.identity.queries import HomeOf
from hub.identity.rules import Principal, Subject
from hub.identity.rules.enterprises import customer_kind
from hub.settlement.errors.evidence import EvidenceGone
from hub.settlement.errors.programmes import (
    ApplicationElsewhere,
    ApplicationInvalid,
    ApplicationState,
    ApplicationTwice,
    ApplicationUnknown,
    ApplicationWindowClosed,
    PaperRefused,
)
from hub.settlement.models import Application, ApplicationPaper, Series
from hub.settlement.queries.applications import lacking_of, papers_of
from hub.settlement.rules import Programme, applications, covers
from hub.settlement.rules.applications import Fault, Form
from hub.settlement.service.applications import moving
from hub.settlement.service.applications.moving import Moved

MOST_PAPER_BYTES = 5 * 1024 * 1024
MOST_PAPERS = 12
EDITED = ("draft", "papers_missing")
MOST_FEN = 1_000_000_000_000

_MAGIC = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@dataclass(frozen=True, slots=True)
class Filled:
    """What the applicant typed: fen, and answers by field name. Answers that identity knows are passed over."""

    fen: int
    answers: Mapping[str, str]


def begin(
    session: Session, principal: Principal, programme_id: str, filled: Filled, *, key: str, now: datetime
) -> Moved:
    """Begin an application as a draft. Safe to repeat with the same `key`: the same form is one application.

    Raises `ProgrammeUnknown`, `ProgrammeUnusable`, `ApplicationElsewhere`, `ApplicationTwice`, `ApplicationInvalid`;
    identity's `EnterpriseUnverified` and `NotAllowed`.
    """
    holder = principal.party_id or ""
    subject = Subject(enterprise_id=holder or None, name=f"programme:{programme_id}")
    identity.allow(session, principal, moving.WRITE, subject, now=now)
    programme = moving.usable(session, programme_id, now=now)
    home = _home(session, holder, programme, now=now)
    form = _form(programme_id, holder)
    application_id = "va-" + _digest(holder, programme_id, key) if key else "va-" + _random()
    known = session.get(Application, application_id)
    if known is not None:
        return Moved(known, is_repeat=True)
    answers = _checked(form, programme, filled, home, holder, is_final=False)
    year = now.astimezone(SHANGHAI).year
    once = f"{programme_id}:{holder}:{year}" if form.is_once_a_year else None
    values = {
        "id": application_id,
        "number": _next_number(session, programme, year),
        "programme_id": programme_id,
        "programme_version": programme.version,
        "area": programme.area,
        "year": year,
        "holder": holder,
        "holder_name": home.name,
        "credit_code": home.credit_code or "",
        "home_area": home.area,
        "once": once,
        "state": "draft",
        "revision": 1,
        "fen": filled.fen,
        "answers": answers,
        "missing": [],
        "reason": "",
        "made_by": principal.name,
        "made_at": now,
    }
    added = session.scalar(
        db.insert(session, Application).values(**values).on_conflict_do_nothing().returning(Application.id)
    )
    if added is None:
        known = session.get(Application, application_id)
        if known is not None:  # the same form, sent twice at once
            return Moved(known, is_repeat=True)
        held = session.scalar(select(Application.number).where(Application.once == once))
        raise ApplicationTwice(held or "")
    row = session.get_one(Application, application_id)
    moving.record(session, row, "save", "applicant", actor=principal.name, note="", now=now)
    return Moved(row)


def save(
    session: Session,
    principal: Principal,
    application_id: str,
    filled: Filled,
    *,
    revision: int | None = None,
    now: datetime,
) -> Moved:
    """Change what was filled in, while it is a draft or papers are missing. Safe to repeat.

    Raises `ApplicationUnknown`, `ApplicationChanged`, `ApplicationState`, `ApplicationInvalid`.
    """
    row = moving.locked(session, principal, moving.WRITE, application_id, now=now)
    programme = moving.usable(session, row.programme_id, now=now)
    home = _home(session, row.holder, programme, now=now)
    form = _form(row.programme_id, row.holder)
    if row.state in EDITED:
        answers = _checked(form, programme, filled, home, row.holder, is_final=False)
        if (row.fen, row.answers) == (filled.fen, answers):
            return Moved(row, is_repeat=True)
        moving.check_revision(row, revision)
        row.fen, row.answers = filled.fen, answers
    moving.move(session, row, "save", "applicant", actor=principal.name, now=now)
    return Moved(row)


def submit(
    session: Session,
    principal: Principal,
    application_id: str,
    *,
    revision: int | None = None,
    now: datetime,
) -> Moved:
    """Hand the application in, or again once what was missing is there. Safe to repeat: what is submitted is submitted.

    Raises `ApplicationInvalid` (fields and papers, all at once), `ApplicationWindowClosed`, `ApplicationElsewhere`,
    `ApplicationChanged`, `ApplicationState`, `ProgrammeUnusable`.
    """
    row = moving.locked(session, principal, moving.WRITE, application_id, now=now)
    if row.state == "submitted":
        return Moved(row, is_repeat=True)
    moving.check_revision(row, revision)
    programme = moving.usable(session, row.programme_id, now=now)
    home = _home(session, row.holder, programme, now=now)
    if not applications.is_window_open(programme, now.astimezone(SHANGHAI).date()):
        window = programme.terms["window"]
        raise ApplicationWindowClosed(f"{window.get('from', '…')} – {window['until']}")
    form = _form(row.programme_id, row.holder)
    if row.state in EDITED:
        filled = Filled(row.fen, row.answers)
        row.answers = _checked(
            form, programme, filled, home, row.holder, is_final=True, lacking=lacking_of(session, row)
        )
        row.home_area, row.holder_name = home.area, home.name
        row.programme_version = programme.version
        row.submitted_at = row.submitted_at or now
        row.missing, row.reason = [], ""
    moving.move(session, row, "submit", "applicant", actor=principal.name, now=now)
    return Moved(row)


def withdraw(session: Session, principal: Principal, application_id: str, *, now: datetime) -> Moved:
    """Take the application back before it is decided. Safe to repeat. Raises `ApplicationUnknown`, `ApplicationState`."""
    row = moving.locked(session, principal, moving.WRITE, application_id, now=now)
    if row.state == "withdrawn":
        return Moved(row, is_repeat=True)
    moving.move(session, row, "withdraw", "applicant", actor=principal.name, now=now)
    row.once = None
    return Moved(row)


def add_paper(
    session: Session,
    principal: Principal,
    application_id: str,
    kind: str,
    *,
    filename: str,
    content: bytes,
    now: datetime,
) -> ApplicationPaper:
    """Hand in a paper: PDF, JPEG or PNG to 5 MiB, judged by its first bytes. The same content again is the same paper.

    Raises `PaperRefused`, `ApplicationUnknown`, `ApplicationState`.
    """
    row = moving.locked(session, principal, moving.WRITE, application_id, now=now)
    _check_editable(row)
    if kind not in schemas.codes("application_paper"):
        raise PaperRefused("没有这种材料。", "There is no such kind of paper.")
    media_type = next((each for magic, each in _MAGIC.items() if content.startswith(magic)), None)
    if media_type is None:
        raise PaperRefused("请上传 PDF、JPEG 或 PNG 文件。", "Hand in a PDF, JPEG or PNG file.")
    if len(content) > MOST_PAPER_BYTES:
        raise PaperRefused("文件不能超过 5 MB。", "A paper has at most 5 MB.")
    digest = sha256(content).hexdigest()
    held = papers_of(session, row.id)
    same = next((each for each in held if (each.kind, each.sha256) == (kind, digest)), None)
    if same is not None:
        return same
    every = session.scalar(select(func.count()).where(ApplicationPaper.application_id == row.id)) or 0
    if len(held) >= MOST_PAPERS or every >= 4 * MOST_PAPERS:
        raise PaperRefused(
            f"每件申领最多 {MOST_PAPERS} 份材料。", f"An application has at most {MOST_PAPERS} papers."
        )
    paper = ApplicationPaper(
        application_id=row.id,
        kind=kind,
        filename=filename[-100:],
        media_type=media_type,
        sha256=digest,
        size=len(content),
        content=content,
        handed_in_by=principal.name,
        handed_in_at=now,
    )
    session.add(paper)
    session.flush()
    told = {"kind": kind, "sha256": digest}
    audit.record(session, principal.name, "application.add_paper", f"application:{row.id}", told, now=now)
    return paper


def remove_paper(
    session: Session, principal: Principal, application_id: str, number: int, *, now: datetime
) -> None:
    """Take a paper off the application while it may be edited. Safe to repeat."""
    row = moving.locked(session, principal, moving.WRITE, application_id, now=now)
    _check_editable(row)
    paper = session.get(ApplicationPaper, number)
    if paper is None or paper.application_id != row.id:
        raise ApplicationUnknown
    if paper.removed_at is None:
        paper.removed_at = now
        told = {"kind": paper.kind, "sha256": paper.sha256}
        audit.record(
            session, principal.name, "application.remove_paper", f"application:{row.id}", told, now=now
        )


def read_paper(
    session: Session, principal: Principal, application_id: str, number: int, *, now: datetime
) -> ApplicationPaper:
    """A paper, for the two sides only; reading it is audited.

    Raises `ApplicationUnknown`, `EvidenceGone` (forgotten by its retention), `NotAllowed`, `OtherParty`.
    """
    row, is_side = moving.visible(session, principal, application_id, now=now)
    paper = session.get(ApplicationPaper, number)
    if not is_side or paper is None or paper.application_id != row.id:
        raise ApplicationUnknown
    if paper.removed_at is not None and principal.party_id != row.holder:
        raise ApplicationUnknown
    if paper.content is None:
        raise EvidenceGone
    told = {"sha256": paper.sha256}
    audit.record(session, principal.name, "application.read_paper", f"application:{row.id}", told, now=now)
    return paper


def _home(session: Session, holder: str, programme: Programme, *, now: datetime) -> HomeOf:
    if not holder:
        raise EnterpriseUnknown
    home = identity.home_of(session, holder, now=now)
    if not covers(programme.area, home.area):
        raise ApplicationElsewhere(_area_name(programme.area))
    return home


def _form(programme_id: str, holder: str) -> Form:
    return applications.form_for(applications.forms()[programme_id], customer_kind(holder))


def _checked(
    form: Form,
    programme: Programme,
    filled: Filled,
    home: HomeOf,
    holder: str,
    *,
    is_final: bool,
    lacking: tuple[str, ...] = (),
) -> dict[str, str]:
    """The answers as they are kept: typed ones trimmed, identity's from the enterprise's record. Raises `ApplicationInvalid`."""
    known = {
        "credit_code": home.credit_code or "",
        "enterprise_name": home.name,
        "registered_area": home.area,
        "registered_address": home.address,
    }
    answers = {name: value.strip() for name, value in filled.answers.items() if value.strip()}
    answers |= {
        each.name: known[each.name] for each in form.fields if each.is_identity and known.get(each.name)
    }
    faults = applications.faults_of(form, answers, is_final=is_final)
    amount = applications.fault_of_amount(programme, filled.fen, customer_kind(holder))
    if filled.fen > MOST_FEN:
        amount = Fault("fen", "too_much", "金额过大", "the amount is too large")
    faults += [amount] if amount is not None else []
    papers = schemas.codes("application_paper")
    faults += [
        Fault(f"paper-{code}", "paper_missing", f"缺少材料：{papers[code].zh}", f"missing: {papers[code].en}")
        for code in lacking
    ]
    if faults:
        raise ApplicationInvalid(
            [{"pointer": _pointer(each), "code": each.code, "zh": each.zh, "en": each.en} for each in faults]
        )
    return {each.name: answers[each.name] for each in form.fields if each.name in answers}


def _pointer(fault: Fault) -> str:
    is_own = fault.field == "fen" or fault.code == "paper_missing"
    return f"/{fault.field}" if is_own else f"/answers/{fault.field}"


def _check_editable(row: Application) -> None:
    if row.state not in EDITED:
        raise ApplicationState("更改材料", schemas.codes("application_state")[row.state].zh)


def _area_name(area: str) -> str:
    listed = "province" if area.endswith("0000") else "area"
    held = schemas.codes(listed).get(area)
    return area if held is None else held.zh


def _next_number(session: Session, programme: Programme, year: int) -> str:
    """`SL-<area>-<year>-<count>`: unique because the series' row is this transaction's until it ends."""
    name = f"application:{programme.area}-{year}"
    added = db.insert(session, Series).values(name=name, issued=1)
    mine = added.on_conflict_do_update(index_elements=["name"], set_={"issued": Series.issued + 1})
    number: int | None = session.scalar(mine.returning(Series.issued))
    assert number is not None, "it was there, or is now"
    return f"SL-{programme.area}-{year}-{number:04}"


def _digest(*parts: str) -> str:
    return b32encode(sha256("\n".join(parts).encode()).digest()[:15]).decode().lower()


def _random() -> str:
    return b32encode(token_bytes(15)).decode().lower()
