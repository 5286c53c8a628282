"""Organisations that people act for, and who runs which station."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

import schemas
from hub.core import audit
from hub.core.db import insert
from hub.identity import rules
from hub.identity.errors import ClaimInvalid, GrantInvalid
from hub.identity.models import Grant, Party, Station
from hub.identity.rules import grants as grant_rules


def put_institution(
    session: Session, institution_id: str, name: str, *, credit_code: str | None = None, now: datetime
) -> Party:
    """The institution of the catalogue as somebody that people act for. Safe to repeat; name and code are renewed."""
    if not grant_rules.INSTITUTION_ID.fullmatch(institution_id):
        raise GrantInvalid("party", "管理单位编号有误。", "This is no identifier of an institution.")
    held = session.get(Party, institution_id)
    if held is None:
        held = Party(
            id=institution_id, kind="institution", name=name, credit_code=credit_code, created_at=now
        )
        session.add(held)
    held.name, held.credit_code = name[:200], credit_code or held.credit_code
    session.flush()
    return held


def put_operator(
    session: Session, name: str, credit_code: str, *, is_demo: bool = False, actor: str, now: datetime
) -> Party:
    """An organisation that runs stations, by its credit code: running two makes it no second one. Safe to repeat.

    Raises `ClaimInvalid` for a credit code that cannot be one.
    """
    check_credit_code(credit_code)
    held = session.scalar(select(Party).where(Party.kind == "operator", Party.credit_code == credit_code))
    if held is None:
        held = Party(
            id=rules.new_id("op"),
            kind="operator",
            name=name[:200],
            credit_code=credit_code,
            is_demo=is_demo,
            created_at=now,
        )
        session.add(held)
        session.flush()
        audit.record(session, actor, "identity.put_operator", held.id, now=now)
    held.name = name[:200]
    return held


def put_enterprise(
    session: Session, name: str, credit_code: str, *, is_demo: bool = False, actor: str, now: datetime
) -> Party:
    """The enterprise with this credit code; made when it is not known. Safe to repeat and to race."""
    check_credit_code(credit_code)
    row = {
        "id": rules.new_id("en"),
        "kind": "enterprise",
        "name": name[:200],
        "credit_code": credit_code,
        "is_demo": is_demo,
        "created_at": now,
    }
    made = session.execute(
        insert(session, Party).values(row).on_conflict_do_nothing().returning(Party.id)
    ).scalar_one_or_none()
    if made is not None:
        audit.record(session, actor, "identity.put_enterprise", made, {"credit_code": credit_code}, now=now)
    return session.scalars(
        select(Party).where(Party.kind == "enterprise", Party.credit_code == credit_code)
    ).one()


def put_customer(session: Session, party_id: str, name: str, *, actor: str, now: datetime) -> Party:
    """The team or person under this reference; made when it is not known. Safe to repeat and to race.

    A person's name stays with the person: orders, ledger and statements know the reference and a neutral word.
    """
    row = {"id": party_id, "kind": "enterprise", "name": name[:200], "credit_code": None, "created_at": now}
    made = session.scalar(
        insert(session, Party)
        .values(**row, is_demo=False)
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(Party.id)
    )
    if made is not None:
        audit.record(session, actor, "identity.put_enterprise", made, {}, now=now)
    return session.get_one(Party, party_id)


def assign_station(
    session: Session, province: str, operator_id: str, *, actor: str, now: datetime
) -> Station:
    """Have an organisation run the station of a province, instead of whoever does. Safe to repeat.

    The grants of the staff of the one before end with it. Raises `GrantInvalid`.
    """
    if province not in schemas.codes("province"):
        raise GrantInvalid("province", "没有这个省级代码。", "There is no such province.")
    operator = session.get(Party, operator_id)
    if operator is None or operator.kind != "operator":
        raise GrantInvalid("party", "没有这个运营机构。", "There is no such operator.")
    held = session.get(Station, province)
    if held is None:
        held = Station(province=province, operator_id=operator_id, since=now)
        session.add(held)
    elif held.operator_id == operator_id:
        return held
    else:
        _end_staff_of(session, held, actor, now)
        held.operator_id, held.since = operator_id, now
    session.flush()
    told = {"operator": operator_id}
    audit.record(session, actor, "identity.assign_station", f"station:{province}", told, now=now)
    return held


def _end_staff_of(session: Session, station: Station, actor: str, now: datetime) -> None:
    ended = session.execute(
        update(Grant)
        .where(
            Grant.role == rules.STATION_STAFF,
            Grant.province == station.province,
            Grant.party_id == station.operator_id,
            Grant.ended_at.is_(None),
        )
        .values(ended_at=now, ended_by=actor)
        .returning(Grant.id)
    ).all()
    told = {"operator": station.operator_id, "grants": len(ended)}
    audit.record(session, actor, "identity.end_operator", f"station:{station.province}", told, now=now)


def check_credit_code(credit_code: str) -> None:
    """Raise `ClaimInvalid` for a text that is no 统一社会信用代码 (its check character included)."""
    if not schemas.uscc.is_valid(credit_code):
        raise ClaimInvalid(
            "credit_code",
            "统一社会信用代码有误：应为 18 位，且末位校验须正确。",
            "The credit code is wrong: 18 characters, of which the last checks the others.",
        )
