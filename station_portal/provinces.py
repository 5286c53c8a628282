"""What pages say about a province: its names and station from the manifest, its link from the federation, its counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from markupsafe import Markup
from sqlalchemy.orm import Session

import schemas
from hub.federation import queries as federation
from hub.search.request import SearchRequest
from station_portal import belt, finding, wording
from station_portal.i18n import Language

State = Literal["online", "delayed", "cached", "planned"]

# Symbols of the sprite (web/landmarks.svg); a manifest that names another one is drawn as a compass.
LANDMARKS = frozenset(
    [
        "pearl-tower",
        "garden-gate",
        "lake-pagoda",
        "huizhou-gate",
        "porcelain-vase",
        "crane-tower",
        "stone-peaks",
        "river-bridge",
        "panda",
        "radio-telescope",
        "three-pagodas",
        "compass",
    ]
)
LATE = 2.5
"""How many periods a scheduled source may be silent before its data count as delayed."""
UNSCHEDULED_LATE = timedelta(days=45)
"""The same for what is pushed or uploaded once a month."""


@dataclass(frozen=True, slots=True)
class ProvinceCard:
    """One province in one language. Counts are of the whole catalogue, whatever the page filters."""

    code: str
    name: str
    short: str
    icon: str
    col: float
    row: float
    region: str
    platform: str
    platform_url: str
    operator: str
    station: str
    station_operator: str
    station_address: str
    station_phone: str
    station_hours: str
    dialect: str
    is_observed: bool
    state: State = "planned"
    last_success: datetime | None = None
    trouble: str = ""
    retry_at: datetime | None = None
    held: int = 0
    open: int = 0
    any: int = 0
    institutions: int = 0

    @property
    def is_behind(self) -> bool:
        """Whether what we show may be older than what the province has."""
        return self.state in ("delayed", "cached")


@dataclass(frozen=True, slots=True)
class Region:
    """One of the three parts of the belt with its members and its count."""

    name: str
    members: tuple[str, ...]
    count: int


def described(adapters: Mapping[str, Any], language: Language) -> list[ProvinceCard]:
    """Every connected province from its manifest, in the order of GB/T 2260; no database is asked."""
    return [_described(code, adapters[code].manifest, language) for code in sorted(adapters)]


def _described(code: str, manifest: Any, language: Language) -> ProvinceCard:
    def pick(names: Any) -> str:
        return language.pick(names.zh, names.en)

    province = schemas.codes("province").get(code)
    station = manifest.station
    return ProvinceCard(
        code=code,
        name=wording.short_province(code, language),
        short=manifest.short,
        icon=manifest.icon if manifest.icon in LANDMARKS else "compass",
        col=manifest.tile.col,
        row=manifest.tile.row,
        region=province.attributes.get("region", "") if province else "",
        platform=pick(manifest.platform.name),
        platform_url=manifest.platform.url,
        operator=pick(manifest.platform.operator),
        station=pick(station.name),
        station_operator=pick(station.operator),
        station_address=station.address,
        station_phone=station.phone,
        station_hours=station.hours,
        dialect=pick(manifest.dialect),
        is_observed=manifest.dialect.kind == "observed",
    )


def with_links(
    cards: list[ProvinceCard],
    session: Session,
    adapters: Mapping[str, Any],
    now: datetime,
    language: Language,
) -> list[ProvinceCard]:
    """The cards with the state of each link."""
    rows, held = federation.provinces(session), federation.open_holds(session)
    linked = []
    for card in cards:
        row = rows.get(card.code)
        if row is None:
            linked.append(card)
            continue
        patience = _patience(adapters[card.code])
        is_late = row.failures > 0 or row.last_complete_at is None or now - row.last_complete_at > patience
        state = link_state(
            row.state, is_read=row.last_complete_at is not None, is_late=is_late, held=held.get(card.code, 0)
        )
        linked.append(replace(card, state=state, held=held.get(card.code, 0), **_contact(row, language)))
    return linked


def _contact(row: Any, language: Language) -> dict[str, Any]:
    """When the province last gave everything, and what is wrong with it now."""
    is_failing = row.failures > 0 or row.state in ("offline", "suspended")
    error = row.last_error or {}
    return {
        "last_success": row.last_complete_at,
        "trouble": language.pick(error.get("zh"), error.get("en")) if is_failing else "",
        "retry_at": row.open_until if is_failing else None,
    }


def link_state(state: str, *, is_read: bool, is_late: bool, held: int) -> State:
    """The state of a link for readers, from the federation's own words.

    *cached*: the platform refuses us or cannot be reached, or so many of its records vanished that we keep showing
    what we had; *delayed*: the last call failed, or no complete read within its patience; *planned*: nothing complete
    has come yet.
    """
    if not is_read:
        return "planned"
    if state in ("offline", "suspended") or held:
        return "cached"
    return "delayed" if is_late else "online"


def _patience(adapter: Any) -> timedelta:
    periods = [resource.schedule_seconds for resource in adapter.resources() if resource.schedule_seconds]
    # The resource that is due most often decides: it is what makes instruments fresh.
    return timedelta(seconds=max(600.0, LATE * min(periods))) if periods else UNSCHEDULED_LATE


def with_counts(
    cards: list[ProvinceCard],
    opened: Mapping[str, int],
    every: Mapping[str, int],
    institutions: Mapping[str, int],
) -> list[ProvinceCard]:
    """The cards with their numbers."""
    return [
        replace(
            card,
            open=opened.get(card.code, 0),
            any=every.get(card.code, 0),
            institutions=institutions.get(card.code, 0),
        )
        for card in cards
    ]


def places(cards: list[ProvinceCard], counts: Mapping[str, int]) -> list[belt.Place]:
    """The tiles of the map with the counts of this page's filters."""
    return [
        belt.Place(
            card.code,
            card.name,
            card.short,
            card.icon,
            counts.get(card.code, 0),
            card.col,
            card.row,
            card.state,
        )
        for card in cards
    ]


