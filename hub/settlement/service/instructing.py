"""Money instructions of staff: one proposes, another confirms, and only then it happens, in the confirming transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import audit, db
from hub.core.clock import SHANGHAI
from hub.identity import queries as people
from hub.identity import service as identity
from hub.identity.rules import Principal, Subject
from hub.settlement import queries
from hub.settlement.errors import ProgrammeUnknown, ProgrammeUnusable
from hub.settlement.errors.programmes import (
    AnotherPersonNeeded,
    ApplicationElsewhere,
    GrantUnknown,
    InstructionDecided,
    InstructionInvalid,
    InstructionUnknown,
    MasterElsewhere,
    ReasonNeeded,
)
from hub.settlement.models import Grant, Instruction
from hub.settlement.money import yuan
from hub.settlement.queries import budgets
from hub.settlement.rules import Programme, covers, missing, term_names
from hub.settlement.service import grants
from hub.settlement.service.applications import release_waiting

INSTRUCT = "voucher.instruct"
MOST_FEN = 1_000_000_000_000
MOST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done. `fund`: `fen` into the pool of `year`; `grant`: to `holder`; `raise` and `end`: of `grant_id`."""

    kind: Literal["fund", "grant", "raise", "end"]
    programme_id: str
    fen: int = 0
    year: int | None = None
    holder: str | None = None
    grant_id: str | None = None
    note: str = ""


def propose(
    session: Session, principal: Principal, wanted: Wanted, *, key: str, now: datetime
) -> Instruction:
    """Ask for it; nothing moves yet. Safe to repeat with the same `key` while it is not decided.

    Raises `InstructionInvalid`, `ProgrammeUnknown`, `ProgrammeUnusable`, `MasterElsewhere`, `GrantUnknown`,
    `ApplicationElsewhere` (a holder of another area); identity's `NotAllowed` and `OtherParty`.
    """
    programme = queries.find_programme(session, wanted.programme_id)
    if programme is None:
        raise ProgrammeUnknown(wanted.programme_id)
    _allow(session, principal, programme.area, wanted.programme_id, now=now)
    if programme.document["authority"] != "hub":
        raise MasterElsewhere("发放地区的系统", "the home area's system")
    year = _checked(session, programme, wanted, now=now)
    name = f"{principal.name}:{key}"
    values = {
        "key": name,
        "kind": wanted.kind,
        "programme_id": programme.id,
        "area": programme.area,
        "year": year,
        "holder": wanted.holder if wanted.kind == "grant" else None,
        "grant_id": wanted.grant_id if wanted.kind in ("raise", "end") else None,
        "fen": 0 if wanted.kind == "end" else wanted.fen,
        "note": wanted.note.strip()[:MOST_NOTE],
        "state": "proposed",
        "reason": "",
        "proposed_by": principal.name,
        "proposed_at": now,
    }
    known = session.scalar(select(Instruction).where(Instruction.key == name).limit(1))
    if known is not None:
        return known
    added = db.insert(session, Instruction).values(**values).on_conflict_do_nothing()
    row_id = session.scalar(added.returning(Instruction.id))
    row = session.scalars(select(Instruction).where(Instruction.key == name).limit(1)).one()
    if row_id is None:  # the same form, sent twice at once
        return row
    told = {"instruction": row.id, "kind": row.kind, "fen": row.fen}
    audit.record(session, principal.name, "settlement.propose_instruction", programme.id, told, now=now)
    return row


def confirm(session: Session, principal: Principal, instruction_id: int, *, now: datetime) -> Instruction:
    """Another person agrees, and it is done in this transaction; what waited for budget is then granted in its order.

    Safe to repeat. Raises `AnotherPersonNeeded`, `InstructionUnknown`, `InstructionDecided`, `InstructionInvalid` (the budget
    of the programme), `BudgetExhausted`, `ProgrammeUnusable`, `GrantUnknown`, `GrantOver`.
    """
    row = _locked(session, principal, instruction_id, now=now)
    if row.state == "done" and row.decided_by == principal.name:
        return row
    if row.state != "proposed":
        raise InstructionDecided(row.state)
    if row.proposed_by == principal.name:
        raise AnotherPersonNeeded("确认", "The confirmation")
    if row.holder is not None:
        _check_other_side(session, principal, row.holder)
    row.state, row.decided_by, row.decided_at = "done", principal.name, now
    session.flush()
    told = {"instruction": row.id, "kind": row.kind, "fen": row.fen, "proposed_by": row.proposed_by}
    audit.record(session, principal.name, "settlement.confirm_instruction", row.programme_id, told, now=now)
    _carry_out(session, row, principal.name, now=now)
    return row


