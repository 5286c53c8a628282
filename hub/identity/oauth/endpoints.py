"""Authlib's grant and endpoints, tied to platforms: tokens, revocation (RFC 7009), introspection (RFC 7662)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from hub.identity.oauth.authentication import METHODS
from hub.identity.oauth.forms import FormRequest
from hub.identity.oauth.store import Client
from hub.identity.rules.scopes import ScopeRefused, resources_asked


@dataclass(frozen=True, slots=True)
class LiveToken:
    """A token that may be used now, as Authlib's endpoints ask about it."""

    jti: str
    platform_id: str
    scope: str
    issued_at: datetime
    expires_at: datetime

    def check_client(self, client: Client) -> bool:
        return client.id == self.platform_id

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False


class PlatformGrant(ClientCredentialsGrant):
    """Client credentials (RFC 6749, 4.4): the only grant there is."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_requested_scope(self) -> None:
        """Raise `InvalidScopeError` unless the whole scope can be given: less than asked for would fail later."""
        client: Client = self.request.client
        try:
            resources_asked(self.request.payload.scope, client.resources, client.province)
        except ScopeRefused as fault:
            raise InvalidScopeError(str(fault)) from None


class _TokenParameter:
    """Both endpoints take `token`; a hint is only a hint (RFC 7009, 2.1), whatever it says."""

    def check_params(self, request: FormRequest, _client: Client) -> None:
        if "token" not in request.form:
            raise InvalidRequestError("token is missing")

    def query_token(self, text: str, _hint: str | None) -> LiveToken | None:
        server: Any = self.server  # type: ignore[attr-defined]
        found: LiveToken | None = server.find_token(text)
        return found


class Revocation(_TokenParameter, RevocationEndpoint):
    """A platform ends its own token; what is no live token needs no ending and is answered 200 as well."""

    CLIENT_AUTH_METHODS = METHODS

    def revoke_token(self, token: LiveToken, _request: FormRequest) -> None:
        self.server.end_token(token.jti)


class Introspection(_TokenParameter, IntrospectionEndpoint):
    """A platform asks about its own tokens; of every other it learns only that it is not active."""

    CLIENT_AUTH_METHODS = METHODS

    def check_permission(self, token: LiveToken, client: Client, _request: FormRequest) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: LiveToken) -> Mapping[str, Any]:
        return {
            "active": True,
            "client_id": token.platform_id,
            "sub": token.platform_id,
            "scope": token.scope,
            "token_type": "Bearer",
            "iss": self.server.issuer,
            "iat": int(token.issued_at.timestamp()),
            "exp": int(token.expires_at.timestamp()),
            "jti": token.jti,
        }
