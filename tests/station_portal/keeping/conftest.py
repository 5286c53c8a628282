"""Those who keep availability, each with a browser without scripts: station, institution, operator, another station, an office."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

import schemas
from hub.availability import service as availability
from hub.availability.rules import Slot
from hub.catalog import queries as catalog
from hub.core.runtime import Runtime
from hub.core.web import HubApp
from hub.identity import service as identity
from hub.identity.service import parties
from station_portal.app import create_app
from tests.in_process import InProcess
from tests.station_portal import world
from tests.station_portal.conftest import PASSWORD, copy_of, csrf_of

ACTOR = "system:test"
OTHER = "310000"
"""The province of the other station."""


@dataclass
class Desks:
    """Browsers of everybody, and an instrument of the institution that `manager` and `operator` act for."""

    runtime: Runtime
    browsers: Mapping[str, httpx.Client]
    instrument_id: str
    institution_id: str
    number: str

    def __getattr__(self, name: str) -> httpx.Client:
        return self.browsers[name]

    @property
    def now(self) -> datetime:
        """Monday 2026-01-05, a little after nine in Shanghai."""
        return self.runtime.clock()

    def page(self, who: str, path: str) -> str:
        """A page that must be there."""
        answer = self.browsers[who].get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, who: str, path: str, form: Mapping[str, str]) -> httpx.Response:
        """A form sent with the token of the reader's pages."""
        browser = self.browsers[who]
        token = csrf_of(browser.get("/account").text)
        return browser.post(path, data={**form, "csrf_token": token})

    def book(self, slot: Slot, claim_id: str = "bk-" + "a" * 26) -> str:
        """A claim of the hub on the instrument, as a booking makes it."""
        with self.runtime.database.write() as session:
            until = self.now + timedelta(days=2)
            availability.claim(
                session, self.instrument_id, slot, claim_id=claim_id, until=until, now=self.now, is_staff=True
            )
            availability.confirm(session, claim_id, now=self.now)
        return claim_id


@dataclass
class Prepared:
    """The small world with these people in it, everybody signed in; `cookies` are what their browsers hold."""

    runtime: Runtime
    cookies: Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="session")
def prepared(small_world: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """Made once: signing in costs what a good hash of a password costs."""
    runtime = copy_of(small_world, tmp_path_factory.mktemp("desks") / "home")
    with runtime.database.read() as session:
        unit = catalog.institutions(session, province=world.MANY, limit=1)[0]
    _people(runtime, unit.id)
    app, cookies = create_app(runtime), {}
    for name in ("station", "manager", "operator", "stranger", f"staff-{world.MANY}"):
        with _browser(app) as browser:
            answer = browser.post("/sign-in", data={"username": name, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            cookies[name.partition("-")[0]] = dict(browser.cookies)
    yield Prepared(runtime, cookies)
    runtime.close()


@pytest.fixture(scope="session")
def onlookers(prepared: Prepared) -> Iterator[Desks]:
    """Everybody, in a world that nobody changes."""
    with _seated(prepared.runtime, prepared.cookies) as held:
        yield held


@pytest.fixture
def desks(prepared: Prepared, tmp_path: Path) -> Iterator[Desks]:
    """Everybody, in a world of their own."""
    runtime = copy_of(prepared.runtime, tmp_path / "home")
    with _seated(runtime, prepared.cookies) as held:
        yield held
    runtime.close()


@contextmanager
def _seated(runtime: Runtime, cookies: Mapping[str, Mapping[str, str]]) -> Iterator[Desks]:
    with runtime.database.read() as session:
        unit = catalog.institutions(session, province=world.MANY, limit=1)[0]
        instrument = catalog.instruments(session, institution_id=unit.id, limit=1)[0]
    app = create_app(runtime)
    with ExitStack() as stack:
        browsers = {name: stack.enter_context(_browser(app, held)) for name, held in cookies.items()}
        yield Desks(runtime, browsers, instrument.id, unit.id, instrument.document["internal_number"])


def _browser(app: HubApp, cookies: Mapping[str, str] | None = None) -> httpx.Client:
    headers = {"Accept": "text/html", "Accept-Language": "zh-CN,zh;q=0.9"}
    return httpx.Client(
        transport=InProcess(app), base_url="http://hub.test", headers=headers, cookies=dict(cookies or {})
    )


def _people(runtime: Runtime, institution_id: str) -> None:
    now = runtime.clock()
    with runtime.database.write() as session:
        parties.put_institution(session, institution_id, "合成大学", credit_code=None, now=now)
        operators = {}
        for code, uscc in ((world.MANY, "52420000MJ4900000"), (OTHER, "52310000MJ4900000")):
            held = parties.put_operator(
                session, f"驿站运营机构 {code}", schemas.uscc.complete(uscc), actor=ACTOR, now=now
            )
            parties.assign_station(session, code, held.id, actor=ACTOR, now=now)
            operators[code] = held.id
        for name, role, party, province in (
            ("station", "station_staff", operators[world.MANY], world.MANY),
            ("stranger", "station_staff", operators[OTHER], OTHER),
            ("manager", "institution_manager", institution_id, None),
            ("operator", "instrument_operator", institution_id, None),
        ):
            identity.put_account(
                session, name, PASSWORD, role=role, party_id=party, province=province,
                display_name=name, is_demo=True, actor=ACTOR, now=now,
            )  # fmt: skip


class _Form(HTMLParser):
    def __init__(self, marker: str) -> None:
        super().__init__()
        self.marker, self.fields, self.is_inside = marker, {}, False  # type: ignore[var-annotated]
        self.area: str | None = None
        self.select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.is_inside = self.marker in f"{told.get('class')} {told.get('action')}"
        if not self.is_inside:
            return
        name, value = told.get("name"), told.get("value") or ""
        if tag == "input" and name:
            is_box = told.get("type") in {"checkbox", "radio"}
            if told.get("type") != "file" and (not is_box or "checked" in told):
                self.fields[name] = value
        elif tag == "textarea" and name:
            self.area, self.fields[name] = name, ""
        elif tag == "select" and name:
            self.select = name
        elif tag == "option" and self.select and ("selected" in told or self.select not in self.fields):
            self.fields[self.select] = value

    def handle_data(self, data: str) -> None:
        if self.area:
            self.fields[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.is_inside = False


def fields_of(page: str, marker: str) -> dict[str, str]:
    """The form with this class or address as a browser would send it, without a button."""
    reader = _Form(marker)
    reader.feed(page)
    assert reader.fields, f"no form {marker}"
    return reader.fields


def beside(page: str, field: str) -> str:
    """The words beside a field; empty when nothing is wrong with it."""
    found = page.partition(f'id="{field}-wrong"')[2].partition("<span>")[2].partition("</span>")[0]
    return unescape(found)
