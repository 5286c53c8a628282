"""What providers publish is kept for a while; beginning is slowed down; the file that names them is checked."""

from __future__ import annotations

import pytest

from adapters.simulators.partners import Partners
from hub.core.partners import PartnersMalformed, partners_of
from hub.core.runtime import Runtime
from hub.identity.service import provider_sign_in
from tests.hub.identity.provider.conftest import Browser
from tests.hub.identity.providers import choose, sign_in
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


def test_signing_keys_may_rotate(browser: Browser, partners: Partners) -> None:
    sign_in(browser(), "zhejiang", "zj-0001")
    partners.providers["zhejiang"].rotate()
    assert sign_in(browser(), "zhejiang", "zj-0001").status_code == 303


def test_what_a_provider_publishes_is_kept_for_a_while(
    browser: Browser, partners: Partners, clock: VirtualClock
) -> None:
    """Twenty sign-ins read discovery and keys once; the keys again after 15 minutes, both after an hour."""
    asked = partners.providers["zhejiang"].asked
    asked.clear()
    for _ in range(20):
        sign_in(browser(), "zhejiang", "zj-0003")
    assert (asked["openid-configuration"], asked["jwks"], asked["token"]) == (1, 1, 20)
    clock.advance(15 * 60 + 1)
    sign_in(browser(), "zhejiang", "zj-0003")
    assert (asked["openid-configuration"], asked["jwks"]) == (1, 2)
    clock.advance(45 * 60)
    sign_in(browser(), "zhejiang", "zj-0003")
    assert (asked["openid-configuration"], asked["jwks"]) == (2, 3)


def test_keys_are_not_read_again_for_every_unknown_one(
    browser: Browser, partners: Partners, clock: VirtualClock
) -> None:
    provider = partners.providers["zhejiang"]
    sign_in(browser(), "zhejiang", "zj-0001")
    provider.asked.clear()
    provider.rotate()
    provider.mischief = {"key_not_published"}
    for _ in range(5):
        assert sign_in(browser(), "zhejiang", "zj-0001").status_code == 400
    assert provider.asked["jwks"] == 1
    clock.advance(60)
    assert sign_in(browser(), "zhejiang", "zj-0001").status_code == 400
    assert provider.asked["jwks"] == 2


def test_a_provider_that_moved_is_found_again(browser: Browser, partners: Partners) -> None:
    """Its token endpoint does not answer any more: the next sign-in reads where it is now."""
    provider = partners.providers["zhejiang"]
    client = browser()
    back = choose(client.get("/sign-in/with/zhejiang").headers["location"], "zj-0001")
    provider.mischief = {"token_endpoint_answers_html"}
    assert client.get(back).status_code == 503
    provider.mischief.clear()
    provider.asked.clear()
    assert sign_in(browser(), "zhejiang", "zj-0001").status_code == 303
    assert provider.asked["openid-configuration"] == 1


def test_beginning_without_end_is_slowed_down(
    hub: Runtime, browser: Browser, partners: Partners, clock: VirtualClock
) -> None:
    """Per address and provider; who comes back signed in takes nothing of it."""
    for _ in range(40):
        assert sign_in(browser(), "zhejiang", "zj-0003").status_code == 303
    client = browser()
    for _ in range(30):
        assert client.get("/sign-in/with/zhejiang").status_code == 303
    told = client.get("/sign-in/with/zhejiang")
    assert (told.status_code, told.headers["retry-after"]) == (429, "30")
    assert "30 秒后重试" in told.text
    assert client.get("/sign-in/with/shanghai").status_code == 303
    provider_sign_in.begin(hub, "zhejiang", target="/", address="203.0.113.9", now=clock())
    clock.advance(30)
    assert sign_in(client, "zhejiang", "zj-0003").status_code == 303


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
