"""Programmes of an area: read with their sources, edited as drafts, tried on past orders, published by another person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

import schemas
from hub.core.clock import SHANGHAI
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from hub.identity import service as deciding
from hub.identity.rules import Subject
from hub.settlement import queries, rules
from hub.settlement.errors import ProgrammeUnknown
from hub.settlement.queries import drafts
from hub.settlement.rules import Programme
from hub.settlement.rules.programme_changes import changes, ordered, sources_by_term
from hub.settlement.service import drafting, simulating
from station_portal import programme_words, roles, wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.keeping import programme_form
from station_portal.keeping.fields import Wrong, by_field, refused_words, version_of, whole
from station_portal.pages.bookings import AnyForm
from station_portal.settling import names

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action("programme.read")]
Editor = Annotated[access.Principal, access.action("programme.edit")]

MOST_CHANGED = 30
NEW = "new"


@router.get("/staff/programmes")
def list_programmes(frame: CurrentFrame, session: ReadSession, me: Reader) -> Response:
    """The programmes of the reader's area: in force, not configured (with what is missing), and drafts."""
    language, area = frame.language, me.area or ""
    today = frame.now.astimezone(SHANGHAI).date()
    open_drafts = {row.programme_id: row for row in drafts.drafts_in(session, area)}
    held = [each for each in queries.everything(session) if each.area.startswith(area)]
    known = {each.id for each in held}
    rows = [
        {
            "id": each.id,
            "name": programme_words.programme_name(each, language),
            "is_demo": each.is_demo,
            "area": programme_words.area_words(each.area, language),
            "kind": wording.name("programme_kind", each.kind, language),
            "authority": wording.name("programme_authority", each.document["authority"], language),
            "version": each.version,
            "is_in_force": each.is_in_force(today),
            "missing": language.pick(*rules.term_names(rules.missing(each))) if rules.missing(each) else "",
            "has_draft": each.id in open_drafts,
        }
        for each in held
    ]
    context = {
        "where": roles.area_name(area, language) if area else language("长江经济带"),
        "usable": [row for row in rows if not row["missing"]],
        "unconfigured": [row for row in rows if row["missing"]],
        "drafts": [
            {"id": row.programme_id, "name": row.document["name_zh"], "at": row.changed_at}
            for row in open_drafts.values()
            if row.programme_id not in known
        ],
        "may_edit": access.may_enter(me, "programme.edit"),
    }
    return frame.page("staff_programmes.html", context)


@router.get("/staff/programmes/new")
def new_programme(frame: CurrentFrame, session: ReadSession, me: Editor) -> Response:
    """The empty form."""
    typed = {"source-grade": "local_decision", "area": (me.area or "").ljust(6, "0")}
    return _page(frame, session, me, NEW, typed)


