"""What availability forgets once nobody needs it: cells of times that are over, quotes that lapsed."""

from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from hub.availability.models import Cell, Claim, QuoteRow


def forget_cells(session: Session, *, before: datetime, kept: Select[str], limit: int) -> int:
    """Free the cells of claims that ended before this instant; of how many claims. `kept` are claims left alone.

    The claims stay: who had the instrument when is asked long after the guard is needed.
    """
    over = select(Claim.id).where(
        Claim.ends_at < before,
        Claim.id.in_(select(Cell.claim_id)),
        Claim.id.not_in(kept),
        (Claim.proposed_until.is_(None)) | (Claim.proposed_until < before),
    )
    names = session.scalars(over.order_by(Claim.ends_at).limit(limit)).all()
    session.execute(delete(Cell).where(Cell.claim_id.in_(names)))
    return len(names)


def forget_quotes(session: Session, *, before: datetime, kept: Select[str | None], limit: int) -> int:
    """Drop quotes that lapsed before this instant; how many. `kept` are quotes left alone."""
    lapsed = select(QuoteRow.id).where(QuoteRow.expires_at < before, QuoteRow.id.not_in(kept))
    names = session.scalars(lapsed.order_by(QuoteRow.expires_at).limit(limit)).all()
    session.execute(delete(QuoteRow).where(QuoteRow.id.in_(names)))
    return len(names)
