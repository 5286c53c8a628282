"""The register of declared ties: an office keeps it for its area, an enterprise or institution declares its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response
from sqlalchemy.orm import Session

import schemas
from hub.core.clock import day_of
from hub.core.errors import HubError
from hub.core.web import ReadSession, WriteSession
from hub.identity import access
from hub.identity import queries as identity
from hub.identity import rules as roles
from hub.settlement.errors.ties import TieInvalid
from hub.settlement.queries import relations
from hub.settlement.queries.relations import HeldTie
from hub.settlement.service import ties
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.settling import names

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action(ties.READ)]
Declarer = Annotated[access.Principal, access.action(ties.DECLARE)]
Ender = Annotated[access.Principal, access.action(ties.END)]

Word = Annotated[str, Form(max_length=40)]
Words = Annotated[str, Form(max_length=400)]
PAGE = "/ties"
SHOWN = 200
OWN = frozenset({roles.ENTERPRISE_MANAGER, roles.INSTITUTION_MANAGER})
KINDS = ("shareholding", "affiliation")


@router.get(PAGE)
def show_ties(
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    *,
    code: Annotated[str, Query(max_length=40)] = "",
    past: Annotated[str, Query(max_length=3)] = "",
    told: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The ties that hold today, or all that ever did (`past`); `code` keeps those of one credit code."""
    texts = {
        "declared": frame.language("已登记；今后与此不符的声明会被拒收，在途订单在下次核验时停下。"),
        "ended": frame.language("已登记终止日期；这一条仍留在登记簿里。"),
    }
    wish = {"code": code.strip().upper(), "past": "1" if past else ""}
    return _page(frame, session, me, wish=wish, told=texts.get(told, ""))


@router.post(PAGE)
def declare(
    frame: CurrentFrame,
    session: WriteSession,
    me: Declarer,
    *,
    one: Word = "",
    other: Word = "",
    kind: Word = "",
    source: Words = "",
    valid_from: Word = "",
    valid_until: Word = "",
) -> Response:
    """Declare a tie with its paper and days; a manager's own party is always the first of the two."""
    typed = {
        "one": one, "other": other, "kind": kind, "source": source, "valid_from": valid_from, "valid_until": valid_until,
    }  # fmt: skip
    own = _own_code(session, me)
    try:
        until = _day(valid_until, "valid_until") if valid_until.strip() else None
        with session.begin_nested():
            ties.declare_tie(
                session,
                me,
                own if own is not None else one.strip().upper(),
                other.strip().upper(),
                kind,
                source=source,
                valid_from=_day(valid_from, "valid_from"),
                valid_until=until,
                now=frame.now,
            )
    except TieInvalid as refused:
        return _page(frame, session, me, wrong=refused, typed=typed, status=refused.status)
    return see_other(f"{PAGE}?told=declared")


@router.post(PAGE + "/{tie_id}/end")
def end(
    tie_id: int,
    frame: CurrentFrame,
    session: WriteSession,
    me: Ender,
    *,
    last_day: Word = "",
    why: Words = "",
) -> Response:
    """Until which day the two were related, and what says so."""
    typed = {"tie": str(tie_id), "last_day": last_day, "why": why}
    try:
        with session.begin_nested():
            day = _day(last_day, "last_day") if last_day.strip() else day_of(frame.now)
            ties.end_tie(session, me, tie_id, last_day=day, why=why, now=frame.now)
    except TieInvalid as refused:
        return _page(frame, session, me, wrong=refused, typed=typed, status=refused.status)
    return see_other(f"{PAGE}?told=ended&past=1")


def _page(
    frame: Frame,
    session: Session,
    me: access.Principal,
    *,
    wish: Mapping[str, str] | None = None,
    told: str = "",
    wrong: HubError | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    language, today = frame.language, day_of(frame.now)
    asked = wish or {"code": "", "past": ""}
    is_own = me.role in OWN
    own = _own_code(session, me)
    found = relations.registered_ties(
        session,
        codes=[own or ""] if is_own else None,
        of=asked["code"] or None,
        on=None if asked["past"] else today,
        limit=SHOWN,
    )
    called = identity.names_by_code(session, {code for each in found for code in (each.one, each.other)})
    faults = [] if wrong is None else [(wrong.field or "", language.pick(wrong.zh, wrong.en))]
    context: dict[str, Any] = {
        "rows": [_row(frame, session, me, each, called, today=today) for each in found],
        "shown": SHOWN,
        "asked": asked,
        "is_own": is_own,
        "own": own,
        "own_name": identity.names_by_code(session, [own]).get(own, "") if own else "",
        "may_declare": access.may_enter(me, ties.DECLARE) and (not is_own or own is not None),
        "kinds": [(code, wording.name("relation_kind", code, language)) for code in KINDS],
        "percent": relations.threshold().percent,
        "today": today.isoformat(),
        "told": told,
        "wrong": faults,
        "faulty": set() if wrong is None else {wrong.field},
        "typed": typed or {},
    }
    return frame.page("ties.html", context, status=status)


def _row(
    frame: Frame,
    session: Session,
    me: access.Principal,
    each: HeldTie,
    called: Mapping[str, str],
    *,
    today: date,
) -> dict[str, Any]:
    return {
        "tie": each,
        "one": called.get(each.one, ""),
        "other": called.get(each.other, ""),
        "kind": wording.name("relation_kind", each.kind, frame.language),
        "by": names.person(session, each.made_by, frame.language),
        "holds": each.holds_on(today),
        "may_end": access.may_enter(me, ties.END) and ties.may_end(session, me, each, now=frame.now),
    }


def _own_code(session: Session, me: access.Principal) -> str | None:
    """The credit code of the party that a manager acts for; None for offices, and for a party without one."""
    if me.role not in OWN or me.party_id is None:
        return None
    party = identity.party_by_id(session, me.party_id)
    code = None if party is None else party.credit_code
    return code if code is not None and schemas.uscc.is_valid(code) else None


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise TieInvalid(field, "日期请写成 YYYY-MM-DD", "write the day as YYYY-MM-DD") from None
