"""At whose desk the reader sits: which instruments they keep, and the head of an instrument's or institution's pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from hub.availability import queries as availability_queries
from hub.availability import service as availability
from hub.availability.rules import HeldClaim, Slot
from hub.bookings.queries import named as booked
from hub.bookings.service import showing
from hub.catalog import queries as catalog
from hub.core.errors import HubError
from hub.identity import access
from hub.search import service as searching
from hub.search.request import SearchRequest
from station_portal import wording
from station_portal.booking_words import state_badge
from station_portal.frame import Frame
from station_portal.i18n import Language

READ, RULES, TARIFF = "availability.read_calendar", "availability.keep_rules", "availability.keep_tariff"
CLOSURES, RESERVATIONS = "availability.keep_closures", "availability.keep_reservations"
RESOLVE, TRAININGS = "availability.resolve_conflict", "availability.keep_trainings"

PAGE = 20
"""Instruments on one board."""

MOST_UNITS = 200
"""Institutions that the board offers to choose from; with more there is the search box."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the reader (`me`) may look at: one institution, or a province's instruments."""

    me: access.Principal
    province: str | None
    institution_id: str | None


def name_of(document: Mapping[str, Any], language: Language) -> str:
    """The name for this reader."""
    return language.pick(document.get("name_zh"), document.get("name_en"))


def desk_of(session: Session, me: access.Principal, frame: Frame) -> Desk:
    """The reader's desk. Raises what `allow` raises for those who have none."""
    if me.party_id is not None and me.province is None:
        availability.allow_institution(session, me, READ, me.party_id, now=frame.now)
        return Desk(me, None, me.party_id)
    availability.allow_province(session, me, READ, me.province or "", now=frame.now)
    return Desk(me, me.province, None)


def may(frame: Frame, session: Session, action: str, instrument_id: str) -> bool:
    """Whether the reader may do this to the instrument; nothing is recorded."""
    if frame.principal is None or not access.may_enter(frame.principal, action):
        return False
    try:
        availability.allow_instrument(session, frame.principal, action, instrument_id, now=frame.now)
    except HubError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Wish:
    """Which instruments the board shall show. `show` is `busy`, `all` or empty for whichever has something."""

    instrument_id: str = ""
    institution_id: str = ""
    q: str = ""
    show: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The instruments of one page of the board; `following` continues it. `show` is what `Wish.show` came to."""

    ids: list[str]
    following: str | None
    show: str
    note: str = ""


def choose(frame: Frame, session: Session, desk: Desk, wish: Wish, window: Slot) -> Chosen:
    """The instruments that the wish means, at most `PAGE`. An institution or instrument that is not the reader's raises."""
    if wish.instrument_id:
        availability.allow_instrument(session, desk.me, READ, wish.instrument_id, now=frame.now)
        return Chosen([wish.instrument_id], None, "all")
    unit = wish.institution_id or desk.institution_id
    if unit is not None and unit != desk.institution_id:
        availability.allow_institution(session, desk.me, READ, unit, now=frame.now)
    if wish.q:
        return _found(frame, desk, unit, wish)
    if wish.show != "all":
        ids = None if unit is None else catalog.instrument_ids_of(session, [unit])
        busy = availability_queries.claimed_instruments(
            session, window, province=desk.province, instrument_ids=ids, after=wish.after, limit=PAGE + 1
        )
        if busy or wish.show == "busy" or wish.after:
            return _paged(busy, "busy")
    held = catalog.instruments(
        session, province=desk.province, institution_id=unit, after=wish.after, limit=PAGE + 1
    )
    return _paged([each.id for each in held], "all")


def _paged(ids: Sequence[str], show: str) -> Chosen:
    return Chosen(list(ids[:PAGE]), ids[PAGE - 1] if len(ids) > PAGE else None, show)


def _found(frame: Frame, desk: Desk, unit: str | None, wish: Wish) -> Chosen:
    index = frame.runtime.index
    if index is None or not index.is_ready:
        return Chosen([], None, "all", frame.language("检索正在准备，请稍后再试，或按单位选择。"))
    filters = {"institution": (unit,)} if unit is not None else {"province": (desk.province or "",)}
    request = SearchRequest(
        q=wish.q,
        filters=filters,
        open="any",
        limit=PAGE,
        cursor=wish.after or None,
        lang=frame.language.code,
        with_facets=False,
    )
    try:
        result = searching.search(index, request, now=frame.now)
    except HubError as refused:
        if refused.status not in {400, 422}:
            raise
        return Chosen([], None, "all", frame.language.pick(refused.zh, refused.en))
    return Chosen([hit.id for hit in result.items], result.next, "all")


