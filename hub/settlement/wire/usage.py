"""Usage and rated lines as documents of the specification."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from hub.core.clock import SHANGHAI
from hub.settlement.models import (
    RatedLine,
    Usage,
    UsageDecision,
    UsageDispute,
    UsageEvidence,
    UsageNotice,
    UsageReturn,
    UsageVersion,
)
from hub.settlement.money import vat_document, yuan
from hub.settlement.rules import Step, percent
from hub.settlement.rules.usages import Pricing, mode_of

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class VoucherShare:
    """What a voucher pays of a line, in fen, by which version of which programme, and how that was reckoned."""

    programme_id: str
    version: int
    zh: str
    en: str
    payer_area: str
    is_demo: bool
    fen: int
    rate_bp: int
    steps: tuple[Step, ...]
    cap_left_fen: int | None


def version_document(
    used: Mapping[str, Any],
    intervals: Iterable[Mapping[str, Any]],
    evidence: Iterable[Mapping[str, Any]],
    billable_minutes: int | None,
    pricing: Pricing,
) -> Document:
    """What a version keeps: what was used, how it is proved, and what it comes to."""
    told: Document = {
        "used": dict(used),
        "intervals": list(intervals),
        "evidence": list(evidence),
        "billable_minutes": billable_minutes,
        "mode": mode_of(pricing),
        "agreed_fee_fen": pricing.agreed_fen,
        "used_fee_fen": pricing.used_fen,
        "fee_fen": pricing.fee_fen,
        "vat": vat_document(pricing.fee_fen, pricing.vat_permille),
        "lines": [dict(line) for line in pricing.lines],
        "text_zh": pricing.zh,
        "text_en": pricing.en,
    }
    return {name: value for name, value in told.items() if value not in (None, {}, [])}


def rated_line_document(
    usage: Usage, version: UsageVersion, voucher: VoucherShare | None, *, now: datetime
) -> Document:
    """A `rated-line`: every line in words and numbers, both shares, and why."""
    held = version.document
    fee, share = int(held["fee_fen"]), 0 if voucher is None else voucher.fen
    told: Document = {
        "usage_id": usage.id,
        "usage_version": version.number,
        "usage_sha256": version.sha256,
        **order_of(usage),
        "source": usage.source,
        "started_at": held.get("used", {}).get("started_at"),
        "ended_at": held.get("used", {}).get("ended_at"),
        "billable_minutes": held.get("billable_minutes"),
        "lines": held.get("lines", []),
        "agreed_fee_fen": held.get("agreed_fee_fen"),
        "used_fee_fen": held.get("used_fee_fen"),
        "fee_fen": fee,
        "vat": held.get("vat"),
        "voucher_fen": share,
        "own_fen": fee - share,
        "voucher": None if voucher is None else _voucher(voucher),
        "text_zh": _whole_zh(held, fee, voucher),
        "text_en": _whole_en(held, fee, voucher),
        "confirmed_by": usage.confirmed_by,
        "rated_at": shown(now),
    }
    return {name: value for name, value in told.items() if value is not None}


class Whole(Protocol):
    """A usage with everything around it, as queries read it."""

    @property
    def usage(self) -> Usage: ...
    @property
    def state(self) -> str: ...
    @property
    def versions(self) -> Sequence[UsageVersion]: ...
    @property
    def notices(self) -> Sequence[UsageNotice]: ...
    @property
    def dispute(self) -> UsageDispute | None: ...
    @property
    def decisions(self) -> Sequence[UsageDecision]: ...
    @property
    def returned(self) -> UsageReturn | None: ...
    @property
    def line(self) -> RatedLine | None: ...
    @property
    def files(self) -> Sequence[UsageEvidence]: ...


def usage_document(whole: Whole, actions: Iterable[str] = ()) -> Document:
    """A `usage`: its present version, who was told, dispute and decisions, what came of it, and all versions in short."""
    usage = whole.usage
    held = next(each.document for each in whole.versions if each.number == usage.version)
    is_open = usage.state == "returned" or (
        whole.returned is not None and whole.returned.version == usage.version
    )
    told: Document = {
        "id": usage.id,
        "version": usage.version,
        "state": whole.state,
        **order_of(usage),
        "source": usage.source,
        "external_id": usage.external_id,
        "planned": usage.facts.get("planned"),
        **held,
        "recorded_at": shown(usage.recorded_at),
        "confirm_by": None if usage.confirm_by is None else shown(usage.confirm_by),
        "notices": _notices(whole.notices),
        "confirmed": None
        if usage.confirmed_at is None or usage.state != "rated"
        else {"by": usage.confirmed_by, "at": shown(usage.confirmed_at)},
        "dispute": None if whole.dispute is None else _dispute(whole.dispute, whole.decisions, whole.files),
        "returned": _returned(whole.returned) if is_open and whole.returned is not None else None,
        "shares": None
        if whole.line is None
        else {"voucher_fen": whole.line.voucher_fen, "own_fen": whole.line.own_fen},
        "versions": [_version(each) for each in whole.versions],
        "revision": usage.revision,
        "actions": list(actions),
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


def row_document(usage: Usage, state: str) -> Document:
    """A `usage` as a row of a list."""
    told: Document = {
        "id": usage.id,
        "version": usage.version,
        "state": state,
        **order_of(usage),
        "source": usage.source,
        "external_id": usage.external_id,
        "planned": usage.facts.get("planned"),
        "fee_fen": usage.fee_fen,
        "recorded_at": shown(usage.recorded_at),
        "confirm_by": None if usage.confirm_by is None else shown(usage.confirm_by),
        "revision": usage.revision,
    }
    return {name: value for name, value in told.items() if value is not None}


def _notices(rows: Iterable[UsageNotice]) -> list[Document]:
    found = {(row.number, row.channel): row.queued_at for row in rows}
    return [
        {"number": number, "channel": channel, "at": shown(at)}
        for (number, channel), at in sorted(found.items())
    ]


def _version(row: UsageVersion) -> Document:
    told = {
        "version": row.number,
        "at": shown(row.made_at),
        "side": row.side,
        "reason": row.reason,
        "fee_fen": row.document["fee_fen"],
        "sha256": row.sha256,
    }
    return {name: value for name, value in told.items() if value is not None}


def _dispute(
    row: UsageDispute, decisions: Iterable[UsageDecision], files: Iterable[UsageEvidence]
) -> Document:
    told = {
        "reason": row.reason,
        "text": row.text,
        "raised_by": row.side,
        "at": shown(row.raised_at),
        "decide_by": shown(row.decide_by),
        "evidence": [evidence_entry(each) for each in files if each.dispute_id == row.id],
        "arbiter": row.arbiter,
        "decisions": [_decision(each) for each in decisions],
        "outcome": row.outcome,
        "ended_at": None if row.ended_at is None else shown(row.ended_at),
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


def evidence_entry(row: UsageEvidence) -> Document:
    """A file as versions and disputes name it."""
    return {"kind": row.kind, "sha256": row.sha256, **({"name": row.name} if row.name else {})}


def file_document(row: UsageEvidence) -> Document:
    """A file with what is known about it; `size` in bytes."""
    told = {
        **evidence_entry(row),
        "filename": row.filename,
        "media_type": row.media_type,
        "size": row.size,
        "side": row.side,
        "at": shown(row.added_at),
        "forgotten_at": None if row.forgotten_at is None else shown(row.forgotten_at),
    }
    return {name: value for name, value in told.items() if value is not None}


def _decision(row: UsageDecision) -> Document:
    told = {
        "side": row.side,
        "outcome": row.outcome,
        "reason": row.reason,
        "text": row.text,
        "used": row.used,
        "at": shown(row.decided_at),
    }
    return {name: value for name, value in told.items() if value is not None}


def _returned(row: UsageReturn) -> Document:
    told = {"code": row.code, "text": row.text, "at": shown(row.returned_at)}
    return {name: value for name, value in told.items() if value is not None}


def order_of(usage: Usage) -> Document:
    """Which order it is of, and whose."""
    facts = usage.facts
    return {
        "kind": usage.kind,
        "reference": usage.reference,
        "order_number": usage.order_number,
        "visited": usage.visited,
        "home": usage.home,
        "enterprise": facts["enterprise"],
        "institution": facts["institution"],
        "instrument": facts["instrument"],
        "service_mode": facts["service_mode"],
    }


def shown(at: datetime) -> str:
    """An instant in Asia/Shanghai, RFC 3339."""
    return at.astimezone(SHANGHAI).isoformat()


def _voucher(voucher: VoucherShare) -> Document:
    return {
        "programme_id": voucher.programme_id,
        "programme_version": voucher.version,
        "programme_zh": voucher.zh,
        "programme_en": voucher.en,
        "payer_area": voucher.payer_area,
        "is_demo": voucher.is_demo,
        "steps": [
            {"name": step.name, "fen": step.fen, "text_zh": step.zh, "text_en": step.en}
            for step in voucher.steps
        ],
    }


def _whole_zh(held: Mapping[str, Any], fee: int, voucher: VoucherShare | None) -> str:
    parts = _reckoned(held, fee, "text_zh")
    if voucher is None:
        return "；".join([*parts, f"全部自付 {yuan(fee)} 元"])[:2000]
    parts.append(
        f"创新券 {percent(voucher.rate_bp)} → {yuan(voucher.fen)} 元，自付 {yuan(fee - voucher.fen)} 元"
    )
    if voucher.cap_left_fen is not None:
        parts.append(f"年度额度余 {yuan(voucher.cap_left_fen)} 元")
    return "；".join(parts)[:2000]


def _whole_en(held: Mapping[str, Any], fee: int, voucher: VoucherShare | None) -> str:
    parts = _reckoned(held, fee, "text_en")
    if voucher is None:
        return "; ".join([*parts, f"own share {yuan(fee)} CNY, all of it"])[:2000]
    parts.append(
        f"voucher {percent(voucher.rate_bp)} → {yuan(voucher.fen)} CNY, own share {yuan(fee - voucher.fen)} CNY"
    )
    if voucher.cap_left_fen is not None:
        parts.append(f"cap of the year left {yuan(voucher.cap_left_fen)} CNY")
    return "; ".join(parts)[:2000]


def _reckoned(held: Mapping[str, Any], fee: int, text: str) -> list[str]:
    """The lines, and why the fee is not their sum where it is not."""
    lines = held.get("lines", [])
    parts = [str(line[text]) for line in lines]
    if sum(line["fee_fen"] for line in lines) != fee:
        parts.append(
            f"{held[text]}：{yuan(fee)} 元" if text == "text_zh" else f"{held[text]}: {yuan(fee)} CNY"
        )
    return parts
