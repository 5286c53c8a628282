"""Signing in through provinces' identity providers: who somebody is, what forged answers bring, and who gains nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import func, select

from adapters.simulators.identity_provider import MISCHIEF, Registered
from adapters.simulators.partners import HUZHOU, JIAXING, Partners, credit_code
from hub.core.db import Database
from hub.core.partners import PartnersMalformed, partners_of
from hub.core.runtime import Runtime
from hub.identity import queries
from hub.identity.models import Case, Grant, Party, Person, ProviderLogin, SignInAttempt
from hub.identity.service import provider_sign_in
from station_portal.app import create_app
from tests.hub.identity.providers import choose, running_partners, sign_in
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

Browser = Callable[[], httpx.Client]


@pytest.fixture(scope="module")
def _running() -> Iterator[Partners]:
    with running_partners() as partners:
        yield partners


@pytest.fixture
def partners(_running: Partners, clock: VirtualClock) -> Iterator[Partners]:
    """The providers, well behaved and on the test's clock."""
    kept = {name: provider.people for name, provider in _running.providers.items()}
    for provider in _running.providers.values():
        provider.clock = lambda: clock().timestamp()
    yield _running
    for name, provider in _running.providers.items():
        provider.people = kept[name]
        provider.mischief.clear()


@pytest.fixture
def hub(runtime: Runtime, partners: Partners) -> Runtime:
    """A hub that knows both providers."""
    held = partners_of(partners.document())
    return dataclasses.replace(runtime, partners=held, public_url="http://hub.test")


@pytest.fixture
def browser(hub: Runtime) -> Iterator[Browser]:
    """Browsers without scripts, each with its own cookies."""
    opened: list[httpx.Client] = []
    app = create_app(hub)

    def new() -> httpx.Client:
        client = httpx.Client(
            transport=InProcess(app), base_url="http://hub.test", headers={"Accept": "text/html"}
        )
        opened.append(client)
        return client

    yield new
    for client in opened:
        client.close()


def who(client: httpx.Client) -> dict[str, object]:
    held: dict[str, object] = client.get("/api/v1/session", headers={"Accept": "application/json"}).json()
    return held


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def cases(database: Database) -> list[tuple[str, str, list[str]]]:
    with database.read() as session:
        return [(case.kind, case.state, case.reasons) for case in session.scalars(select(Case))]


def test_the_first_person_of_an_enterprise_is_confirmed_by_the_providers_claim(
    browser: Browser, database: Database, clock: VirtualClock
) -> None:
    client = browser()
    assert sign_in(client, "zhejiang", "zj-0001").headers["location"] == "/account"
    told = who(client)
    assert (told["role"], told["province"]) == ("enterprise_manager", None)
    assert str(told["name"]).startswith("person:p-")
    with database.read() as session:
        party = queries.enterprise_by_code(session, JIAXING["credit_code"])
        assert party is not None
        assert told["party"] == party.id
        home = queries.home_at(session, party.id, clock())
    assert home is not None
    assert (home.area, home.province, home.basis) == ("330402", "330000", "provider_claim")
    assert (home.recheck_on - clock().date()).days == 365


def test_the_same_person_again_is_the_same_person(browser: Browser, database: Database) -> None:
    for _ in range(2):
        sign_in(browser(), "zhejiang", "zj-0001")
    assert (count(database, Person), count(database, Party), count(database, Grant)) == (1, 1, 1)


def test_a_sign_in_renews_the_yearly_check(browser: Browser, database: Database, clock: VirtualClock) -> None:
    sign_in(browser(), "zhejiang", "zj-0001")
    clock.advance(300 * 86_400)
    sign_in(browser(), "zhejiang", "zj-0001")
    with database.read() as session:
        party = queries.enterprise_by_code(session, JIAXING["credit_code"])
        assert party is not None
        home = queries.home_at(session, party.id, clock())
    assert home is not None
    assert (home.recheck_on - clock().date()).days == 365


def test_somebody_without_an_enterprise_is_a_person_and_nothing_more(browser: Browser) -> None:
    client = browser()
    sign_in(client, "zhejiang", "zj-0003")
    assert (who(client)["role"], who(client)["grants"]) == ("person", [])


# --- nobody gains anything ---------------------------------------------------------------------------------------


