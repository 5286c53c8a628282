"""Files that rows name by their hash and nobody has to keep any more: the file goes, the row with its hash stays.

What is forgotten follows from the rule and the row's own date, so no row says it: a file goes when every row that names it
is older than the rule keeps.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from hub.settlement.models import Attempt, Credit, PaymentLine
from hub.settlement.rules.retention import retention
from hub.settlement.service import proofs
from hub.settlement.service.payments import transfers

BATCH = 100


def forget_proofs(session: Session, home: Path, *, now: datetime) -> int:
    """Remove the files of proofs that are older than the rule keeps; how many, `BATCH` at most. Safe to repeat."""
    before = retention()["payment_proofs"].before(now)
    listed = (proofs.path_of(home, each) for each in _over(session, _listed(), before))
    handed = (transfers.path_of(home, each) for each in _over(session, _handed_in(), before))
    return drop((*listed, *handed))


def drop(paths: Iterable[Path], *, most: int = BATCH) -> int:
    """Remove those of these files that are there; how many. A file that is gone was forgotten before."""
    gone = 0
    for path in paths:
        if gone == most:
            break
        if path.is_file():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _over(session: Session, named: Select[str, datetime], before: datetime) -> Iterator[str]:
    """Hashes of which the last naming was before."""
    rows = named.subquery()
    sha256, at = rows.c
    yield from session.scalars(select(sha256).group_by(sha256).having(func.max(at) < before).order_by(sha256))


def _handed_in() -> Select[str, datetime]:
    """Proofs of transfers, with the instant at which each was decided, or handed in."""
    held = Attempt.proof["sha256"].as_string()
    return select(held.label("sha256"), func.coalesce(Attempt.settled_at, Attempt.made_at).label("at")).where(
        Attempt.proof.is_not(None), held.is_not(None)
    )


def _listed() -> Select[str, datetime]:
    """Proofs of payment lines and of what payees sent back, with the instant of each."""
    paid_at = func.coalesce(PaymentLine.paid_at, PaymentLine.bounced_at)
    both = union_all(
        select(PaymentLine.proof_sha256.label("sha256"), paid_at.label("at")).where(
            PaymentLine.proof_sha256.is_not(None), paid_at.is_not(None)
        ),
        select(Credit.payback_sha256, Credit.paid_back_at).where(
            Credit.payback_sha256.is_not(None), Credit.paid_back_at.is_not(None)
        ),
    ).subquery()
    return select(both.c.sha256, both.c.at)
