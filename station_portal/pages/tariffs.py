"""The tariff of one instrument: read, tried out on typical bookings, and kept in versions."""

from __future__ import annotations

from collections.abc import Mapping
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
from station_portal.keeping import desk, tariff_form, versions
from station_portal.keeping.fields import (
    Wrong,
    by_field,
    duration_of,
    refused_words,
    valid_from_of,
    version_of,
    whole,
)
from station_portal.keeping.rules_form import MODES
from station_portal.pages.bookings import AnyForm

router = APIRouter(include_in_schema=False)

Keeper = Annotated[access.Principal, access.action(desk.TARIFF)]

TYPICAL = {"typical-minutes": "2", "typical-minutes-unit": "60", "typical-samples": "1"}
MOST_MINUTES, MOST_SAMPLES = 20_160, 10_000
MOST_FORM = 2_000_000
"""Bytes of a form with two hundred positions, with room to spare."""


@router.get("/staff/instruments/{instrument_id}/tariff")
def show_tariff(
    instrument_id: str,
    frame: CurrentFrame,
    me: Keeper,
    session: ReadSession,
    *,
    version: Annotated[str, Query(max_length=9)] = "",
    told: str = "",
) -> Response:
    """The tariff in force, or an older version, in the form that changes it."""
    availability.allow_instrument(session, me, desk.TARIFF, instrument_id, now=frame.now)
    held = queries.tariff_versions(session, instrument_id)
    chosen = versions.wanted(held, version) or availability.tariff_of(session, instrument_id, now=frame.now)
    document = None if chosen is None else chosen.document
    typed = {**tariff_form.typed_of(document), **TYPICAL, "version": str(versions.newest(held))}
    context = _context(frame, session, instrument_id, typed, document=document)
    return frame.page(
        "tariff.html", {**context, "told": told, "shown_version": 0 if chosen is None else chosen.version}
    )


@router.post("/staff/instruments/{instrument_id}/tariff", max_body_size=MOST_FORM)
def keep_tariff(
    instrument_id: str, frame: CurrentFrame, me: Keeper, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """`do=preview` prices typical bookings, `do=more` adds positions; otherwise the tariff becomes a version."""
    typed = dict(form)
    document: dict[str, Any] = {}
    wrong: Wrong = []
    is_more = form.get("do") == "more"
    if is_more:
        typed["positions"] = str(min(tariff_form.rows_of(form) + 3, tariff_form.MOST_POSITIONS))
    else:
        document, wrong = tariff_form.document_of(form, frame.language)
        valid_from = valid_from_of(form, wrong, frame.language)
        wrong += _typical(form, frame)[1]
    if not wrong and not is_more:
        places = tariff_form.places_of(form)
        try:
            availability.check_tariff(document)
            if form.get("do") != "preview":
                with runtime.database.write() as session:
                    now = availability.allow_instrument(
                        session, me, desk.TARIFF, instrument_id, now=frame.now
                    )
                    availability.keep_tariff(
                        session, instrument_id, document, actor=me.name, now=now,
                        valid_from=valid_from, after=version_of(form),
                    )  # fmt: skip
                return see_other(f"/staff/instruments/{instrument_id}/tariff?told=kept")
        except VersionChanged as changed:
            with runtime.database.read() as session:
                held = queries.tariff_versions(session, instrument_id)
            if versions.is_repeat(held, document, me.name):
                return see_other(f"/staff/instruments/{instrument_id}/tariff?told=kept")
            typed["version"] = str(changed.version)
            wrong = refused_words(changed, str, frame.language, "versions")
        except HubError as refused:
            wrong = refused_words(
                refused, lambda pointer: tariff_form.field_of(pointer, places), frame.language, "p0-name_zh"
            )
    with runtime.database.read() as session:
        availability.allow_instrument(session, me, desk.TARIFF, instrument_id, now=frame.now)
        shown = None if wrong or is_more else document
        context = _context(frame, session, instrument_id, typed, document=shown, wrong=wrong)
    is_preview = not wrong and not is_more
    return frame.page("tariff.html", {**context, "is_preview": is_preview}, status=422 if wrong else 200)


def _typical(form: Mapping[str, str], frame: Frame) -> tuple[tuple[int, int], Wrong]:
    """The typical booking that is priced: minutes and samples, and what is wrong with them."""
    minutes, samples = duration_of(form, "typical-minutes"), whole(form.get("typical-samples", "") or "0")
    wrong: Wrong = []
    if not isinstance(minutes, int) or not 0 < minutes <= MOST_MINUTES:
        wrong.append(("typical-minutes", frame.language("请填写 14 天以内的时长")))
        minutes = 120
    if not isinstance(samples, int) or samples > MOST_SAMPLES:
        wrong.append(("typical-samples", frame.language("样品数应为整数")))
        samples = 1
    return (minutes, samples), wrong


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
    held = queries.tariff_versions(session, instrument_id)
    in_force = availability.tariff_of(session, instrument_id, now=frame.now)
    (minutes, samples), _ = _typical(typed, frame)
    return {
        "head": desk.head(frame, session, instrument_id, "tariff"),
        "typed": typed,
        "wrong": wrong or [],
        "faults": by_field(wrong or []),
        "told": "",
        "is_preview": False,
        "current": 0 if in_force is None else in_force.version,
        "shown_version": 0 if in_force is None else in_force.version,
        "source": "" if in_force is None else wording.name("availability_source", in_force.source, language),
        "versions": versions.listed(held, frame.now, language),
        "examples": []
        if document is None
        else tariff_form.examples(
            document, instrument_id, minutes, samples, now=frame.now, language=language
        ),
        "rows": range(tariff_form.rows_of(typed)),
        "label": lambda path: wording.title("tariff-terms", path, language),
        "bases": [
            (code, wording.name("tariff_basis", code, language))
            for code, held_code in schemas.codes("tariff_basis").items()
            if held_code.attributes.get("kind") == "position"
        ],
        "payment_times": [
            (each.code, language.pick(each.zh, each.en)) for each in schemas.codes("payment_due").values()
        ],
        "modes": [(mode, wording.name("service_mode", mode, language)) for mode in MODES],
        "unit_choices": [("60", language("每小时")), ("1440", language("每天"))],
    }
