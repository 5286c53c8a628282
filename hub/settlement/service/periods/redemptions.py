"""Redemption results from provinces: applied once; repeated ones change nothing; what contradicts is left to a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import audit
from hub.settlement.errors import RedemptionCaseUnknown
from hub.settlement.models import PaymentLine, PaymentList, Redemption
from hub.settlement.service.documents import digest
from hub.settlement.service.periods import paying
from hub.settlement.service.periods.acting import Acting, lock, words

Verdict = Literal["applied", "repeated", "contradictory", "refused"]


@dataclass(frozen=True, slots=True)
class Answered:
    """What was done with a result: `verdict` of the list `redemption_verdict`; `code` says why it was not applied."""

    verdict: Verdict
    code: str | None = None


def apply_redemption_result(
    session: Session, document: Mapping[str, Any], *, province: str, now: datetime
) -> Answered:
    """Apply a valid `redemption-result` that came from a province. Safe to repeat: then it is `repeated`.

    A result under a known identifier with other content, for another amount, of a second payment, or against what was
    done before is `contradictory`: nothing changes, and a case is open until a person has said what was done. A line that
    is unknown or not this province's is `refused`.
    """
    sha256 = digest(document)
    line = session.get(PaymentLine, document["line"])
    row = None if line is None else session.get_one(PaymentList, line.list_id)
    if line is None or row is None or row.payer_area[:2] != province[:2]:
        if sha256 in _known(session, document, province):
            return Answered("repeated")
        refused = Answered("refused", "payment_line_unknown")
        return _keep(session, document, (province, province), sha256, refused, now=now)
    if row.batch_id is not None:
        lock(session, row.batch_id)  # whoever sends the same at the same moment waits here
    session.refresh(line, with_for_update=True)
    known = _known(session, document, province)
    if sha256 in known:
        return Answered("repeated")
    if known:
        answer = Answered("contradictory", "redemption_conflicting")
    else:
        answer = _verdict(line, document)
    if answer.verdict == "applied":
        _apply(session, line, document, province, now=now)
    return _keep(session, document, (province, row.payer_area), sha256, answer, now=now)


def close_case(
    session: Session, case_id: int, acting: Acting, *, area: str, text: str, now: datetime
) -> None:
    """Say what was done about a result that could not be applied; `area` is the prefix of whoever may. Safe to repeat.

    Raises `RedemptionCaseUnknown`, `WordsMissing`.
    """
    row = session.get(Redemption, case_id, with_for_update=True)
    if row is None or not row.payer_area.startswith(area) or row.verdict == "applied":
        raise RedemptionCaseUnknown(case_id)
    told = words(text, "text", "处理结果", "what was done")
    if not row.is_open:
        return
    row.is_open, row.closed_by, row.closed_at, row.resolution = False, acting.name, now, told
    audit.record(session, acting.name, "settlement.close_case", str(case_id), {"text": told}, now=now)


def _known(session: Session, document: Mapping[str, Any], province: str) -> Sequence[str]:
    """The hashes of what this province has sent under this identifier."""
    mine = select(Redemption.sha256).where(
        Redemption.province == province, Redemption.message_id == document["id"]
    )
    return session.scalars(mine).all()


def _verdict(line: PaymentLine, document: Mapping[str, Any]) -> Answered:
    """What may be done with a first result about a line, by the line's state."""
    is_paid = document["outcome"] == "paid"
    if document["amount_fen"] != line.fen - line.voided_fen:
        return Answered("contradictory", "redemption_amount_differs")
    if line.state in {"due", "carried"}:
        return Answered("applied")
    if line.state == "voided":
        return Answered("contradictory", "redemption_after_credit")
    if line.state == "bounced":
        return Answered("contradictory", "redemption_after_bounce") if is_paid else Answered("repeated")
    if not is_paid:
        return Answered("contradictory", "redemption_bounced_after_paid")
    same = document.get("bank_reference") in {None, line.bank_reference}
    return Answered("repeated") if same else Answered("contradictory", "redemption_paid_twice")


def _apply(
    session: Session, line: PaymentLine, document: Mapping[str, Any], province: str, *, now: datetime
) -> None:
    acting = Acting(f"province:{province}", "home_finance")
    if document["outcome"] == "paid":
        proof = paying.Proof(
            date.fromisoformat(document["on"]),
            document.get("bank_reference", document["id"]),
            document["amount_fen"],
            document.get("proof_sha256"),
        )
        paying.record_payment(session, line.id, acting, proof, now=now)
        return
    reason = document.get("reason", "other")
    text = document.get("text", "支付方未说明")
    paying.bounce(session, line.id, acting, reason=reason, text=text, now=now)


def _keep(
    session: Session,
    document: Mapping[str, Any],
    whose: tuple[str, str],
    sha256: str,
    answer: Answered,
    *,
    now: datetime,
) -> Answered:
    row = Redemption(
        province=whose[0],
        payer_area=whose[1],
        message_id=document["id"],
        line_id=document["line"],
        sha256=sha256,
        verdict=answer.verdict,
        code=answer.code,
        document=dict(document),
        received_at=now,
        is_open=answer.verdict in {"contradictory", "refused"},
    )
    session.add(row)
    session.flush()
    return answer
