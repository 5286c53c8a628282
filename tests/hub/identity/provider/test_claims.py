"""What a provider says about enterprises, and that nobody gains anything by it: two providers, one mail, one subject."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from adapters.simulators.identity_provider import Registered
from adapters.simulators.partners import HUZHOU, JIAXING, Partners, credit_code
from hub.core.db import Database
from hub.identity import queries
from hub.identity.models import Case, Grant, Party, Person, ProviderLogin
from tests.hub.identity.provider.conftest import Browser, cases, count, who
from tests.hub.identity.providers import sign_in
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


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
