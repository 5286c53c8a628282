"""The OAuth 2.0 authorization server for provinces' platforms, on Authlib.

Client credentials with `private_key_jwt`. Authlib brings the flow and the endpoints; what is narrower here than
there, and why, is in docs/decisions/0011.
"""

from hub.identity.oauth.answers import Answer, refuse
from hub.identity.oauth.forms import MAX_FORM
from hub.identity.oauth.metadata import JWKS_PATH, METADATA_PATH, key_set, server_metadata
from hub.identity.oauth.server import Grounds, Posted, introspect_token, issue_token, revoke_token

__all__ = [
    "JWKS_PATH",
    "MAX_FORM",
    "METADATA_PATH",
    "Answer",
    "Grounds",
    "Posted",
    "introspect_token",
    "issue_token",
    "key_set",
    "refuse",
    "revoke_token",
    "server_metadata",
]
