"""What the authorization server reads and writes, each call in a short transaction of its own.

Nothing is written before a signature has been verified, so strangers never hold the database's write lock. A spent
assertion stays spent whatever becomes of the request.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.db import Database, insert
from hub.identity import queries
from hub.identity.models import AccessToken, Platform, PlatformPublicKey, SpentAssertion
from hub.identity.rules.tokens import token_hash

GRANT = "client_credentials"


@dataclass(frozen=True, slots=True)
class Key:
    """One key that the client may sign with."""

    kid: str
    algorithm: str
    jwk: dict[str, Any]


class Client(ClientMixin):
    """A platform as Authlib asks about it. `kid` is the key that signed this request's assertion, once verified."""

    def __init__(self, platform: Platform, keys: list[PlatformPublicKey]) -> None:
        self.id, self.province = platform.id, platform.province
        self.auth_method = platform.auth_method
        self.resources = tuple(platform.scopes)
        self.secret_hash = platform.secret_hash
        self.keys = tuple(Key(key.kid, key.algorithm, key.jwk) for key in keys)
        self.kid: str | None = None

    def get_client_id(self) -> str:
        return self.id

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Only the method that the platform was enrolled with."""
        return method == self.auth_method

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == GRANT


def read_client(database: Database, client_id: str) -> Client | None:
    """The platform of this name with the keys it may use now; None when there is none or it was revoked."""
    with database.read() as session:
        platform = queries.platform_by_id(session, client_id)
        if platform is None or platform.revoked_at is not None:
            return None
        return Client(platform, queries.usable_keys(session, client_id))


def spend_assertion(database: Database, client: Client, jti: str, until: datetime, now: datetime) -> bool:
    """Mark an assertion as used; False when it was before. Of any number at once exactly one gets True."""
    row = {"platform_id": client.id, "jti_hash": token_hash(jti), "expires_at": until}
    with database.write() as session:
        first = insert(session, SpentAssertion).values(row).on_conflict_do_nothing()
        if session.scalar(first.returning(SpentAssertion.jti_hash)) is None:
            return False
        session.execute(
            update(PlatformPublicKey)
            .where(PlatformPublicKey.platform_id == client.id, PlatformPublicKey.kid == client.kid)
            .values(last_used_at=now)
            .execution_options(synchronize_session=False)
        )
    return True


def keep_token(
    database: Database,
    client: Client,
    jti: str,
    resources: list[str],
    *,
    issued_at: datetime,
    expires_at: datetime,
) -> bool:
    """Keep a token's row before the token leaves; False when the platform or its key was stopped meanwhile."""
    with database.write() as session:
        if not _is_still_good(session, client):
            return False
        session.add(
            AccessToken(
                jti=jti,
                platform_id=client.id,
                kid=client.kid,
                scopes=resources,
                issued_at=issued_at,
                expires_at=expires_at,
            )
        )
        detail = {"scopes": resources, "kid": client.kid}
        actor = f"platform:{client.id}"
        audit.record(session, actor, "platform.sign_in", actor, detail, now=issued_at)
    return True


def revoke_token(database: Database, jti: str, now: datetime) -> None:
    """End a token. Safe to repeat."""
    with database.write() as session:
        ended = session.scalar(
            update(AccessToken)
            .where(AccessToken.jti == jti, AccessToken.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(AccessToken.platform_id)
            .execution_options(synchronize_session=False)
        )
        if ended is not None:
            audit.record(session, f"platform:{ended}", "platform.revoke_token", f"token:{jti}", now=now)


def _is_still_good(session: Session, client: Client) -> bool:
    # Locked in the order in which retiring and revoking lock: whoever stops a key also stops this token.
    platform = session.scalar(
        select(Platform).where(Platform.id == client.id, Platform.revoked_at.is_(None)).with_for_update()
    )
    if platform is None:
        return False
    if client.kid is None:
        return platform.secret_hash == client.secret_hash
    key = session.get(PlatformPublicKey, (client.id, client.kid))
    return key is not None and key.retired_at is None
