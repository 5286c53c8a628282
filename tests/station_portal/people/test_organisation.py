"""One's organisation: members and invitations."""

from __future__ import annotations

from sqlalchemy import select

from hub.cli import demo_people
from hub.core.runtime import Runtime
from hub.identity import queries
from hub.identity.models import Account, Person
from tests.station_portal import world
from tests.station_portal.conftest import text_of
from tests.station_portal.people.conftest import Enter, browser, invite, read, send


def test_an_invited_person_makes_an_account_and_joins(enter: Enter, hub: Runtime) -> None:
    token = invite(enter("jiaxing-manager"), role="enterprise_member", note="小李")
    client = browser(hub)
    page = client.get(f"/invitations/{token}")
    assert page.headers["cache-control"] == "no-store"
    assert "企业成员 · 嘉兴秀洲" in text_of(page.text)
    told = {"name": "李（合成）", "username": "jiaxing-manager", "password": demo_people.PASSWORD}
    taken = client.post(f"/invitations/{token}/join", data=told)
    assert (taken.status_code, "该用户名已被使用" in taken.text) == (422, True)
    assert 'value="李（合成）"' in taken.text
    with hub.database.read() as session:
        before = len(session.scalars(select(Person.id)).all())
    short = client.post(f"/invitations/{token}/join", data=told | {"username": "li", "password": "short"})
    assert short.status_code == 422
    with hub.database.read() as session:
        assert len(session.scalars(select(Person.id)).all()) == before, "nothing is half made"
    joined = client.post(f"/invitations/{token}/join", data=told | {"username": "li"})
    assert joined.status_code == 303
    assert client.get(f"/invitations/{token}").status_code == 410
    client.post("/sign-in", data={"username": "li", "password": demo_people.PASSWORD})
    assert "李（合成）" in read(client, "/organisation")


def test_who_is_signed_in_accepts_as_themselves(enter: Enter) -> None:
    token = invite(enter("jiaxing-manager"), role="enterprise_manager")
    client = enter("huzhou-manager")
    assert send(client, f"/invitations/{token}", f"/invitations/{token}/accept").status_code == 303
    assert "企业管理员 · 嘉兴秀洲" in read(client, "/account")


def test_a_manager_ends_memberships_but_not_the_last_of_their_own(enter: Enter, hub: Runtime) -> None:
    client = enter("jiaxing-manager")
    with hub.database.read() as session:
        grants = {
            account.username: queries.grants_of(session, account.person_id)[0].id
            for account in session.scalars(select(Account))
        }
    mine, members = grants["jiaxing-manager"], grants["jiaxing-member"]
    foreign = grants["huzhou-manager"]
    assert send(client, "/organisation", f"/organisation/members/{foreign}/end").status_code == 403
    last = send(client, "/organisation", f"/organisation/members/{mine}/end")
    assert (last.status_code, "唯一的管理员" in last.text) == (409, True)
    assert send(client, "/organisation", f"/organisation/members/{members}/end").status_code == 303
    assert "王工程师" not in read(client, "/organisation")


def test_an_institution_has_its_people_too(enter: Enter, hub: Runtime) -> None:
    missing = demo_people.put_institutions(hub.database, [world.MANY], clock=hub.clock)
    assert missing == set()
    client = enter(f"institution-{world.MANY}")
    page = read(client, "/organisation")
    assert "机主" in page
    assert "归属地" not in page
    token = invite(client, role="instrument_operator")
    assert "机主 · 合成大学" in text_of(browser(hub).get(f"/invitations/{token}").text)
