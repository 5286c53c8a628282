"""Which files below HUB_HOME settlement's rows name: proofs of payments and of what came back, proofs of transfers, evidence of usage."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.core.kept_files import KeptFile
from hub.settlement.models import Attempt, Credit, PaymentLine, UsageEvidence
from hub.settlement.rules.retention import retention
from hub.settlement.service import evidence_files, proofs
from hub.settlement.service.payments import transfers

_HERE = Path()


def kept_files(session: Session, *, now: datetime) -> Iterator[KeptFile]:
    """Every file that a row says is kept; what was forgotten by its retention is none. Reads only."""
    before = retention()["payment_proofs"].before(now)
    paid_at = func.coalesce(PaymentLine.paid_at, PaymentLine.bounced_at, now)
    paid = select(PaymentLine.id, PaymentLine.proof_sha256).where(
        PaymentLine.proof_sha256.is_not(None), paid_at >= before
    )
    with session.execute(paid.order_by(PaymentLine.id)) as rows:
        for line_id, sha256 in rows:
            if sha256:
                yield KeptFile(f"payment-line:{line_id}", proofs.path_of(_HERE, sha256), sha256)
    back = select(Credit.id, Credit.payback_sha256).where(
        Credit.payback_sha256.is_not(None), func.coalesce(Credit.paid_back_at, now) >= before
    )
    with session.execute(back.order_by(Credit.id)) as rows:
        for credit_id, sha256 in rows:
            if sha256:
                yield KeptFile(f"credit:{credit_id}", proofs.path_of(_HERE, sha256), sha256)
    tries = select(Attempt.id, Attempt.proof).where(
        Attempt.proof.is_not(None), func.coalesce(Attempt.settled_at, Attempt.made_at) >= before
    )
    with session.execute(tries.order_by(Attempt.id)) as rows:
        for attempt_id, proof in rows:
            if proof:
                path = transfers.path_of(_HERE, proof["sha256"])
                yield KeptFile(f"payment-attempt:{attempt_id}", path, proof["sha256"])
    used = select(UsageEvidence.usage_id, UsageEvidence.sha256).where(UsageEvidence.forgotten_at.is_(None))
    with session.execute(used.order_by(UsageEvidence.id)) as rows:
        for usage_id, sha256 in rows:
            yield KeptFile(f"usage:{usage_id}", evidence_files.path_of(_HERE, sha256), sha256)
