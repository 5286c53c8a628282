"""Drafts of programmes: edited by one, published by another as the next version; orders stay with the version they had."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import audit
from hub.identity import service as identity
from hub.identity.rules import Principal, Subject
from hub.settlement import queries
from hub.settlement.errors import ProgrammeInvalid
from hub.settlement.errors.programmes import AnotherPersonNeeded, DraftOutdated, DraftUnknown
from hub.settlement.models import ProgrammeDraft
from hub.settlement.queries import drafts
from hub.settlement.rules import Programme
from hub.settlement.rules.programme_changes import FIXED
from hub.settlement.service.programmes import check_document, put_programme

EDIT = "programme.edit"


def save_draft(
    session: Session,
    principal: Principal,
    document: Mapping[str, Any],
    *,
    revision: int = 0,
    now: datetime,
) -> ProgrammeDraft:
    """Keep what a programme is to become. `revision` is that of the open draft which was read; 0: there was none.

    Safe to repeat: the same document again changes nothing. A draft need not be complete, only valid. Raises
    `ProgrammeInvalid`, `DraftOutdated`; identity's `NotAllowed` and `OtherParty`.
    """
    told = dict(document)
    check_document(told)
    _allow(session, principal, str(told["area"]), str(told["id"]), now=now)
    newest = queries.find_programme(session, told["id"])
    _check_fixed(told, newest)
    row = _open_draft(session, told["id"])
    base = 0 if newest is None else newest.version
    if row is None:
        if revision:
            raise DraftOutdated(0)
        row = ProgrammeDraft(
            programme_id=told["id"],
            area=told["area"],
            state="draft",
            revision=1,
            base_version=base,
            document=told,
            editors=[principal.name],
            made_at=now,
            changed_at=now,
        )
        session.add(row)
    elif row.document == told:
        return row
    else:
        if revision != row.revision:
            raise DraftOutdated(row.revision)
        row.document, row.base_version = told, base
        row.revision, row.changed_at = row.revision + 1, now
        row.editors = sorted({*row.editors, principal.name})
    session.flush()
    about = {"draft": row.id, "revision": row.revision}
    audit.record(session, principal.name, "settlement.draft_programme", told["id"], about, now=now)
    return row


def publish_draft(
    session: Session, principal: Principal, draft_id: int, *, revision: int, now: datetime
) -> Programme:
    """Make the draft the programme's next version. Only somebody who never edited it may. Safe to repeat.

    Raises `DraftUnknown`, `AnotherPersonNeeded`, `DraftOutdated` (the draft or the programme has changed since it was read),
    `ProgrammeInvalid`; identity's `NotAllowed` and `OtherParty`.
    """
    row = _locked(session, principal, draft_id, now=now)
    if row.state == "published" and row.decided_by == principal.name:
        held = queries.find_programme(session, row.programme_id, row.version)
        assert held is not None, "versions are never taken away"
        return held
    if row.state != "draft":
        raise DraftUnknown
    if principal.name in row.editors:
        raise AnotherPersonNeeded("发布", "Publishing")
    newest = queries.find_programme(session, row.programme_id)
    if revision != row.revision or row.base_version != (0 if newest is None else newest.version):
        raise DraftOutdated(row.revision)
    made = put_programme(session, row.document, actor=principal.name, now=now)
    row.version, row.state = made.version, "published"
    row.decided_by, row.decided_at = principal.name, now
    session.flush()
    about = {"draft": row.id, "version": made.version, "editors": row.editors}
    audit.record(session, principal.name, "settlement.publish_programme", row.programme_id, about, now=now)
    return made


def discard_draft(session: Session, principal: Principal, draft_id: int, *, now: datetime) -> None:
    """Give the draft up. Safe to repeat. Raises `DraftUnknown` for one that was published."""
    row = _locked(session, principal, draft_id, now=now)
    if row.state == "discarded":
        return
    if row.state != "draft":
        raise DraftUnknown
    row.state, row.decided_by, row.decided_at = "discarded", principal.name, now
    about = {"draft": row.id, "revision": row.revision}
    audit.record(session, principal.name, "settlement.discard_programme", row.programme_id, about, now=now)


def _locked(session: Session, principal: Principal, draft_id: int, *, now: datetime) -> ProgrammeDraft:
    mine = select(ProgrammeDraft).where(ProgrammeDraft.id == draft_id).with_for_update()
    row = session.scalar(mine.execution_options(populate_existing=True))
    if row is None:
        raise DraftUnknown
    _allow(session, principal, row.area, row.programme_id, now=now)
    return row


def _open_draft(session: Session, programme_id: str) -> ProgrammeDraft | None:
    return session.scalar(drafts.open_draft(programme_id).with_for_update())


def _allow(session: Session, principal: Principal, area: str, programme_id: str, *, now: datetime) -> None:
    subject = Subject(home_area=area, name=f"programme:{programme_id}")
    identity.allow(session, principal, EDIT, subject, now=now)


def _check_fixed(document: Mapping[str, Any], newest: Programme | None) -> None:
    """A programme stays what it is; a new one is named after its area, so that nobody takes another area's name."""
    if newest is None:
        if document["id"].startswith(f"{document['area']}-"):
            return
        raise ProgrammeInvalid(
            [
                {
                    "pointer": "/id",
                    "code": "area",
                    "zh": f"新政策的标识须以「{document['area']}-」开头",
                    "en": f"a new programme's identifier begins with {document['area']}-",
                }
            ]
        )
    found = [
        {
            "pointer": f"/{name}",
            "code": "fixed",
            "zh": "已有版本，此项不能更改；请另立政策",
            "en": "there is a version already and this does not change; make another programme",
        }
        for name in FIXED
        if document[name] != newest.document[name]
    ]
    if found:
        raise ProgrammeInvalid(found)
