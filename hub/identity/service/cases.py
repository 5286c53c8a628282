"""What offices decide about enterprises: verifications, moves, claims from elsewhere, the yearly check."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hub.core import audit, outbox
from hub.identity import queries, rules
from hub.identity.errors import (
    CaseClosed,
    CaseUnknown,
    DocumentRefused,
    EnterpriseUnknown,
    OwnCase,
    RefusalIncomplete,
)
from hub.identity.models import Case, CaseDocument, Party, Person
from hub.identity.rules import Principal, Subject, Terms, refusals
from hub.identity.rules.enterprises import Basis, customer_of_person
from hub.identity.service import parties, people
from hub.identity.service.deciding import allow
from hub.identity.service.enterprises import Verified, set_home

DECIDED_TASK = "identity.case_decided"
"""`{case_id}`: whom it concerns is to be told; who tells people performs it."""

MOST_DOCUMENT_BYTES = 5 * 1024 * 1024
MOST_DOCUMENTS = 4
DOCUMENTS_KEPT = timedelta(days=90)
"""After the decision; what was decided, by whom and on which hash stays."""

_MAGIC = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}

Decision = Literal["confirm", "refuse"]


def subject_of(case: Case, area: str | None = None) -> Subject:
    """The case as the access matrix sees it: it belongs to `area`, or to whichever side is asked about."""
    return Subject(home_area=area or case.to_area, state=case.state, name=f"case:{case.id}")


def sides_of(case: Case, principal: Principal) -> tuple[str, ...]:
    """The sides of an open case (`from`, `to`) that this principal may still answer for."""
    open_sides = []
    if case.kind != "verification" and case.from_area is not None and case.given_up_at is None:
        open_sides.append(("from", case.from_area))
    if case.kind != "foreign_claim" and case.taken_over_at is None:
        open_sides.append(("to", case.to_area))
    if case.kind == "foreign_claim" and case.from_area is None:
        open_sides.append(("to", case.to_area))
    answered = {case.given_up_by, case.taken_over_by}
    return tuple(
        side
        for side, area in open_sides
        if principal.name not in answered
        and rules.may(principal, "identity.decide_case", subject_of(case, area))
    )


def decide_case(
    session: Session,
    principal: Principal,
    case_id: str,
    decision: Decision,
    *,
    reason: str = "",
    note: str = "",
    now: datetime,
) -> Case:
    """Answer a case for the side that the principal's office is on.

    A verification is confirmed by the office of the area: the enterprise belongs there and the asking person manages
    it. A move needs both sides, two people. A claim from elsewhere grants nothing whatever is decided: it is noted or
    refused. A refusal carries a `reason` of the table and a `note`, which the asking person reads. Raises
    `CaseUnknown`, `CaseClosed`, `OwnCase`, `NotAllowed`, `OtherParty` and `RefusalIncomplete`, which names the field.
    """
    case = session.scalar(select(Case).where(Case.id == case_id).with_for_update())
    if case is None:
        raise CaseUnknown
    if case.state != "open":
        raise CaseClosed
    _check_not_own(session, principal, case)
    sides = sides_of(case, principal)
    if not sides:
        area = case.from_area if case.kind != "verification" and case.from_area else case.to_area
        allow(session, principal, "identity.decide_case", subject_of(case, area), now=now)
        raise OwnCase(principal.name, "identity.decide_case", f"case:{case.id}")
    told = {"decision": decision, "kind": case.kind, "side": sides[0]}
    if decision == "refuse":
        _check_refusal(reason, note)
        told["reason"] = reason
        case.reasons = refusals.with_refusal(case.reasons, reason)
    audit.record(
        session,
        principal.name,
        "identity.decide_case",
        f"case:{case.id}",
        told,
        private={"note": note[:500]} if note else None,
        now=now,
    )
    case.note = note[:500] or case.note
    if decision == "refuse":
        _close(session, case, "refused", principal, now)
    elif case.kind == "move":
        _confirm_side(session, case, sides[0], principal, now)
    else:
        if case.kind == "verification":
            _confirm_verification(session, case, principal, now)
        _close(session, case, "confirmed", principal, now)
    return case


def withdraw_case(session: Session, principal: Principal, case_id: str, *, now: datetime) -> None:
    """Take back what one asked for oneself. Raises `CaseUnknown` and `CaseClosed`."""
    case = session.get(Case, case_id)
    if case is None or case.person_id != principal.person_id or case.provider is not None:
        raise CaseUnknown
    if case.state != "open":
        raise CaseClosed
    case.state, case.decided_by, case.decided_at = "withdrawn", principal.name, now
    audit.record(session, principal.name, "identity.withdraw_case", f"case:{case.id}", now=now)


def recheck_home(session: Session, principal: Principal, enterprise_id: str, *, now: datetime) -> None:
    """The office has checked that the enterprise is still registered where it was: good for another year."""
    home = queries.home_at(session, enterprise_id, now)
    if home is None:
        raise EnterpriseUnknown
    subject = Subject(home_area=home.area, state="open", name=enterprise_id)
    allow(session, principal, "identity.decide_case", subject, now=now)
    if enterprise_id in queries.parties_of(session, principal.person_id or ""):
        raise OwnCase(principal.name, "identity.decide_case", enterprise_id)
    set_home(
        session, enterprise_id, Verified(home.area, home.address, "bureau_staff", principal.name), now=now
    )


def add_document(
    session: Session, case: Case, filename: str, content: bytes, *, now: datetime
) -> CaseDocument:
    """Hand in a document with a case: PDF, JPEG or PNG to 5 MiB, judged by its first bytes. Raises `DocumentRefused`."""
    media_type = next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None)
    if media_type is None:
        raise DocumentRefused("请上传 PDF、JPEG 或 PNG 文件。", "Hand in a PDF, JPEG or PNG file.")
    if len(content) > MOST_DOCUMENT_BYTES:
        raise DocumentRefused("文件不能超过 5 MB。", "A document has at most 5 MB.")
    held = session.scalar(select(func.count()).where(CaseDocument.case_id == case.id)) or 0
    if held >= MOST_DOCUMENTS:
        raise DocumentRefused(
            f"每个申请最多 {MOST_DOCUMENTS} 个文件。", f"A request has at most {MOST_DOCUMENTS} documents."
        )
    document = CaseDocument(
        case_id=case.id,
        filename=filename[-100:],
        media_type=media_type,
        sha256=sha256(content).hexdigest(),
        size=len(content),
        content=content,
        handed_in_at=now,
    )
    session.add(document)
    session.flush()
    return document


def read_document(session: Session, principal: Principal, document_id: int, *, now: datetime) -> CaseDocument:
    """A document, for an office of either side or the person who handed it in. Reading it is audited.

    Raises `CaseUnknown` when it is not there any more, `NotAllowed` and `OtherParty`.
    """
    document = session.get(CaseDocument, document_id)
    case = session.get(Case, document.case_id) if document is not None else None
    if document is None or case is None or document.content is None:
        raise CaseUnknown
    if case.person_id != principal.person_id:
        areas = [area for area in (case.to_area, case.from_area) if area is not None]
        if not any(rules.may(principal, "identity.read_cases", subject_of(case, area)) for area in areas):
            allow(session, principal, "identity.read_cases", subject_of(case), now=now)
    audit.record(session, principal.name, "identity.read_document", f"case:{case.id}", now=now)
    return document


def erase_documents(session: Session, *, now: datetime) -> int:
    """Erase the content of documents whose case was closed long enough ago; how many. Safe to repeat."""
    closed = select(Case.id).where(Case.state != "open", Case.decided_at < now - DOCUMENTS_KEPT)
    erased = session.execute(
        update(CaseDocument)
        .where(CaseDocument.case_id.in_(closed), CaseDocument.content.is_not(None))
        .values(content=None)
        .returning(CaseDocument.id)
    ).all()
    if erased:
        told = {"documents": len(erased)}
        audit.record(session, "system:retention", "identity.erase_documents", "cases", told, now=now)
    return len(erased)


def _check_refusal(reason: str, note: str) -> None:
    if reason not in refusals.refusal_reasons():
        raise RefusalIncomplete("reason", "退回须选择原因。", "Choose the reason for refusing.")
    if not note.strip():
        raise RefusalIncomplete(
            "note", "退回须填写说明，申请人会看到。", "Say why, in words that the asking person will read."
        )


def _check_not_own(session: Session, principal: Principal, case: Case) -> None:
    is_own = principal.person_id is not None and principal.person_id == case.person_id
    if is_own or case.enterprise_id in queries.parties_of(session, principal.person_id or ""):
        raise OwnCase(principal.name, "identity.decide_case", f"case:{case.id}")


def _confirm_verification(session: Session, case: Case, principal: Principal, now: datetime) -> None:
    party = _verified_party(session, case, principal, now)
    has_document = bool(queries.documents_of(session, case.id))
    basis: Basis = "register_document" if has_document else "bureau_staff"
    set_home(session, party.id, Verified(case.to_area, case.address, basis, principal.name), now=now)
    case.enterprise_id = party.id
    person = session.get(Person, case.person_id)
    # Who asked first and who is confirmed first need not be the same: the second is invited by the first.
    if person is not None and not queries.has_people(session, party.id):
        terms = Terms(rules.ENTERPRISE_MANAGER, party.id)
        people.grant(session, person.id, terms, actor=principal.name, now=now)


def _verified_party(session: Session, case: Case, principal: Principal, now: datetime) -> Party:
    """An enterprise by its credit code, a person by its own reference, a team by that of the case that made it."""
    name, kind = case.enterprise_name, case.subject.split("|")[1]
    if kind not in {"team", "person"}:
        return parties.put_enterprise(session, name, case.credit_code, actor=principal.name, now=now)
    if case.person_id is None:  # who asked is gone
        raise CaseUnknown
    own = customer_of_person(case.person_id) if kind == "person" else f"tm-{case.id.partition('-')[2]}"
    known = case.enterprise_id or own
    return parties.put_customer(session, known, name, actor=principal.name, now=now)


def _confirm_side(session: Session, case: Case, side: str, principal: Principal, now: datetime) -> None:
    if side == "from":
        case.given_up_by, case.given_up_at = principal.name, now
    else:
        case.taken_over_by, case.taken_over_at = principal.name, now
    if case.given_up_by and case.taken_over_by and case.enterprise_id is not None:
        verified = Verified(case.to_area, case.address, "bureau_staff", case.taken_over_by)
        set_home(session, case.enterprise_id, verified, now=now)
        _close(session, case, "confirmed", principal, now)


def _close(session: Session, case: Case, state: str, principal: Principal, now: datetime) -> None:
    case.state, case.decided_by, case.decided_at = state, principal.name, now
    outbox.enqueue(session, DECIDED_TASK, {"case_id": case.id}, key=f"case:{case.id}", now=now)
