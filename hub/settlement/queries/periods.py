"""The calendar, batches, their lines in every calculation, who owes whom, and the list that a statement is bound to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Text, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

import schemas
from hub.settlement.models import (
    Batch,
    BatchEvent,
    Calculation,
    LineReturn,
    Member,
    Netting,
    Period,
    RatedLine,
)
from hub.settlement.rules import periods as rules

_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class PeriodShown:
    """One month of the calendar, and how many of its batches are in which state."""

    id: str
    starts_on: date
    ends_on: date
    cutoff_at: datetime
    closed_at: datetime | None
    states: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class BatchShown:
    """A batch as others see it; amounts in fen."""

    id: str
    period_id: str
    visited: str
    home: str
    state: str
    version: int
    revision: int
    lines: int
    fee_fen: int
    voucher_fen: int
    own_fen: int
    sha256: str | None
    cutoff_at: datetime | None
    maker: str | None
    checker: str | None
    submitted_at: datetime | None
    review_until: datetime | None
    agreed_at: datetime | None
    posted_at: datetime | None
    statement_id: str | None
    closed_at: datetime | None
    sealed_sha256: str | None

    @property
    def is_cross(self) -> bool:
        """Whether two provinces are concerned."""
        return self.visited != self.home


@dataclass(frozen=True, slots=True)
class MemberShown:
    """One line of a calculation. `document` is the rated line itself, with its explanation in words and numbers."""

    position: int
    line_id: int
    usage_id: str
    usage_version: int
    reference: str
    order_number: str
    enterprise_id: str
    institution_id: str
    programme_id: str | None
    payer_area: str | None
    fee_fen: int
    voucher_fen: int
    own_fen: int
    sha256: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that two calculations of a batch do not share. `kind`: added or removed; `corrects` an earlier version."""

    kind: Literal["added", "removed"]
    line_id: int
    usage_id: str
    usage_version: int
    order_number: str
    fee_fen: int
    voucher_fen: int
    own_fen: int


@dataclass(frozen=True, slots=True)
class ReturnShown:
    """A line that was sent back from a batch, with code and words; `state` is that of the line's newest version, if any."""

    line_id: int
    usage_id: str
    order_number: str
    code: str
    text: str
    returned_by: str
    returned_at: datetime
    fee_fen: int
    voucher_fen: int


@dataclass(frozen=True, slots=True)
class EventShown:
    """One command on a batch."""

    number: int
    command: str
    actor: str
    side: str
    source: str
    target: str
    sha256: str | None
    detail: Mapping[str, Any]
    at: datetime


def calendar(session: Session, *, limit: int = 36) -> list[PeriodShown]:
    """The periods, the newest first, with the states of all their batches."""
    counted = select(Batch.period_id, Batch.state, func.count()).group_by(Batch.period_id, Batch.state)
    states: dict[str, dict[str, int]] = {}
    for period, state, count in session.execute(counted):
        states.setdefault(period, {})[state] = count
    rows = session.scalars(select(Period).order_by(Period.id.desc()).limit(limit))
    return [
        PeriodShown(row.id, row.starts_on, row.ends_on, row.cutoff_at, row.closed_at, states.get(row.id, {}))
        for row in rows
    ]


def find_batch(session: Session, batch_id: str) -> BatchShown | None:
    """One batch."""
    row = session.get(Batch, batch_id)
    return None if row is None else _batch(row)


def batches(
    session: Session,
    *,
    area: str | None = None,
    period: str | None = None,
    state: str | None = None,
    after: str = "",
    limit: int = 200,
) -> list[BatchShown]:
    """Batches by identifier; `area` (two digits or more) keeps those that concern the province on either side."""
    mine = select(Batch).where(Batch.id > after)
    if area:
        province = f"{area[:2]}0000"
        mine = mine.where(or_(Batch.visited == province, Batch.home == province))
    if period is not None:
        mine = mine.where(Batch.period_id == period)
    if state is not None:
        mine = mine.where(Batch.state == state)
    return [_batch(row) for row in session.scalars(mine.order_by(Batch.id).limit(limit))]


