"""What the endpoints answer: JSON as RFC 6749 wants it, also when they refuse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749.errors import OAuth2Error

NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}

_PLAIN = {ord('"'): "'", ord("\\"): "/"}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON body and headers; `refused` is the platform that was named in a request that was refused."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=lambda: dict(NEVER_KEPT))
    refused: str | None = None


def refuse(error: str, description: str, status: int = 400) -> Answer:
    """An error answer (RFC 6749, 5.2)."""
    return Answer(status, {"error": error, "error_description": plain(description)})


def answer_of(fault: OAuth2Error, platform_id: str | None) -> Answer:
    """The error answer that Authlib's exception stands for; a failed Basic sign-in is challenged (RFC 6749, 5.2)."""
    body = {"error": fault.error}
    description = fault.get_error_description()
    if description:
        body["error_description"] = plain(description)
    headers = dict(NEVER_KEPT)
    if fault.status_code == 401:
        headers["WWW-Authenticate"] = 'Basic realm="hub"'
    return Answer(fault.status_code, body, headers, platform_id)


def plain(text: str) -> str:
    """Text as `error_description` may be: printable ASCII without quotes and backslashes, and no essay."""
    kept = text.translate(_PLAIN).encode("ascii", "replace").decode()
    return "".join(character if character.isprintable() else " " for character in kept)[:300]
