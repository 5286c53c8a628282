"""Trainings that an institution certifies to enterprises: given by credit code, until a day, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

import schemas
from hub.availability import queries
from hub.availability import service as availability
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from hub.identity.queries import enterprises, people
from station_portal.formats import SHANGHAI
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.keeping import desk, places
from station_portal.keeping.fields import Wrong, by_field, text_of
from station_portal.pages.bookings import AnyForm

router = APIRouter(include_in_schema=False)

Trainer = Annotated[access.Principal, access.action(desk.TRAININGS)]


@dataclass(frozen=True, slots=True)
class Place(places.Place):
    """The institution whose trainings they are."""

    page = "trainings"
    action = desk.TRAININGS


@router.get("/staff/institutions/{institution_id}/trainings")
def show(
    institution_id: str, frame: CurrentFrame, me: Trainer, session: ReadSession, told: str = ""
) -> Response:
    """Who has which training, and the form for another."""
    place = Place(institution_id, is_unit=True)
    place.allow(session, me, frame)
    return frame.page("trainings.html", {**_context(frame, session, place), "told": told})


@router.post("/staff/institutions/{institution_id}/trainings")
def certify(
    institution_id: str, frame: CurrentFrame, me: Trainer, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """Certify a training to the enterprise of a credit code. Safe to repeat: the day is then that of the last time."""
    place = Place(institution_id, is_unit=True)
    with runtime.database.write() as session:
        place.allow(session, me, frame)
        holder, document, wrong = _read(frame, session, form)
        if holder is not None and not wrong:
            until = document.get("valid_until")
            availability.certify(
                session,
                institution_id,
                document["code"],
                holder,
                valid_until=None if until is None else date.fromisoformat(until),
                actor=me.name,
                now=frame.now,
            )
            return see_other(f"{place.address}?told=certified")
        context = _context(frame, session, place, typed=form, wrong=wrong)
    return frame.page("trainings.html", {**context, "told": ""}, status=422)


@router.post("/staff/institutions/{institution_id}/trainings/{code}/{holder}/revoke")
def revoke(
    institution_id: str,
    code: str,
    holder: str,
    *,
    frame: CurrentFrame,
    me: Trainer,
    runtime: CurrentRuntime,
) -> Response:
    """Take a training back; bookings that were accepted stay."""
    place = Place(institution_id, is_unit=True)
    with runtime.database.write() as session:
        place.allow(session, me, frame)
        availability.revoke_training(session, institution_id, code, holder, actor=me.name, now=frame.now)
    return see_other(f"{place.address}?told=revoked")


def _read(
    frame: Frame, session: Session, form: Mapping[str, str]
) -> tuple[str | None, dict[str, str], Wrong]:
    """Who the holder is, the document, and what is wrong with the form."""
    language = frame.language
    wrong: Wrong = []
    credit_code = text_of(form, "credit_code").upper()
    party = enterprises.enterprise_by_code(session, credit_code)
    if not schemas.uscc.is_valid(credit_code):
        wrong.append(("credit_code", language("应为 18 位统一社会信用代码")))
    elif party is None:
        wrong.append(("credit_code", language("没有这家企业；请其先在江仪汇登记")))
    document = {"code": text_of(form, "code"), "holder": "unknown" if party is None else party.id}
    if text_of(form, "valid_until"):
        document["valid_until"] = text_of(form, "valid_until")
    for problem in schemas.problems("training", document):
        field = problem.pointer.lstrip("/")
        if field in {"code", "valid_until"}:
            wrong.append((field, language.pick(problem.zh, problem.en)))
    if not wrong and document.get("valid_until", "9999") < frame.now.astimezone(SHANGHAI).date().isoformat():
        wrong.append(("valid_until", language("有效期已过")))
    return (None if party is None else party.id), document, wrong


def _context(
    frame: Frame,
    session: Session,
    place: Place,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Wrong | None = None,
) -> dict[str, Any]:
    today = frame.now.astimezone(SHANGHAI).date()
    held = queries.trainings(session, place.id)
    names = people.names_of_holders(session, {each.holder for each in held})
    return {
        "head": desk.unit_head(frame, session, place.id, "trainings"),
        "place": place,
        "items": [
            {
                "code": each.code,
                "holder": each.holder,
                "name": names.get(each.holder, each.holder),
                "valid_until": each.valid_until,
                "is_over": each.valid_until is not None and each.valid_until < today,
                "made_at": each.made_at,
            }
            for each in held
        ],
        "codes": queries.training_codes(session, place.id, now=frame.now),
        "typed": typed or {},
        "wrong": wrong or [],
        "faults": by_field(wrong or []),
    }
