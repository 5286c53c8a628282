"""The demo's platforms enrol by their one-time token, keep what they got, and sign in again after another start."""

import json
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, update

from adapters.simulators.enrolment import FILE, Enrolment
from adapters.simulators.simulator import Hub
from hub.cli import demo_platforms
from hub.core.db import Database
from hub.identity.models import AccessToken, Platform, PlatformInvitation, PlatformPublicKey
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

URL = "http://127.0.0.1:8000"
SHANGHAI, ANHUI = "310000", "340000"
PAPERS = "/api/v1/settlement/papers"


@dataclass
class Start:
    """One start of the demo: the platforms as they begin anew over the folders that are there."""

    database: Database
    client: httpx.Client
    clock: VirtualClock
    folder: Path
    tokens: dict[str, str]

    def ask(self, code: str, enrolment: Enrolment | None = None) -> int:
        hub = Hub(URL, invitation=self.tokens.get(code, ""))
        return self.client.get(PAPERS, auth=(enrolment or self.platform(code)).at(hub)).status_code

    def platform(self, code: str) -> Enrolment:
        own = self.folder / code
        own.mkdir(parents=True, exist_ok=True)
        can_sign = code not in demo_platforms.CANNOT_SIGN
        return Enrolment(own, can_sign=can_sign, clock=lambda: self.clock().timestamp())

    def count(self, of: type) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(of)) or 0

    def again(self) -> "Start":
        tokens = demo_platforms.invite(self.database, self.folder, clock=self.clock)
        return Start(self.database, self.client, self.clock, self.folder, tokens)


@pytest.fixture
def start(database: Database, client: httpx.Client, clock: VirtualClock, tmp_path: Path) -> Start:
    tokens = demo_platforms.invite(database, tmp_path, clock=clock)
    return Start(database, client, clock, tmp_path, tokens)


def test_one_signs_with_its_own_key_and_one_uses_the_declared_fallback(start: Start) -> None:
    assert set(start.tokens) == set(demo_platforms.NAMES)
    assert [start.ask(code) for code in start.tokens] == [200, 200]
    with start.database.read() as session:
        found = {one.province: one for one in session.scalars(select(Platform))}
    assert (found[ANHUI].auth_method, found[ANHUI].secret_hash) == ("private_key_jwt", None)
    assert found[SHANGHAI].auth_method == "client_secret_basic"
    kept = json.loads((start.folder / ANHUI / FILE).read_text())
    assert "PRIVATE KEY" in kept["key"]
    assert (start.folder / ANHUI / FILE).stat().st_mode & 0o777 == 0o600


def test_a_second_start_invites_nobody_and_signs_in_with_what_was_kept(start: Start) -> None:
    assert FILE == demo_platforms.STANDING
    for code in start.tokens:
        start.ask(code)
    second = start.again()
    assert second.tokens == {}
    assert [second.ask(code) for code in start.tokens] == [200, 200]
    assert (start.count(Platform), start.count(PlatformPublicKey)) == (2, 1)


def test_one_token_serves_until_it_is_old_or_taken_away(start: Start) -> None:
    anhui = start.platform(ANHUI)
    assert [start.ask(ANHUI, anhui) for _ in range(3)] == [200] * 3
    assert start.count(AccessToken) == 1
    start.clock.advance(280)
    assert start.ask(ANHUI, anhui) == 200
    assert start.count(AccessToken) == 2
    with start.database.write() as session:
        session.execute(update(AccessToken).values(revoked_at=start.clock()))
    assert start.ask(ANHUI, anhui) == 200
    assert start.count(AccessToken) == 3


def test_a_platform_that_lost_its_folder_is_the_same_with_another_key(start: Start) -> None:
    start.ask(ANHUI)
    (start.folder / ANHUI / FILE).unlink()
    second = start.again()
    assert second.ask(ANHUI) == 200
    assert (start.count(Platform), start.count(PlatformPublicKey)) == (1, 2)


def test_a_hub_that_forgot_everything_is_joined_anew(start: Start) -> None:
    start.ask(ANHUI)
    kept = start.folder / ANHUI / FILE
    kept.write_text(kept.read_text().replace('"pf-340000-', '"pf-340000-f'))
    with pytest.raises(httpx.HTTPStatusError, match="409"):  # its one token is spent
        start.ask(ANHUI)
    with start.database.write() as session:
        session.execute(update(Platform).values(revoked_at=start.clock()))
    second = start.again()
    assert second.ask(ANHUI) == 200
    assert start.count(Platform) == 2


def test_an_invitation_that_nobody_used_is_withdrawn_at_the_next_start(start: Start) -> None:
    second = start.again()
    with start.database.read() as session:
        withdrawn = [one.withdrawn_at is not None for one in session.scalars(select(PlatformInvitation))]
    assert sorted(withdrawn) == [False, False, True, True]
    assert second.ask(ANHUI) == 200
