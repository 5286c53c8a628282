"""Reading usage: of an order, one with everything around it, and the lists of who confirms, mends or decides."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import Session

from hub.identity import rules as identity
from hub.identity.rules import Principal, Subject
from hub.settlement.models import (
    RatedLine,
    Usage,
    UsageDecision,
    UsageDispute,
    UsageEvidence,
    UsageNotice,
    UsageReturn,
    UsageVersion,
)
from hub.settlement.rules.usages import LINE_STATES, state_of

LIVE = ("rated", "ready", "batched", "settled")


@dataclass(frozen=True, slots=True)
class UsageShown:
    """A usage of an order, in fen; `state` is of the machine, `evidence` are hashes. The line is the live one, if any."""

    id: str
    version: int
    kind: str
    state: str
    source: str
    fee_fen: int
    evidence: tuple[str, ...]
    confirmed_by: str | None
    confirmed_at: datetime | None
    line_id: int | None
    line_state: str | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A usage with everything that its page shows."""

    usage: Usage
    versions: Sequence[UsageVersion]
    notices: Sequence[UsageNotice]
    dispute: UsageDispute | None
    decisions: Sequence[UsageDecision]
    returned: UsageReturn | None
    line: RatedLine | None
    files: Sequence[UsageEvidence] = ()

    @property
    def state(self) -> str:
        """The state that people see."""
        return state_of(self.usage.state, None if self.line is None else self.line.state)

    @property
    def present(self) -> Mapping[str, Any]:
        """The document of the present version."""
        return next(each.document for each in self.versions if each.number == self.usage.version)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list."""

    usage: Usage
    state: str


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, newest first; `following` are the sort values behind which the next page begins."""

    rows: list[Row]
    following: tuple[str, str] | None


def of_order(session: Session, reference: str) -> list[UsageShown]:
    """Every usage of an order that still counts (not waived), with its live line."""
    rows = session.execute(
        select(Usage, RatedLine, UsageVersion)
        .join(UsageVersion, and_(UsageVersion.usage_id == Usage.id, UsageVersion.number == Usage.version))
        .outerjoin(RatedLine, and_(RatedLine.usage_id == Usage.id, RatedLine.state.in_(LIVE)))
        .where(Usage.reference == reference, Usage.state != "waived")
        .order_by(Usage.kind)
    )
    return [
        UsageShown(
            usage.id,
            usage.version,
            usage.kind,
            state_of(usage.state, None if line is None else line.state),
            usage.source,
            usage.fee_fen,
            tuple(each["sha256"] for each in version.document.get("evidence", ())),
            usage.confirmed_by,
            usage.confirmed_at,
            None if line is None else line.id,
            None if line is None else line.state,
        )
        for usage, line, version in rows
    ]


def find(session: Session, usage_id: str) -> Usage | None:
    """The usage, without a lock."""
    return session.get(Usage, usage_id)


def find_of_order(session: Session, reference: str, kind: str = "service") -> Usage | None:
    """The order's usage of that kind, without a lock."""
    return session.scalar(select(Usage).where(Usage.reference == reference, Usage.kind == kind))


def whole(session: Session, usage: Usage) -> Whole:
    """The usage with its versions, notices, last dispute, last return and live line."""
    versions = session.scalars(
        select(UsageVersion).where(UsageVersion.usage_id == usage.id).order_by(UsageVersion.number)
    ).all()
    notices = session.scalars(
        select(UsageNotice)
        .where(UsageNotice.usage_id == usage.id, UsageNotice.version == usage.version)
        .order_by(UsageNotice.number, UsageNotice.channel)
    ).all()
    dispute = last_dispute(session, usage.id)
    decisions = (
        []
        if dispute is None
        else session.scalars(
            select(UsageDecision).where(UsageDecision.dispute_id == dispute.id).order_by(UsageDecision.number)
        ).all()
    )
    returned = session.scalar(
        select(UsageReturn)
        .where(UsageReturn.usage_id == usage.id)
        .order_by(UsageReturn.line_id.desc())
        .limit(1)
    )
    line = session.scalar(select(RatedLine).where(RatedLine.usage_id == usage.id, RatedLine.state.in_(LIVE)))
    files = session.scalars(
        select(UsageEvidence)
        .where(
            UsageEvidence.usage_id == usage.id,
            or_(UsageEvidence.version.is_not(None), UsageEvidence.dispute_id.is_not(None)),
        )
        .order_by(UsageEvidence.id)
    ).all()
    return Whole(usage, versions, notices, dispute, decisions, returned, line, files)


