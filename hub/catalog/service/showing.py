"""What is shown outside: documents cut to an audience, with source, age, mapping version and the way to book."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import schemas
from adapters.contract import ProvinceAdapter
from hub.catalog import queries, rules
from hub.catalog.errors import InstrumentWithdrawn
from hub.core.clock import SHANGHAI
from hub.federation import queries as federation
from hub.federation.models import Checkpoint, Hold, Province, Quarantined, Run
from hub.federation.queries import Source

Adapters = Mapping[str, ProvinceAdapter]
RUN_COUNTS = (
    "pages", "received", "created", "updated", "unchanged", "repeated", "quarantined", "duplicates", "unidentified",
    "tombstones", "withdrawn", "held", "bytes",
)  # fmt: skip


def show_instrument(
    session: Session, adapters: Adapters, instrument_id: str, *, audience: schemas.Audience, now: datetime
) -> dict[str, Any]:
    """One instrument with its institution, services, sources and the reasons against booking from outside.

    Raises `InstrumentUnknown`, `InstrumentWithdrawn`.
    """
    held = queries.instrument(session, instrument_id)
    if held.withdrawn_at is not None:
        raise InstrumentWithdrawn(instrument_id, held.withdrawn_at)
    sources = federation.sources_of(session, [instrument_id]).get(instrument_id, [])
    unit = None if held.institution_id is None else queries.find_institution(session, held.institution_id)
    items = queries.service_items(session, instrument_id)
    reasons = rules.booking_from_outside(held.document, now.astimezone(SHANGHAI).date())
    return {
        "id": held.id,
        "instrument": schemas.redact("instrument", held.document, audience),
        "institution": None if unit is None else schemas.redact("institution", unit.document, audience),
        "service_items": [schemas.redact("service-item", item, audience) for item in items],
        "booking": {
            "from_outside": not reasons,
            "reasons": [reason._asdict() for reason in reasons],
        },
        "sources": [show_source(source, adapters, now) for source in sources],
        "is_stale": any(source.is_stale for source in sources),
        "changed_at": held.changed_at.isoformat(),
    }


def show_source(source: Source, adapters: Adapters, now: datetime) -> dict[str, Any]:
    """Where a record comes from, how old it is, and which mapping made it. `age_seconds` since it was last seen."""
    adapter = adapters.get(source.province)
    told: dict[str, Any] = {
        "province": source.province,
        "resource": source.resource,
        "seen_at": source.seen_at.isoformat(),
        "age_seconds": max(0, int((now - source.seen_at).total_seconds())),
        "mapping_version": source.mapping_version,
        "run_id": source.raw_run,
        "is_stale": source.is_stale,
    }
    if source.modified_at is not None:
        told["modified_at"] = source.modified_at.isoformat()
    if adapter is not None:
        platform = adapter.manifest.platform
        told["platform"] = {"zh": platform.name.zh, "en": platform.name.en, "url": platform.url}
    return told


def show_run(run: Run, *, audience: schemas.Audience, now: datetime) -> dict[str, Any]:
    """A run as a sync-run document, with its progress beside it."""
    document: dict[str, Any] = {
        "id": run.id,
        "province": run.province,
        "resource": run.resource,
        "document": run.document_name,
        "direction": run.direction,
        "trigger": run.trigger,
        "state": run.state,
        "is_full": run.is_full,
        "mapping_version": run.mapping_version,
        "started_at": run.started_at.isoformat(),
        "finished_at": _instant(run.finished_at),
        "resume_at": _instant(run.resume_at),
        "attempts": run.attempts,
        "takeovers": run.takeovers,
        "verdict": run.verdict,
        "reasons": run.reasons or None,
        "error": run.error,
        "declared_total": run.declared_total,
        **{name: getattr(run, name) for name in RUN_COUNTS},
    }
    told = {name: value for name, value in document.items() if value is not None}
    return schemas.redact("sync-run", told, audience) | {"progress": federation.run_progress(run, now)}


def show_station(adapter: ProvinceAdapter) -> dict[str, Any]:
    """The province's service station as a station document."""
    manifest = adapter.manifest
    station = manifest.station
    document = {
        "id": f"{adapter.province[:2]}-station",
        "province": adapter.province,
        "name_zh": station.name.zh,
        "name_en": station.name.en,
        "operator": {"name_zh": station.operator.zh, "name_en": station.operator.en},
        "location": {
            "province": adapter.province,
            "address": station.address,
            "lon": station.lon,
            "lat": station.lat,
        },
        "contact": {"office_phone": station.phone},
        "opening_hours": station.hours,
        "website": manifest.platform.url,
    }
    return schemas.redact("station", document, "public")


