"""How a platform proves who it is: a signed assertion, or, where it was enrolled so, a secret."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion

from hub.core.db import Database
from hub.identity.oauth import store
from hub.identity.oauth.forms import FormRequest
from hub.identity.oauth.store import Client
from hub.identity.rules.assertions import AssertionRefused, check_claims, read_assertion
from hub.identity.rules.jws import Jws, is_signed_by
from hub.identity.rules.tokens import token_hash

METHODS = ["private_key_jwt", "client_secret_basic"]

FindClient = Callable[[str], Client | None]


class SignedAssertion(JWTBearerClientAssertion):
    """`private_key_jwt` (RFC 7523): the flow is Authlib's, the verdict on an assertion is `rules.assertions`.

    One object serves one request.
    """

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, database: Database, audiences: Collection[str], now: datetime) -> None:
        super().__init__()
        self._database = database
        self._audiences = audiences
        self._now = now

    def __call__(self, query_client: FindClient, request: FormRequest) -> Client | None:
        client: Client | None = super().__call__(query_client, request)
        if client is not None and request.form.get("client_id", client.id) != client.id:
            raise InvalidClientError("client_id is not the one of the assertion")
        return client

    def extract_assertion(self, assertion: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        jws = _read(assertion)
        return jws.header, jws.claims

    def resolve_client_public_key(self, client: Client) -> Client:
        # Which key it is depends on the assertion's `kid`, which Authlib does not hand over here.
        return client

    def process_assertion_claims(self, assertion: str, client: Client) -> Mapping[str, Any]:
        """Verify signature and claims, and spend the assertion. Raises `InvalidClientError`."""
        jws = _read(assertion)
        client.kid = _signing_key(jws, client)
        try:
            until = check_claims(jws.claims, client.id, self._audiences, self._now)
        except AssertionRefused as fault:
            raise InvalidClientError(str(fault)) from None
        if not store.spend_assertion(self._database, client, jws.claims["jti"], until, self._now):
            raise InvalidClientError("jti was used before: make a new assertion for every request")
        return jws.claims


def authenticate_by_secret(find_client: FindClient, request: FormRequest) -> Client | None:
    """`client_secret_basic` (RFC 6749, 2.3.1) for platforms enrolled with it; None when no Basic header is there."""
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, mark, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (Base64Error, ValueError):
        raise InvalidClientError("the Basic header is malformed", status_code=401) from None
    client = find_client(unquote_plus(name)) if mark else None
    held = client.secret_hash if client is not None else None
    if client is None or held is None or not compare_digest(held, token_hash(unquote_plus(secret))):
        raise InvalidClientError("client_id or client_secret is wrong", status_code=401)
    request.client = client
    return client


def check_one_method(request: FormRequest) -> None:
    """Raise `InvalidRequestError` when a client authenticates in more than one way (RFC 6749, 2.3)."""
    if "Authorization" in request.headers and "client_assertion" in request.form:
        raise InvalidRequestError("authenticate in one way, not in two")
    if "client_secret" in request.form:
        raise InvalidRequestError("a client_secret is sent in a Basic header only")


def _read(assertion: str) -> Jws:
    try:
        return read_assertion(assertion)
    except AssertionRefused as fault:
        raise InvalidClientError(str(fault)) from None


def _signing_key(jws: Jws, client: Client) -> str:
    kid = jws.header.get("kid")
    keys = [key for key in client.keys if kid in (None, key.kid)]
    if not keys:
        raise InvalidClientError("no key in use has this kid")
    for key in keys:
        if is_signed_by(jws, key.jwk, key.algorithm):
            return key.kid
    algorithms = " or ".join(sorted({key.algorithm for key in keys}))
    raise InvalidClientError(f"the signature is not by the enrolled key with {algorithms}")
