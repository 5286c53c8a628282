"""One of everything that a route can name, all of it of one enterprise, institution, station and province; and people of
every role on both sides of the wall: those it belongs to, and the same roles elsewhere.

The wall is met before the content is looked at, so the rows are bare: what a column does not need is left empty.
"""

from __future__ import annotations

import dataclasses
import sqlite3
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import httpx
import sqlalchemy as sa
from sqlalchemy.orm import Session

import schemas
from adapters.contract import Connection
from adapters.registry import PROVINCES, build_adapter, load_province
from hub import models
from hub.availability import models as availability
from hub.availability.service import Asker, read_offer
from hub.bookings import models as bookings
from hub.bookings.service import submitting
from hub.bookings.service.acting import Actor
from hub.bookings.service.submitting import Order, Party, Station
from hub.catalog import models as catalog
from hub.core.db import Base, Database
from hub.core.runtime import Runtime
from hub.exchange import models as exchange
from hub.federation import models as federation
from hub.identity import models as identity
from hub.identity import rules, service
from hub.identity.rules import Terms
from hub.identity.service import enterprises, parties, people, platforms, sessions
from hub.notices import models as notices
from station_portal.app import create_app
from tests.hub.bookings.world import RULES, TARIFF
from tests.hub.identity.conftest import CODE, OTHER_CODE
from tests.hub.identity.oauth.platform_client import PlatformClient, new_key, public_half
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

HERE, ELSEWHERE = "330000", "340000"
INSTITUTION, OTHER_INSTITUTION = "33-u-" + "a" * 12, "33-u-" + "b" * 12
INSTRUMENT = "33-" + "a" * 12
OPERATOR_CODE = schemas.uscc.complete("91310000MA2026003")
ACTOR = "system:test"

# Elsewhere is as near as can be: a colleague's institution in the same province, the next city, the same operator's
# station in another province.
TERMS: Mapping[str, tuple[Terms, Terms]] = {
    "enterprise_member": (Terms(rules.ENTERPRISE_MEMBER, "EN"), Terms(rules.ENTERPRISE_MEMBER, "OTHER")),
    "enterprise_manager": (Terms(rules.ENTERPRISE_MANAGER, "EN"), Terms(rules.ENTERPRISE_MANAGER, "OTHER")),
    "institution_manager": (
        Terms(rules.INSTITUTION_MANAGER, INSTITUTION),
        Terms(rules.INSTITUTION_MANAGER, OTHER_INSTITUTION),
    ),
    "instrument_operator": (
        Terms(rules.INSTRUMENT_OPERATOR, INSTITUTION),
        Terms(rules.INSTRUMENT_OPERATOR, OTHER_INSTITUTION),
    ),
    "station_staff": (Terms(rules.STATION_STAFF, "OP", HERE), Terms(rules.STATION_STAFF, "OP", ELSEWHERE)),
    "bureau_staff": (
        rules.terms_of(rules.BUREAU_STAFF, area="3304"),
        rules.terms_of(rules.BUREAU_STAFF, area="3305"),
    ),
    "province_staff": (
        rules.terms_of(rules.PROVINCE_STAFF, province=HERE),
        rules.terms_of(rules.PROVINCE_STAFF, province=ELSEWHERE),
    ),
    "province_finance": (
        rules.terms_of(rules.PROVINCE_FINANCE, province=HERE),
        rules.terms_of(rules.PROVINCE_FINANCE, province=ELSEWHERE),
    ),
    "city_finance": (
        rules.terms_of(rules.CITY_FINANCE, area="3304"),
        rules.terms_of(rules.CITY_FINANCE, area="3305"),
    ),
    "auditor": (rules.terms_of(rules.AUDITOR, area="33"), rules.terms_of(rules.AUDITOR, area="53")),
}
"""Role → the terms of who the objects belong to, and of the same role elsewhere."""


