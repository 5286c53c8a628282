"""The booking rules of one instrument: read, tried out and kept in versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

import schemas
from hub.availability import queries
from hub.availability import service as availability
from hub.availability.errors import VersionChanged
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.keeping import desk, rules_form, versions
from station_portal.keeping.fields import (
    Wrong,
    by_field,
    local,
    refused_words,
    valid_from_of,
    version_of,
)
from station_portal.keeping.tariff_form import examples
from station_portal.pages.bookings import AnyForm

router = APIRouter(include_in_schema=False)

Keeper = Annotated[access.Principal, access.action(desk.RULES)]

WEEK = timedelta(days=7)


@router.get("/staff/instruments/{instrument_id}/rules")
def show_rules(
    instrument_id: str,
    frame: CurrentFrame,
    me: Keeper,
    session: ReadSession,
    *,
    version: Annotated[str, Query(max_length=9)] = "",
    told: str = "",
) -> Response:
    """The rules in force, or an older version, in the form that changes them."""
    availability.allow_instrument(session, me, desk.RULES, instrument_id, now=frame.now)
    held = queries.rules_versions(session, instrument_id)
    chosen = versions.wanted(held, version)
    in_force = queries.booking_rules(session, instrument_id, now=frame.now)
    document = in_force.document if chosen is None else chosen.document
    typed = {**rules_form.typed_of(document), "version": str(versions.newest(held))}
    context = _context(frame, session, instrument_id, typed, document=document)
    return frame.page(
        "booking_rules.html",
        {**context, "told": told, "shown_version": in_force.version if chosen is None else chosen.version},
    )


@router.post("/staff/instruments/{instrument_id}/rules")
def keep_rules(
    instrument_id: str, frame: CurrentFrame, me: Keeper, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """`do=preview` shows what the rules would mean; otherwise they become a version, unless another came meanwhile."""
    document, wrong = rules_form.document_of(form, frame.language)
    valid_from = valid_from_of(form, wrong, frame.language)
    typed = dict(form)
    if not wrong:
        try:
            availability.check_rules(document)
            if form.get("do") != "preview":
                with runtime.database.write() as session:
                    now = availability.allow_instrument(session, me, desk.RULES, instrument_id, now=frame.now)
                    availability.keep_rules(
                        session, instrument_id, document, actor=me.name, now=now,
                        valid_from=valid_from, after=version_of(form),
                    )  # fmt: skip
                return see_other(f"/staff/instruments/{instrument_id}/rules?told=kept")
        except VersionChanged as changed:
            with runtime.database.read() as session:
                held = queries.rules_versions(session, instrument_id)
            if versions.is_repeat(held, document, me.name):
                return see_other(f"/staff/instruments/{instrument_id}/rules?told=kept")
            typed["version"] = str(changed.version)
            wrong = refused_words(changed, rules_form.field_of, frame.language, "versions")
        except HubError as refused:
            wrong = refused_words(refused, rules_form.field_of, frame.language, "opening-mon")
    with runtime.database.read() as session:
        availability.allow_instrument(session, me, desk.RULES, instrument_id, now=frame.now)
        shown = None if wrong else document
        context = _context(frame, session, instrument_id, typed, document=shown, wrong=wrong)
    return frame.page(
        "booking_rules.html", {**context, "is_preview": not wrong}, status=422 if wrong else 200
    )


def _context(
    frame: Frame,
    session: Session,
    instrument_id: str,
    typed: Mapping[str, str],
    *,
    document: Mapping[str, Any] | None,
    wrong: Wrong | None = None,
) -> dict[str, Any]:
    language = frame.language
    held = queries.rules_versions(session, instrument_id)
    in_force = queries.booking_rules(session, instrument_id, now=frame.now)
    return {
        "head": desk.head(frame, session, instrument_id, "rules"),
        "typed": typed,
        "wrong": wrong or [],
        "faults": by_field(wrong or []),
        "told": "",
        "is_preview": False,
        "source": wording.name("availability_source", in_force.source, language),
        "current": in_force.version,
        "shown_version": in_force.version,
        "versions": versions.listed(held, frame.now, language),
        "effect": None if document is None else _effect(frame, session, instrument_id, document),
        "days": list(zip(rules_form.DAYS, _days(frame), strict=True)),
        "label": lambda path: wording.title("booking-rules", path, language),
        "modes": [(mode, wording.name("service_mode", mode, language)) for mode in rules_form.MODES],
        "operators": _choices("operator_rule", frame),
        "hazards": _choices("sample_hazard", frame),
        "purposes": _choices("customs_purpose", frame),
    }


def _effect(
    frame: Frame, session: Session, instrument_id: str, document: Mapping[str, Any]
) -> dict[str, Any]:
    """What these rules mean for somebody who books now: the next slot, its terms, what it costs."""
    now = frame.now
    told = availability.show(session, instrument_id, start=now, end=now + WEEK, now=now, document=document)
    first = told.next_free
    tariff = availability.tariff_of(session, instrument_id, now=now)
    minutes = max(document["min_minutes"], 60 if document["max_minutes"] >= 60 else document["min_minutes"])
    return {
        "free_hours": round(sum(slot.minutes for slot in told.free) / 60, 1),
        "next": first,
        "next_local": local(first.start if first else None),
        "cancel_until": None if first is None else _cancel_until(first.start, document),
        "latest": now + timedelta(days=document["horizon_days"]),
        "minutes": minutes,
        "examples": []
        if tariff is None
        else examples(tariff.document, instrument_id, minutes, 1, now=now, language=frame.language),
    }


def _cancel_until(start: datetime, document: Mapping[str, Any]) -> datetime:
    return start - timedelta(minutes=document["cancel_minutes"])


def _days(frame: Frame) -> list[str]:
    return [wording.title("booking-rules", f"opening.{day}", frame.language) for day in rules_form.DAYS]


def _choices(name: str, frame: Frame) -> list[tuple[str, str]]:
    return [(code, wording.name(name, code, frame.language)) for code in schemas.codes(name)]
