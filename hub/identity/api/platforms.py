"""`/api/v1/platforms`: inviting, enrolling and stopping provinces' platforms, and the keys they look after themselves."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from hub.core.runtime import Runtime
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer, public
from hub.identity import queries
from hub.identity.access import Principal, action
from hub.identity.errors import OtherPlatform, PlatformUnknown
from hub.identity.models import Platform, PlatformInvitation, PlatformPublicKey
from hub.identity.oauth.metadata import METADATA_PATH, TOKEN_PATH
from hub.identity.rules import Subject
from hub.identity.rules.scopes import scope_text
from hub.identity.service import allow, platform_keys, platforms

router = APIRouter(prefix="/api/v1/platforms", tags=["platforms"])

NO_STORE = {"Cache-Control": "no-store"}

Reader = Annotated[Principal, action("platform.read")]
Inviter = Annotated[Principal, action("platform.invite")]
KeyAdder = Annotated[Principal, action("platform.add_key")]
KeyRetirer = Annotated[Principal, action("platform.retire_key")]
Revoker = Annotated[Principal, action("platform.revoke")]

Province = Annotated[str, Query(pattern="^[1-9][0-9]0000$")]
PlatformId = Annotated[str, Path(pattern="^pf-[1-9][0-9]0000-[0-9a-f]{10}$")]
InvitationId = Annotated[str, Path(pattern="^[0-9a-f]{12}$")]
Kid = Annotated[str, Path(pattern="^[A-Za-z0-9._~-]{1,64}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class InvitationBody(_Body):
    """Whose platform is invited, and for what. `platform_id`: one that lost its keys."""

    province: str = Field(min_length=6, max_length=6)
    name: str = Field(default="", max_length=platforms.MAX_NAME)
    scopes: list[str] | None = Field(default=None, max_length=20)
    may_use_secret: bool = False
    platform_id: str | None = Field(default=None, max_length=40)
    hours: int = Field(default=72, ge=1, le=336)


class KeyBody(_Body):
    """A public key, as JWK or as PEM text; `kid` names it, else the JWK's own, else its RFC 7638 thumbprint."""

    public_key: dict[str, Any] | str
    kid: str | None = Field(default=None, max_length=64)


class EnrolmentBody(_Body):
    """The one-time token and the key that the platform will sign with; none for a platform that cannot sign."""

    token: str = Field(min_length=1, max_length=200)
    public_key: dict[str, Any] | str | None = None
    kid: str | None = Field(default=None, max_length=64)


@router.get("")
def list_platforms(
    runtime: CurrentRuntime, session: ReadSession, principal: Reader, province: Province
) -> Response:
    """A province's platforms with their keys, and its invitations, newest first."""
    subject = Subject(station_province=province, name=f"province:{province}")
    allow(session, principal, "platform.read", subject, now=runtime.clock())
    if principal.kind == "platform":
        raise OtherPlatform(principal.name, "platform.read", province)
    return json_answer(
        {
            "platforms": [_told(session, each) for each in queries.list_platforms(session, province)],
            "invitations": [_invitation(each) for each in queries.list_invitations(session, province)],
        },
        headers=NO_STORE,
    )


@router.post("", status_code=201, dependencies=[public])
def enrol(runtime: CurrentRuntime, session: WriteSession, body: EnrolmentBody) -> Response:
    """Exchange a one-time token for a platform that can sign in. Works once; a second exchange is refused."""
    done = platforms.enrol_platform(
        session, body.token, public_key=body.public_key, kid=body.kid, now=runtime.clock()
    )
    issuer = runtime.public_url
    told = {
        "client_id": done.platform.id,
        "province": done.platform.province,
        "scope": scope_text(done.platform.scopes, done.platform.province),
        "auth_method": done.platform.auth_method,
        "issuer": issuer,
        "token_endpoint": f"{issuer}{TOKEN_PATH}",
        "metadata": f"{issuer}{METADATA_PATH}",
    }
    told |= {"kid": done.kid} if done.kid is not None else {}
    told |= {"client_secret": done.secret} if done.secret is not None else {}
    return json_answer(told, 201, {**NO_STORE, "Location": f"/api/v1/platforms/{done.platform.id}"})


@router.post("/invitations", status_code=201)
def invite(
    runtime: CurrentRuntime, session: WriteSession, principal: Inviter, body: InvitationBody
) -> Response:
    """A one-time token for a province's platform. It is shown in this answer and never again."""
    subject = Subject(station_province=body.province, name=f"province:{body.province}")
    allow(session, principal, "platform.invite", subject, now=runtime.clock())
    if body.platform_id is not None:
        _platform(session, principal, "platform.invite", body.platform_id, runtime)
    invited = platforms.invite_platform(
        session,
        body.province,
        name=body.name,
        scopes=body.scopes,
        may_use_secret=body.may_use_secret,
        platform_id=body.platform_id,
        lifetime=timedelta(hours=body.hours),
        actor=principal.name,
        now=runtime.clock(),
    )
    told = {"id": invited.id, "token": invited.token, "expires_at": invited.expires_at.isoformat()}
    return json_answer(told, 201, NO_STORE)