@dataclasses.dataclass
class World:
    """The hub, one of everything in it by name (`objects`), and headers of everybody by side and role."""

    runtime: Runtime
    app: Any
    http: httpx.Client
    objects: dict[str, Any]
    people: dict[tuple[str, str], dict[str, str]] = dataclasses.field(default_factory=dict)
    asked: int = 0
    watcher: sqlite3.Connection = dataclasses.field(
        default_factory=lambda: sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    )

    @property
    def database(self) -> Database:
        return self.runtime.database

    def headers(self, side: str, role: str) -> dict[str, str]:
        """What somebody of the role sends, who is `own` or `foreign` to the objects. `*` is anybody signed in."""
        return self.people[side, "enterprise_member" if role == "*" else role]

    def ask(self, side: str, role: str, method: str, address: str, **more: Any) -> httpx.Response:
        """Somebody's request; a change carries the page's token and a key of its own."""
        self.asked += 1
        keys = {"Idempotency-Key": f"key-of-a-wall-test-{self.asked:06}"}
        more["headers"] = {**self.headers(side, role), **keys, **more.get("headers", {})}
        if method != "GET" and not more.keys() & {"json", "data", "files", "content"}:
            more["json"] = {}
        return self.http.request(method, address, **more)

    def named(self, values: Mapping[str, str]) -> dict[str, str]:
        """Values in which `@name` stands for an object."""
        return {
            name: str(self.objects[value[1:]]) if value.startswith("@") else value
            for name, value in values.items()
        }

    def put_state(self, table: str, state: str) -> None:
        """Have the booking or the case be in another state."""
        with self.database.engine.begin() as connection:
            connection.execute(sa.text(f'UPDATE "{table}" SET state = :state'), {"state": state})

    def state(self, table: str) -> str:
        """The state that the booking or the case is in."""
        with self.database.engine.connect() as connection:
            return str(connection.execute(sa.text(f'SELECT state FROM "{table}"')).scalar_one())

    def changed(self) -> set[str]:
        """Tables in which something was changed since the last time; looks of people (audit, sessions) do not count."""
        found = {name for (name,) in self.watcher.execute("SELECT DISTINCT name FROM t_changed")}
        if found:
            self.watcher.execute("DELETE FROM t_changed")
        return found

    def close(self) -> None:
        self.http.close()
        self.watcher.close()
        self.runtime.close()


UNWATCHED = {"core_audit_counted", "identity_session", "identity_grant", "identity_access_token"}


def watch(database: Database) -> None:
    """Have the database itself note which tables are changed, so that nothing has to be compared."""
    with database.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t_changed (name TEXT)"))
        for table in models.METADATA.sorted_tables:
            if table.name in UNWATCHED:
                continue
            for change in ("INSERT", "UPDATE", "DELETE"):
                connection.execute(
                    sa.text(
                        f'CREATE TRIGGER "t_{table.name}_{change}" AFTER {change} ON "{table.name}" '
                        f"BEGIN INSERT INTO t_changed VALUES ('{table.name}'); END"
                    )
                )


class Saved:
    """The database's content, to go back to after somebody's change was let through."""

    def __init__(self, database: Database) -> None:
        self._database, self._copy = database, sqlite3.connect(":memory:", check_same_thread=False)
        self._copy_to(self._copy)

    def restore(self) -> None:
        with self._database.engine.connect() as connection:
            self._copy.backup(_raw(connection))

    def _copy_to(self, target: sqlite3.Connection) -> None:
        with self._database.engine.connect() as connection:
            _raw(connection).backup(target)


def _raw(connection: sa.Connection) -> sqlite3.Connection:
    held: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    return held


def build(home: Path) -> World:
    """The whole world in a folder."""
    clock = VirtualClock()
    database = Database(f"sqlite:///{home / 'hub.db'}", pool=4)
    models.METADATA.create_all(database.engine)
    adapters = {
        code: build_adapter(load_province(PROVINCES / code), Connection(), lambda **_: httpx.Client())
        for code in (HERE, ELSEWHERE)
    }
    runtime = Runtime(home=home, database=database, clock=clock, adapters=adapters, is_demo=True)
    app = create_app(runtime)
    http = httpx.Client(
        transport=InProcess(app),
        base_url="http://hub.test",
        headers={"Accept": "application/json"},
    )
    world = World(runtime, app, http, {})
    with database.write() as session:
        _put_people(world, session, clock())
    _put_programs(world, clock)
    with database.write() as session:
        _put_objects(world, session, clock())
    watch(database)
    world.watcher.close()
    world.watcher = sqlite3.connect(home / "hub.db", isolation_level=None, check_same_thread=False)
    return world


