"""What institutions, stations and platforms keep: rules, tariffs, closures, trainings."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from hub.availability import queries, service, wire
from hub.availability.api.parameters import (
    NO_STORE,
    InstitutionId,
    InstrumentId,
    Seen,
    ValidFrom,
    instant,
    version_of,
)
from hub.availability.rules import HeldVersion, Slot
from hub.availability.service.keeping import AHEAD
from hub.core.lists import Number
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer, spec_body, spec_openapi
from hub.identity.access import Principal, action

router = APIRouter(tags=["availability"])

RULES, TARIFF = "availability.keep_rules", "availability.keep_tariff"
CLOSURES, TRAININGS = "availability.keep_closures", "availability.keep_trainings"
RulesKeeper = Annotated[Principal, action(RULES)]
TariffKeeper = Annotated[Principal, action(TARIFF)]
Closer = Annotated[Principal, action(CLOSURES)]
Trainer = Annotated[Principal, action(TRAININGS)]
Holder = Annotated[str, Path(max_length=60)]
TrainingCode = Annotated[str, Path(pattern="^[a-z0-9-]{1,40}$")]


@dataclass(frozen=True, slots=True)
class _Terms:
    """Under which a new version is kept: from when, and which version its writer has seen."""

    now: datetime
    valid_from: datetime | None
    after: int | None

    def told_by(self, principal: Principal) -> dict[str, Any]:
        """The arguments of `keep_rules` and `keep_tariff` besides the document."""
        return {
            "actor": principal.name,
            "source": _source(principal),
            "valid_from": self.valid_from,
            "after": self.after,
        }


def _terms(runtime: CurrentRuntime, seen: Seen = None, valid_from: ValidFrom = None) -> _Terms:
    at = None if valid_from is None else instant("valid_from", valid_from)
    return _Terms(runtime.clock(), at, version_of(seen))


NewVersion = Annotated[_Terms, Depends(_terms)]


@router.get("/instruments/{instrument_id}/rules/versions")
def list_rules(
    instrument_id: InstrumentId, session: ReadSession, runtime: CurrentRuntime, principal: RulesKeeper
) -> Response:
    """Every kept version of the instrument's rules, newest first."""
    service.allow_instrument(session, principal, RULES, instrument_id, now=runtime.clock())
    return _versions(queries.rules_versions(session, instrument_id))


@router.put("/instruments/{instrument_id}/rules", openapi_extra=spec_openapi(body="booking-rules"))
def keep_rules(
    instrument_id: InstrumentId,
    session: WriteSession,
    terms: NewVersion,
    *,
    principal: RulesKeeper,
    body: Annotated[Any, spec_body("booking-rules")],
) -> Response:
    """A new version of the rules; `If-Match` with the version that was seen guards against overwriting another's."""
    now = service.allow_instrument(session, principal, RULES, instrument_id, now=terms.now)
    return _kept(service.keep_rules(session, instrument_id, body, now=now, **terms.told_by(principal)))


@router.get("/instruments/{instrument_id}/tariff/versions")
def list_tariffs(
    instrument_id: InstrumentId, session: ReadSession, runtime: CurrentRuntime, principal: TariffKeeper
) -> Response:
    """Every kept version of the instrument's tariff, newest first."""
    service.allow_instrument(session, principal, TARIFF, instrument_id, now=runtime.clock())
    return _versions(queries.tariff_versions(session, instrument_id))


@router.put("/instruments/{instrument_id}/tariff", openapi_extra=spec_openapi(body="tariff-terms"))
def keep_tariff(
    instrument_id: InstrumentId,
    session: WriteSession,
    terms: NewVersion,
    *,
    principal: TariffKeeper,
    body: Annotated[Any, spec_body("tariff-terms")],
) -> Response:
    """A new version of the tariff; quotes that were given keep theirs."""
    now = service.allow_instrument(session, principal, TARIFF, instrument_id, now=terms.now)
    return _kept(service.keep_tariff(session, instrument_id, body, now=now, **terms.told_by(principal)))


@router.get("/instruments/{instrument_id}/closures")
def list_closures(
    instrument_id: InstrumentId, session: ReadSession, runtime: CurrentRuntime, principal: Closer
) -> Response:
    """Closures of the instrument and its institution that are not over."""
    now = service.allow_instrument(session, principal, CLOSURES, instrument_id, now=runtime.clock())
    unit = queries.owner(session, instrument_id).institution_id
    names = [instrument_id] if unit is None else [instrument_id, unit]
    held = queries.held_closures(session, names, Slot(now, now + AHEAD))
    return json_answer({"items": [wire.closure_document(one) for one in held]}, headers=NO_STORE)


