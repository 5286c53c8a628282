"""Public keys of officers who sign for a side without a platform: enrol, approve by another person, revoke."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Response
from sqlalchemy.orm import Session

from hub.core.errors import HubError
from hub.core.web import ReadSession, WriteSession
from hub.identity import access
from hub.settlement.queries import signing as queries
from hub.settlement.service import signing_desk
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.pages.settling.documents import tools
from station_portal.settling import names

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action(signing_desk.READ_KEYS)]
Enroller = Annotated[access.Principal, access.action(signing_desk.ENROL)]
Approver = Annotated[access.Principal, access.action(signing_desk.APPROVE)]
Revoker = Annotated[access.Principal, access.action(signing_desk.REVOKE)]

Kid = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{43}$")]
PAGE = "/staff/signing-keys"


@router.get(PAGE)
def list_keys(
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    *,
    told: str = "",
    confirm: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """The keys of one's own side with their history, and the form for another."""
    texts = {
        "enrolled": frame.language("已登记。须由另一人核对指纹后核准，才能用于签名。"),
        "approved": frame.language("已核准，可以用于签名。"),
        "revoked": frame.language("已撤销；此前的签名仍然有效。"),
    }
    return _page(frame, session, me, told=texts.get(told, ""), asked=confirm)


@router.post(PAGE)
def enrol(
    frame: CurrentFrame,
    session: WriteSession,
    me: Enroller,
    *,
    public_key: Annotated[str, Form(max_length=4_000)] = "",
    label: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Enrol the public key that `hub-sign` shows."""
    try:
        signing_desk.enrol_key(session, me, public_key, label, now=frame.now)
    except HubError as refused:
        if refused.status not in (409, 422):
            raise
        # What was sent in place of a public key may be a private one: it is not written into a page.
        is_public = "PRIVATE" not in public_key and '"d"' not in public_key
        typed = (public_key if is_public else "", label)
        return _page(frame, session, me, wrong=refused, typed=typed, status=refused.status)
    return see_other(f"{PAGE}?told=enrolled")


@router.post(PAGE + "/{kid}/approve")
def approve(frame: CurrentFrame, session: WriteSession, me: Approver, kid: Kid) -> Response:
    """Put a key in force that somebody else enrolled."""
    try:
        signing_desk.approve_key(session, me, kid, now=frame.now)
    except HubError as refused:
        if refused.status != 409:
            raise
        return _page(frame, session, me, wrong=refused, status=409)
    return see_other(f"{PAGE}?told=approved")


@router.post(PAGE + "/{kid}/revoke")
def revoke(frame: CurrentFrame, session: WriteSession, me: Revoker, kid: Kid) -> Response:
    """Stop a key from now on. The same again is harmless."""
    signing_desk.revoke_key(session, me, kid, now=frame.now)
    return see_other(f"{PAGE}?told=revoked")


def _page(
    frame: Frame,
    session: Session,
    me: access.Principal,
    *,
    told: str = "",
    asked: str = "",
    wrong: HubError | None = None,
    typed: tuple[str, str] = ("", ""),
    status: int = 200,
) -> Response:
    language = frame.language
    faults = []
    if wrong is not None:
        faults.append((wrong.field or "", language.pick(wrong.zh, wrong.en)))
        if wrong.hint_zh:
            faults.append(("", language.pick(wrong.hint_zh, wrong.hint_en or "")))
    context = {
        "keys": [
            _row(frame, session, me, held)
            for held in queries.officer_keys(session, signing_desk.own_area(me))
        ],
        "may_enrol": access.may_enter(me, signing_desk.ENROL),
        "side": names.area(signing_desk.signer_of(me).side, language),
        "public_key": typed[0],
        "label": typed[1],
        "asked": asked,
        "told": told,
        "wrong": faults,
        "tools": tools(),
    }
    return frame.page("settling_keys.html", context, status=status)


def _row(frame: Frame, session: Session, me: access.Principal, held: Any) -> dict[str, Any]:
    language = frame.language
    if held.revoked_at is not None:
        badge = ("bad", language("已撤销"))
    elif held.approved_at is not None:
        badge = ("ok", language("在用"))
    else:
        badge = ("warn", language("待另一人核准"))
    may_decide = access.may_enter(me, signing_desk.APPROVE)
    return {
        "kid": held.kid,
        "label": held.label or language("未命名"),
        "side": names.area(held.side, language),
        "algorithm": held.algorithm,
        "badge": badge,
        "proposed_by": names.person(session, held.proposed_by, language),
        "proposed_at": held.proposed_at,
        "approved_by": names.person(session, held.approved_by, language),
        "approved_at": held.approved_at,
        "revoked_by": names.person(session, held.revoked_by, language),
        "revoked_at": held.revoked_at,
        "is_own": held.proposed_by == me.name,
        "may_approve": may_decide
        and held.approved_at is None
        and held.revoked_at is None
        and held.proposed_by != me.name,
        "is_waiting": held.approved_at is None and held.revoked_at is None,
        "may_revoke": access.may_enter(me, signing_desk.REVOKE) and held.revoked_at is None,
    }
