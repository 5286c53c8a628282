"""Values to documents of the specification: what leaves availability."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hub.availability import rules
from hub.availability.rules import (
    Availability,
    BookingRules,
    HeldClaim,
    HeldClosure,
    HeldConflict,
    HeldVersion,
    Preview,
    PreviewedRow,
    Problem,
    Request,
    Slot,
    Taken,
)
from hub.core import working_time
from hub.core.clock import SHANGHAI
from hub.settlement.money import vat_document
from hub.settlement.rating import Line, Rated
from hub.settlement.rules import Decision, Decisions

Document = dict[str, Any]


def quote_document(
    *,
    id: str,
    instrument_id: str,
    request: Mapping[str, Any],
    wanted: Request,
    rated: Rated | None,
    tariff: HeldVersion | None,
    booking_rules: BookingRules,
    problems: Sequence[Problem],
    is_inside: bool,
    shares: Decisions | None = None,
    made_at: datetime,
    expires_at: datetime,
) -> Document:
    """A quote: what was asked, the fee with its lines and who pays it, and the tariff and rules that it follows from."""
    document: Document = {
        "id": id,
        "instrument_id": instrument_id,
        "service_mode": wanted.service_mode,
        "side": "inside" if is_inside else "outside",
        "on_request": rated is None,
        "lines": [] if rated is None else [line_document(line) for line in rated.lines],
        "rules_version": booking_rules.version,
        "rules_source": booking_rules.source,
        "terms": terms_document(booking_rules, wanted.slot),
        "problems": [problem_document(problem) for problem in problems],
        "made_at": made_at.isoformat(),
        "expires_at": expires_at.isoformat(),
    }
    for name in ("slot", "items"):
        if name in request:
            document[name] = request[name]
    if wanted.samples is not None:
        document["sample_count"] = wanted.samples
    if rated is not None:
        document |= {"fee_fen": rated.fee_fen, "is_estimate": rated.is_estimate}
    if shares is not None:
        document["shares"] = shares_document(shares)
    if tariff is not None:
        document["tariff"] = tariff_document(tariff)
        vat = vat_document(document.get("fee_fen"), tariff.document.get("vat_permille"))
        document |= {} if vat is None else {"vat": vat}
    due = _due_on(booking_rules, tariff, wanted, made_at)
    if due is not None:
        document["due_on"] = due
    return document


def line_document(line: Line) -> Document:
    """One line of a fee, with its reckoning in words."""
    return {
        "position": line.position,
        "basis": line.basis,
        "name_zh": line.name_zh,
        "name_en": line.name_en,
        "quantity": line.quantity,
        "unit_minutes": line.unit_minutes,
        "unit_price_fen": line.unit_price_fen,
        "fee_fen": line.fen,
        "text_zh": line.zh,
        "text_en": line.en,
        "is_estimate": line.is_estimate,
    }


def shares_document(made: Decisions) -> Document:
    """Who would pay how much, with what each programme of the user's home says."""
    document: Document = {
        "voucher_fen": made.voucher_fen,
        "own_fen": made.own_fen,
        "programmes": [_programme_document(each) for each in made.user],
    }
    return document if made.voucher is None else {**document, "programme_id": made.voucher.programme_id}


def _programme_document(made: Decision) -> Document:
    document: Document = {
        "id": made.programme_id,
        "kind": made.kind,
        "name_zh": made.name_zh,
        "name_en": made.name_en,
        "is_demo": made.is_demo,
        "fen": made.fen,
        "steps": [{"text_zh": step.zh, "text_en": step.en} for step in made.steps],
    }
    for name in ("reasons", "conditions"):
        document[name] = [
            {"code": each.code, "text_zh": each.zh, "text_en": each.en} for each in getattr(made, name)
        ]
    return {name: value for name, value in document.items() if value != []}


def terms_document(booking_rules: BookingRules, slot: Slot | None) -> Document:
    """The terms of cancelling and not coming, as a booking keeps them."""
    terms: Document = dict(booking_rules.document.get("terms", {}))
    if slot is not None:
        terms["cancel_until"] = (slot.start - timedelta(minutes=booking_rules.cancel_minutes)).isoformat()
    return terms


def problem_document(problem: Problem) -> Document:
    """A problem of eligibility."""
    told: Document = {"code": problem.code, "zh": problem.zh, "en": problem.en}
    return told if problem.field is None else {**told, "field": problem.field}


def tariff_document(held: HeldVersion) -> Document:
    """A version of a tariff; version 0 is derived from the catalogue."""
    return {
        "instrument_id": held.instrument_id,
        "version": held.version,
        "source": held.source,
        "valid_from": held.valid_from.isoformat(),
        **held.document,
    }


