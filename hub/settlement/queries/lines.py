"""Rated lines as pages and packages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.settlement.models import RatedLine


@dataclass(frozen=True, slots=True)
class Line:
    """One rated line; amounts in fen, see `RatedLine`."""

    id: int
    usage_id: str
    usage_version: int
    reference: str
    order_number: str
    visited: str
    home: str
    enterprise_id: str
    institution_id: str
    programme_id: str | None
    payer_area: str | None
    fee_fen: int
    voucher_fen: int
    own_fen: int
    state: str
    batch_id: str | None
    rated_at: datetime
    document: Mapping[str, Any]


def lines_by_ids(session: Session, ids: Sequence[int]) -> list[Line]:
    """These lines in the order of `ids`; unknown ones are left out."""
    held = {row.id: as_line(row) for row in session.scalars(select(RatedLine).where(RatedLine.id.in_(ids)))}
    return [held[each] for each in ids if each in held]


def as_line(row: RatedLine) -> Line:
    """The row as others see it."""
    return Line(
        row.id,
        row.usage_id,
        row.usage_version,
        row.reference,
        row.order_number,
        row.visited,
        row.home,
        row.enterprise_id,
        row.institution_id,
        row.programme_id,
        row.payer_area,
        row.fee_fen,
        row.voucher_fen,
        row.own_fen,
        row.state,
        row.batch_id,
        row.rated_at,
        row.document,
    )
