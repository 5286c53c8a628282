"""The hub as a client of a province's OpenID provider: the way there, and what its answer must be.

OpenID Connect Core 1.0 with the authorization code and PKCE (RFC 7636); the answer names its issuer (RFC 9207). Every
connection goes through the outbound guard. No transaction is open while a provider is asked.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError

from hub.core import outbound
from hub.core.addresses import host_and_port
from hub.core.kept import Kept
from hub.core.partners import IdentityProvider
from hub.identity.errors import ProviderAnswerRefused, ProviderDeclined, ProviderUnavailable
from hub.identity.rules.enterprises import Claim, read_claims
from hub.identity.service.provider_documents import ProviderDocuments

SCOPE = "openid profile"
LEEWAY = 60
"""Seconds by which the clocks of hub and provider may differ."""
OLDEST = 600
"""Seconds after which an ID token is too old to sign anybody in, whatever it says of its own life."""

_TIMEOUT, _MOST_SECONDS, _MOST_BYTES = 5.0, 10.0, 512 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sign-in sent somebody away with, and what the answer must match."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identified:
    """Whom the provider named: the pair (issuer, subject) is who it is, the name is only shown."""

    issuer: str
    subject: str
    name: str
    claims: tuple[Claim, ...]


def ask(provider: IdentityProvider, redirect_uri: str, *, kept: Kept, now: datetime) -> Asked:
    """The address of the provider that a person is sent to. Raises `ProviderUnavailable`."""
    with _client(provider) as http:
        metadata = ProviderDocuments(kept, http, provider, now=now).metadata()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    address, _ = _oauth(http, provider, redirect_uri).create_authorization_url(
        metadata["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
    )
    return Asked(address, state, nonce, verifier)


def check_answer(provider: IdentityProvider, answer: Mapping[str, str], state: str) -> str:
    """The code in the answer that the browser brought back.

    Raises `ProviderAnswerRefused` when it is not the answer to what was asked or comes from another issuer (a mix-up),
    and `ProviderDeclined` when the provider says no.
    """
    if not secrets.compare_digest(answer.get("state", "").encode(), state.encode()):
        raise ProviderAnswerRefused("state")
    if answer.get("iss") != provider.issuer:
        raise ProviderAnswerRefused("iss")
    if "error" in answer:
        raise ProviderDeclined(provider.name_zh)
    code = answer.get("code", "")
    if not 0 < len(code) <= 2000:
        raise ProviderAnswerRefused("code")
    return code


def identify(
    provider: IdentityProvider,
    code: str,
    *,
    redirect_uri: str,
    nonce: str,
    verifier: str,
    kept: Kept,
    now: datetime,
) -> Identified:
    """Exchange the code and check the ID token. Raises `ProviderUnavailable` and `ProviderAnswerRefused`."""
    with _client(provider) as http:
        documents = ProviderDocuments(kept, http, provider, now=now)
        metadata = documents.metadata()
        try:
            token = _exchange(
                http, provider, metadata, code=code, redirect_uri=redirect_uri, verifier=verifier
            )
        except ProviderUnavailable:
            documents.forget_metadata()
            raise
        text, access_token = token.get("id_token"), token.get("access_token")
        if not isinstance(text, str) or not isinstance(access_token, str):
            raise ProviderAnswerRefused("id_token missing")
        signed = _signed(text, documents, provider)
    claims = _check_id_token(provider, signed, access_token=access_token, nonce=nonce, now=now)
    name = claims.get("name")
    listed = claims.get(provider.enterprises_claim) if provider.enterprises_claim else None
    return Identified(
        provider.issuer,
        claims["sub"],
        name if isinstance(name, str) and name.strip() else provider.name_zh,
        read_claims(listed),
    )


def _signed(text: str, documents: ProviderDocuments, provider: IdentityProvider) -> jwt.Token:
    """The ID token, signed with a key of the provider's; its keys are read again for one that is not among them."""
    algorithms = list(provider.algorithms)
    try:
        try:
            return jwt.decode(text, documents.keys(), algorithms=algorithms)
        except (InvalidKeyIdError, BadSignatureError):
            newer = documents.newer_keys()
            if newer is None:
                raise
            return jwt.decode(text, newer, algorithms=algorithms)
    except (JoseError, ValueError, TypeError, KeyError) as fault:
        raise ProviderAnswerRefused(f"id_token: {type(fault).__name__}") from fault


def _check_id_token(
    provider: IdentityProvider, token: jwt.Token, *, access_token: str, nonce: str, now: datetime
) -> CodeIDToken:
    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "sub": {"essential": True},
    }
    params = {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}
    at = int(now.timestamp())
    try:
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(now=at, leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError) as fault:
        raise ProviderAnswerRefused(f"id_token: {type(fault).__name__}") from fault
    # What Authlib leaves to us: one audience only, no token kept for later, a subject that can be one.
    if claims["aud"] not in (provider.client_id, [provider.client_id]):
        raise ProviderAnswerRefused("aud")
    if at - claims["iat"] > OLDEST + LEEWAY:
        raise ProviderAnswerRefused("iat")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise ProviderAnswerRefused("sub")
    return claims


def _client(provider: IdentityProvider) -> httpx.Client:
    # A private address is reached only where the operator wrote it down as this provider's issuer.
    return outbound.client(
        allow={host_and_port(provider.issuer)},
        timeout=_TIMEOUT,
        max_seconds=_MOST_SECONDS,
        max_bytes=_MOST_BYTES,
        headers={"Accept": "application/json"},
    )


def _oauth(http: httpx.Client, provider: IdentityProvider, redirect_uri: str) -> OAuth2Client:
    return OAuth2Client(
        http,
        client_id=provider.client_id,
        client_secret=provider.client_secret or None,
        scope=SCOPE,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )


def _exchange(
    http: httpx.Client,
    provider: IdentityProvider,
    metadata: Mapping[str, Any],
    *,
    code: str,
    redirect_uri: str,
    verifier: str,
) -> Mapping[str, Any]:
    has_secret = bool(provider.client_secret)
    auth = httpx.BasicAuth(provider.client_id, provider.client_secret) if has_secret else httpx.Auth()
    more = {} if has_secret else {"client_id": provider.client_id}
    try:
        token = _oauth(http, provider, redirect_uri).fetch_token(
            metadata["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            auth=auth,
            **more,
        )
    except OAuth2Error as fault:
        raise ProviderAnswerRefused(f"token endpoint: {fault.error}") from fault
    except (httpx.HTTPError, ValueError) as fault:
        raise ProviderUnavailable(provider.name_zh) from fault
    return dict(token)
