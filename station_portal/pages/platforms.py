"""Provinces' platforms for their staff: invite one, see its keys, stop a key or the platform."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Response
from sqlalchemy.orm import Session

from hub.core.errors import HubError
from hub.core.web import ReadSession, WriteSession
from hub.identity import access, queries
from hub.identity import service as identity
from hub.identity.access import Subject
from hub.identity.errors import PlatformUnknown
from hub.identity.service import platform_keys, platforms
from station_portal import audit_words, wording
from station_portal.frame import CurrentFrame, Frame, see_other

router = APIRouter(include_in_schema=False)

Inviter = Annotated[access.Principal, access.action("platform.invite")]
Revoker = Annotated[access.Principal, access.action("platform.revoke")]
PlatformId = Annotated[str, Path(max_length=40)]
Asked = Annotated[str, Query(max_length=120)]

HOURS = (24, 72, 168, 336)


@router.get("/staff/platforms")
def list_platforms(
    frame: CurrentFrame, session: ReadSession, member: Inviter, *, confirm: Asked = "", told: str = ""
) -> Response:
    """Platforms, their keys and open invitations; `confirm` shows a question open for readers without scripts."""
    texts = {
        "withdrawn": frame.language("令牌已撤回。"),
        "revoked": frame.language("平台已停用，它的令牌同时失效。"),
        "retired": frame.language("公钥已停用，用它取得的令牌同时失效。"),
    }
    return _page(frame, session, member, asked=confirm, told=texts.get(told, ""))


@router.post("/staff/platforms")
def invite(
    frame: CurrentFrame,
    session: WriteSession,
    member: Inviter,
    *,
    province: Annotated[str, Form(max_length=6)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
    scopes: Annotated[list[str] | None, Form(max_length=20)] = None,
    hours: Annotated[int, Form(ge=1, le=336)] = 72,
    method: Annotated[str, Form(max_length=20)] = "key",
    platform_id: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Make a one-time token, for a new platform or for one that lost its keys, and show it: the page is not kept."""
    if platform_id:
        held = _held(frame, session, member, "platform.invite", platform_id)
        province, scopes = held.province, list(held.scopes)
    subject = Subject(station_province=province, name=f"province:{province}")
    identity.allow(session, member, "platform.invite", subject, now=frame.now)
    entered = {"province": province, "name": name, "scopes": scopes or [], "hours": hours, "method": method}
    try:
        invited = platforms.invite_platform(
            session,
            province,
            name=name,
            scopes=scopes or [],
            may_use_secret=method == "secret",
            platform_id=platform_id or None,
            lifetime=timedelta(hours=hours),
            actor=member.name,
            now=frame.now,
        )
    except HubError as refused:
        wrong = [(refused.field, frame.language.pick(refused.zh, refused.en))]
        return _page(frame, session, member, entered=entered, wrong=wrong, status=refused.status)
    return _page(frame, session, member, invited=invited, status=201)


@router.post("/staff/platforms/invitations/{invitation_id}/withdraw")
def withdraw(
    frame: CurrentFrame, session: WriteSession, member: Inviter, invitation_id: PlatformId
) -> Response:
    """Make a token that was not exchanged worthless."""
    held = queries.invitation_by_id(session, invitation_id)
    if held is None:
        raise PlatformUnknown(invitation_id)
    subject = Subject(station_province=held.province, name=f"invitation:{held.id}")
    identity.allow(session, member, "platform.invite", subject, now=frame.now)
    platforms.withdraw_invitation(session, held.id, actor=member.name, now=frame.now)
    return see_other("/staff/platforms?told=withdrawn")


@router.post("/staff/platforms/{platform_id}/revoke")
def revoke(frame: CurrentFrame, session: WriteSession, member: Revoker, platform_id: PlatformId) -> Response:
    """Stop a platform. The same again is harmless."""
    held = _held(frame, session, member, "platform.revoke", platform_id)
    platforms.revoke_platform(session, held.id, actor=member.name, now=frame.now)
    return see_other(f"/staff/platforms?told=revoked#{held.id}")


@router.post("/staff/platforms/{platform_id}/keys/{kid}/retire")
def retire_key(
    frame: CurrentFrame,
    session: WriteSession,
    member: Revoker,
    platform_id: PlatformId,
    kid: Annotated[str, Path(pattern="^[A-Za-z0-9._~-]{1,64}$")],
) -> Response:
    """Stop one key, the last one too: a right of people only. The same again is harmless."""
    held = _held(frame, session, member, "platform.retire_key", platform_id)
    platform_keys.retire_key(session, held.id, kid, is_forced=True, actor=member.name, now=frame.now)
    return see_other(f"/staff/platforms?told=retired#{held.id}")


def _held(frame: Frame, session: Session, member: access.Principal, action: str, platform_id: str) -> Any:
    held = queries.platform_by_id(session, platform_id)
    if held is None:
        raise PlatformUnknown(platform_id)
    subject = Subject(station_province=held.province, name=f"platform:{held.id}")
    identity.allow(session, member, action, subject, now=frame.now)
    return held


def _page(
    frame: Frame,
    session: Session,
    member: access.Principal,
    *,
    invited: platforms.Invited | None = None,
    entered: dict[str, Any] | None = None,
    asked: str = "",
    told: str = "",
    wrong: list[tuple[str | None, str]] | None = None,
    status: int = 200,
) -> Response:
    codes = [code for code in sorted(frame.runtime.adapters) if frame.may_act_for(code)]
    resources = queries.scope_resources()
    context = {
        "platforms": [
            _row(frame, session, held) for held in queries.list_platforms(session, member.province)
        ],
        "invitations": [
            {
                "id": held.id,
                "name": held.name,
                "province": wording.short_province(held.province, frame.language),
                "by": audit_words.short_actor(held.invited_by, frame.language),
                "until": held.expires_at,
            }
            for held in queries.list_invitations(session, member.province)
            if held.used_at is None and held.withdrawn_at is None and held.expires_at > frame.now
        ],
        "provinces": [(code, wording.short_province(code, frame.language)) for code in codes],
        "resources": [(each.name, frame.language.pick(each.zh, each.en)) for each in resources],
        "hours": HOURS,
        "entered": entered or {"province": "", "name": "", "scopes": None, "hours": 72, "method": "key"},
        "invited": invited,
        "enrol_at": f"{frame.runtime.public_url}/api/v1/platforms",
        "asked": asked,
        "told": told,
        "wrong": wrong or [],
    }
    return frame.page("platforms.html", context, status=status)


def _row(frame: Frame, session: Session, held: Any) -> dict[str, Any]:
    language = frame.language
    names = {each.name: language.pick(each.zh, each.en) for each in queries.scope_resources()}
    keys = [
        {
            "kid": key.kid,
            "algorithm": key.algorithm,
            "created_at": key.created_at,
            "last_used_at": key.last_used_at,
            "retired_at": key.retired_at,
        }
        for key in queries.public_keys_of(session, [held.id])
    ]
    return {
        "id": held.id,
        "name": held.name,
        "province": wording.short_province(held.province, language),
        "scopes": [names.get(each, each) for each in held.scopes],
        "signs": held.auth_method == platforms.SIGNED,
        "public_keys": keys,
        "created_at": held.created_at,
        "revoked_at": held.revoked_at,
    }
