"""What a claim comes to: by whom, by which programme, of which paid orders. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.clock import SHANGHAI
from hub.settlement import ledger, queries, rules, wire
from hub.settlement.errors import ProgrammeUnknown, ProgrammeUnusable
from hub.settlement.models import Allowance
from hub.settlement.models.redeeming import Claim, ClaimLine
from hub.settlement.queries.claims import claimed_by_instrument, claimed_lines, paid_lines
from hub.settlement.rules import Programme, Standing
from hub.settlement.rules.claims import Reckoned, Spent, reckon_claim
from hub.settlement.service.grants import pool


@dataclass(frozen=True, slots=True)
class Payee:
    """Who claims: an enterprise (of a home area, six digits) a rebate, an institution an owner subsidy."""

    kind: str
    id: str
    area: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be claimed: by whom, by which programme, of which year; `line_ids` None: every line of the year."""

    programme_id: str
    payee: Payee
    year: int
    line_ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What could be claimed as things stand: the programme, the year, and how it is reckoned."""

    programme: Programme
    year: int
    reckoned: Reckoned


def preview(session: Session, wish: Wish, *, now: datetime) -> Preview:
    """What the wish would come to now. Nothing is kept. Raises `ProgrammeUnknown` and `ProgrammeUnusable`."""
    programme = _programme(session, wish.programme_id, wish.payee, now)
    spent = _spent(session, programme, wish)
    return Preview(programme, wish.year, _reckon(session, programme, wish.payee, wish.year, spent))


def again(session: Session, row: Claim) -> Reckoned:
    """The claim by its own version, its own lines, and how things stand now."""
    programme = queries.find_programme(session, row.programme_id, row.version)
    assert programme is not None, "versions are never taken away"
    payee = Payee(row.payee_kind, row.payee_id, row.payer_area)
    mine = set(session.scalars(select(ClaimLine.line_id).where(ClaimLine.claim_id == row.id)))
    is_owner = row.payee_kind == "institution"
    rows = paid_lines(
        session,
        institution_id=row.payee_id if is_owner else None,
        enterprise_id=None if is_owner else row.payee_id,
    )
    spent = [
        Spent(
            line.id,
            line.order_number,
            wire.read_order(order.facts),
            line.fee_fen if is_owner else line.own_fen,
        )
        for line, order in rows
        if line.id in mine
    ]
    return _reckon(session, programme, payee, row.year, spent)


def _programme(session: Session, programme_id: str, payee: Payee, now: datetime) -> Programme:
    """The version in force, if this payee can claim by it today."""
    newest = queries.find_programme(session, programme_id)
    if newest is None:
        raise ProgrammeUnknown(programme_id)
    today = now.astimezone(SHANGHAI).date()
    held = {each.id: each for each in queries.concerning(session, [newest.area], today)}.get(programme_id)
    if held is None:
        raise ProgrammeUnusable(programme_id, "不在有效期", "it is not in force")
    wanted = "owner_subsidy" if payee.kind == "institution" else "rebate"
    if held.kind != wanted:
        raise ProgrammeUnusable(programme_id, "不是可申请的补助", "it is nothing that can be claimed")
    lacking = rules.missing(held)
    if lacking:
        zh, en = rules.term_names(lacking)
        raise ProgrammeUnusable(programme_id, f"条款不全（{zh}）", f"not configured: {en}")
    if not rules.covers(held.area, payee.area):
        raise ProgrammeUnusable(programme_id, "申请方不在发放地区", "the applicant belongs elsewhere")
    window = held.terms.get("window")
    if window is not None and not window.get("from", "") <= today.isoformat() <= window["until"]:
        raise ProgrammeUnusable(programme_id, "不在申请时段", "outside its window")
    return held


def _spent(session: Session, programme: Programme, wish: Wish) -> list[Spent]:
    """The payee's paid lines of the year that no live claim has taken."""
    payee = wish.payee
    is_owner = payee.kind == "institution"
    rows = (
        paid_lines(session, institution_id=payee.id)
        if is_owner
        else paid_lines(session, enterprise_id=payee.id)
    )
    taken = claimed_lines(session, programme.id, [line.id for line, _ in rows])
    found = []
    for line, row in rows:
        order = wire.read_order(row.facts)
        if line.id in taken or rules.cap_year(programme, order) != wish.year:
            continue
        if wish.line_ids is None or line.id in wish.line_ids:
            base = line.fee_fen if is_owner else line.own_fen
            found.append(Spent(line.id, line.order_number, order, base))
    return found


def _reckon(session: Session, programme: Programme, payee: Payee, year: int, spent: list[Spent]) -> Reckoned:
    budget = ledger.balance(session, pool(programme.id, year))
    used = session.get(Allowance, (programme.id, payee.id, year), populate_existing=True)
    standing = Standing(budget, 0 if used is None else used.used_fen)
    by_instrument = claimed_by_instrument(session, programme.id, payee.id, year)
    return reckon_claim(programme, spent, standing, by_instrument)