@router.delete("/invitations/{invitation_id}", status_code=204)
def withdraw(
    runtime: CurrentRuntime, session: WriteSession, principal: Inviter, invitation_id: InvitationId
) -> Response:
    """Make a token that was not exchanged worthless. Safe to repeat."""
    held = queries.invitation_by_id(session, invitation_id)
    if held is None:
        raise PlatformUnknown(invitation_id)
    subject = Subject(station_province=held.province, name=f"invitation:{held.id}")
    allow(session, principal, "platform.invite", subject, now=runtime.clock())
    platforms.withdraw_invitation(session, held.id, actor=principal.name, now=runtime.clock())
    return Response(status_code=204)


@router.get("/{platform_id}")
def show_platform(
    runtime: CurrentRuntime, session: ReadSession, principal: Reader, platform_id: PlatformId
) -> Response:
    """One platform with its keys, for its province's staff and for itself."""
    held = _platform(session, principal, "platform.read", platform_id, runtime)
    return json_answer(_told(session, held), headers=NO_STORE)


@router.delete("/{platform_id}", status_code=204)
def revoke(
    runtime: CurrentRuntime, session: WriteSession, principal: Revoker, platform_id: PlatformId
) -> Response:
    """Shut a platform out at once, its live tokens included. Safe to repeat."""
    held = _platform(session, principal, "platform.revoke", platform_id, runtime)
    platforms.revoke_platform(session, held.id, actor=principal.name, now=runtime.clock())
    return Response(status_code=204)


@router.post("/{platform_id}/keys", status_code=201)
def add_key(
    runtime: CurrentRuntime,
    session: WriteSession,
    principal: KeyAdder,
    platform_id: PlatformId,
    body: KeyBody,
) -> Response:
    """One more key beside those in use. The same key under the same name again changes nothing."""
    held = _platform(session, principal, "platform.add_key", platform_id, runtime)
    made = platform_keys.add_key(
        session, held.id, body.public_key, body.kid, actor=principal.name, now=runtime.clock()
    )
    return json_answer(_key(made), 201, NO_STORE)


@router.delete("/{platform_id}/keys/{kid}", status_code=204)
def retire_key(
    runtime: CurrentRuntime, session: WriteSession, principal: KeyRetirer, platform_id: PlatformId, kid: Kid
) -> Response:
    """Stop a key and the tokens that were got with it. A platform needs another key that has signed in; staff do not."""
    held = _platform(session, principal, "platform.retire_key", platform_id, runtime)
    platform_keys.retire_key(
        session,
        held.id,
        kid,
        is_forced=principal.kind != "platform",
        actor=principal.name,
        now=runtime.clock(),
    )
    return Response(status_code=204)


def _platform(
    session: Session, principal: Principal, name: str, platform_id: str, runtime: Runtime
) -> Platform:
    held = queries.platform_by_id(session, platform_id)
    if held is None:
        raise PlatformUnknown(platform_id)
    subject = Subject(station_province=held.province, name=f"platform:{held.id}")
    allow(session, principal, name, subject, now=runtime.clock())
    if principal.kind == "platform" and principal.name != f"platform:{held.id}":
        raise OtherPlatform(principal.name, name, held.id)
    return held


def _told(session: Session, platform: Platform) -> dict[str, Any]:
    return {
        "id": platform.id,
        "province": platform.province,
        "name": platform.name,
        "auth_method": platform.auth_method,
        "scope": scope_text(platform.scopes, platform.province),
        "keys": [_key(key) for key in queries.public_keys_of(session, [platform.id])],
        **_instants(platform, "created_at", "revoked_at"),
    }


def _key(key: PlatformPublicKey) -> dict[str, Any]:
    told = {"kid": key.kid, "algorithm": key.algorithm, "thumbprint": key.thumbprint}
    return {**told, **_instants(key, "created_at", "last_used_at", "retired_at")}


def _invitation(invitation: PlatformInvitation) -> dict[str, Any]:
    told = {
        "id": invitation.id,
        "name": invitation.name,
        "auth_method": invitation.auth_method,
        "scope": scope_text(invitation.scopes, invitation.province),
        "invited_by": invitation.invited_by,
        "platform_id": invitation.platform_id,
        **_instants(invitation, "created_at", "expires_at", "used_at", "withdrawn_at"),
    }
    return {name: value for name, value in told.items() if value is not None}


def _instants(row: object, *names: str) -> dict[str, str]:
    # What has not happened is absent, as in every document of the specification.
    return {name: at.isoformat() for name in names if (at := getattr(row, name)) is not None}
