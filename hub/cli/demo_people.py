"""The demo's people: one account for every role, all synthetic, all with the same public password."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import schemas
from hub.catalog.models import Institution, Instrument
from hub.core.clock import Clock
from hub.core.db import Database
from hub.identity import queries, rules
from hub.identity import service as identity
from hub.identity.rules import Terms
from hub.identity.service import enterprises, parties, people

PASSWORD = "changjiang-demo-2026"  # noqa: S105 - printed on purpose: the demo listens on this machine only
ADMIN = "admin"
ACTOR = "system:demo"

ENTERPRISE = ("嘉兴秀洲精密制造有限公司（合成）", schemas.uscc.complete("91330400MA2026101"), "330400")
SECOND_ENTERPRISE = ("湖州吴兴检测技术有限公司（合成）", schemas.uscc.complete("91330500MA2026102"), "330500")
UNVERIFIED = ("苏州待核实科技有限公司（合成）", schemas.uscc.complete("91320500MA2026103"), "320505")

SHARED_OPERATOR = ("420000", "430000")
"""Provinces whose stations one third party runs: one operator, one party."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account of the demo: what it is called and may act as."""

    username: str
    display_name: str
    terms: Terms


def belt() -> list[str]:
    """The codes of the eleven provinces."""
    provinces = schemas.codes("province")
    return [code for code in provinces if provinces[code].attributes.get("region")]


def put_offices(database: Database, provinces: Iterable[str], *, clock: Clock) -> None:
    """Everybody who needs no catalogue. Safe to repeat: who is there stays as they are."""
    codes = list(provinces)
    now = clock()
    with database.write() as session:
        held = identity.names_of_demo_accounts(session)
        wanted = [*_offices(), *_stations(session, codes, now), *_enterprises(session, now)]
    for account in wanted:
        if account.username not in held:
            _put(database, account, now)
    with database.write() as session:
        _give_second_grant(session, now)


def put_institutions(database: Database, provinces: Iterable[str], *, clock: Clock) -> set[str]:
    """Manager and operator of one institution of each province whose catalogue has arrived; the provinces still missing.

    It is the institution with the most instruments that are shared with everybody, so that its work queue fills.
    """
    missing = set()
    with database.read() as session:
        held = identity.names_of_demo_accounts(session)
        found = {
            code: _institution_of(session, code) for code in provinces if f"institution-{code}" not in held
        }
    for code, institution in found.items():
        if institution is None:
            missing.add(code)
            continue
        now = clock()
        with database.write() as session:
            parties.put_institution(
                session, institution.id, institution.name_zh, credit_code=institution.credit_code, now=now
            )
        for role, username, title in (
            (rules.INSTRUMENT_OPERATOR, f"operator-{code}", "机主"),
            (rules.INSTITUTION_MANAGER, f"institution-{code}", "单位管理员"),
        ):
            name = f"{institution.name_zh[:40]}{title}（演示）"
            _put(database, DemoAccount(username, name, Terms(role, institution.id)), now)
    return missing


def _offices() -> list[DemoAccount]:
    return [
        DemoAccount("bureau-3304", "嘉兴市科技局（演示）", rules.terms_of(rules.BUREAU_STAFF, area="3304")),
        DemoAccount(
            "bureau-310115", "浦东新区科经委（演示）", rules.terms_of(rules.BUREAU_STAFF, area="310115")
        ),
        DemoAccount("bureau-3205", "苏州市科技局（演示）", rules.terms_of(rules.BUREAU_STAFF, area="3205")),
        DemoAccount(
            "finance-330000", "浙江省财政（演示）", rules.terms_of(rules.PROVINCE_FINANCE, province="330000")
        ),
        DemoAccount(
            "finance-310000", "上海市财政（演示）", rules.terms_of(rules.PROVINCE_FINANCE, province="310000")
        ),
        DemoAccount("finance-3304", "嘉兴市财政（演示）", rules.terms_of(rules.CITY_FINANCE, area="3304")),
        DemoAccount("auditor", "审计员（演示，全带）", rules.terms_of(rules.AUDITOR)),
        DemoAccount("auditor-33", "审计员（演示，浙江）", rules.terms_of(rules.AUDITOR, area="33")),
    ]