@router.post(
    "/instruments/{instrument_id}/closures",
    status_code=201,
    openapi_extra=spec_openapi(body="closure", status=201),
)
def close_instrument(
    instrument_id: InstrumentId,
    session: WriteSession,
    runtime: CurrentRuntime,
    *,
    principal: Closer,
    body: Annotated[Any, spec_body("closure")],
) -> Response:
    """Close an instrument for a time, once or every so many weeks; the bookings that this meets are named."""
    now = service.allow_instrument(session, principal, CLOSURES, instrument_id, now=runtime.clock())
    held, met = service.close(
        session, instrument_id, body, actor=principal.name, now=now, instrument_ids=[instrument_id], source=_source(principal)
    )  # fmt: skip
    return json_answer(wire.closed_document(held, met), 201, NO_STORE)


@router.delete("/instruments/{instrument_id}/closures/{closure_id}")
def reopen_instrument(
    instrument_id: InstrumentId,
    closure_id: Number,
    session: WriteSession,
    *,
    runtime: CurrentRuntime,
    principal: Closer,
) -> Response:
    """Take a closure of the instrument back."""
    now = service.allow_instrument(session, principal, CLOSURES, instrument_id, now=runtime.clock())
    service.reopen(session, closure_id, instrument_id, actor=principal.name, now=now)
    return Response(status_code=204)


@router.post(
    "/institutions/{institution_id}/closures",
    status_code=201,
    openapi_extra=spec_openapi(body="closure", status=201),
)
def close_institution(
    institution_id: InstitutionId,
    session: WriteSession,
    runtime: CurrentRuntime,
    *,
    principal: Closer,
    body: Annotated[Any, spec_body("closure")],
) -> Response:
    """Close all instruments of an institution for a time."""
    now = service.allow_institution(session, principal, CLOSURES, institution_id, now=runtime.clock())
    ids = service.instruments_by_number(session, institution_id).values()
    held, met = service.close(
        session,
        institution_id,
        body,
        actor=principal.name,
        now=now,
        instrument_ids=ids,
        source=_source(principal),
    )
    return json_answer(wire.closed_document(held, met), 201, NO_STORE)


@router.delete("/institutions/{institution_id}/closures/{closure_id}")
def reopen_institution(
    institution_id: InstitutionId,
    closure_id: Number,
    session: WriteSession,
    *,
    runtime: CurrentRuntime,
    principal: Closer,
) -> Response:
    """Take a closure of the institution back."""
    now = service.allow_institution(session, principal, CLOSURES, institution_id, now=runtime.clock())
    service.reopen(session, closure_id, institution_id, actor=principal.name, now=now)
    return Response(status_code=204)


@router.put("/institutions/{institution_id}/trainings", openapi_extra=spec_openapi(body="training"))
def certify(
    institution_id: InstitutionId,
    session: WriteSession,
    runtime: CurrentRuntime,
    *,
    principal: Trainer,
    body: Annotated[Any, spec_body("training")],
) -> Response:
    """Say that an enterprise or a person has had a training of the institution."""
    now = service.allow_institution(session, principal, TRAININGS, institution_id, now=runtime.clock())
    until = None if "valid_until" not in body else date.fromisoformat(body["valid_until"])
    service.certify(
        session,
        institution_id,
        body["code"],
        body["holder"],
        valid_until=until,
        actor=principal.name,
        now=now,
    )
    return Response(status_code=204)


@router.delete("/institutions/{institution_id}/trainings/{code}/{holder}")
def revoke_training(
    institution_id: InstitutionId,
    code: TrainingCode,
    holder: Holder,
    session: WriteSession,
    *,
    runtime: CurrentRuntime,
    principal: Trainer,
) -> Response:
    """Take a training back."""
    now = service.allow_institution(session, principal, TRAININGS, institution_id, now=runtime.clock())
    service.revoke_training(session, institution_id, code, holder, actor=principal.name, now=now)
    return Response(status_code=204)


def _source(principal: Principal) -> str:
    return "platform" if principal.kind == "platform" else "hub"


def _kept(version: int) -> Response:
    return json_answer({"version": version}, headers={**NO_STORE, "ETag": f'"{version}"'})


def _versions(held: list[HeldVersion]) -> Response:
    newest = held[0].version if held else 0
    told = [wire.version_document(one) for one in held]
    return json_answer({"items": told}, headers={**NO_STORE, "ETag": f'"{newest}"'})