def test_two_providers_claim_one_enterprise(browser: Browser, database: Database) -> None:
    """Shanghai's provider asserts the enterprise that Zhejiang's has confirmed: a case, and nothing granted."""
    sign_in(browser(), "zhejiang", "zj-0001")
    other = browser()
    sign_in(other, "shanghai", "sh-0001")
    assert (who(other)["role"], who(other)["grants"]) == ("person", [])
    assert cases(database) == [("foreign_claim", "open", ["home_elsewhere"])]
    with database.read() as session:
        party = queries.enterprise_by_code(session, JIAXING["credit_code"])
        assert party is not None
        assert len(queries.members_of(session, party.id)) == 1
        home = queries.home_at(session, party.id, VirtualClock()())
    assert home is not None
    assert home.area == "330402"
    sign_in(other, "shanghai", "sh-0001")
    with database.read() as session:
        assert session.scalars(select(Case.times_seen)).all() == [2]


def test_a_provider_speaks_of_its_own_province_only(
    browser: Browser, partners: Partners, database: Database
) -> None:
    """Unknown to the hub and registered in Zhejiang: Shanghai's word opens a case for Zhejiang's office."""
    person = Registered("sh-9", "某人（合成）", "x@example.cn", (HUZHOU,))
    partners.providers["shanghai"].people = (person,)
    client = browser()
    sign_in(client, "shanghai", "sh-9")
    assert who(client)["role"] == "person"
    assert cases(database) == [("foreign_claim", "open", ["claimed_area_elsewhere"])]
    assert count(database, Party) == 0


def test_whoever_claims_first_from_the_wrong_province_keeps_nobody_out(browser: Browser) -> None:
    sign_in(
        browser(), "shanghai", "sh-0001"
    )  # says that the enterprise is in Shanghai; its code says otherwise
    client = browser()
    sign_in(client, "zhejiang", "zj-0001")
    assert who(client)["role"] == "enterprise_manager"


def test_a_code_that_hints_elsewhere_is_looked_at_by_an_office_first(
    browser: Browser, database: Database
) -> None:
    client = browser()
    sign_in(client, "shanghai", "sh-0001")
    assert who(client)["role"] == "person"
    assert cases(database) == [("verification", "open", ["credit_code_hints_elsewhere"])]


def test_the_same_mail_at_two_providers_is_two_people(browser: Browser, database: Database) -> None:
    """zj-0001 and sh-0001 have one mail address; nobody becomes anybody else by it."""
    first, second = browser(), browser()
    sign_in(first, "zhejiang", "zj-0001")
    sign_in(second, "shanghai", "sh-0001")
    assert who(first)["name"] != who(second)["name"]
    assert count(database, Person) == 2


def test_the_same_subject_at_two_issuers_is_two_people(browser: Browser, database: Database) -> None:
    first, second = browser(), browser()
    sign_in(first, "zhejiang", "zj-0001")
    sign_in(second, "shanghai", "zj-0001")
    assert who(first)["name"] != who(second)["name"]
    assert who(second)["grants"] == []
    with database.read() as session:
        issuers = session.scalars(
            select(ProviderLogin.issuer).where(ProviderLogin.subject == "zj-0001")
        ).all()
    assert len(set(issuers)) == 2


def test_who_comes_second_is_for_the_manager_to_invite(
    browser: Browser, partners: Partners, database: Database
) -> None:
    colleague = Registered("zj-0009", "同事（合成）", "y@example.cn", (JIAXING,))
    partners.providers["zhejiang"].people = (*partners.providers["zhejiang"].people, colleague)
    sign_in(browser(), "zhejiang", "zj-0001")
    client = browser()
    sign_in(client, "zhejiang", "zj-0009")
    assert who(client)["grants"] == []
    assert cases(database) == []


def test_not_authorised_is_not_authorised(browser: Browser, partners: Partners, database: Database) -> None:
    person = Registered("zj-8", "前员工（合成）", "z@example.cn", ({**JIAXING, "authorised": False},))
    partners.providers["zhejiang"].people = (person,)
    client = browser()
    sign_in(client, "zhejiang", "zj-8")
    assert (who(client)["grants"], count(database, Party), cases(database)) == ([], 0, [])


@pytest.mark.parametrize(
    "claim",
    [
        None,
        "91330400MA20260016",
        [[]],
        [{**JIAXING, "credit_code": "91330400MA20260017"}],
        [{**JIAXING, "credit_code": 5}],
        [{**JIAXING, "area": "330000"}],
        [{**JIAXING, "area": "110105"}],
        [{**JIAXING, "name": ""}],
        [{**JIAXING, "name": "长" * 201}],
        [{**JIAXING, "authorised": "yes"}],
        [{}] * 1000,
    ],
)
def test_a_claim_that_is_not_one_grants_nothing(
    browser: Browser, partners: Partners, database: Database, claim: object
) -> None:
    person = Registered("zj-7", "某人（合成）", "z@example.cn")
    object.__setattr__(person, "enterprises", claim if claim is not None else ())
    partners.providers["zhejiang"].people = (person,)
    client = browser()
    assert sign_in(client, "zhejiang", "zj-7").status_code == 303
    assert (who(client)["grants"], count(database, Party)) == ([], 0)


