"""Samples of rated lines: drawn within the auditor's reach, recorded with criteria and seed, drawn again by anybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from secrets import token_hex

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.clock import SHANGHAI
from hub.identity.rules import Principal
from hub.settlement.errors.auditing import SampleInvalid, SampleUnknown
from hub.settlement.models import RatedLine
from hub.settlement.models.samples import SampleRow
from hub.settlement.rules.sampling import MOST_DRAWN, MOST_SEED, Criteria, criteria_of, draw


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample that was drawn: see `SampleRow`."""

    id: str
    area: str
    criteria: Criteria
    seed: str
    size: int
    until: datetime
    population: int
    line_ids: tuple[int, ...]
    drawn_by: str
    drawn_at: datetime


def draw_sample(
    session: Session, me: Principal, criteria: Criteria, *, seed: str, size: int, now: datetime
) -> Sample:
    """Draw `size` lines of those that met the criteria until now, within the auditor's reach, and record it all.

    Drawing again with the same seed is another record with the same lines, as long as no line joined. Raises
    `SampleInvalid` naming the field.
    """
    _check(criteria, seed, size)
    area = me.area or ""
    ids = list(_population(session, area, criteria, now))
    row = SampleRow(
        id=f"sa-{token_hex(8)}",
        area=area,
        criteria=criteria.as_document(),
        seed=seed,
        size=size,
        until=now,
        population=len(ids),
        line_ids=draw(seed, ids, size),
        drawn_by=me.name,
        drawn_at=now,
    )
    session.add(row)
    session.flush()
    told = {
        "criteria": row.criteria,
        "seed": seed,
        "size": size,
        "until": now.isoformat(),
        "population": row.population,
        "lines": row.line_ids,
    }
    audit.record(session, me.name, "settlement.draw_sample", f"sample:{row.id}", told, now=now)
    return _sample(row)


def redraw(session: Session, sample: Sample) -> tuple[int, ...]:
    """The lines that the sample's criteria and seed give now. Anything but its own lines means that lines were changed."""
    ids = _population(session, sample.area, sample.criteria, sample.until)
    return tuple(draw(sample.seed, ids, sample.size))


def find_sample(session: Session, sample_id: str) -> Sample:
    """One sample. Raises `SampleUnknown`."""
    row = session.get(SampleRow, sample_id)
    if row is None:
        raise SampleUnknown
    return _sample(row)


def samples_of(session: Session, area: str, *, limit: int = 50) -> list[Sample]:
    """Samples drawn within an area (prefix; empty: all), the newest first."""
    mine = select(SampleRow).order_by(SampleRow.drawn_at.desc(), SampleRow.id).limit(limit)
    if area:
        mine = mine.where(SampleRow.area.like(f"{area}%"))
    return [_sample(row) for row in session.scalars(mine)]


def _population(session: Session, area: str, criteria: Criteria, until: datetime) -> Iterator[int]:
    """The lines that the criteria meet, by identifier. Lines are never changed in what is asked for, nor removed."""
    asked = select(RatedLine.id).where(RatedLine.rated_at <= until, *_wanted(criteria), *_within(area))
    yield from session.scalars(asked.order_by(RatedLine.id).execution_options(yield_per=5_000))


def _within(area: str) -> list[ColumnElement[bool]]:
    """A province's lines are those served or used there; a city's, those that its own programmes pay a share of."""
    if not area:
        return []
    if len(area) == 2:
        province = f"{area}0000"
        return [or_(RatedLine.visited == province, RatedLine.home == province)]
    return [RatedLine.payer_area.like(f"{area}%")]


def _wanted(criteria: Criteria) -> Iterator[ColumnElement[bool]]:
    for column, value in (
        (RatedLine.visited, criteria.visited),
        (RatedLine.home, criteria.home),
        (RatedLine.programme_id, criteria.programme_id),
        (RatedLine.institution_id, criteria.institution_id),
    ):
        if value is not None:
            yield column == value
    if criteria.first is not None:
        yield RatedLine.rated_at >= _midnight(criteria.first)
    if criteria.end is not None:
        yield RatedLine.rated_at < _midnight(criteria.end)
    if criteria.least_fen is not None:
        yield RatedLine.fee_fen >= criteria.least_fen
    if criteria.most_fen is not None:
        yield RatedLine.fee_fen <= criteria.most_fen
    if criteria.has_voucher:
        yield RatedLine.voucher_fen > 0


def _midnight(day: object) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)  # type: ignore[arg-type]


def _check(criteria: Criteria, seed: str, size: int) -> None:
    if not (1 <= len(seed) <= MOST_SEED and seed.isprintable() and seed == seed.strip()):
        raise SampleInvalid(
            "seed",
            f"种子须为 1 至 {MOST_SEED} 个可见字符。",
            f"The seed has 1 to {MOST_SEED} visible characters.",
        )
    if not 1 <= size <= MOST_DRAWN:
        raise SampleInvalid(
            "size", f"每次抽 1 至 {MOST_DRAWN} 行。", f"A sample has 1 to {MOST_DRAWN} lines."
        )
    if criteria.first is not None and criteria.end is not None and criteria.first >= criteria.end:
        raise SampleInvalid(
            "end", "截止日期应晚于起始日期（不含当天）。", "The end (not included) lies after the first day."
        )
    low, high = criteria.least_fen, criteria.most_fen
    if low is not None and high is not None and low > high:
        raise SampleInvalid("most", "最高费用不能低于最低费用。", "The highest fee is not below the lowest.")


def _sample(row: SampleRow) -> Sample:
    return Sample(
        row.id,
        row.area,
        criteria_of(row.criteria),
        row.seed,
        row.size,
        row.until,
        row.population,
        tuple(row.line_ids),
        row.drawn_by,
        row.drawn_at,
    )
