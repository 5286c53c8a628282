"""Free times and tariffs for everybody; quotes for whoever is signed in."""

from typing import Annotated, Any

from fastapi import APIRouter, Response

from hub.availability import queries, service, wire
from hub.availability.api.parameters import NO_STORE, From, InstrumentId, QuoteId, To, window_of
from hub.availability.errors import TariffUnknown
from hub.availability.service import pulls
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer, spec_body, spec_openapi
from hub.identity.access import CurrentPrincipal, Principal, action, public

router = APIRouter(tags=["availability"])

Asking = Annotated[Principal, action("quote.ask")]
QuoteReader = Annotated[Principal, action("quote.read")]
QuoteRequest = Annotated[Any, spec_body("quote-request")]


@router.get(
    "/instruments/{instrument_id}/availability",
    dependencies=[public],
    openapi_extra=spec_openapi(answer="availability"),
)
def show_availability(
    instrument_id: InstrumentId,
    session: ReadSession,
    runtime: CurrentRuntime,
    principal: CurrentPrincipal,
    *,
    begin: From = None,
    end: To = None,
) -> Response:
    """Free times between two instants, the next free slot, rules, closures, how old it is, and what stands against it."""
    now = runtime.clock()
    window = window_of(begin, end, now)
    told = service.show(session, instrument_id, start=window.start, end=window.end, now=now)
    asker = None if principal is None else service.asker_of(session, principal, now=now)
    problems = service.eligibility(session, asker, instrument_id, None, now=now)
    if principal is not None:
        pulls.freshen(runtime, session, instrument_id)
    return json_answer(wire.availability_document(told, problems, now=now))


@router.get(
    "/instruments/{instrument_id}/tariff", dependencies=[public], openapi_extra=spec_openapi(answer="tariff")
)
def show_tariff(instrument_id: InstrumentId, session: ReadSession, runtime: CurrentRuntime) -> Response:
    """The tariff in force: kept, pulled, or derived from the catalogue's service items, and said to be so."""
    queries.owner(session, instrument_id)
    held = service.tariff_of(session, instrument_id, now=runtime.clock())
    if held is None:
        raise TariffUnknown(instrument_id)
    return json_answer(wire.tariff_document(held))


@router.post(
    "/quotes", status_code=201, openapi_extra=spec_openapi(body="quote-request", answer="quote", status=201)
)
def ask_quote(
    session: WriteSession, runtime: CurrentRuntime, *, principal: Asking, body: QuoteRequest
) -> Response:
    """Price a request: a snapshot of tariff and rules that holds for a time, with what stands against the booking."""
    now = runtime.clock()
    asker = service.asker_of(session, principal, now=now)
    given = service.quote(session, asker, body["instrument_id"], body, now=now)
    return json_answer(given.document, 201, {**NO_STORE, "Location": f"/api/v1/quotes/{given.id}"})


@router.get("/quotes/{quote_id}", openapi_extra=spec_openapi(answer="quote"))
def show_quote(
    quote_id: QuoteId, session: ReadSession, runtime: CurrentRuntime, principal: QuoteReader
) -> Response:
    """A quote that was given to the reader's enterprise, or to the reader."""
    asker = service.asker_of(session, principal, now=runtime.clock())
    return json_answer(service.read_quote(session, quote_id, asker).document, headers=NO_STORE)