def availability_document(told: Availability, problems: Sequence[Problem], *, now: datetime) -> Document:
    """When an instrument is free, with rules, closures and the age of that knowledge."""
    years = range(told.window.start.astimezone(SHANGHAI).year, told.window.end.astimezone(SHANGHAI).year + 1)
    document: Document = {
        "instrument_id": told.instrument_id,
        "province": told.province,
        **slot_document(told.window),
        "free": [slot_document(slot) for slot in told.free],
        "closures": [closure_document(held) for held in told.closures],
        "rules": told.rules.document,
        "rules_version": told.rules.version,
        "rules_source": told.rules.source,
        "source": told.source,
        "holidays_published": all(working_time.is_published(year) for year in years),
        "problems": [problem_document(problem) for problem in problems],
    }
    if told.next_free is not None:
        document["next_free"] = slot_document(told.next_free)
    if told.as_of is not None:
        document |= {"as_of": shown(told.as_of), "age_seconds": told.age_seconds(now)}
    return document


def closed_document(held: HeldClosure, met: Sequence[HeldClaim]) -> Document:
    """A new closure, and the claims that it meets: somebody must speak with those who booked."""
    return {"closure": closure_document(held), "meets": [claim_document(claim) for claim in met]}


def claim_document(held: HeldClaim) -> Document:
    """A claim as the board of its instrument shows it: for those who serve, never for the public."""
    told: Document = {
        "id": held.id,
        "instrument_id": held.instrument_id,
        "state": held.state,
        **slot_document(held.slot),
        "source": held.source,
        "is_guarded": held.is_guarded,
    }
    if held.until is not None:
        told["until"] = shown(held.until)
    if held.proposed is not None and held.proposed_until is not None:
        told["proposed"] = {**slot_document(held.proposed), "until": shown(held.proposed_until)}
    if held.label is not None:
        told["note"] = held.label
    return told


def conflict_document(held: HeldConflict) -> Document:
    """A conflict between a reservation made elsewhere and claims on the hub."""
    told: Document = {
        "id": held.id,
        "instrument_id": held.instrument_id,
        "state": held.state,
        "reservation": claim_document(held.claim),
        "meets": [claim_document(other) for other in held.others],
        "opened_at": shown(held.opened_at),
    }
    if held.resolved_at is not None:
        told |= {"resolved_at": shown(held.resolved_at), "resolution": held.resolution}
    return told


def taken_document(taken: Taken) -> Document:
    """What keeping reservations did to one instrument."""
    return {
        "added": taken.added,
        "moved": taken.moved,
        "removed": taken.removed,
        "unchanged": taken.unchanged,
        "conflicts": [conflict_document(held) for held in taken.conflicts],
    }


def preview_document(preview: Preview) -> Document:
    """What an upload would do, row by row; `preview` is what importing it asks for."""
    return {
        "preview": preview.digest,
        "mode": preview.mode,
        "conflicts": preview.conflicts,
        "rows": [_row_document(one) for one in preview.rows],
        "released": [claim_document(claim) for claim in preview.released],
    }


def version_document(held: HeldVersion) -> Document:
    """A kept version with who made it and when."""
    return {
        "version": held.version,
        "source": held.source,
        "valid_from": shown(held.valid_from),
        "made_by": held.made_by,
        "made_at": shown(held.made_at),
        "document": held.document,
    }


def _row_document(one: PreviewedRow) -> Document:
    told: Document = {"row": one.row.number, "text": one.row.text, "state": one.state}
    if one.instrument_id is not None:
        told["instrument_id"] = one.instrument_id
    if one.row.slot is not None:
        told |= slot_document(one.row.slot)
    if one.meets:
        told["meets"] = [claim_document(claim) for claim in one.meets]
    if one.fault is not None:
        told["fault"] = {"code": one.fault.code, "zh": one.fault.zh, "en": one.fault.en}
    return told


def slot_document(slot: Slot) -> Document:
    """A time, in the zone that people read."""
    return {"start": shown(slot.start), "end": shown(slot.end)}


def closure_document(held: HeldClosure) -> Document:
    """A closure; `subject` is an instrument or an institution."""
    closure = held.closure
    told: Document = {
        "id": held.id,
        "subject": held.subject,
        **slot_document(closure.slot),
        "reason": closure.reason,
        "source": held.source,
    }
    if closure.repeat_weeks:
        told["repeat_weeks"] = closure.repeat_weeks
    if closure.repeat_until is not None:
        told["repeat_until"] = closure.repeat_until.isoformat()
    if held.note is not None:
        told["note"] = held.note
    return told


def shown(at: datetime) -> str:
    """An instant in Asia/Shanghai, RFC 3339."""
    return at.astimezone(SHANGHAI).isoformat()


def _due_on(
    booking_rules: BookingRules, tariff: HeldVersion | None, wanted: Request, made_at: datetime
) -> str | None:
    """When a test is done: the longest turnaround of what was ordered, in working days from tomorrow on."""
    if wanted.service_mode != "entrusted_test":
        return None
    days = [booking_rules.document.get("turnaround_days", 0)]
    if tariff is not None:
        chosen = rules.chosen_positions(tariff.document, wanted)
        days += [position.get("turnaround_days", 0) for position in chosen]
    if not any(days):
        return None
    return working_time.due_on(made_at.astimezone(SHANGHAI).date(), max(days)).isoformat()
