"""What the server says about itself (RFC 8414) and the keys that its tokens are verified with (RFC 7517)."""

from collections.abc import Iterable
from typing import Any

from hub.identity.oauth.authentication import METHODS
from hub.identity.oauth.store import GRANT
from hub.identity.rules.jws import ALGORITHMS
from hub.identity.rules.scopes import resources, scope_text

METADATA_PATH = "/.well-known/oauth-authorization-server"
TOKEN_PATH = "/oauth/token"  # noqa: S105 - an address
REVOCATION_PATH = "/oauth/revoke"
INTROSPECTION_PATH = "/oauth/introspect"
JWKS_PATH = "/oauth/jwks"


def server_metadata(issuer: str, provinces: Iterable[str]) -> dict[str, Any]:
    """The metadata document. `response_types_supported` is empty: there is no authorization endpoint."""
    algorithms = sorted(name for names in ALGORITHMS.values() for name in names)
    scopes = [scope for code in provinces for scope in scope_text(resources(), code).split()]
    document: dict[str, Any] = {
        "issuer": issuer,
        "token_endpoint": f"{issuer}{TOKEN_PATH}",
        "jwks_uri": f"{issuer}{JWKS_PATH}",
        "revocation_endpoint": f"{issuer}{REVOCATION_PATH}",
        "introspection_endpoint": f"{issuer}{INTROSPECTION_PATH}",
        "scopes_supported": scopes,
        "response_types_supported": [],
        "grant_types_supported": [GRANT],
    }
    for endpoint in ("token", "revocation", "introspection"):
        document[f"{endpoint}_endpoint_auth_methods_supported"] = METHODS
        document[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] = algorithms
    return document


def key_set(keys: Iterable[dict[str, str]]) -> dict[str, Any]:
    """The published keys as a JWK Set."""
    return {"keys": list(keys)}
