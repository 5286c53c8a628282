"""One of everything that a route can name, all of it of one enterprise, institution, station and province; and people of
every role on both sides of the wall: those it belongs to, and the same roles elsewhere.

The wall is met before the content is looked at, so the rows are bare: what a column does not need is left empty.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.orm import Session

from adapters.contract import Connection
from adapters.registry import PROVINCES, build_adapter, load_province
from hub import models
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.identity import rules, service
from hub.identity.rules import Terms
from hub.identity.service import enterprises, parties, people, platforms, sessions
from station_portal.app import create_app
from tests.hub.identity.conftest import CODE, OTHER_CODE
from tests.hub.identity.oauth.platform_client import PlatformClient, new_key, public_half
from tests.hub.identity.walls.rows import (
    ACTOR,
    ELSEWHERE,
    HERE,
    INSTITUTION,
    OPERATOR_CODE,
    OTHER_INSTITUTION,
    put_objects,
)
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

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

    def refusals(self) -> int:
        """How many refusals the audit has counted."""
        asked = "SELECT coalesce(sum(count), 0) FROM core_audit_counted WHERE action = 'identity.refuse'"
        return int(self.watcher.execute(asked).fetchone()[0])

    def recorded(self) -> int:
        """How many entries the audit has, those included that are still counted; refusals are not."""
        written = "SELECT count(*) FROM core_change WHERE topic = 'audit'"
        counted = "SELECT coalesce(sum(count), 0) FROM core_audit_counted WHERE action != 'identity.refuse'"
        return sum(int(self.watcher.execute(asked).fetchone()[0]) for asked in (written, counted))

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
        put_objects(session, world.objects, clock())
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