def members(
    session: Session, batch_id: str, *, revision: int | None = None, after: int = 0, limit: int = 100
) -> list[MemberShown]:
    """The lines of a calculation (the newest, if none is named) after a position, in order."""
    mine = (
        select(Member, RatedLine.document)
        .join(RatedLine, RatedLine.id == Member.line_id)
        .where(Member.batch_id == batch_id, Member.revision == _revision(batch_id, revision))
        .where(Member.position > after)
    )
    return [
        MemberShown(
            row.position, row.line_id, row.usage_id, row.usage_version, row.reference, row.order_number,
            row.enterprise_id, row.institution_id, row.programme_id, row.payer_area, row.fee_fen, row.voucher_fen,
            row.own_fen, row.sha256, document,
        )
        for row, document in session.execute(mine.order_by(Member.position).limit(limit))
    ]  # fmt: skip


def differences(
    session: Session, batch_id: str, revision: int | None = None, *, limit: int = 500
) -> list[Difference]:
    """What a calculation has that the one before had not, and the reverse, by order number."""
    newest = select(Batch.revision).where(Batch.id == batch_id).scalar_subquery()
    at = revision if revision is not None else session.scalar(select(newest)) or 0
    if at < 2:
        return []
    found = [Difference("added", *row) for row in _only_in(session, batch_id, at, at - 1, limit)]
    found += [Difference("removed", *row) for row in _only_in(session, batch_id, at - 1, at, limit)]
    return sorted(found, key=lambda each: (each.order_number, each.usage_id, each.usage_version))


def returns(session: Session, batch_id: str) -> list[ReturnShown]:
    """The lines that were sent back from a batch, the newest first."""
    mine = select(LineReturn, RatedLine).join(RatedLine, RatedLine.id == LineReturn.line_id)
    rows = session.execute(
        mine.where(LineReturn.batch_id == batch_id).order_by(LineReturn.returned_at.desc())
    )
    return [
        ReturnShown(
            row.line_id, row.usage_id, line.order_number, row.code, row.text, row.returned_by, row.returned_at,
            line.fee_fen, line.voucher_fen,
        )
        for row, line in rows
    ]  # fmt: skip


def events(session: Session, batch_id: str) -> list[EventShown]:
    """Everything that happened to a batch, in order."""
    rows = session.scalars(
        select(BatchEvent).where(BatchEvent.batch_id == batch_id).order_by(BatchEvent.number)
    )
    return [
        EventShown(
            row.number, row.command, row.actor, row.side, row.source, row.target, row.sha256, row.detail, row.at
        )
        for row in rows
    ]  # fmt: skip


def calculations(session: Session, batch_id: str) -> list[Mapping[str, Any]]:
    """Every calculation of a batch: its document with `revision`, `sha256`, `calculated_at`, `calculated_by`, newest first."""
    mine = select(Calculation).where(Calculation.batch_id == batch_id)
    return [
        {
            **row.document,
            "revision": row.revision,
            "sha256": row.sha256,
            "calculated_at": rules.instant(row.calculated_at),
            "calculated_by": row.calculated_by,
        }
        for row in session.scalars(mine.order_by(Calculation.revision.desc()))
    ]


def list_file(session: Session, batch_id: str, *, revision: int | None = None) -> Iterator[bytes]:
    """The list's file (NDJSON) line by line, each with its line feed: its SHA-256 is the statement's `lines_sha256`."""
    pair = session.execute(select(Batch.visited, Batch.home).where(Batch.id == batch_id)).one()
    mine = (
        select(Member)
        .where(Member.batch_id == batch_id, Member.revision == _revision(batch_id, revision))
        .order_by(Member.position)
        .execution_options(yield_per=_PAGE)
    )
    for row in session.scalars(mine):
        values = {name: getattr(row, name, None) for name in rules.ENTRY}
        yield rules.entry_bytes({**values, "visited": pair.visited, "home": pair.home}) + b"\n"


def documents_file(session: Session, batch_id: str) -> Iterator[bytes]:
    """The rated lines' documents as they are kept, in the list's order, each with its line feed; `document_sha256` is of each."""
    mine = (
        select(cast(RatedLine.document, Text))
        .join(Member, Member.line_id == RatedLine.id)
        .where(Member.batch_id == batch_id, Member.revision == _revision(batch_id, None))
        .order_by(Member.position)
        .execution_options(yield_per=_PAGE)
    )
    for text in session.scalars(mine):
        yield text.encode() + b"\n"


def net_matrix(session: Session, period_id: str) -> rules.NetMatrix:
    """Who owes whom of vouchers for a period, of what was posted; information only. The nets sum to zero."""
    owed = select(Batch.visited, Batch.home, Batch.voucher_fen).where(
        Batch.period_id == period_id, Batch.state.in_(("posted", "paid", "closed"))
    )
    return rules.net_matrix(provinces(), [rules.Owed(*row) for row in session.execute(owed)])


