"""The lines of a batch's newest calculation as finance looks for them: chosen, ordered, in pages, with what they sum to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Text, and_, case, cast, false, func, literal, select
from sqlalchemy.orm import Session, aliased

from hub.settlement.models import Credit, Member, PaymentItem, RatedLine
from hub.settlement.queries.periods import BatchShown, MemberShown

Sort = Literal["position", "fee", "voucher", "difference"]
SORTS: tuple[Sort, ...] = get_args(Sort)
Standing = Literal["batched", "settled", "redeemed", "correcting", "corrected"]
STANDINGS: tuple[Standing, ...] = get_args(Standing)

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: by a piece of the order's number, by owner, by user, by how they stand now, only what changed.

    `institutions` and `enterprises` are identifiers (None: all of them; empty: none). `has_changed` keeps what the last
    calculation had not, or had in another version. Amounts are sorted from the largest, `difference` by its size.
    """

    order_number: str = ""
    institutions: frozenset[str] | None = None
    enterprises: frozenset[str] | None = None
    standing: Standing | None = None
    has_changed: bool = False
    sort: Sort = "position"

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        told = (self.order_number, self.standing, self.has_changed)
        return not any(told) and self.institutions is None and self.enterprises is None


@dataclass(frozen=True, slots=True)
class Found:
    """A line with how it stands now, and what it costs more or less than in the last calculation (in fen).

    A line that the last calculation had not differs by all of itself; in the first calculation nothing differs.
    """

    member: MemberShown
    standing: Standing
    fee_difference: int
    voucher_difference: int
    has_changed: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """How many lines were found and what they come to, in fen."""

    lines: int
    fee_fen: int
    voucher_fen: int
    own_fen: int
    fee_difference: int


def find_lines(
    session: Session, batch: BatchShown, wanted: Wanted, *, skip: int = 0, limit: int = 50
) -> list[Found]:
    """The lines that are wanted, in their order, after the first `skip`."""
    asked = _Asked(batch)
    mine = asked.choose(
        select(
            Member,
            RatedLine.document,
            asked.standing,
            asked.fee_difference,
            asked.voucher_difference,
            asked.is_changed,
        ),
        wanted,
    )
    if (
        wanted.is_all and wanted.sort == "position"
    ):  # positions count from one without gaps: no row is read to be skipped
        mine = mine.where(Member.position > skip)
    else:
        mine = mine.offset(skip)
    return [
        Found(_member(row, document), standing, fee, voucher, bool(has_changed))
        for row, document, standing, fee, voucher, has_changed in session.execute(
            mine.order_by(*asked.order(wanted.sort), Member.position).limit(limit)
        )
    ]


def sum_lines(session: Session, batch: BatchShown, wanted: Wanted) -> Sums:
    """What all the wanted lines come to."""
    asked = _Asked(batch)
    amounts = (Member.fee_fen, Member.voucher_fen, Member.own_fen, asked.fee_difference)
    summed = select(func.count(), *(func.coalesce(func.sum(each), 0) for each in amounts))
    found = session.execute(asked.choose(summed.select_from(Member), wanted)).one()
    return Sums(*(int(each) for each in found))


def every_line(session: Session, batch: BatchShown, wanted: Wanted) -> Iterator[Found]:
    """All the wanted lines of the calculation that was read, page by page."""
    skip = 0
    while page := find_lines(session, batch, wanted, skip=skip, limit=_PAGE):
        yield from page
        skip += len(page)


def sides_of(session: Session, batch: BatchShown) -> tuple[list[str], list[str]]:
    """The identifiers of the owners and of the users in the calculation: (institutions, enterprises)."""
    held = and_(Member.batch_id == batch.id, Member.revision == batch.revision)
    owners = session.scalars(select(Member.institution_id).where(held).distinct()).all()
    users = session.scalars(select(Member.enterprise_id).where(held).distinct()).all()
    return sorted(owners), sorted(users)


class _Asked:
    """What is asked of one batch: its newest calculation beside the one before, and how each line stands."""

    def __init__(self, batch: BatchShown) -> None:
        self.batch = batch
        self.before = aliased(Member)
        has_before = batch.revision > 1
        fee, voucher = (
            func.coalesce(getattr(self.before, name), 0) if has_before else getattr(Member, name)
            for name in ("fee_fen", "voucher_fen")
        )
        self.fee_difference: ColumnElement[int] = Member.fee_fen - fee
        self.voucher_difference: ColumnElement[int] = Member.voucher_fen - voucher
        self.is_changed: ColumnElement[bool] = (
            func.coalesce(self.before.line_id != Member.line_id, True) if has_before else false()
        )
        is_redeemed = select(PaymentItem.source).where(
            PaymentItem.source == literal("line:").concat(cast(Member.line_id, Text)),
            PaymentItem.redeemed_by.is_not(None),
        )
        is_proposed = select(Credit.id).where(Credit.line_id == Member.line_id, Credit.state == "proposed")
        self.standing: ColumnElement[str] = case(
            (RatedLine.state == "withdrawn", "corrected"),
            (is_proposed.exists(), "correcting"),
            (is_redeemed.exists(), "redeemed"),
            (RatedLine.state == "settled", "settled"),
            else_="batched",
        )

    def choose(self, mine: Any, wanted: Wanted) -> Any:
        mine = mine.join(RatedLine, RatedLine.id == Member.line_id)
        if self.batch.revision > 1:
            same = and_(
                self.before.batch_id == self.batch.id,
                self.before.revision == self.batch.revision - 1,
                self.before.usage_id == Member.usage_id,
            )
            mine = mine.outerjoin(self.before, same)
        mine = mine.where(Member.batch_id == self.batch.id, Member.revision == self.batch.revision)
        if wanted.order_number:
            mine = mine.where(Member.order_number.icontains(wanted.order_number, autoescape=True))
        if wanted.institutions is not None:
            mine = mine.where(Member.institution_id.in_(wanted.institutions))
        if wanted.enterprises is not None:
            mine = mine.where(Member.enterprise_id.in_(wanted.enterprises))
        if wanted.standing is not None:
            mine = mine.where(self.standing == wanted.standing)
        if wanted.has_changed:
            mine = mine.where(self.is_changed)
        return mine

    def order(self, sort: Sort) -> tuple[ColumnElement[Any], ...]:
        return {
            "position": (),
            "fee": (Member.fee_fen.desc(),),
            "voucher": (Member.voucher_fen.desc(),),
            "difference": (func.abs(self.fee_difference).desc(), func.abs(self.voucher_difference).desc()),
        }[sort]


def _member(row: Member, document: Any) -> MemberShown:
    own = [name for name in MemberShown.__slots__ if name != "document"]
    return MemberShown(**{name: getattr(row, name) for name in own}, document=document)
