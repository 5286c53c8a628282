"""Who may use an instrument for what: a list of problems, empty when nothing stands against it. Pure.

The same list is shown on the page, at the quote, and decides in the transaction that books.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import schemas
from hub.availability.rules.requests import Asker, Request
from hub.availability.rules.slots import BookingRules
from hub.catalog import rules as catalog

Document = Mapping[str, Any]


class Problem(NamedTuple):
    """One thing that stands against a booking: a code of `eligibility_problem`, the words, and the field it is about."""

    code: str
    zh: str
    en: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the instrument: its document, its institution's, its rules, and the trainings the asker holds.

    `document` is None for an instrument that was withdrawn.
    """

    document: Document | None
    institution: Document | None
    rules: BookingRules
    trainings: frozenset[str] = frozenset()


def eligibility(facts: Facts, asker: Asker | None, request: Request | None, *, today: date) -> list[Problem]:
    """Everything that stands against the request, in a fixed order.

    Without an asker what holds for anybody from outside; without a request what holds whatever is asked. Questions
    (service mode consultation) need neither a verified enterprise nor a running instrument, but one that is shared.
    """
    if facts.document is None:
        return [_problem("instrument_withdrawn")]
    is_inside = belongs_to(facts, asker)
    found = _sharing(facts.document, is_inside)
    is_question = request is not None and request.service_mode == "consultation"
    if is_question:
        return [problem for problem in found if problem.code != "sharing_unknown"]
    found += _running(facts.document)
    found += _customs(facts, request, is_inside, today)
    if asker is not None and not (asker.is_verified or is_inside):
        found.append(_problem("enterprise_unverified"))
    if request is not None:
        found += _mode(facts, request)
        found += _training(facts, request)
        found += _samples(facts, request)
        found += _purpose(facts, request)
    return found


def belongs_to(facts: Facts, asker: Asker | None) -> bool:
    """Whether the asker is of the institution that owns the instrument: by its name, or by the credit code."""
    if asker is None or facts.institution is None:
        return False
    code = facts.institution.get("credit_code")
    return asker.institution_id == facts.institution["id"] or (code is not None and asker.credit_code == code)


def _sharing(document: Document, is_inside: bool) -> list[Problem]:
    if document.get("sharing_mode") == "none":
        return [_problem("not_shared")]
    reason = catalog.sharing_reason(document)
    return [] if reason is None or is_inside else [_problem(reason.code)]


def _running(document: Document) -> list[Problem]:
    reason = catalog.running_reason(document)
    return [] if reason is None else [_problem(reason.code)]


def _customs(facts: Facts, request: Request | None, is_inside: bool, today: date) -> list[Problem]:
    """Duty-free imports serve others only as customs have approved, and their owners only for the permitted purposes."""
    document: Document = facts.document or {}
    if not catalog.is_bound_by_customs(document, today):
        return []
    direction = None if request is None else request.direction
    permitted = document["customs"].get("permitted_purposes", ())
    if is_inside:
        is_wrong = bool(permitted) and direction is not None and direction not in permitted
        return [_customs_purpose(permitted)] if is_wrong else []
    if catalog.is_approved_by_customs(document):
        return []
    approval = facts.rules.document.get("customs_approval")
    if approval is None:
        return [_problem("customs_supervision", "purpose")]
    if date.fromisoformat(approval["until"]) < today:
        told = f"{approval['reference']}, {approval['until']}"
        return [_problem("customs_approval_ended", "slot", told, told)]
    purposes = approval.get("purposes", ())
    if purposes and direction is not None and direction not in purposes:
        return [_customs_purpose(purposes)]
    return []


def _customs_purpose(purposes: Collection[str]) -> Problem:
    return _problem("customs_purpose", "purpose.direction", *_named("customs_purpose", purposes))


def _mode(facts: Facts, request: Request) -> list[Problem]:
    document: Document = facts.document or {}
    modes = facts.rules.document.get("service_modes") or document.get("service_modes")
    if modes and request.service_mode not in modes:
        return [_problem("service_mode_not_offered", "service_mode")]
    if request.service_mode == "machine_time" and request.slot is None:
        return [_problem("slot_missing", "slot")]
    return []


def _training(facts: Facts, request: Request) -> list[Problem]:
    kept = facts.rules.document
    training, operator = kept.get("training"), kept.get("operator", "none")
    if training is None or request.service_mode != "machine_time" or operator == "always":
        return []
    if training["code"] in facts.trainings or (operator == "on_request" and request.has_operator):
        return []
    name: str = training["name_zh"]
    return [_problem("training_missing", "with_operator", name, training.get("name_en", name))]


def _samples(facts: Facts, request: Request) -> list[Problem]:
    kept = facts.rules.document.get("samples", {})
    found = []
    if request.service_mode == "entrusted_test" and not request.samples:
        found.append(_problem("samples_missing", "samples"))
    if request.samples and not kept.get("accepted", True):
        found.append(_problem("samples_not_accepted", "samples"))
    most = kept.get("max_count")
    if most is not None and (request.samples or 0) > most:
        found.append(_problem("samples_too_many", "samples", str(most), str(most)))
    refused = sorted(request.hazards - set(kept.get("hazards_accepted", ())))
    if refused:
        found.append(_problem("hazard_not_accepted", "samples", *_named("sample_hazard", refused)))
    return found


def _purpose(facts: Facts, request: Request) -> list[Problem]:
    if request.direction is None:
        return [_problem("purpose_missing", "purpose.direction")]
    if not request.is_statutory:
        return []
    if not facts.rules.document.get("accepts_statutory", True):
        return [_problem("statutory_not_accepted", "purpose.is_statutory")]
    if not (facts.institution or {}).get("cma_certificate"):
        return [_problem("statutory_needs_cma", "purpose.is_statutory")]
    return []


def _problem(code: str, field: str | None = None, zh: str = "", en: str = "") -> Problem:
    """The problem in the words of its list, with details behind a colon."""
    told = schemas.codes("eligibility_problem")[code]
    return Problem(code, f"{told.zh}：{zh}" if zh else told.zh, f"{told.en}: {en}" if en else told.en, field)


def _named(list_name: str, codes: Collection[str]) -> tuple[str, str]:
    named = [schemas.codes(list_name)[code] for code in codes]
    return "、".join(code.zh for code in named), ", ".join(code.en for code in named)
