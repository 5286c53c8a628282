"""The authorization server's addresses: token, revocation, introspection, metadata, keys."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

import schemas
from hub.core import problems
from hub.core.errors import AccessRefused
from hub.core.runtime import Runtime
from hub.core.web import CurrentRuntime, ReadSession, json_answer, public
from hub.identity import oauth, queries
from hub.identity.oauth import Answer, Grounds, Posted
from hub.identity.service import signing

router = APIRouter(tags=["oauth"], dependencies=[public])

KEPT = {"Cache-Control": "public, max-age=900"}
"""For metadata and key set: a new key is published an hour before it signs."""

ANY_SIZE = 1 << 40
"""The framework's limit answers in words that OAuth 2.0 clients cannot read; `read_posted` has its own, far lower."""


async def read_posted(request: Request) -> Posted:
    """The request as it came, read no further than one byte above the limit or so."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > oauth.MAX_FORM:
            break
    headers = request.headers
    return Posted(headers.get("content-type", ""), body, headers.get("authorization"))


FormPosted = Annotated[Posted, Depends(read_posted)]


@router.post("/oauth/token", max_body_size=ANY_SIZE)
def token(request: Request, runtime: CurrentRuntime, posted: FormPosted) -> Response:
    """An access token for client credentials (RFC 6749, 4.4) with a signed assertion (RFC 7523)."""
    return _tell(request, oauth.issue_token(_grounds(runtime), posted))


@router.post("/oauth/revoke", max_body_size=ANY_SIZE)
def revoke(request: Request, runtime: CurrentRuntime, posted: FormPosted) -> Response:
    """End one of the platform's own tokens (RFC 7009)."""
    return _tell(request, oauth.revoke_token(_grounds(runtime), posted))


@router.post("/oauth/introspect", max_body_size=ANY_SIZE)
def introspect(request: Request, runtime: CurrentRuntime, posted: FormPosted) -> Response:
    """What one of the platform's own tokens is good for (RFC 7662)."""
    return _tell(request, oauth.introspect_token(_grounds(runtime), posted))


@router.get(oauth.JWKS_PATH)
def show_keys(runtime: CurrentRuntime, session: ReadSession) -> Response:
    """The public keys that the hub's access tokens are verified with (RFC 7517), the next one included."""
    keys = queries.published_keys(session, "token", runtime.clock())
    return json_answer(oauth.key_set(signing.public_jwk(key) for key in keys), headers=KEPT)


@router.get(oauth.METADATA_PATH)
def show_metadata(runtime: CurrentRuntime) -> Response:
    """Where everything is and what is supported (RFC 8414)."""
    provinces = [code for code in schemas.codes("province") if code in runtime.adapters]
    return json_answer(oauth.server_metadata(runtime.public_url, provinces), headers=KEPT)


def _grounds(runtime: Runtime) -> Grounds:
    now = runtime.clock()
    return Grounds(
        runtime.database,
        runtime.public_url,
        lambda: signing.current_key(runtime.database, runtime.home, "token", now=now),
        now,
    )


def _tell(request: Request, answer: Answer) -> Response:
    if answer.refused is not None:
        name = f"platform:{answer.refused}"
        error = str(answer.body["error"])
        told = str(answer.body.get("error_description", error))
        refusal = AccessRefused(
            error, told, told, answer.status, actor=name, action="platform.sign_in", subject=name
        )
        problems.record_refusal(request, refusal)
    return json_answer(answer.body, answer.status, answer.headers)
