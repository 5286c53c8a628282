"""The authorization server of one request, and its three endpoints."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError, OAuth2Error

from hub.core.db import Database
from hub.core.ids import random_token
from hub.identity import queries
from hub.identity.oauth import store
from hub.identity.oauth.answers import NEVER_KEPT, Answer, answer_of
from hub.identity.oauth.authentication import SignedAssertion, authenticate_by_secret, check_one_method
from hub.identity.oauth.endpoints import Introspection, LiveToken, PlatformGrant, Revocation
from hub.identity.oauth.forms import FormRequest, read_form
from hub.identity.oauth.metadata import INTROSPECTION_PATH, REVOCATION_PATH, TOKEN_PATH
from hub.identity.oauth.store import Client
from hub.identity.rules import access_tokens
from hub.identity.rules.scopes import resources_asked, scope_text


class Signer(Protocol):
    """Signs claims with the hub's present key, as a compact JWS."""

    def sign(self, claims: Mapping[str, Any], typ: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the server stands on. `issuer` is the hub's address from the settings, never from a request."""

    database: Database
    issuer: str
    current_signer: Callable[[], Signer]
    now: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """A request as it came: the form's type and bytes, and the header `Authorization`."""

    content_type: str
    body: bytes
    authorization: str | None


class PlatformServer(AuthorizationServer):
    """Authlib's server over the hub's tables; one object serves one request."""

    def __init__(self, grounds: Grounds) -> None:
        super().__init__()
        self._grounds = grounds
        self.issuer = grounds.issuer
        # draft-ietf-oauth-rfc7523bis wants the issuer, RFC 7523 the token endpoint; both name this server alone.
        audiences = (grounds.issuer, f"{grounds.issuer}{TOKEN_PATH}")
        assertion = SignedAssertion(grounds.database, audiences, grounds.now)
        self.register_client_auth_method("private_key_jwt", assertion)
        self.register_client_auth_method("client_secret_basic", authenticate_by_secret)
        self.register_grant(PlatformGrant)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def query_client(self, client_id: str) -> Client | None:
        return store.read_client(self._grounds.database, client_id)

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        return request

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens: what happened is in the audit."""

    def handle_response(self, status: int, body: Mapping[str, Any], _headers: object) -> Answer:
        return Answer(status, body, dict(NEVER_KEPT))

    def handle_error_response(self, request: FormRequest, error: OAuth2Error) -> Answer:
        client: Client | None = request.client
        return answer_of(error, None if client is None else client.id)

    def generate_token(self, *, client: Client, scope: str | None = None, **_: object) -> dict[str, Any]:
        """Sign a token for what was asked. It is worth nothing before `save_token` has kept its row."""
        issued_at = self._grounds.now
        resources = resources_asked(scope, client.resources, client.province)
        given = scope_text(resources, client.province)
        claims = access_tokens.claims_of(
            self.issuer,
            client.id,
            random_token(16),
            given,
            issued_at=issued_at,
            expires_at=issued_at + access_tokens.LIFETIME,
        )
        text = self._grounds.current_signer().sign(claims, access_tokens.TYPE)
        return {
            "access_token": text,
            "token_type": "Bearer",
            "expires_in": access_tokens.LIFETIME.seconds,
            "scope": given,
        }

    def save_token(self, token: Mapping[str, Any], request: FormRequest) -> None:
        """Keep the row of a token. Raises `InvalidClientError` when the platform or its key was stopped meanwhile."""
        client: Client = request.client
        jws = access_tokens.read_token(token["access_token"])
        assert jws is not None
        resources = [each.partition(":")[0] for each in token["scope"].split()]
        issued_at = self._grounds.now
        is_kept = store.keep_token(
            self._grounds.database,
            client,
            jws.claims["jti"],
            resources,
            issued_at=issued_at,
            expires_at=issued_at + access_tokens.LIFETIME,
        )
        if not is_kept:
            raise InvalidClientError("the platform or its key was stopped just now")

    def find_token(self, text: str) -> LiveToken | None:
        """The token, if this hub issued it and it may be used now."""
        with self._grounds.database.read() as session:
            found = queries.live_token(session, text, issuer=self.issuer, now=self._grounds.now)
        if found is None:
            return None
        token, platform = found
        scope = scope_text(token.scopes, platform.province)
        return LiveToken(token.jti, platform.id, scope, token.issued_at, token.expires_at)

    def end_token(self, jti: str) -> None:
        """Revoke a token."""
        store.revoke_token(self._grounds.database, jti, self._grounds.now)


def issue_token(grounds: Grounds, posted: Posted) -> Answer:
    """The token endpoint. Every request that is wrong gets an error of RFC 6749, 5.2."""
    return _answer(grounds, TOKEN_PATH, posted, _issue)


def revoke_token(grounds: Grounds, posted: Posted) -> Answer:
    """The revocation endpoint (RFC 7009). Safe to repeat."""
    return _answer(
        grounds,
        REVOCATION_PATH,
        posted,
        lambda server, request: server.create_endpoint_response("revocation", request),
    )


def introspect_token(grounds: Grounds, posted: Posted) -> Answer:
    """The introspection endpoint (RFC 7662)."""
    return _answer(
        grounds,
        INTROSPECTION_PATH,
        posted,
        lambda server, request: server.create_endpoint_response("introspection", request),
    )


def _issue(server: PlatformServer, request: FormRequest) -> Answer:
    if "grant_type" not in request.form:
        raise InvalidRequestError("grant_type is missing")
    answer: Answer = server.create_token_response(request)
    return answer


def _answer(
    grounds: Grounds, path: str, posted: Posted, act: Callable[[PlatformServer, FormRequest], Answer]
) -> Answer:
    try:
        form = read_form(posted.content_type, posted.body)
        request = FormRequest(f"{grounds.issuer}{path}", form, posted.authorization)
        check_one_method(request)
        return act(PlatformServer(grounds), request)
    except OAuth2Error as fault:
        return answer_of(fault, None)
