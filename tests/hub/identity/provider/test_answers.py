"""Answers that are forged, broken, repeated, late or somebody else's sign nobody in."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from adapters.simulators.identity_provider import MISCHIEF
from adapters.simulators.partners import Partners
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.identity.models import Party, Person, SignInAttempt
from hub.identity.service import provider_sign_in
from tests.hub.identity.provider.conftest import Browser, count
from tests.hub.identity.providers import choose, sign_in
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


OF_DISCOVERY = ("unavailable", "discovery_names_another_issuer", "discovery_moves_the_token_endpoint")
DOWN = {"unavailable": 503, "token_endpoint_answers_html": 503, "deny": 403}


@pytest.mark.parametrize("fault", MISCHIEF)
def test_no_forged_or_broken_answer_signs_anybody_in(
    browser: Browser, partners: Partners, database: Database, clock: VirtualClock, fault: str
) -> None:
    client = browser()
    if fault not in OF_DISCOVERY:
        away = client.get("/sign-in/with/zhejiang").headers["location"]
    partners.providers["zhejiang"].mischief = {fault}
    if fault in OF_DISCOVERY:
        answer = client.get("/sign-in/with/zhejiang")
    else:
        answer = client.get(choose(away, "zj-0001"))
    assert answer.status_code == DOWN.get(fault, 400), answer.text
    assert "未能登录" in answer.text
    assert "hub_session" not in client.cookies
    assert (count(database, Person), count(database, Party)) == (0, 0)
    # and a minute later all is as before
    partners.providers["zhejiang"].mischief.clear()
    clock.advance(60)
    assert sign_in(client, "zhejiang", "zj-0001").status_code == 303


def test_an_answer_is_taken_once(browser: Browser) -> None:
    client = browser()
    back = choose(client.get("/sign-in/with/zhejiang").headers["location"], "zj-0001")
    assert client.get(back).status_code == 303
    again = client.get(back)
    assert (again.status_code, "重新登录" in again.text) == (401, True)


def test_an_answer_is_of_the_browser_that_asked(browser: Browser) -> None:
    """Somebody else's answer, sent to a victim, signs the victim in nowhere."""
    mine, victims = browser(), browser()
    back = choose(mine.get("/sign-in/with/zhejiang").headers["location"], "zj-0001")
    assert victims.get(back).status_code == 401
    victims.get("/sign-in/with/zhejiang")
    assert victims.get(back).status_code == 400
    assert "hub_session" not in victims.cookies


def test_an_answer_to_one_provider_is_none_to_another(browser: Browser) -> None:
    """The mix-up: the browser brings Zhejiang's code to the address of Shanghai."""
    client = browser()
    back = choose(client.get("/sign-in/with/zhejiang").headers["location"], "zj-0001")
    assert client.get(back.replace("/return/zhejiang", "/return/shanghai")).status_code == 401


def test_a_sign_in_that_took_too_long_begins_anew(browser: Browser, clock: VirtualClock) -> None:
    client = browser()
    back = choose(client.get("/sign-in/with/zhejiang").headers["location"], "zj-0001")
    clock.advance(601)
    assert client.get(back).status_code == 401


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=x", "?code=x&state=x&iss=y", "?code=" + "x" * 3000, "?error=access_denied"],
)
def test_what_is_no_answer_is_refused_in_words(browser: Browser, query: str) -> None:
    client = browser()
    client.get("/sign-in/with/zhejiang")
    answer = client.get(f"/sign-in/return/zhejiang{query}")
    assert (answer.status_code, "未能登录" in answer.text) == (400, True)
    assert client.get("/sign-in/return/nowhere").status_code == 404
    assert client.get("/sign-in/with/nowhere").status_code == 404


def test_the_way_there_carries_pkce_state_and_nonce(browser: Browser, database: Database) -> None:
    address = browser().get("/sign-in/with/zhejiang").headers["location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://hub.test/sign-in/return/zhejiang"
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    with database.read() as session:
        held = session.scalars(select(SignInAttempt)).one()
    assert asked["state"] not in (held.state_hash, held.token_hash)


def test_two_windows_of_one_new_person_make_one_person(hub: Runtime, database: Database) -> None:
    sent = [
        provider_sign_in.begin(hub, "zhejiang", target="/", address="-", now=hub.clock()) for _ in range(2)
    ]
    for each in sent:
        query = parse_qs(urlsplit(choose(each.address, "zj-0001")).query)
        answer = {name: values[0] for name, values in query.items()}
        provider_sign_in.finish(hub, "zhejiang", answer, each.token, address="-", now=hub.clock())
    assert count(database, Person) == 1