def refuse(
    session: Session, principal: Principal, instruction_id: int, reason: str, *, now: datetime
) -> Instruction:
    """Somebody says no, or who proposed it takes it back. Safe to repeat. Raises `ReasonNeeded`, `InstructionDecided`."""
    row = _locked(session, principal, instruction_id, now=now)
    words = reason.strip()[:MOST_NOTE]
    if not words:
        raise ReasonNeeded
    if row.state == "refused":
        return row
    if row.state != "proposed":
        raise InstructionDecided(row.state)
    row.state, row.reason, row.decided_by, row.decided_at = "refused", words, principal.name, now
    told = {"instruction": row.id, "kind": row.kind}
    audit.record(session, principal.name, "settlement.refuse_instruction", row.programme_id, told, now=now)
    return row


def _checked(session: Session, programme: Programme, wanted: Wanted, *, now: datetime) -> int:
    """The budget year that it concerns, once everything about it fits."""
    this_year = now.astimezone(SHANGHAI).year
    if wanted.kind != "end" and not 0 < wanted.fen <= MOST_FEN:
        raise InstructionInvalid("fen", "请填写大于 0 的金额。", "Give an amount above 0.")
    if wanted.kind == "fund":
        year = wanted.year or this_year
        if year not in (this_year, this_year + 1):
            raise InstructionInvalid(
                "year", "只能为本年度或下一年度安排预算。", "A budget is of this year or the next."
            )
        _check_budget(session, programme, year, wanted.fen)
        return year
    if wanted.kind == "grant":
        _check_holder(session, programme, wanted.holder or "", now=now)
        return this_year
    held = session.get(Grant, wanted.grant_id or "")
    if held is None or held.programme_id != programme.id or held.authority != "hub":
        raise GrantUnknown(wanted.grant_id or "")
    return held.year


def _check_budget(session: Session, programme: Programme, year: int, fen: int) -> None:
    told = programme.terms.get("budget")
    if told is None or told["year"] != year:
        return
    funded = budgets.funded(session, programme.id, year)
    if funded + fen > told["fen"]:
        left = yuan(max(0, told["fen"] - funded))
        raise InstructionInvalid(
            "fen",
            f"超过政策所列 {year} 年预算；还可安排 {left} 元。",
            f"More than the programme's budget of {year}; {left} CNY can still be put in.",
        )


def _check_holder(session: Session, programme: Programme, holder: str, *, now: datetime) -> None:
    if programme.kind != "voucher":
        raise ProgrammeUnusable(programme.id, "不是创新券", "it is no voucher")
    lacking = missing(programme)
    if lacking:
        zh, en = term_names(lacking)
        raise ProgrammeUnusable(programme.id, f"条款不全（{zh}）", f"not configured: {en}")
    if people.party_by_id(session, holder) is None:
        raise InstructionInvalid("holder", "没有该企业。", "There is no such enterprise.")
    home = identity.home_of(session, holder, now=now)
    if not covers(programme.area, home.area):
        raise ApplicationElsewhere(programme.area)


def _carry_out(session: Session, row: Instruction, actor: str, *, now: datetime) -> None:
    name = f"instruction:{row.id}"
    if row.kind == "fund":
        programme = queries.find_programme(session, row.programme_id)
        assert programme is not None, "versions are never taken away"
        _check_budget(session, programme, row.year, row.fen)
        grants.fund(session, row.programme_id, row.year, row.fen, reference=name, actor=actor, now=now)
    elif row.kind == "grant":
        assert row.holder is not None, "asked when it was proposed"
        made = grants.grant(session, row.programme_id, row.holder, row.fen, key=name, actor=actor, now=now)
        row.grant_id = made.id
    elif row.kind == "raise":
        grants.raise_grant(session, row.grant_id or "", row.fen, actor=actor, now=now)
    else:
        grants.end_grant(session, row.grant_id or "", actor=actor, now=now)
    if row.kind in ("fund", "end"):
        release_waiting(session, row.programme_id, now=now)


def _check_other_side(session: Session, principal: Principal, holder: str) -> None:
    if holder in people.parties_of(session, principal.person_id or ""):
        raise AnotherPersonNeeded("确认", "The confirmation")


def _locked(session: Session, principal: Principal, instruction_id: int, *, now: datetime) -> Instruction:
    mine = select(Instruction).where(Instruction.id == instruction_id).with_for_update()
    row = session.scalar(mine.execution_options(populate_existing=True))
    if row is None:
        raise InstructionUnknown
    _allow(session, principal, row.area, row.programme_id, now=now)
    return row


def _allow(session: Session, principal: Principal, area: str, programme_id: str, *, now: datetime) -> None:
    subject = Subject(home_area=area, name=f"programme:{programme_id}")
    identity.allow(session, principal, INSTRUCT, subject, now=now)