def provinces() -> tuple[str, ...]:
    """The provinces between which is settled."""
    return tuple(code for code, entry in schemas.codes("province").items() if entry.attributes.get("region"))


def netted_pairs(session: Session) -> frozenset[tuple[str, str]]:
    """The pairs of which both authorities have said that they net, each pair once in the order of codes."""
    other = aliased(Netting)
    both = and_(other.area == Netting.other, other.other == Netting.area, other.is_on)
    mine = select(Netting.area, Netting.other).join(other, both)
    rows = session.execute(mine.where(Netting.is_on, Netting.area < Netting.other))
    return frozenset((area, counterpart) for area, counterpart in rows)


@dataclass(frozen=True, slots=True)
class NettingShown:
    """What one province and another have said about netting; None where nobody has said anything."""

    other: str
    mine: bool | None
    theirs: bool | None
    mine_set_by: str | None
    mine_set_at: datetime | None

    @property
    def is_agreed(self) -> bool:
        """Whether both have said yes."""
        return bool(self.mine and self.theirs)


def netting_of(session: Session, province: str) -> list[NettingShown]:
    """What a province has said of every other one, and they of it, in the order of codes."""
    either = or_(Netting.area == province, Netting.other == province)
    held = {(row.area, row.other): row for row in session.scalars(select(Netting).where(either))}
    shown = []
    for other in provinces():
        if other != province:
            mine, theirs = held.get((province, other)), held.get((other, province))
            shown.append(
                NettingShown(
                    other,
                    None if mine is None else mine.is_on,
                    None if theirs is None else theirs.is_on,
                    None if mine is None else mine.set_by,
                    None if mine is None else mine.set_at,
                )
            )
    return shown


def late_lines(
    session: Session, period_id: str, *, area: str | None = None
) -> list[tuple[str, str, int, int]]:
    """What was rated before the period's cut-off and is in a later batch or in none: (visited, home, lines, fee in fen)."""
    period = session.get(Period, period_id)
    if period is None or period.closed_at is None:
        return []
    later = or_(RatedLine.batch_id.is_(None), RatedLine.batch_id > f"{period_id}.~")
    live = RatedLine.state.not_in(("returned", "withdrawn"))
    mine = select(RatedLine.visited, RatedLine.home, func.count(), func.sum(RatedLine.fee_fen)).where(
        RatedLine.rated_at < period.cutoff_at, later, live
    )
    if area:
        province = f"{area[:2]}0000"
        mine = mine.where(or_(RatedLine.visited == province, RatedLine.home == province))
    rows = session.execute(
        mine.group_by(RatedLine.visited, RatedLine.home).order_by(*mine.selected_columns[:2])
    )
    return [(visited, home, count, int(fen)) for visited, home, count, fen in rows]


def waiting_batches(session: Session, area: str, *, limit: int = 100) -> Sequence[BatchShown]:
    """What waits for a province's finance: to submit, to review, to confirm receipt; the earliest deadline first."""
    province = f"{area[:2]}0000"
    visited = and_(Batch.visited == province, Batch.state.in_(("calculated", "returned", "paid")))
    home = and_(Batch.home == province, Batch.state == "under_review")
    order = case((Batch.review_until.is_(None), 1), else_=0)
    mine = select(Batch).where(or_(visited, home), Batch.lines > 0)
    return [
        _batch(row)
        for row in session.scalars(mine.order_by(order, Batch.review_until, Batch.id).limit(limit))
    ]


def _revision(batch_id: str, revision: int | None) -> Any:
    if revision is not None:
        return revision
    return select(Batch.revision).where(Batch.id == batch_id).scalar_subquery()


def _only_in(session: Session, batch_id: str, one: int, other: int, limit: int) -> Iterator[Any]:
    """The lines of one calculation that another has not: what a `Difference` says of them."""
    theirs = aliased(Member)
    shared = and_(theirs.batch_id == batch_id, theirs.revision == other, theirs.line_id == Member.line_id)
    mine = select(
        Member.line_id,
        Member.usage_id,
        Member.usage_version,
        Member.order_number,
        Member.fee_fen,
        Member.voucher_fen,
        Member.own_fen,
    ).where(
        Member.batch_id == batch_id, Member.revision == one, ~select(theirs.line_id).where(shared).exists()
    )
    yield from session.execute(mine.order_by(Member.position).limit(limit))


def _batch(row: Batch) -> BatchShown:
    return BatchShown(**{name: getattr(row, name) for name in BatchShown.__slots__})