def _put_people(world: World, session: Session, now: datetime) -> None:
    enterprise = parties.put_enterprise(session, "嘉兴企业（合成）", CODE, actor=ACTOR, now=now)
    verified = enterprises.Verified("330402", "合成路 1 号", "bureau_staff", ACTOR)
    enterprises.set_home(session, enterprise.id, verified, now=now)
    other = parties.put_enterprise(session, "湖州企业（合成）", OTHER_CODE, actor=ACTOR, now=now)
    operator = parties.put_operator(session, "运营机构（合成）", OPERATOR_CODE, actor=ACTOR, now=now)
    for province in (HERE, ELSEWHERE):
        parties.assign_station(session, province, operator.id, actor=ACTOR, now=now)
    for institution in (INSTITUTION, OTHER_INSTITUTION):
        parties.put_institution(session, institution, "研究所（合成）", now=now)
    named = {"EN": enterprise.id, "OTHER": other.id, "OP": operator.id}
    world.objects |= {"enterprise_id": enterprise.id, "operator_id": operator.id}
    everybody = {**TERMS, "hub_admin": (Terms(rules.HUB_ADMIN),) * 2, rules.PERSON: (None, None)}
    for role, both in everybody.items():
        for side, terms in zip(("own", "foreign"), both, strict=True):
            person = people.new_person(session, f"{side} {role}", name=f"account:{side}-{role}", now=now)
            number = 0
            if terms is not None:
                held = dataclasses.replace(terms, party_id=named.get(terms.party_id or "", terms.party_id))
                number = people.grant(session, person.id, held, actor=ACTOR, now=now)
            opened = sessions.open_session(session, person, sessions.Visit(), factor="totp", now=now)
            world.people[side, role] = {
                "Cookie": f"hub_session={opened.token}",
                "X-CSRF-Token": opened.csrf_token,
            }
            world.objects |= {f"{side}.{role}": person.id, f"{side}.{role}.grant": number}


def _put_programs(world: World, clock: VirtualClock) -> None:
    """Keys and platforms of both provinces."""
    for side, province in (("own", HERE), ("foreign", ELSEWHERE)):
        with world.database.write() as session:
            text = service.issue_key(session, province, label="t", actor=ACTOR, now=clock())
            invited = platforms.invite_platform(session, province, actor=ACTOR, now=clock())
        world.people[side, "key:sync"] = {"Authorization": f"Bearer {text}"}
        key = new_key()
        joined = world.http.post(
            "/api/v1/platforms", json={"token": invited.token, "public_key": public_half(key)}
        ).json()
        token = PlatformClient(world.http, clock, joined["client_id"], key).bearer(joined["scope"])
        for scope in joined["scope"].split():
            world.people[side, f"platform:{scope.partition(':')[0]}"] = token
        if side == "own":
            world.objects |= {"platform_id": joined["client_id"], "kid": joined["kid"]}