@router.get("/staff/programmes/{programme_id}")
def show_programme(
    programme_id: str,
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    *,
    version: Annotated[str, Query(max_length=9)] = "",
    told: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """A programme: its terms with their sources, versions with what they changed, and its draft in the form."""
    programme, draft = _found(session, me, programme_id, frame)
    wanted = whole(version)
    chosen = (
        queries.find_programme(session, programme_id, wanted) if isinstance(wanted, int) else None
    ) or programme
    document = draft.document if draft is not None and not version else chosen.document if chosen else {}
    typed = programme_form.typed_of(document) | {"revision": str(0 if draft is None else draft.revision)}
    return _page(frame, session, me, programme_id, typed, told=told, chosen=chosen)


@router.post("/staff/programmes/{programme_id}")
def keep(
    programme_id: str, frame: CurrentFrame, me: Editor, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """`do` is save (a draft), simulate (writes nothing), publish or discard."""
    do = form.get("do", "save")
    try:
        if do in ("publish", "discard"):
            return _decide(frame, me, runtime, programme_id, form)
        document, wrong = programme_form.document_of(form, frame.language)
        if programme_id != NEW:
            document["id"] = programme_id
        if not wrong and do == "simulate":
            return _simulated(frame, me, runtime, form, document)
        if not wrong:
            with runtime.database.write() as session:
                if programme_id != NEW:
                    _allow(session, me, "programme.edit", programme_id, frame)
                row = drafting.save_draft(
                    session,
                    me,
                    document,
                    revision=version_of({"version": form.get("revision", "")}),
                    now=frame.now,
                )
                saved = row.programme_id
            return see_other(f"/staff/programmes/{saved}?told=saved")
    except HubError as refused:
        default = "since" if do == "simulate" else "versions"
        wrong = refused_words(refused, programme_form.field_of, frame.language, default)
    with runtime.database.read() as session:
        return _page(frame, session, me, programme_id, form, wrong=wrong)


def _decide(
    frame: Frame, me: access.Principal, runtime: Any, programme_id: str, form: Mapping[str, str]
) -> Response:
    number, revision = whole(form.get("draft", "")), whole(form.get("revision", ""))
    draft_id = number if isinstance(number, int) else 0
    with runtime.database.write() as session:
        _allow(session, me, "programme.edit", programme_id, frame)
        if form["do"] == "publish":
            read = revision if isinstance(revision, int) else 0
            drafting.publish_draft(session, me, draft_id, revision=read, now=frame.now)
            return see_other(f"/staff/programmes/{programme_id}?told=published")
        drafting.discard_draft(session, me, draft_id, now=frame.now)
    return see_other("/staff/programmes")


def _simulated(
    frame: Frame,
    me: access.Principal,
    runtime: Any,
    form: Mapping[str, str],
    document: dict[str, Any],
) -> Response:
    programme_id = str(document.get("id", "")) if form.get("is_new") != "yes" else NEW
    since, until = _day(form.get("since", "")), _day(form.get("until", ""))
    with runtime.database.read() as session:
        if programme_id != NEW:
            _allow(session, me, "programme.edit", programme_id, frame)
        else:
            _check_area(session, me, str(document.get("area", "")), frame)
        if since is None or until is None:
            wrong = [("since", frame.language("请填写模拟区间的起止日期"))]
            return _page(frame, session, me, programme_id, form, wrong=wrong)
        told = simulating.simulate(session, document, since, until)
        return _page(frame, session, me, programme_id, form, simulation=told)


def _page(
    frame: Frame,
    session: Session,
    me: access.Principal,
    programme_id: str,
    typed: Mapping[str, str],
    *,
    wrong: Wrong | None = None,
    told: str = "",
    chosen: Programme | None = None,
    simulation: simulating.Simulation | None = None,
) -> Response:
    language = frame.language
    programme, draft = (None, None) if programme_id == NEW else _found(session, me, programme_id, frame)
    shown = chosen or programme
    today = frame.now.astimezone(SHANGHAI).date()
    span = {"since": (today - timedelta(days=365)).isoformat(), "until": today.isoformat()}
    texts = {
        "saved": language("草稿已保存，须由另一人发布。"),
        "published": language("已发布为新版本；已有订单仍按原版本。"),
    }
    lacking = () if shown is None else rules.missing(shown)
    context = {
        "id": programme_id,
        "is_new": programme_id == NEW,
        "name": language("新政策") if shown is None else programme_words.programme_name(shown, language),
        "is_demo": shown is not None and shown.is_demo,
        "current": 0 if programme is None else programme.version,
        "shown_version": 0 if shown is None else shown.version,
        "missing": language.pick(*rules.term_names(lacking)) if lacking else "",
        "terms": [] if shown is None else _terms(frame, shown),
        "versions": _versions(frame, session, programme_id),
        "draft": _draft(frame, session, me, draft, programme),
        "may_edit": access.may_enter(me, "programme.edit"),
        "fields": _fields(frame),
        "holders": [
            (code, wording.name("programme_holder", code, language))
            for code in schemas.codes("programme_holder")
        ],
        "choices": {
            name: [(code, language.pick(entry.zh, entry.en)) for code, entry in schemas.codes(name).items()]
            for name in ("programme_kind", "programme_authority", "programme_grade")
        },
        "typed": span | dict(typed),
        "wrong": wrong or [],
        "faults": by_field(wrong or []),
        "told": texts.get(told, ""),
        "simulation": None if simulation is None else _simulation(frame, simulation),
    }
    return frame.page("staff_programme.html", context, status=422 if wrong else 200)


def _fields(frame: Frame) -> list[dict[str, Any]]:
    """The terms that the form asks for, but for the holders, which have a table of their own."""
    language = frame.language
    found = []
    for name in programme_form.terms():
        if name == "holders":
            continue
        field = schemas.tree("programme").children["terms"].children[name]
        listed = programme_form.LISTS.get(name) or field.rules.get("x-codes")
        kind = (
            "list" if name in programme_form.LISTS
            else "window" if name == "window"
            else "budget" if name == "budget"
            else "yes_no" if name in programme_form.YES_NO
            else "choice" if listed
            else "text"
        )  # fmt: skip
        codes = schemas.codes(listed).items() if isinstance(listed, str) else ()
        found.append(
            {
                "name": name,
                "label": language.pick(field.zh, field.en),
                "kind": kind,
                "codes": [(code, language.pick(entry.zh, entry.en)) for code, entry in codes],
                "is_money": name.endswith("_fen"),
                "is_codes": name in programme_form.AREAS,
            }
        )
    return found


def _terms(frame: Frame, programme: Programme) -> list[dict[str, str]]:
    """Every term in words with the source that it stands on."""
    sources = sources_by_term(programme.document)
    language = frame.language
    return [
        {
            "title": programme_words.term_title(name, language),
            "words": programme_words.value_words(name, programme.terms[name], language),
            "source": programme_words.source_words(sources.get(name), language),
            "url": str(sources.get(name, {}).get("url", "")),
        }
        for name in ordered(set(programme.terms))
    ]


def _versions(frame: Frame, session: Session, programme_id: str) -> list[dict[str, Any]]:
    rows = drafts.versions_of(session, programme_id)
    before = [*(row.document for row in rows[1:]), None][: len(rows)]
    return [
        {
            "version": row.version,
            "at": row.made_at,
            "by": names.person(session, row.made_by, frame.language),
            "valid_from": row.valid_from.isoformat(),
            "changes": []
            if old is None
            else [programme_words.change_words(each, frame.language) for each in changes(old, row.document)],
            "is_first": old is None,
        }
        for row, old in zip(rows, before, strict=True)
    ]


def _draft(
    frame: Frame, session: Session, me: access.Principal, draft: Any, programme: Programme | None
) -> dict[str, Any] | None:
    if draft is None:
        return None
    editors = [names.person(session, name, frame.language) for name in draft.editors]
    held = None if programme is None else programme.document
    return {
        "id": draft.id,
        "revision": draft.revision,
        "at": draft.changed_at,
        "editors": "、".join(editors),
        "is_mine": me.name in draft.editors,
        "is_outdated": draft.base_version != (0 if programme is None else programme.version),
        "changes": [
            programme_words.change_words(each, frame.language) for each in changes(held, draft.document)
        ],
    }


def _simulation(frame: Frame, told: simulating.Simulation) -> dict[str, Any]:
    language = frame.language
    return {
        "since": told.since.isoformat(),
        "until": told.until.isoformat(),
        "found": told.found,
        "is_sample": told.is_sample,
        "totals": told.totals,
        "orders": [
            {
                "reference": each.reference,
                "on": each.decided_on.isoformat(),
                "fee": each.fee_fen,
                "old": each.old_fen,
                "new": each.new_fen,
                "difference": each.difference,
                "version": each.old_version,
                "why": "；".join(language.pick(reason.zh, reason.en) for reason in each.new_reasons)
                or "；".join(language.pick(step.zh, step.en) for step in each.new_steps),
            }
            for each in told.most_changed(MOST_CHANGED)
        ],
    }


def _found(
    session: Session, me: access.Principal, programme_id: str, frame: Frame
) -> tuple[Programme | None, Any]:
    """The newest version and the open draft, for who may read them; a programme may be a draft only."""
    _allow(session, me, "programme.read", programme_id, frame)
    return queries.find_programme(session, programme_id), drafts.draft_of(session, programme_id)


def _allow(session: Session, me: access.Principal, name: str, programme_id: str, frame: Frame) -> None:
    held, draft = queries.find_programme(session, programme_id), drafts.draft_of(session, programme_id)
    area = held.area if held is not None else draft.area if draft is not None else None
    if area is None:
        raise ProgrammeUnknown(programme_id)
    deciding.allow(
        session, me, name, Subject(home_area=area, name=f"programme:{programme_id}"), now=frame.now
    )


def _check_area(session: Session, me: access.Principal, area: str, frame: Frame) -> None:
    deciding.allow(
        session, me, "programme.edit", Subject(home_area=area, name="programme:new"), now=frame.now
    )


def _day(told: str) -> date | None:
    try:
        return date.fromisoformat(told.strip())
    except ValueError:
        return None
