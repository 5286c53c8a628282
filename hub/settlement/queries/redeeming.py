"""What pages show of redeeming: papers, what waits for an office, a year's statement, movements, and how long money takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from hub.settlement.models import Account, Entry, Grant, Posting, RatedLine
from hub.settlement.models.redeeming import Check, Claim, ClaimLine, Paper, Told
from hub.settlement.rules import covers

_LIVE = ("rated", "ready", "batched", "settled")
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_MOST_PACED = 5_000


@dataclass(frozen=True, slots=True)
class HeldPaper:
    """A paper without its content."""

    id: int
    reference: str
    kind: str
    filename: str
    size: int
    state: str
    side: str
    uploaded_at: datetime
    decided_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order whose line waits, with its newest verdict and how many papers are to be looked at."""

    reference: str
    order_number: str
    enterprise_id: str
    institution_id: str
    voucher_fen: int
    programme_id: str | None
    papers: int


@dataclass(frozen=True, slots=True)
class YearLine:
    """One order of a year's statement, in fen: fee = voucher + own."""

    reference: str
    order_number: str
    institution_id: str
    programme_id: str | None
    fee_fen: int
    voucher_fen: int
    own_fen: int
    state: str
    rated_at: datetime


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of a holder's vouchers: `fen` came to what can be used (or left it, negative). `reference` the order."""

    at: datetime
    kind: str
    fen: int
    grant_id: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a programme's money takes: the median in days from the completed service to the payee, over `count` orders."""

    days: float | None
    count: int


def papers_of(session: Session, reference: str) -> list[HeldPaper]:
    """The papers of an order, the newest first."""
    mine = select(Paper).where(Paper.reference == reference).order_by(Paper.id.desc())
    return [
        HeldPaper(**{name: getattr(row, name) for name in HeldPaper.__slots__})
        for row in session.scalars(mine)
    ]


def papers_waiting(session: Session, area: str, *, limit: int = 100) -> list[Waiting]:
    """Orders of an area (a prefix of area codes) with papers that nobody has decided about, the oldest paper first."""
    mine = select(Paper).where(Paper.state == "waiting", Paper.payer_area.startswith(area, autoescape=True))
    counts: dict[str, int] = {}
    for row in session.scalars(mine.order_by(Paper.id).limit(1000)):
        counts[row.reference] = counts.get(row.reference, 0) + 1
    found = []
    for reference, count in list(counts.items())[:limit]:
        line = session.scalar(
            select(RatedLine)
            .where(RatedLine.reference == reference, RatedLine.state.in_(_LIVE))
            .order_by(RatedLine.programme_id.is_(None), RatedLine.id)
            .limit(1)
        )
        if line is not None:
            found.append(
                Waiting(
                    reference,
                    line.order_number,
                    line.enterprise_id,
                    line.institution_id,
                    line.voucher_fen,
                    line.programme_id,
                    count,
                )
            )
    return found


def year_of(session: Session, enterprise_id: str, year: int) -> list[YearLine]:
    """The orders of an enterprise that were priced within a year (Asia/Shanghai), in order of time."""
    begin, end = (datetime(each, 1, 1, tzinfo=_SHANGHAI).astimezone(UTC) for each in (year, year + 1))
    mine = select(RatedLine).where(
        RatedLine.enterprise_id == enterprise_id,
        RatedLine.state.in_(_LIVE),
        RatedLine.rated_at >= begin,
        RatedLine.rated_at < end,
    )
    rows = session.scalars(mine.order_by(RatedLine.rated_at, RatedLine.id))
    return [YearLine(**{name: getattr(row, name) for name in YearLine.__slots__}) for row in rows]


def years_of(session: Session, enterprise_id: str) -> list[int]:
    """The years in which the enterprise had orders that were priced, the newest first."""
    times = session.scalars(select(RatedLine.rated_at).where(RatedLine.enterprise_id == enterprise_id))
    return sorted({at.astimezone(_SHANGHAI).year for at in times}, reverse=True)


def movements(session: Session, holder: str, *, limit: int = 60) -> list[Movement]:
    """What came to a holder's vouchers and left them, the newest first; each with the order it belongs to."""
    source, target = aliased(Account), aliased(Account)
    names = select(Grant.id).where(Grant.holder == holder)
    mine = (
        select(Posting, Entry, source, target)
        .join(Entry, Entry.posting_id == Posting.id)
        .join(source, source.id == Entry.source_id)
        .join(target, target.id == Entry.target_id)
        .where(
            or_(
                source.kind.in_(("voucher", "held")) & source.owner.in_(names),
                target.kind.in_(("voucher", "held")) & target.owner.in_(names),
            )
        )
        .order_by(Posting.id.desc())
        .limit(limit)
    )
    found = []
    for posting, entry, given, taken in session.execute(mine).all():
        mine_is = taken if taken.kind in {"voucher", "held"} else given
        gains = (taken.kind == "voucher") - (given.kind == "voucher")
        found.append(
            Movement(
                posting.posted_at,
                posting.kind,
                entry.fen * gains,
                mine_is.owner,
                _order_of(posting.reference),
            )
        )
    return found


def newest_verdict(session: Session, references: Sequence[str]) -> dict[str, str]:
    """The newest verdict of each order that was checked."""
    rows = session.execute(
        select(Check.reference, Check.verdict)
        .where(Check.reference.in_(references))
        .order_by(Check.reference, Check.number)
    )
    return {row.reference: row.verdict for row in rows}


def pace_of(session: Session, programme_id: str) -> Pace:
    """The median of days from the completed service to the money, over the newest orders that were paid."""
    done, paid = aliased(Told), aliased(Told)
    vouchers = session.execute(
        select(done.at, paid.at)
        .join(paid, paid.reference == done.reference)
        .where(done.name == "completed", paid.name == "money", paid.state == programme_id)
        .order_by(paid.at.desc())
        .limit(_MOST_PACED)
    ).all()
    claims = session.execute(
        select(done.at, func.coalesce(Claim.paid_at, done.at))
        .join(RatedLine, RatedLine.reference == done.reference)
        .join(ClaimLine, ClaimLine.line_id == RatedLine.id)
        .join(Claim, Claim.id == ClaimLine.claim_id)
        .where(done.name == "completed", Claim.programme_id == programme_id, Claim.state == "paid")
        .order_by(Claim.paid_at.desc())
        .limit(_MOST_PACED)
    ).all()
    days = [max(0.0, (end - begin).total_seconds() / 86_400) for begin, end in (*vouchers, *claims)]
    return Pace(round(median(days), 1), len(days)) if days else Pace(None, 0)


def claims_waiting(session: Session, area: str) -> int:
    """How many claims of an area (six digits) wait for somebody's decision."""
    rows = session.scalars(select(Claim.payer_area).where(Claim.state.in_(("applied", "checked"))))
    return sum(covers(area, each) for each in rows)


def _order_of(reference: str) -> str | None:
    """The order in a posting's reference: `hold:<order>.<number>`; None for what belongs to no order."""
    kind, _, rest = reference.partition(":")
    if kind not in {"hold", "release", "capture", "uncapture"}:
        return None
    for _ in range(2 if kind == "uncapture" else 1):
        rest = rest.rpartition(".")[0]
    return rest