def last_dispute(session: Session, usage_id: str) -> UsageDispute | None:
    """The newest dispute, decided or not."""
    mine = select(UsageDispute).where(UsageDispute.usage_id == usage_id).order_by(UsageDispute.id.desc())
    return session.scalar(mine.limit(1))


def subject_of(session: Session, usage: Usage) -> Subject:
    """The usage as the access matrix sees it; the named arbiter is a person of it."""
    dispute = last_dispute(session, usage.id)
    persons = {usage.person_id, None if dispute is None else dispute.arbiter_person_id} - {None}
    return Subject(
        enterprise_id=usage.enterprise_id,
        institution_id=usage.institution_id,
        station_province=usage.visited,
        operator_id=usage.operator_id,
        home_area=usage.home_area,
        person_ids=frozenset(each for each in persons if each is not None),
        state=usage.state,
        name=f"usage:{usage.id}",
    )


def page(
    session: Session,
    principal: Principal,
    *,
    states: Collection[str] = (),
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Page:
    """What the principal may see, newest first; `states` are those that people see (locked and settled among them)."""
    query = (
        select(Usage, RatedLine.state)
        .outerjoin(RatedLine, and_(RatedLine.usage_id == Usage.id, RatedLine.state.in_(LIVE)))
        .where(reach(principal))
        .order_by(Usage.recorded_at.desc(), Usage.id.desc())
    )
    if states:
        query = _in_states(query, states)
    if before is not None:
        at, usage_id = before
        query = query.where(or_(Usage.recorded_at < at, and_(Usage.recorded_at == at, Usage.id < usage_id)))
    found = [
        Row(usage, state_of(usage.state, line)) for usage, line in session.execute(query.limit(limit + 1))
    ]
    last = found[limit - 1].usage if len(found) > limit else None
    return Page(found[:limit], None if last is None else (last.recorded_at.isoformat(), last.id))


def reach(principal: Principal) -> ColumnElement[bool]:
    """The same reach as `usage.read` in the access matrix, as a condition."""
    role = principal.role
    if principal.kind != "account":
        return Usage.visited == principal.province
    if role in identity.ENTERPRISE_ROLES:
        return Usage.enterprise_id == principal.party_id
    if role in identity.INSTITUTION_ROLES:
        return Usage.institution_id == principal.party_id
    if role == identity.STATION_STAFF:
        return and_(Usage.operator_id == principal.party_id, Usage.visited == principal.province)
    if role in {identity.PROVINCE_STAFF, identity.PROVINCE_FINANCE} and principal.province is not None:
        named = select(UsageDispute.usage_id).where(UsageDispute.arbiter_person_id == principal.person_id)
        mine = or_(Usage.visited == principal.province, Usage.home == principal.province)
        return or_(mine, Usage.id.in_(named)) if role == identity.PROVINCE_STAFF else mine
    if role == identity.AUDITOR and principal.area is not None:
        home = Usage.home_area.startswith(principal.area, autoescape=True)
        return (
            or_(home, Usage.visited.startswith(principal.area[:2], autoescape=True))
            if principal.area
            else true()
        )
    return false()


def _in_states(query: Select[Usage, str], states: Collection[str]) -> Select[Usage, str]:
    by_line = {shown: line for line, shown in LINE_STATES.items()}
    wanted = [
        and_(Usage.state == "rated", RatedLine.state == by_line[each]) for each in states if each in by_line
    ]
    plain = [each for each in states if each not in by_line and each != "rated"]
    if "rated" in states:
        is_free = or_(RatedLine.state.is_(None), RatedLine.state.not_in(list(LINE_STATES)))
        wanted.append(and_(Usage.state == "rated", is_free))
    return query.where(or_(Usage.state.in_(plain), *wanted))