def named(session: Session, ids: Sequence[str], language: Language) -> dict[str, dict[str, str]]:
    """Name, number and unit of these instruments."""
    told = {}
    for held in catalog.instruments_by_ids(session, ids):
        unit = held.document.get("unit") or {}
        told[held.id] = {
            "name": name_of(held.document, language),
            "number": held.document.get("internal_number", ""),
            "model": held.document.get("model", ""),
            "unit": unit.get("name", ""),
            "institution_id": held.institution_id or "",
        }
    return told


def units_of(session: Session, desk: Desk, language: Language) -> list[tuple[str, str]]:
    """The institutions that the reader may choose from, by name; none when there are too many for a list."""
    if desk.province is None:
        return []
    held = catalog.institutions(session, province=desk.province, limit=MOST_UNITS + 1)
    if len(held) > MOST_UNITS:
        return []
    return sorted(((each.id, name_of(each.document, language)) for each in held), key=lambda one: one[1])


def bookings_of(
    session: Session, me: access.Principal, claims: Sequence[HeldClaim], language: Language
) -> dict[str, dict[str, Any]]:
    """The bookings behind these claims that the reader may see: number, enterprise, state, address."""
    ids = sorted({claim.id for claim in claims if claim.source == "hub"})
    return {
        document["id"]: {
            "href": f"/bookings/{document['id']}",
            "number": document["number"],
            "enterprise": document.get("enterprise", {}).get("name", ""),
            "badge": state_badge(document["state"], language),
        }
        for document in showing.show_list(me, booked.among(session, me, ids))
    }


def claim_words(
    claim: HeldClaim, bookings: Mapping[str, Mapping[str, Any]], language: Language
) -> dict[str, Any]:
    """A claim in words: what it is, whose, where to go."""
    booking = bookings.get(claim.id)
    who = {
        "hub": language("枢纽预约"),
        "platform": language("平台占用"),
        "local": language("本地占用"),
    }.get(claim.source, claim.source)
    return {
        "id": claim.id,
        "instrument_id": claim.instrument_id,
        "source": claim.source,
        "start": claim.slot.start,
        "end": claim.slot.end,
        "what": who,
        "label": claim.label or "",
        "href": "" if booking is None else booking["href"],
        "number": "" if booking is None else booking["number"],
        "who": "" if booking is None else booking["enterprise"],
        "badge": None if booking is None else booking["badge"],
        "is_held": claim.state == "held",
    }


def head(frame: Frame, session: Session, instrument_id: str, tab: str) -> dict[str, Any]:
    """What every page of one instrument begins with: its name and the tabs that the reader may open."""
    language = frame.language
    held = catalog.instrument(session, instrument_id)
    unit = held.document.get("unit") or {}
    base = f"/staff/instruments/{instrument_id}"
    tabs = [
        ("board", f"/staff/board?instrument={instrument_id}", language("排期"), READ),
        ("rules", f"{base}/rules", language("预约规则"), RULES),
        ("tariff", f"{base}/tariff", language("收费标准"), TARIFF),
        ("closures", f"{base}/closures", language("停用时段"), CLOSURES),
        ("reservations", f"{base}/reservations", language("本地占用"), RESERVATIONS),
    ]
    return {
        "instrument_id": instrument_id,
        "title": name_of(held.document, language),
        "unit": unit.get("name", ""),
        "institution_id": held.institution_id or "",
        "number": held.document.get("internal_number", ""),
        "province": wording.short_province(held.province, language),
        "tab": tab,
        "tabs": _open_to(frame, tabs),
    }


def unit_head(frame: Frame, session: Session, institution_id: str, tab: str) -> dict[str, Any]:
    """The same for all instruments of an institution."""
    language = frame.language
    held = catalog.institution(session, institution_id)
    base = f"/staff/institutions/{institution_id}"
    tabs = [
        ("board", f"/staff/board?institution={institution_id}", language("排期"), READ),
        ("closures", f"{base}/closures", language("停用时段"), CLOSURES),
        ("reservations", f"{base}/reservations", language("本地占用"), RESERVATIONS),
        ("trainings", f"{base}/trainings", language("培训登记"), TRAININGS),
    ]
    return {
        "instrument_id": "",
        "title": name_of(held.document, language),
        "unit": language("本单位全部仪器"),
        "institution_id": institution_id,
        "number": "",
        "province": wording.short_province(held.province, language),
        "tab": tab,
        "tabs": _open_to(frame, tabs),
    }


def _open_to(frame: Frame, tabs: Sequence[tuple[str, str, str, str]]) -> list[tuple[str, str, str]]:
    """The tabs whose action the reader's role may do."""
    return [
        (key, href, text)
        for key, href, text, action in tabs
        if frame.principal is not None and access.may_enter(frame.principal, action)
    ]