def _stations(session: Session, provinces: list[str], now: datetime) -> list[DemoAccount]:
    accounts = []
    for number, code in enumerate(provinces):
        held = queries.station_of(session, code)
        if held is None:
            name, first17 = f"{_short(code)}服务驿站运营中心（合成）", f"91{code}MA{2026201 + number}"
            if code in SHARED_OPERATOR:
                name, first17 = "中游检测服务有限公司（合成，第三方）", "91420100MA2026200"
            credit_code = schemas.uscc.complete(first17)
            operator = parties.put_operator(session, name, credit_code, is_demo=True, actor=ACTOR, now=now)
            parties.assign_station(session, code, operator.id, actor=ACTOR, now=now)
            held = queries.station_of(session, code)
        if held is not None:
            terms = Terms(rules.STATION_STAFF, held.operator_id, code)
            accounts.append(DemoAccount(f"station-{code}", f"{_short(code)}驿站工作人员（演示）", terms))
    return accounts


def _enterprises(session: Session, now: datetime) -> list[DemoAccount]:
    party_ids = []
    for name, code, area in (ENTERPRISE, SECOND_ENTERPRISE):
        party = parties.put_enterprise(session, name, code, is_demo=True, actor=ACTOR, now=now)
        if queries.home_at(session, party.id, now) is None:
            verified = enterprises.Verified(area, "合成路 88 号", "bureau_staff", ACTOR)
            enterprises.set_home(session, party.id, verified, now=now)
        party_ids.append(party.id)
    unverified = parties.put_enterprise(session, *UNVERIFIED[:2], is_demo=True, actor=ACTOR, now=now)
    manager, member = rules.ENTERPRISE_MANAGER, rules.ENTERPRISE_MEMBER
    return [
        DemoAccount("jiaxing-manager", "沈经理（合成）", Terms(manager, party_ids[0])),
        DemoAccount("jiaxing-member", "王工程师（合成）", Terms(member, party_ids[0])),
        DemoAccount("huzhou-manager", "陆经理（合成）", Terms(manager, party_ids[1])),
        DemoAccount("unverified-manager", "钱经理（合成，单位未核实）", Terms(manager, unverified.id)),
    ]


def _give_second_grant(session: Session, now: datetime) -> None:
    """One person acts for two enterprises, so that the switch in the page's header has something to do."""
    account = queries.account_named(session, "jiaxing-manager")
    second = queries.enterprise_by_code(session, SECOND_ENTERPRISE[1])
    if account is not None and second is not None:
        terms = Terms(rules.ENTERPRISE_MEMBER, second.id)
        people.grant(session, account.person_id, terms, actor=ACTOR, now=now)


def _put(database: Database, account: DemoAccount, now: datetime) -> None:
    terms = account.terms
    with database.write() as session:
        identity.put_account(
            session,
            account.username,
            PASSWORD,
            role=terms.role,
            province=terms.province,
            party_id=terms.party_id,
            area=terms.area,
            display_name=account.display_name,
            is_demo=True,
            actor=ACTOR,
            now=now,
        )


def _institution_of(session: Session, province: str) -> Institution | None:
    count = func.count()
    best = session.execute(
        select(Instrument.institution_id, count)
        .where(Instrument.province == province, Instrument.is_listed, Instrument.sharing_mode == "external")
        .group_by(Instrument.institution_id)
        .order_by(count.desc(), Instrument.institution_id)
        .limit(1)
    ).first()
    held = session.get(Institution, best[0]) if best is not None and best[0] is not None else None
    return held if held is not None and held.is_listed else None


def _short(code: str) -> str:
    entry = schemas.codes("province")[code]
    return str(entry.attributes.get("short_zh") or entry.zh)
