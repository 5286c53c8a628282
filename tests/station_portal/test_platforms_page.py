"""Staff invite their province's platform and stop what is in wrong hands. Forms only, no scripts."""

import re
from collections.abc import Callable

import httpx

from hub.core.runtime import Runtime
from hub.identity import queries
from hub.identity.service import platforms
from tests.hub.identity.oauth.platform_client import new_key, public_half
from tests.station_portal import world
from tests.station_portal.conftest import text_of

SignIn = Callable[[str], str]
TOKEN = re.compile(r"jyi\.[0-9a-f]{12}\.[A-Za-z0-9_-]{43}")
PAGE = "/staff/platforms"


def _invite(visitor: httpx.Client, csrf: str, **fields: object) -> httpx.Response:
    form = {
        "province": world.MANY,
        "name": "湖北平台",
        "scopes": ["catalogue", "keys"],
        "hours": 72,
        **fields,
    }
    return visitor.post(PAGE, data={"csrf_token": csrf, **form})


def _join(visitor: httpx.Client, page: str, kid: str = "k1") -> str:
    found = TOKEN.search(page)
    assert found is not None
    body = {"token": found.group(0), "public_key": public_half(new_key(kid=kid))}
    name: str = visitor.post("/api/v1/platforms", json=body).json()["client_id"]
    return name


def test_a_platform_from_invitation_to_its_end(visitor: httpx.Client, sign_in: SignIn) -> None:
    csrf = sign_in(f"staff-{world.MANY}")
    assert f'href="{PAGE}"' in visitor.get("/staff").text
    assert "还没有平台接入" in visitor.get(PAGE).text
    shown = _invite(visitor, csrf)
    assert shown.status_code == 201
    assert shown.headers["cache-control"] == "private, no-store"
    token = TOKEN.search(shown.text)
    assert token is not None
    page = visitor.get(PAGE).text
    assert token.group(0) not in page  # it was shown once
    assert token.group(0).split(".")[1] in page  # and waits to be exchanged
    name = _join(visitor, shown.text)
    told = text_of(visitor.get(PAGE).text)
    assert "湖北平台" in told
    assert "k1 ES256" in told
    assert "没有等待兑换的令牌" in told
    again = visitor.post(PAGE, data={"csrf_token": csrf, "platform_id": name})
    assert _join(visitor, again.text, "k2") == name
    asked = visitor.get(f"{PAGE}?confirm=retire-{name}-k1").text
    assert f'<dialog id="retire-{name}-k1" aria-labelledby="retire-{name}-k1-title" open>' in asked
    gone = visitor.post(f"{PAGE}/{name}/keys/k1/retire", data={"csrf_token": csrf})
    assert gone.headers["location"] == f"{PAGE}?told=retired#{name}"
    assert "用它取得的令牌同时失效" in visitor.get(f"{PAGE}?told=retired").text
    visitor.post(f"{PAGE}/{name}/revoke", data={"csrf_token": csrf})
    page = visitor.get(PAGE).text
    assert f"revoke-{name}" not in page


def test_an_invitation_is_withdrawn(visitor: httpx.Client, sign_in: SignIn) -> None:
    csrf = sign_in("admin")
    found = TOKEN.search(_invite(visitor, csrf).text)
    assert found is not None
    invitation = found.group(0).split(".")[1]
    answer = visitor.post(f"{PAGE}/invitations/{invitation}/withdraw", data={"csrf_token": csrf})
    assert answer.headers["location"] == f"{PAGE}?told=withdrawn"
    body = {"token": found.group(0), "public_key": public_half(new_key())}
    assert visitor.post("/api/v1/platforms", json=body).json()["code"] == "invitation_expired"


def test_what_cannot_be_invited_is_said_beside_the_form(visitor: httpx.Client, sign_in: SignIn) -> None:
    csrf = sign_in(f"staff-{world.MANY}")
    answer = _invite(visitor, csrf, scopes=[], name="已填写的名称")
    assert answer.status_code == 422
    assert "<title>错误：" in answer.text
    assert 'href="#scopes"' in answer.text
    assert 'value="已填写的名称"' in answer.text
    assert TOKEN.search(answer.text) is None


def test_walls(visitor: httpx.Client, sign_in: SignIn, own_world: Runtime) -> None:
    """Staff of one province neither see nor touch another's platform; a platform's token opens no page."""
    csrf = sign_in("admin")
    name = _join(visitor, _invite(visitor, csrf).text)
    csrf = sign_in(f"staff-{world.UPLOADS}")
    assert name not in visitor.get(PAGE).text
    assert _invite(visitor, csrf).status_code == 403
    for path in (f"{name}/revoke", f"{name}/keys/k1/retire"):
        assert visitor.post(f"{PAGE}/{path}", data={"csrf_token": csrf}).status_code == 403
        assert visitor.post(f"{PAGE}/{path}").status_code == 403
    assert visitor.post(PAGE, data={"csrf_token": csrf, "platform_id": name}).status_code == 403
    assert visitor.post(f"{PAGE}/pf-310000-0000000000/revoke", data={"csrf_token": csrf}).status_code == 404
    with own_world.database.read() as session:
        held = queries.platform_by_id(session, name)
        assert held is not None
        assert held.revoked_at is None
    visitor.cookies.clear()
    assert (
        visitor.post(f"{PAGE}/{name}/keys/k1/retire", headers={"Authorization": "Bearer x"}).status_code
        == 401
    )
    assert visitor.get(PAGE).headers["location"] == f"/sign-in?next={PAGE}"


def test_the_page_speaks_english(visitor: httpx.Client, sign_in: SignIn, own_world: Runtime) -> None:
    sign_in("admin")
    with own_world.database.write() as session:
        invited = platforms.invite_platform(session, world.MANY, actor="account:admin", now=own_world.clock())
    told = text_of(visitor.get(f"{PAGE}?lang=en").text)
    assert "Platform sign-in" in told
    assert "receive bookings and answer them" in told
    assert invited.id in told