def regions(cards: list[ProvinceCard], counts: Mapping[str, int], language: Language) -> list[Region]:
    """The regions of the belt, each with its provinces and its count; provinces outside any region are left out."""
    found = []
    for region in schemas.codes("region").values():
        members = [card for card in cards if card.region == region.code]
        if members:
            total = sum(counts.get(card.code, 0) for card in members)
            names = tuple(card.name for card in members)
            found.append(Region(wording.name("region", region.code, language), names, total))
    return found


def linked(runtime: Any, session: Session, now: datetime, language: Language) -> list[ProvinceCard]:
    """Every province with its link, without counts."""
    return with_links(described(runtime.adapters, language), session, runtime.adapters, now, language)


def gathered(runtime: Any, session: Session, now: datetime, language: Language) -> list[ProvinceCard]:
    """Every province with its link and the numbers of the whole catalogue, counted by the index in about a millisecond."""
    wanted = (
        SearchRequest(open="external", limit=1),
        SearchRequest(open="any", limit=1),
        SearchRequest(kind="institution", open="any", limit=1),
    )
    opened, every, institutions = (
        finding.counts_by_province(runtime.index, what, language, now=now) for what in wanted
    )
    return with_counts(linked(runtime, session, now, language), opened, every, institutions)


def totals(cards: list[ProvinceCard]) -> dict[str, int]:
    """The sums over all provinces."""
    return {
        "open": sum(card.open for card in cards),
        "any": sum(card.any for card in cards),
        "institutions": sum(card.institutions for card in cards),
    }


def one(runtime: Any, session: Session, code: str, now: datetime, language: Language) -> ProvinceCard:
    """One province with its link, without counts. The caller has checked that it is connected."""
    return next(card for card in linked(runtime, session, now, language) if card.code == code)


def counted(runtime: Any, session: Session, code: str, now: datetime, language: Language) -> ProvinceCard:
    """One province with its link and its numbers."""
    return next(card for card in gathered(runtime, session, now, language) if card.code == code)


def link(address: str, text: str) -> Markup:
    """An escaped link, for tables whose cells are values."""
    return Markup('<a href="{}">{}</a>').format(address, text)
