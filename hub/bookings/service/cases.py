"""Named cases for a person: what the hub must not decide by itself."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from hub.bookings.errors import CaseUnknown
from hub.bookings.models import Case
from hub.core import audit
from hub.core.db import insert

KINDS = {
    "unknown_outcome": ("转发结果无法查询", "the outcome of a forward cannot be looked up"),
    "compensation_stuck": ("省级平台未能撤销", "the province could not be made to undo"),
    "untold": ("省级平台不知道驿站的处理", "the province's platform does not know what its station did"),
    "report_unfetched": ("省级平台的报告取不回", "a report that the province announced cannot be fetched"),
    "delivery_dead": ("消息无法送达", "a message cannot be delivered"),
    "duplicate_order": ("省级平台有重复订单", "the province holds the order more than once"),
    "foreign_answer": ("答复指向他人的预约", "an answer names somebody else's booking"),
    "contradiction": ("答复与预约状态矛盾", "an answer contradicts the booking"),
    "unclear_answer": ("答复含义不明", "an answer's meaning is not known"),
    "damaged_feed": ("订单流中有损坏的条目", "an entry of the order feed is damaged"),
}
"""Kind → what it is about, in both languages."""


def open_case(
    session: Session,
    kind: str,
    province: str,
    booking_id: str | None,
    detail: Mapping[str, Any],
    *,
    now: datetime,
    subject: str = "",
) -> None:
    """Have a person look at something. Safe to repeat: one case of a kind is open for a booking (or `subject`)."""
    if kind not in KINDS:
        raise ValueError(f"no such kind of case: {kind!r}")
    added = insert(session, Case).values(
        open_key=f"{kind}:{booking_id or province}:{subject}",
        kind=kind,
        province=province,
        booking_id=booking_id,
        state="open",
        detail=dict(detail),
        opened_at=now,
        seen=1,
    )
    session.execute(added.on_conflict_do_update(index_elements=["open_key"], set_={"seen": Case.seen + 1}))


def close_cases(
    session: Session, booking_id: str, kinds: Iterable[str], *, by: str, resolution: str, now: datetime
) -> None:
    """Close what is open of these kinds for a booking. Safe to repeat."""
    _close(
        session,
        (Case.booking_id == booking_id, Case.kind.in_(tuple(kinds))),
        by=by,
        resolution=resolution,
        now=now,
    )


def close_case(
    session: Session, case_id: int, *, by: str, province: str | None, resolution: str, now: datetime
) -> None:
    """A person has settled a case, of their province unless `province` is None.

    Raises `CaseUnknown` when none with this number is open there.
    """
    mine = (Case.id == case_id,) if province is None else (Case.id == case_id, Case.province == province)
    if not _close(session, mine, by=by, resolution=resolution, now=now):
        raise CaseUnknown(case_id)
    audit.record(session, by, "bookings.close_case", f"case:{case_id}", now=now)


def _close(session: Session, where: tuple[Any, ...], *, by: str, resolution: str, now: datetime) -> int:
    gone = session.execute(
        update(Case)
        .where(Case.state == "open", *where)
        .values(state="closed", open_key=None, closed_at=now, closed_by=by, resolution=resolution)
        .returning(Case.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
