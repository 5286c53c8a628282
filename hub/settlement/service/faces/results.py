"""What provinces say about the lines they were to pay: each fact applied once, whatever way and however often it comes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

import schemas
from adapters.contract import Redemption
from hub.settlement.models import Document, PaymentLine, PaymentList
from hub.settlement.service import periods
from hub.settlement.service.faces import cases
from hub.settlement.wire import faces as wire

Met = Literal["applied", "repeated", "contradictory", "refused", "unclear", "foreign"]


def meet(session: Session, province: str, told: Redemption, *, now: datetime) -> Met:
    """Conclude from one redemption what may be concluded. Safe to repeat.

    What names no list or line of this province, or is not understood, changes nothing and is a case; what contradicts
    the list is kept open by `periods`.
    """
    if told.kind == "unclear" or told.line_id is None:
        notes = [{"code": note.code, "zh": note.zh, "en": note.en} for note in told.notes]
        about = {"paper": told.paper_id, "line": told.line_id, "message_id": told.message_id, "notes": notes}
        cases.open_case(session, "result_unclear", province, told.message_id, about, now=now)
        return "unclear"
    line = session.get(PaymentLine, told.line_id)
    held = None if line is None else session.get_one(PaymentList, line.list_id)
    if line is None or held is None or not _is_of(session, held, province, told):
        about = {
            "paper": told.paper_id,
            "line": told.line_id,
            "message_id": told.message_id,
            "kind": told.kind,
        }
        cases.open_case(
            session, "result_foreign", province, f"{told.paper_id}:{told.line_id}", about, now=now
        )
        return "foreign"
    document = wire.redemption_document(told, held.payer_area, line.fen - line.voided_fen, now)
    return _apply(session, province, document, now)


def meet_document(session: Session, province: str, document: dict[str, Any], *, now: datetime) -> Met:
    """The same for a valid `redemption-result` that a province sent to the hub's own interface."""
    return _apply(session, province, document, now)


def meet_all(session: Session, province: str, told: Iterable[Redemption], *, now: datetime) -> dict[Met, int]:
    """Meet a page or a file of them; how many of each."""
    counts: dict[Met, int] = {}
    for each in told:
        met = meet(session, province, each, now=now)
        counts[met] = counts.get(met, 0) + 1
    return counts


def _is_of(session: Session, held: PaymentList, province: str, told: Redemption) -> bool:
    """Whether the line belongs to the list that the province names, and the list to the province."""
    if held.payer_area[:2] != province[:2]:
        return False
    document = session.get_one(Document, held.document_id)
    return told.paper_id in {document.id, document.body.get("id")}


def _apply(session: Session, province: str, document: dict[str, Any], now: datetime) -> Met:
    problems = schemas.problems("redemption-result", document)
    if problems:
        about = {
            "document": document,
            "problems": [{"pointer": p.pointer, "zh": p.zh, "en": p.en} for p in problems],
        }
        cases.open_case(session, "result_unclear", province, str(document.get("id"))[:100], about, now=now)
        return "unclear"
    return periods.apply_redemption_result(session, document, province=province, now=now).verdict