def test_a_move_within_the_province_is_a_case(
    browser: Browser, partners: Partners, database: Database, clock: VirtualClock
) -> None:
    sign_in(browser(), "zhejiang", "zj-0001")
    person = Registered("zj-0001", "沈经办", "shen@example.cn", ({**JIAXING, "area": "330502"},))
    partners.providers["zhejiang"].people = (person,)
    sign_in(browser(), "zhejiang", "zj-0001")
    assert cases(database) == [("move", "open", ["area_differs"])]
    with database.read() as session:
        party = queries.enterprise_by_code(session, JIAXING["credit_code"])
        assert party is not None
        home = queries.home_at(session, party.id, clock())
    assert home is not None
    assert home.area == "330402"


def test_one_person_may_act_for_two_enterprises(browser: Browser, partners: Partners) -> None:
    second = {**JIAXING, "credit_code": credit_code("330400", 7), "name": "另一家（合成）"}
    partners.providers["zhejiang"].people = (
        Registered("zj-6", "某人（合成）", "z@example.cn", (JIAXING, second)),
    )
    client = browser()
    sign_in(client, "zhejiang", "zj-6")
    grants = who(client)["grants"]
    assert isinstance(grants, list)
    assert {grant["role"] for grant in grants} == {"enterprise_manager"}
    assert len(grants) == 2


# --- forged, broken and repeated answers --------------------------------------------------------------------------

DOWN = {"unavailable": 503, "token_endpoint_answers_html": 503, "deny": 403}


@pytest.mark.parametrize("fault", MISCHIEF)
def test_no_forged_or_broken_answer_signs_anybody_in(
    browser: Browser, partners: Partners, database: Database, fault: str
) -> None:
    client = browser()
    away = client.get("/sign-in/with/zhejiang")
    partners.providers["zhejiang"].mischief = {fault}
    if fault in ("unavailable", "discovery_names_another_issuer", "discovery_moves_the_token_endpoint"):
        answer = client.get("/sign-in/with/zhejiang")
    else:
        answer = client.get(choose(away.headers["location"], "zj-0001"))
    assert answer.status_code == DOWN.get(fault, 400), answer.text
    assert "未能登录" in answer.text
    assert "hub_session" not in client.cookies
    assert (count(database, Person), count(database, Party)) == (0, 0)
    # and afterwards all is as before
    partners.providers["zhejiang"].mischief.clear()
    assert sign_in(client, "zhejiang", "zj-0001").status_code == 303


def test_signing_keys_may_rotate(browser: Browser, partners: Partners) -> None:
    sign_in(browser(), "zhejiang", "zj-0001")
    partners.providers["zhejiang"].rotate()
    assert sign_in(browser(), "zhejiang", "zj-0001").status_code == 303


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
    sent = [provider_sign_in.begin(hub, "zhejiang", target="/", now=hub.clock()) for _ in range(2)]
    for each in sent:
        query = parse_qs(urlsplit(choose(each.address, "zj-0001")).query)
        answer = {name: values[0] for name, values in query.items()}
        provider_sign_in.finish(hub, "zhejiang", answer, each.token, address="-", now=hub.clock())
    assert count(database, Person) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "http://idp.example"},
        {"issuer": ""},
        {"province": "33"},
        {"id": "Z j"},
        {"algorithms": ["HS256"]},
        {"algorithms": []},
        {"client_secret": 5},
        {"name_zh": None},
    ],
)
def test_the_file_of_partners_is_checked(partners: Partners, changed: dict[str, object]) -> None:
    document = partners.document()
    document["identity_providers"][0] |= changed
    with pytest.raises(PartnersMalformed, match=r"identity_providers\[0\]"):
        partners_of(document)


@pytest.mark.parametrize(
    "document",
    [[], {"identity_providers": {}}, {"audit_heads": []}, {"audit_heads": {"330000": "ftp://x"}}],
)
def test_other_files_are_no_partners(document: object) -> None:
    with pytest.raises(PartnersMalformed):
        partners_of(document)
