"""The doors for provinces' platforms: their answers come in, messages for those that fetch go out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from adapters.contract import BookingPort
from adapters.errors import AdapterError, AuthRejected, SignatureInvalid
from hub.bookings.api.parameters import NO_STORE
from hub.bookings.errors.provinces import AnswerMalformed, InterfaceMissing, SignatureRefused
from hub.bookings.service import answers, handing, refusals
from hub.core.paging import decode_cursor, encode_cursor
from hub.core.runtime import Runtime
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer, public
from hub.exchange.signing import Sealer, sealer
from hub.identity import queries as identity
from hub.identity.access import Principal, action
from hub.identity.errors import KeyUnknown
from hub.identity.service import signing

router = APIRouter(tags=["bookings"])

Code = Annotated[str, Path(pattern="^[1-9][0-9]0000$")]
_ANSWER = action("booking.answer")
Platform = Annotated[Principal, _ANSWER]
MOST_ANSWER = 1_048_576


async def raw_body(request: Request) -> bytes:
    """The body as it came: signatures are over bytes."""
    return await request.body()


async def platform_if_named(request: Request) -> Principal | None:
    """The platform that names itself by a bearer token; None where nobody does. A wrong token is refused."""
    if "authorization" not in request.headers:
        return None
    principal: Principal = await _ANSWER.dependency(request)
    return principal


@router.post("/provinces/{code}/bookings/answers", dependencies=[public], max_body_size=MOST_ANSWER)
def take_answers(
    code: Code,
    request: Request,
    runtime: CurrentRuntime,
    content: Annotated[Any, Depends(raw_body)],
    principal: Annotated[Principal | None, Depends(platform_if_named)],
) -> Response:
    """Answers in the province's own words, under its own signature or else its platform's token.

    Repeating is harmless: a fact counts once.
    """
    port = _port(runtime, code)
    try:
        found = port.read_callback(dict(request.headers), content)
    except (SignatureInvalid, AuthRejected) as fault:  # the latter: no key is enrolled to verify it with
        with runtime.database.write() as session:
            refusals.count(session, code, now=runtime.clock())
        raise SignatureRefused(fault.zh, fault.en) from fault
    except AdapterError as fault:
        raise AnswerMalformed(fault.zh, fault.en) from fault
    if principal is None and not all(answer.is_signed for answer in found):
        raise KeyUnknown
    taken = []
    for answer in found:
        with (
            runtime.database.write() as session
        ):  # one fact, one transaction: a bad one takes no good one along
            result = answers.apply(session, code, answer, way="callback", now=runtime.clock())
        taken.append({"message_id": answer.message_id, "result": result.result})
    return json_answer({"items": taken}, headers=NO_STORE)


def ready_sealer(runtime: CurrentRuntime) -> Sealer:
    """The hub's signature, its key at hand before a transaction is open."""
    return sealer(runtime.database, runtime.home).ready(runtime.clock())


@router.get("/booking-messages/keys", dependencies=[public])
def list_message_keys(session: ReadSession, runtime: CurrentRuntime) -> Response:
    """The public keys (RFC 7517) that the hub's signature on messages is verified with, earlier ones included."""
    rows = identity.published_keys(session, "message", runtime.clock())
    return json_answer({"keys": [signing.public_jwk(row) for row in rows]})


@router.get("/provinces/{code}/bookings/messages")
def list_messages(
    code: Code,
    _principal: Platform,
    seal: Annotated[Sealer, Depends(ready_sealer)],
    session: WriteSession,
    runtime: CurrentRuntime,
    *,
    after: Annotated[str | None, Query(max_length=2000)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """Messages that wait for a province that fetches, oldest first; each stays until it was answered."""
    position = 0 if after is None else int(decode_cursor("messages", after, [int], field="after")[0])
    port = _port(runtime, code)
    now = runtime.clock()
    handed = handing.hand_out(session, code, port, after=position, limit=limit, seal=seal, now=now)
    last = handed[-1].position if handed else position
    told = {"messages": [one.document for one in handed], "next": encode_cursor("messages", [last])}
    return json_answer(told, headers=NO_STORE)


def _port(runtime: Runtime, code: str) -> BookingPort:
    adapter = runtime.adapters.get(code)
    port = None if adapter is None else adapter.bookings
    if port is None:
        raise InterfaceMissing(code)
    return port