def show_provinces(session: Session, adapters: Adapters, *, now: datetime) -> list[dict[str, Any]]:
    """Every connected province: who it is, how its link stands, what the hub holds of it. By code."""
    states = federation.provinces(session)
    opened, every = queries.counts_by_province(session)
    units = queries.institutions_by_province(session)
    refused, held = federation.quarantine_counts(session), federation.open_holds(session)
    latest = federation.latest_runs(session)
    told = []
    for code in sorted(adapters):
        points = federation.checkpoints(session, code)
        runs = {resource: run for (province, resource), run in latest.items() if province == code}
        counts = {
            "open": opened.get(code, 0),
            "any": every.get(code, 0),
            "institutions": units.get(code, 0),
            "quarantined": refused.get(code, 0),
            "held": held.get(code, 0),
        }
        told.append(
            _described(adapters[code])
            | _link(states.get(code))
            | {"counts": counts, "is_stale": counts["held"] > 0}
            | {"resources": _resources(adapters[code], runs, points, now)}
        )
    return told


def show_quarantined(item: Quarantined, *, audience: schemas.Audience) -> dict[str, Any]:
    """A quarantined record. Its key and the values that were wrong are the province's; the reasons are public."""
    is_inside = audience in {"province", "person"}
    told: dict[str, Any] = {
        "id": item.id,
        "province": item.province,
        "resource": item.resource,
        "state": item.state,
        "is_duplicate": item.is_duplicate,
        "reasons": [reason if is_inside else _public_reason(reason) for reason in item.reasons],
        "mapping_version": item.mapping_version,
        "first_seen_at": item.first_seen_at.isoformat(),
        "last_seen_at": item.last_seen_at.isoformat(),
        "run_id": item.last_run_id,
    }
    if item.resolved_at is not None:
        told |= {"resolved_at": item.resolved_at.isoformat(), "resolved_why": item.resolved_why}
    if is_inside:
        told |= {"key": item.native_key, "position": item.position}
    return told


def show_hold(hold: Hold) -> dict[str, Any]:
    """A set of deletions as the list of held deletions shows it."""
    return {
        "id": hold.id,
        "province": hold.province,
        "resource": hold.resource,
        "run_id": hold.run_id,
        "kind": hold.kind,
        "state": hold.state,
        "count": hold.count,
        "live_before": hold.live_before,
        "reasons": hold.reasons,
        "opened_at": hold.opened_at.isoformat(),
        "decided_by": hold.decided_by,
        "decided_at": _instant(hold.decided_at),
        "finished_at": _instant(hold.finished_at),
        "note": hold.note,
    }


def _described(adapter: ProvinceAdapter) -> dict[str, Any]:
    manifest = adapter.manifest
    return {
        "code": adapter.province,
        "name": {"zh": manifest.name.zh, "en": manifest.name.en},
        "short": manifest.short,
        "region": rules.region_of(adapter.province),
        "tile": {"col": manifest.tile.col, "row": manifest.tile.row},
        "icon": manifest.icon,
        "platform": {
            "id": f"{adapter.province[:2]}-platform",
            "name": {"zh": manifest.platform.name.zh, "en": manifest.platform.name.en},
            "url": manifest.platform.url,
            "operator": {"zh": manifest.platform.operator.zh, "en": manifest.platform.operator.en},
        },
        "station": show_station(adapter),
        "dialect": {"kind": manifest.dialect.kind, "zh": manifest.dialect.zh, "en": manifest.dialect.en},
    }


def _link(province: Province | None) -> dict[str, Any]:
    if province is None:
        return {"state": "planned", "last_contact_at": None, "last_complete_at": None, "trouble": None}
    is_failing = province.failures > 0 or province.state in {"offline", "suspended"}
    return {
        "state": province.state,
        "last_contact_at": _instant(province.last_contact_at),
        "last_complete_at": _instant(province.last_complete_at),
        "trouble": province.last_error if is_failing else None,
        "retry_at": _instant(province.open_until),
    }


def _resources(
    adapter: ProvinceAdapter, runs: Mapping[str, Run], points: Mapping[str, Checkpoint], now: datetime
) -> list[dict[str, Any]]:
    told = []
    for resource in adapter.resources():
        run, point = runs.get(resource.name), points.get(resource.name)
        told.append(
            {
                "name": resource.name,
                "title": {"zh": resource.title.zh, "en": resource.title.en},
                "document": resource.document_name,
                "direction": resource.direction,
                "deletes": resource.deletes,
                "schedule_seconds": resource.schedule_seconds,
                "is_simulated": resource.simulated,
                "mapping_version": adapter.mapping_version(resource),
                "due_at": None if point is None else _instant(point.due_at),
                "last_run": None if run is None else show_run(run, audience="public", now=now),
            }
        )
    return told


def _public_reason(reason: Mapping[str, Any]) -> dict[str, Any]:
    """The reason without the province's own value, which its sentence may quote."""
    told = {name: reason[name] for name in ("pointer", "code", "zh", "en")}
    value = reason.get("value")
    for name in ("zh", "en"):
        text = schemas.mask(told[name])
        told[name] = text.replace(value, "…") if isinstance(value, str) and value else text
    return told


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