def _put_objects(world: World, session: Session, now: datetime) -> None:
    known = world.objects
    enterprise, member = known["enterprise_id"], "account:own-enterprise_member"
    later = now + timedelta(days=3)
    span = {"starts_at": later, "ends_at": later + timedelta(hours=1)}
    instrument = {
        "id": INSTRUMENT,
        "province": HERE,
        "unit": {"id": "U1", "name": "研究所"},
        "internal_number": "N1",
        "name_zh": "扫描电镜",
        "classification": {"scheme": "most-2006", "code": "010102"},
        "location": {"province": HERE},
        "sharing_mode": "external",
    }

    def put(table: type[Base], **values: Any) -> Any:
        return _put(session, table, now, **values)

    institution = {"id": INSTITUTION, "province": HERE, "name_zh": "研究所（合成）"}
    put(catalog.Institution, id=INSTITUTION, province=HERE, is_listed=True, document=institution)
    put(
        catalog.Instrument,
        id=INSTRUMENT,
        province=HERE,
        institution_id=INSTITUTION,
        is_listed=True,
        document=instrument,
    )
    kept = {"instrument_id": INSTRUMENT, "version": 1, "document": RULES}
    put(availability.RulesRow, **kept)
    put(availability.TariffRow, **{**kept, "document": TARIFF})
    booking = _put_booking(session, world, member, now).id
    put(exchange.Conversation, subject=booking, province=HERE)
    put(exchange.SealedMessage, id="m-1", subject=booking, province=HERE)
    party = {"province": HERE, "booking_id": booking}
    run = put(federation.Run, province=HERE, state="succeeded").id
    put(federation.Raw, run_id=run, first=1, province=HERE, content=zlib.compress(b"[2]\n{}"))
    hold = put(federation.Hold, province=HERE, run_id=run, state="open").id
    case = put(
        identity.Case,
        id="case-1",
        kind="verification",
        state="open",
        to_area="330402",
        person_id=known["own.auditor"],
        credit_code=CODE,
    ).id
    known |= {
        "booking_id": booking,
        "number": session.get_one(bookings.Booking, booking).number,
        "instrument_id": INSTRUMENT,
        "institution_id": INSTITUTION,
        "version": put(
            bookings.Report, booking_id=booking, version=1, scan="clean", delivered_at=now
        ).version,
        "upload_id": put(
            bookings.Upload,
            id="up-" + "a" * 24,
            booking_id=booking,
            made_by="account:own-station_staff",
            size=8,
            expires_at=later,
        ).id,
        "booking_case": put(bookings.Case, **party, state="open", kind="stuck").id,
        "delivery_id": put(bookings.Delivery, **party, message_id="m-1", state="dead").id,
        "wish_id": put(
            bookings.Wish,
            instrument_id=INSTRUMENT,
            enterprise_id=enterprise,
            state="waiting",
            applicant=member,
        ).id,
        "quote_id": put(
            availability.QuoteRow, id="qt-" + "a" * 26, party_id=enterprise, made_by=member, expires_at=later
        ).id,
        "closure_id": put(availability.ClosureRow, subject=INSTRUMENT, **span).id,
        "institution_closure": put(availability.ClosureRow, subject=INSTITUTION, **span).id,
        "claim_id": put(
            availability.Claim,
            id="ext-" + "a" * 26,
            instrument_id=INSTRUMENT,
            state="external",
            source="local",
            is_guarded=True,
            **span,
        ).id,
        "holder": put(
            availability.TrainingRow, institution_id=INSTITUTION, code="sem", holder=enterprise
        ).holder,
        "notice_id": put(notices.Notice, recipient=member).id,
        "webhook_id": put(notices.Webhook, id="wh-" + "a" * 16, owner="account:own-enterprise_manager").id,
        "hold_id": hold,
        "item_id": put(federation.Quarantined, province=HERE, raw_run=run, state="open").id,
        "case_id": case,
        "document": put(
            identity.CaseDocument, case_id=case, media_type="application/pdf", content=b"%PDF"
        ).id,
        "party_invitation": put(
            identity.Invitation,
            role=rules.ENTERPRISE_MEMBER,
            party_id=enterprise,
            expires_at=later,
            token_hash=rules.token_hash("t" * 43),
        ).id,
        "office_invitation": put(
            identity.Invitation, role=rules.BUREAU_STAFF, area="3304", province=HERE, expires_at=later
        ).id,
        "invitation_id": platforms.invite_platform(session, HERE, actor=ACTOR, now=now).token.split(".")[1],
        "token": "t" * 43,
    }
    known["conflict_id"] = put(
        availability.Conflict, instrument_id=INSTRUMENT, claim_id=known["claim_id"], state="open"
    ).id


def _put_booking(session: Session, world: World, member: str, now: datetime) -> bookings.Booking:
    """The enterprise's booking at the station, as a draft that has come to the end of its service."""
    known = world.objects
    asker = Asker(member, enterprise_id=known["enterprise_id"], is_verified=True)
    order = Order(
        {
            "instrument_id": INSTRUMENT,
            "service_mode": "consultation",
            "purpose": {"direction": "technology_development", "is_statutory": False},
            "contact": {"name": "李（合成）", "mobile": "13900000000"},
        },
        Party(known["enterprise_id"], "嘉兴企业（合成）", CODE, "330402"),
        asker,
        member,
        known["own.enterprise_member"],
        Station(known["operator_id"], "服务驿站（合成）", "portal"),
        read_offer(session, asker, INSTRUMENT, now=now),
    )
    booking = submitting.save_draft(session, order, Actor("enterprise", member, "enterprise_member"), now=now)
    booking.state, booking.resume_state, booking.revision = "service_done", "submitted", 1
    session.flush()
    return booking


_BARE: Mapping[type, Any] = {str: "x", int: 1, bool: False, dict: {}, list: [], bytes: b"x"}


def _put(session: Session, table: type[Base], now: datetime, **values: Any) -> Any:
    """A row; what it must have and is not given is filled with something of its type."""
    hints = get_type_hints(table)
    for name, column in sa.inspect(table).columns.items():
        (kind,) = get_args(hints[name])
        if name in values or column.nullable or column.default is not None:
            continue
        if column.primary_key and kind is int:
            continue
        values[name] = now if kind is datetime else _BARE[get_origin(kind) or kind]
    row = table(**values)
    session.add(row)
    session.flush()
    return row
