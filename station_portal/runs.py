"""Synchronisation for readers: runs with their progress, held deletions, quarantined records, uploaded files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import schemas
from hub.federation import queries as federation
from station_portal import formats, wording
from station_portal.i18n import Language


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run. `expected` is the declared total, else what the last full read had; `rate` is rows a second."""

    id: int
    title: str
    is_running: bool
    verdict: str | None
    reasons: Sequence[str]
    is_full: bool | None
    started_at: datetime
    received: int
    expected: int | None
    created: int
    updated: int
    unchanged: int
    quarantined: int
    withdrawn: int
    rate: float
    seconds: float


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """What is wrong with a field: where, in words, and the value as the source wrote it."""

    pointer: str
    field: str | None
    text: str
    value: str | None


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    id: int
    key: str
    province_code: str
    province: str
    resource: str
    state: str
    problems: Sequence[ProblemRow]
    first_seen_at: datetime
    seen_at: datetime
    position: str | None
    mapping_version: str
    digest: str
    run_id: int


def resource_titles(adapter: Any, language: Language) -> dict[str, str]:
    """Names of a province's resources; what a manifest does not title keeps its technical name."""
    return {
        resource.name: language.pick(resource.title.zh, resource.title.en) or resource.name
        for resource in adapter.resources()
    }


def run_row(
    run: Any, titles: Mapping[str, str], expected: Mapping[str, int], now: datetime, language: Language
) -> RunRow:
    """A run as a row; `expected` gives, by resource, how many records the last full read had."""
    progress = federation.run_progress(run, now)
    reasons = [language.pick(reason.get("zh"), reason.get("en")) for reason in run.reasons]
    if run.error and not reasons:
        reasons = [language.pick(run.error.get("zh"), run.error.get("en"))]
    return RunRow(
        id=run.id,
        title=titles.get(run.resource, run.resource),
        is_running=run.state != "finished",
        verdict=run.verdict,
        reasons=reasons,
        is_full=run.is_full,
        started_at=run.started_at,
        received=run.received,
        expected=run.declared_total or expected.get(run.resource) or None,
        created=run.created,
        updated=run.updated,
        unchanged=run.unchanged,
        quarantined=run.quarantined,
        withdrawn=run.withdrawn,
        rate=progress["rows_per_second"],
        seconds=progress["seconds"],
    )


def quarantine_row(item: Any, document: str, title: str, language: Language) -> QuarantineRow:
    """A quarantined record; `document` is the specification's document it should have become."""
    return QuarantineRow(
        id=item.id,
        key=item.native_key or item.position or language("无编号记录 %(id)d", id=item.id),
        province_code=item.province,
        province=wording.short_province(item.province, language),
        resource=title,
        state=language("未解决") if item.state == "open" else language("已解决"),
        problems=[problem_row(reason, document, language) for reason in item.reasons],
        first_seen_at=item.first_seen_at,
        seen_at=item.last_seen_at,
        position=item.position,
        mapping_version=item.mapping_version,
        digest=item.raw_hash[:16],
        run_id=item.last_run_id,
    )


def problem_row(reason: Mapping[str, Any], document: str, language: Language) -> ProblemRow:
    pointer = reason.get("pointer") or ""
    value = reason.get("value")
    return ProblemRow(
        pointer,
        wording.pointer_title(document, pointer, language),
        language.pick(reason.get("zh"), reason.get("en")),
        None if value is None else str(value),
    )


def public_row(row: QuarantineRow, language: Language) -> QuarantineRow:
    """The same for everybody: a number instead of the province's key, no value, and no words that repeat one."""
    problems = [ProblemRow(each.pointer, each.field, schemas.mask(each.text), None) for each in row.problems]
    key = language("隔离记录 %(id)d", id=row.id)
    return replace(row, key=key, problems=problems, position=None)


def schedule(seconds: int | None, language: Language) -> str:
    """A period in words; empty for what is not scheduled."""
    return formats.duration(seconds, language) if seconds else ""


def direction(name: str, language: Language) -> str:
    """Which way a resource comes."""
    words = {
        "pull": language("枢纽读取"),
        "push": language("平台推送"),
        "drop": language("文件投递"),
        "upload": language("人工上传"),
    }
    return words.get(name, name)
