"""Period digests: a pushing province says what it holds, the hub compares, and names what differs.

A digest that names its keys is a full read of keys: what the hub still shows and the province no longer lists goes
through the deletion guard like any absence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.catalog.service import deletions, sync
from hub.catalog.service.deliveries import PERIOD, adapter_of, resource_of
from hub.core.ids import holder_name, random_token
from hub.core.runtime import Runtime
from hub.federation import rules
from hub.federation.errors import DeliveryRefused
from hub.federation.models import Digest, Quarantined, Record
from hub.federation.service import claims, ledger, runs

NAMED = 1000
"""Differences that an answer names; the counts are always whole."""


@dataclass(frozen=True, slots=True)
class PeriodDigest:
    """What a province holds of a resource at the end of a period. `keys` are `unit|number`, each once."""

    resource: str
    period: str
    count: int
    sha256: str
    keys: tuple[str, ...] | None


def keys_hash(keys: Sequence[str]) -> str:
    """SHA-256 over the sorted keys joined by line feeds, in UTF-8, hexadecimal."""
    return sha256("\n".join(sorted(keys)).encode()).hexdigest()


def read_digest(body: Any) -> PeriodDigest:
    """A digest from its JSON body. Raises `DeliveryRefused` that names the field and what it should be."""
    if not isinstance(body, dict):
        raise _refused("body", "摘要应为 JSON 对象。", "A digest is a JSON object.")
    resource, period = _text(body, "resource"), _text(body, "period")
    if not PERIOD.fullmatch(period):
        raise _refused(
            "period",
            "期间应写作 2026、2026-11 或 2026-11-30。",
            "A period is written 2026, 2026-11 or 2026-11-30.",
        )
    count = body.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise _refused("count", "应为不小于 0 的整数。", "must be a whole number of at least 0.")
    told = _text(body, "sha256").lower()
    keys = body.get("keys")
    if keys is None:
        return PeriodDigest(resource, period, count, told, None)
    if not isinstance(keys, list) or not all(isinstance(key, str) and key for key in keys):
        raise _refused("keys", "应为主键文本的列表。", "must be a list of keys.")
    if len(set(keys)) != len(keys):
        raise _refused("keys", "同一主键出现多次。", "names a key more than once.")
    if len(keys) != count or keys_hash(keys) != told:
        raise _refused(
            "keys",
            "主键清单与 count 或 sha256 不一致（按字节序排序，以换行连接，UTF-8）。",
            "does not fit count or sha256 (sorted, joined by line feeds, UTF-8).",
        )
    return PeriodDigest(resource, period, count, told, tuple(keys))


def compare_digest(runtime: Runtime, province: str, digest: PeriodDigest, *, actor: str) -> dict[str, Any]:
    """Compare a province's digest with what the hub holds; the verdict and the differences.

    `missing` are to be pushed again; `extra` go through the deletion guard once nothing is missing. Raises
    `ProvinceUnknown`, `ResourceUnknown`, `RunBusy`. Safe to repeat.
    """
    adapter = adapter_of(runtime, province)
    resource = resource_of(adapter, digest.resource, "push")
    version = adapter.mapping_version(resource)
    order = runs.Order("digest", f"{holder_name()}:{random_token(6)}", actor)
    with runtime.database.write() as session:
        claim = runs.claim_run(
            session, province, resource, order, mapping_version=version, now=runtime.clock(), is_delivery=True
        )
        live, refused = _held(session, province, digest.resource)
    with sync.beating(runtime, claim):
        missing, extra, why = _differences(digest, live, refused)
        # hashes that agree name the same keys
        keys = tuple(live) if digest.keys is None and why is None else digest.keys
        if keys is not None:
            _mark_seen(runtime, claim, keys, live)
        ending = deletions.Ending(claim, resource, version, why, is_delivery=True, delivers_records=False)
        ended = deletions.end_run(
            runtime.database, ending, clock=runtime.clock, pause=sync.pause_for(runtime.database)
        )
    answer = {
        "resource": digest.resource,
        "period": digest.period,
        "run_id": ended.run_id,
        "verdict": ended.verdict,
        "reasons": rules.as_documents(ended.reasons),
        "declared": digest.count,
        "held": len(live),
        "missing_count": len(missing),
        "extra_count": len(extra),
        "missing": missing[:NAMED],
        "extra": extra[:NAMED],
    }
    with runtime.database.write() as session:
        _keep(session, province, digest, answer, runtime)
    return answer


def _differences(
    digest: PeriodDigest, live: Mapping[str, str], refused: set[str]
) -> tuple[list[str], list[str], rules.Reason | None]:
    if digest.keys is None:
        held = {keys_hash(list(live)), keys_hash(list(live.keys() | refused))}
        return [], [], None if digest.sha256 in held else _differs(digest, live)
    told = set(digest.keys)
    missing = sorted(told - live.keys() - refused)
    extra = sorted(live.keys() - told)
    return missing, extra, _lacks(missing) if missing else None


def _differs(digest: PeriodDigest, live: Mapping[str, str]) -> rules.Reason:
    return rules.Reason(
        "digest_differs",
        f"平台现有 {digest.count} 条，枢纽有 {len(live)} 条，清单校验值不同；请附上主键清单 keys 以列出差异",
        f"the platform holds {digest.count}, the hub {len(live)}, and their hashes differ; send the keys",
    )


def _lacks(missing: Sequence[str]) -> rules.Reason:
    return rules.Reason(
        "records_missing",
        f"有 {len(missing)} 条未收到，请补推",
        f"{len(missing)} records have not arrived; please push them again",
    )


def _held(session: Session, province: str, resource: str) -> tuple[dict[str, str], set[str]]:
    rows = session.execute(
        select(Record.native_key, Record.subject).where(
            Record.province == province, Record.resource == resource, Record.withdrawn_at.is_(None)
        )
    )
    live = {row.native_key: row.subject for row in rows}
    refused = session.scalars(
        select(Quarantined.native_key).where(
            Quarantined.province == province,
            Quarantined.resource == resource,
            Quarantined.state == "open",
            Quarantined.native_key.is_not(None),
        )
    )
    return live, {key for key in refused if key is not None}


def _mark_seen(runtime: Runtime, claim: claims.Claim, keys: Sequence[str], live: Mapping[str, str]) -> None:
    """One page of keys: listed records are seen in this read, and the checkpoint says it was a full one.

    Quarantine is left alone: platforms differ in whether they list what the hub refused.
    """
    counters, now = claim.counters, runtime.clock()
    pause = sync.pause_for(runtime.database)
    for some in ledger.pieces([key for key in keys if key in live]):
        with runtime.database.write() as session:
            claims.lock_run(session, claim)
            ledger.touch_records(session, claim, some, now=now, keeps_stale=True)
            counters.received += len(some)
            counters.unchanged += len(some)
            claims.advance(session, claim, counters, now=now, end=None)
        pause()
    with runtime.database.write() as session:
        claims.enter_run(session, claim, now=now)
        counters.pages += 1
        counters.received = len(keys)
        end = claims.PageEnd(
            "", is_last=True, is_full=True, declared_total=None, rows=len(keys), unidentified=0
        )
        claims.advance(session, claim, counters, now=now, end=end)


def _keep(
    session: Session, province: str, digest: PeriodDigest, answer: dict[str, Any], runtime: Runtime
) -> None:
    session.add(
        Digest(
            province=province,
            resource=digest.resource,
            period=digest.period,
            sha256=digest.sha256,
            count=digest.count,
            received_at=runtime.clock(),
            run_id=answer["run_id"],
            answer=orjson.loads(orjson.dumps(answer)),
        )
    )


def _text(body: dict[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not value:
        raise _refused(field, "缺少该项，或不是文本。", "is missing, or is not text.")
    return value


def _refused(field: str, zh: str, en: str) -> DeliveryRefused:
    return DeliveryRefused("digest_invalid", f"{field}：{zh}", f"{field}: {en}", field=field)
