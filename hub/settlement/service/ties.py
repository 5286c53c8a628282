"""Who declares ties between parties and who ends them: offices for parties of their area, managers for their own party."""

from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

import schemas
from hub.core import audit
from hub.identity import queries as identities
from hub.identity import rules
from hub.identity import service as identity
from hub.identity.errors import OtherParty
from hub.identity.rules import Principal, Subject
from hub.settlement.errors.ties import TieInvalid, TieUnknown
from hub.settlement.models.redeeming import Tie
from hub.settlement.queries.relations import HeldTie
from hub.settlement.service.declaring import register_tie

READ, DECLARE, END = "tie.read", "tie.declare", "tie.end"


def subjects_of(session: Session, code: str, *, now: datetime) -> list[Subject]:
    """The parties with a credit code as the access matrix sees them: an enterprise by its verified home, an institution by its province."""
    found = []
    for party in identities.parties_by_code(session, code):
        if party.kind == "enterprise":
            home = identities.home_at(session, party.id, now)
            area = None if home is None else home.area
            found.append(Subject(enterprise_id=party.id, home_area=area, name=f"party:{party.id}"))
        elif party.kind == "institution":
            province = f"{party.id[:2]}0000"
            found.append(
                Subject(institution_id=party.id, station_province=province, name=f"party:{party.id}")
            )
    return found


def declare_tie(
    session: Session,
    me: Principal,
    one: str,
    other: str,
    kind: str,
    *,
    source: str,
    valid_from: date,
    valid_until: date | None,
    now: datetime,
) -> int:
    """Declare that two credit codes are related, one of which is the declarer's own or of their area; its number. Safe to repeat.

    Raises `TieInvalid` naming the field, `NotAllowed`, `OtherParty`.
    """
    kinds: dict[str, Literal["shareholding", "affiliation"]] = {
        "shareholding": "shareholding",
        "affiliation": "affiliation",
    }
    told = source.strip()
    if one == other:
        raise TieInvalid("other", "两方为同一信用代码，无须登记", "both have one credit code")
    for name, code in (("one", one), ("other", other)):
        if not schemas.uscc.is_valid(code):
            raise TieInvalid(name, "统一社会信用代码有误", "it is no credit code")
    if kind not in kinds:
        raise TieInvalid("kind", "请选择关联关系", "say how they are related")
    if not 2 <= len(told) <= 200:
        raise TieInvalid(
            "source", "请写明依据（2 至 200 字）", "name the paper it stands on (2 to 200 characters)"
        )
    if valid_until is not None and valid_until < valid_from:
        raise TieInvalid("valid_until", "终止日期不能早于起始日期", "it ends before it begins")
    _allow(session, me, DECLARE, (one, other), now=now)
    return register_tie(
        session,
        one,
        other,
        kinds[kind],
        source=told,
        valid_from=valid_from,
        valid_until=valid_until,
        actor=me.name,
        now=now,
    )


def end_tie(session: Session, me: Principal, tie_id: int, *, last_day: date, why: str, now: datetime) -> None:
    """An office says until which day a tie held. Safe to repeat with the same day; it stays in the register.

    Raises `TieUnknown`, `TieInvalid` naming the field, `NotAllowed`, `OtherParty`.
    """
    row = session.get(Tie, tie_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise TieUnknown(tie_id)
    _allow(session, me, END, (row.one, row.other), now=now)
    told = why.strip()
    if not 2 <= len(told) <= 200:
        raise TieInvalid("why", "请写明终止的依据（2 至 200 字）", "say why it ended (2 to 200 characters)")
    if last_day < row.valid_from:
        raise TieInvalid("last_day", "终止日期不能早于起始日期", "it ends before it begins")
    if row.valid_until == last_day:
        return
    about = {"until": last_day.isoformat(), "why": told}
    if row.valid_until is not None:
        about["before"] = row.valid_until.isoformat()
    row.valid_until = last_day
    audit.record(session, me.name, "settlement.end_tie", f"tie:{tie_id}", about, now=now)


def may_end(session: Session, me: Principal, tie: HeldTie, *, now: datetime) -> bool:
    """Whether the reader's office may end the tie."""
    places = [*subjects_of(session, tie.one, now=now), *subjects_of(session, tie.other, now=now)]
    return any(rules.may(me, END, place) for place in places)


def _allow(session: Session, me: Principal, action: str, codes: tuple[str, str], *, now: datetime) -> None:
    """Pass if either party is within the reach of what they act for; else the refusal, audited like every one."""
    places = [place for code in codes for place in subjects_of(session, code, now=now)]
    for place in places:
        if rules.may(me, action, place):
            identity.allow(session, me, action, place, now=now)
            return
    identity.allow(session, me, action, places[0] if places else Subject(name="party:unknown"), now=now)
    raise OtherParty(me.name, action, "party:unknown")
