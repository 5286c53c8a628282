"""One assertion, many hands: exactly one token."""

import threading
from collections import Counter
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import func, select

from hub.app import create_app
from hub.core.runtime import Runtime
from hub.identity import oauth
from hub.identity.models import AccessToken, SpentAssertion
from hub.identity.service import platform_keys, platforms, signing
from hub.identity.service.signing import HubKey
from tests.hub.identity.oauth.conftest import Enrol
from tests.hub.identity.oauth.platform_client import ISSUER, PlatformClient
from tests.in_process import InProcess

pytestmark = pytest.mark.database

THREADS = 8


def test_an_assertion_is_good_once(platform: PlatformClient) -> None:
    assertion = platform.assertion()
    assert platform.ask(assertion=assertion).status_code == 200
    for path in ("/oauth/token", "/oauth/introspect", "/oauth/revoke"):
        answer = platform.ask(path, assertion=assertion, token="x")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_the_same_jti_of_another_platform_is_another_assertion(enrol: Enrol) -> None:
    for platform in (enrol("310000"), enrol("320000")):
        assert platform.ask(assertion=platform.assertion(jti="1")).status_code == 200
        assert platform.ask(assertion=platform.assertion(jti="1")).status_code == 400


def _at_once(runtime: Runtime, platform: PlatformClient, assertions: list[str]) -> Counter[int]:
    app = create_app(runtime)
    together = threading.Barrier(len(assertions))
    outcomes: list[int] = []

    def ask(assertion: str) -> None:
        with httpx.Client(transport=InProcess(app), base_url=ISSUER) as own:
            form = platform.form(assertion)
            together.wait()
            outcomes.append(own.post("/oauth/token", data=form).status_code)

    threads = [threading.Thread(target=ask, args=(assertion,)) for assertion in assertions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


def test_of_eight_at_once_one_gets_a_token(runtime: Runtime, platform: PlatformClient) -> None:
    for _ in range(3):
        assertion = platform.assertion()
        assert _at_once(runtime, platform, [assertion] * THREADS) == {200: 1, 400: THREADS - 1}
    with runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AccessToken)) == 3
        assert session.scalar(select(func.count()).select_from(SpentAssertion)) == 3


def test_eight_assertions_at_once_get_eight_tokens(runtime: Runtime, platform: PlatformClient) -> None:
    assertions = [platform.assertion() for _ in range(THREADS)]
    assert _at_once(runtime, platform, assertions) == {200: THREADS}


@pytest.mark.parametrize("stopped", ["platform", "key"])
def test_what_is_stopped_in_the_middle_of_a_request_gets_no_token(
    runtime: Runtime, platform: PlatformClient, stopped: str
) -> None:
    """Between the proof of who asks and the token's row an administrator is quicker."""
    now = runtime.clock()

    def stop_and_sign() -> HubKey:
        with runtime.database.write() as session:
            if stopped == "platform":
                platforms.revoke_platform(session, platform.id, actor="account:admin", now=now)
            else:
                platform_keys.retire_key(
                    session, platform.id, "k1", is_forced=True, actor="account:admin", now=now
                )
        return signing.current_key(runtime.database, runtime.home, "token", now=now)

    grounds = oauth.Grounds(runtime.database, ISSUER, stop_and_sign, now)
    body = urlencode(platform.form()).encode()
    answer = oauth.issue_token(grounds, oauth.Posted("application/x-www-form-urlencoded", body, None))
    assert (answer.status, answer.body["error"]) == (400, "invalid_client")
    assert "access_token" not in answer.body
    with runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AccessToken)) == 0
