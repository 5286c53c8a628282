"""Every way to ask for a token that must not work: each is answered in the words of RFC 6749, and none by a fault."""

import dataclasses
import json
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from sqlalchemy import func, select

from hub.app import create_app
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.identity.models import AccessToken, SpentAssertion
from tests.hub.identity.oauth.conftest import Enrol
from tests.hub.identity.oauth.platform_client import (
    ASSERTION_TYPE,
    ISSUER,
    PlatformClient,
    new_key,
    public_half,
    signed,
)
from tests.in_process import InProcess
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

Twist = Callable[[PlatformClient], str]

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEN_YEARS = 10 * 365 * 86400


def _now(platform: PlatformClient) -> int:
    return int(platform.clock().timestamp())


def _segment(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _claims_of(platform: PlatformClient) -> dict[str, Any]:
    now = _now(platform)
    return {
        "iss": platform.id,
        "sub": platform.id,
        "aud": ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": uuid.uuid4().hex,
    }


def _unsigned(platform: PlatformClient, header: dict[str, Any]) -> str:
    return f"{_segment(header)}.{_segment(_claims_of(platform))}."


def _by_hmac_with_the_public_key(platform: PlatformClient) -> str:
    public = platform.key.export_to_pem()
    secret = JWK(kty="oct", k=_segment(public))
    return signed(_claims_of(platform), secret, {"alg": "HS256", "kid": "k1"})


def _by_a_key_in_the_header(platform: PlatformClient) -> str:
    own = new_key()
    header = {"alg": "ES256", "jwk": public_half(own), "jku": "https://attacker.example/jwks"}
    return signed(_claims_of(platform), own, header)


def _by_a_key_of_the_same_name(platform: PlatformClient) -> str:
    return signed(_claims_of(platform), new_key(kid="k1"), {"alg": "ES256", "kid": "k1"})


def _with_duplicate_claims(platform: PlatformClient) -> str:
    claims = json.dumps(_claims_of(platform) | {"aud": "https://elsewhere.example"})
    return signed(claims[:-1] + f',"iss":"{platform.id}"}}', platform.key, {"alg": "ES256"})


ASSERTIONS: dict[str, Twist] = {
    "alg none": lambda p: _unsigned(p, {"alg": "none"}),
    "alg none with a signature": lambda p: _unsigned(p, {"alg": "None", "kid": "k1"}) + "AAAA",
    "HS256 with the public key": _by_hmac_with_the_public_key,
    "a key in the header": _by_a_key_in_the_header,
    "another key of the same name": _by_a_key_of_the_same_name,
    "EdDSA by name only": lambda p: _renamed(p, "EdDSA"),
    "RS256 by name only": lambda p: _renamed(p, "RS256"),
    "ES384 by name only": lambda p: _renamed(p, "ES384"),
    "alg a list": lambda p: _with_header(p, {"alg": ["ES256"]}),
    "alg with a quote": lambda p: _with_header(p, {"alg": 'ES256"\\'}),
    "alg in Chinese": lambda p: _with_header(p, {"alg": "椭圆曲线"}),
    "alg missing": lambda p: _with_header(p, {"kid": "k1"}),
    "unknown kid": lambda p: p.assertion(header={"kid": "k9"}),
    "kid a number": lambda p: p.assertion(header={"kid": 1}),
    "kid an injection": lambda p: p.assertion(header={"kid": "k1' OR '1'='1"}),
    "critical extension": lambda p: _with_header(p, {"alg": "ES256", "crit": ["exp"]}),
    "unencoded payload": lambda p: _with_header(p, {"alg": "ES256", "b64": False}),
    "typ of an access token": lambda p: p.assertion(header={"typ": "at+jwt"}),
    "ten-year life": lambda p: p.assertion(exp=_now(p) + TEN_YEARS),
    "ten-year life, issued in the future": lambda p: p.assertion(
        iat=_now(p) + TEN_YEARS, exp=_now(p) + TEN_YEARS + 60
    ),
    "301 seconds of life": lambda p: p.assertion(exp=_now(p) + 301),
    "no life": lambda p: p.assertion(iat=_now(p), exp=_now(p)),
    "expires before it is issued": lambda p: p.assertion(iat=_now(p) + 20, exp=_now(p) + 10),
    "expired": lambda p: p.assertion(iat=_now(p) - 100, exp=_now(p) - 30),
    "no exp": lambda p: p.assertion(exp=None),
    "no iat": lambda p: p.assertion(iat=None),
    "iat in the future": lambda p: p.assertion(iat=_now(p) + 31),
    "nbf in the future": lambda p: p.assertion(nbf=_now(p) + 31),
    "iat as text": lambda p: p.assertion(iat=str(_now(p))),
    "iat true": lambda p: p.assertion(iat=True),
    "exp endless": lambda p: p.assertion(exp=1e300),
    "exp negative": lambda p: p.assertion(exp=-1),
    "exp an object": lambda p: p.assertion(exp={"$gt": 0}),
    "other audience": lambda p: p.assertion(aud="https://elsewhere.example"),
    "audience with a slash": lambda p: p.assertion(aud=f"{ISSUER}/"),
    "audience as the request names it": lambda p: p.assertion(aud="http://hub.test/oauth/token"),
    "audience the API": lambda p: p.assertion(aud=f"{ISSUER}/api/v1"),
    "two audiences": lambda p: p.assertion(aud=[ISSUER, "https://elsewhere.example"]),
    "no audience in a list": lambda p: p.assertion(aud=[]),
    "audience in a list in a list": lambda p: p.assertion(aud=[[ISSUER]]),
    "no audience": lambda p: p.assertion(aud=None),
    "no iss": lambda p: p.assertion(iss=None),
    "no sub": lambda p: p.assertion(sub=None),
    "sub a number": lambda p: p.assertion(sub=1),
    "sub unknown": lambda p: p.assertion(sub="pf-310000-0000000000"),
    "iss somebody else": lambda p: p.assertion(iss="pf-310000-0000000000"),
    "unknown client": lambda p: p.assertion(iss="nobody", sub="nobody"),
    "client with NUL": lambda p: p.assertion(iss="\0", sub="\0"),
    "client very long": lambda p: p.assertion(iss="x" * 2000, sub="x" * 2000),
    "no jti": lambda p: p.assertion(jti=None),
    "empty jti": lambda p: p.assertion(jti=""),
    "long jti": lambda p: p.assertion(jti="x" * 129),
    "jti a number": lambda p: p.assertion(jti=7),
    "claims twice": _with_duplicate_claims,
    "payload a list": lambda p: signed([1, 2], p.key, {"alg": "ES256"}),
    "payload text": lambda p: signed(b'"text"', p.key, {"alg": "ES256"}),
    "payload not JSON": lambda p: signed(b"\xff\xfe", p.key, {"alg": "ES256"}),
    "payload NaN": lambda p: signed(b'{"sub": NaN}', p.key, {"alg": "ES256"}),
    "payload deep": lambda p: signed(b'{"a":' + b"[" * 1400 + b"]" * 1400 + b"}", p.key, {"alg": "ES256"}),
    "signature missing": lambda p: p.assertion().rpartition(".")[0] + ".",
    "signature cut": lambda p: p.assertion()[:-2],
    "signature DER": lambda p: p.assertion().rpartition(".")[0] + "." + "MEUCIQ" + "A" * 90,
    "two segments": lambda p: p.assertion().rpartition(".")[0],
    "four segments": lambda p: p.assertion() + ".AAAA",
    "five segments": lambda p: "a.b.c.d.e",
    "dots": lambda p: "..",
    "blanks": lambda p: p.assertion() + " ",
    "padded": lambda p: p.assertion() + "=",
    "not ASCII": lambda p: "断言.断言.断言",
    "NUL": lambda p: "\0.\0.\0",
    "four megabytes would not fit, five kilobytes do not either": lambda p: "a." + "a" * 5000 + ".a",
}


def _with_header(platform: PlatformClient, header: dict[str, Any]) -> str:
    """A good assertion under a header that jwcrypto would not write, signed all the same."""
    start = f"{_segment(header)}.{platform.assertion().split('.')[1]}"
    r_and_s = decode_dss_signature(platform.key.get_op_key("sign").sign(start.encode(), ECDSA(SHA256())))
    return f"{start}.{_segment(b''.join(each.to_bytes(32, 'big') for each in r_and_s))}"


def _renamed(platform: PlatformClient, algorithm: str) -> str:
    return _with_header(platform, {"alg": algorithm, "kid": "k1"})


@pytest.mark.parametrize("part", range(4))
def test_a_hostile_assertion_gets_nothing(platform: PlatformClient, runtime: Runtime, part: int) -> None:
    for name in list(ASSERTIONS)[part::4]:
        answer = platform.ask(assertion=ASSERTIONS[name](platform))
        told = answer.json()
        assert (answer.status_code, told.get("error")) == (400, "invalid_client"), (name, told)
        assert _is_description(told["error_description"]), name
        assert answer.headers["cache-control"] == "no-store"
    with runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AccessToken)) == 0


@pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])
def test_the_other_endpoints_are_as_strict(platform: PlatformClient, path: str) -> None:
    token = platform.token()
    for name in ("alg none", "HS256 with the public key", "ten-year life", "other audience", "no jti"):
        answer = platform.ask(path, assertion=ASSERTIONS[name](platform), token=token)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client"), name
    assert platform.ask("/oauth/introspect", token=token).json()["active"]


GOOD: dict[str, Twist] = {
    "ordinary": lambda p: p.assertion(),
    "audience the token endpoint": lambda p: p.assertion(aud=f"{ISSUER}/oauth/token"),
    "audience in a list of one": lambda p: p.assertion(aud=[ISSUER]),
    "no kid": lambda p: p.assertion(header={"kid": None}),
    "five minutes": lambda p: p.assertion(exp=_now(p) + 300),
    "fractions of seconds": lambda p: p.assertion(iat=_now(p) - 0.5, exp=_now(p) + 59.5),
    "a clock that is 30 seconds fast": lambda p: p.assertion(iat=_now(p) + 30, exp=_now(p) + 90),
    "a clock that is 29 seconds slow": lambda p: p.assertion(iat=_now(p) - 89, exp=_now(p) - 29),
    "typ JWT": lambda p: p.assertion(header={"typ": "JWT"}),
    "typ of RFC 7523's successor": lambda p: p.assertion(header={"typ": "client-authentication+jwt"}),
    "claims that nobody knows": lambda p: p.assertion(nonce="x", 备注="好"),
    "long jti": lambda p: p.assertion(jti="x" * 128),
}


def test_what_is_allowed_works(platform: PlatformClient) -> None:
    for name, make in GOOD.items():
        assert platform.ask(assertion=make(platform)).status_code == 200, name


def test_another_platforms_key_signs_nothing(enrol: Enrol) -> None:
    one, other = enrol("310000"), enrol("320000")
    posing = PlatformClient(other.http, other.clock, one.id, other.key)
    assert posing.ask().json()["error"] == "invalid_client"
    answer = one.ask(client_id=other.id)
    assert answer.json()["error"] == "invalid_client"
    assert one.ask(client_id=one.id).status_code == 200


BODIES: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "JSON": (
        b'{"grant_type":"client_credentials"}',
        {"Content-Type": "application/json"},
        400,
        "invalid_request",
    ),
    "no type": (b"grant_type=client_credentials", {}, 400, "invalid_request"),
    "multipart": (
        b'--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--x--\r\n',
        {"Content-Type": "multipart/form-data; boundary=x"},
        400,
        "invalid_request",
    ),
    "empty": (b"", FORM, 400, "invalid_request"),
    "no grant": (b"scope=catalogue%3A310000", FORM, 400, "invalid_request"),
    "empty grant": (b"grant_type=", FORM, 400, "invalid_request"),
    "other grant": (b"grant_type=password&username=a&password=b", FORM, 400, "unsupported_grant_type"),
    "grant of words": ('grant_type=密码"\\'.encode(), FORM, 400, "invalid_request"),
    "grant with quotes": (b"grant_type=%22%5C%E5%AF%86", FORM, 400, "unsupported_grant_type"),
    "no assertion": (b"grant_type=client_credentials", FORM, 401, "invalid_client"),
    "other assertion type": (
        b"grant_type=client_credentials&client_assertion_type=saml&client_assertion=x",
        FORM,
        401,
        "invalid_client",
    ),
    "a parameter twice": (
        b"grant_type=client_credentials&grant_type=client_credentials",
        FORM,
        400,
        "invalid_request",
    ),
    "many parameters": (b"&".join(b"a%d=1" % n for n in range(30)), FORM, 400, "invalid_request"),
    "not a form": (b"\x00\x01\x02", FORM, 400, "invalid_request"),
    "broken percent": (b"grant_type=%ZZ", FORM, 400, "unsupported_grant_type"),
    "broken UTF-8": (b"grant_type=%FF%FE", FORM, 400, "invalid_request"),
    "huge": (b"grant_type=client_credentials&x=" + b"x" * 3_000_000, FORM, 413, "invalid_request"),
    "just too large": (b"grant_type=client_credentials&x=" + b"x" * 16_384, FORM, 413, "invalid_request"),
}


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
def test_a_malformed_request_is_refused_in_the_words_of_oauth(client: httpx.Client, path: str) -> None:
    for name, (content, headers, status, error) in BODIES.items():
        answer = client.post(path, content=content, headers=headers)
        told = answer.json()
        if path == "/oauth/token":
            assert (answer.status_code, told["error"]) == (status, error), name
        assert 400 <= answer.status_code < 500, name
        assert _is_description(told.get("error_description", "-")), name
        assert answer.headers["content-type"] == "application/json"


def test_the_form_in_the_address_is_not_a_form(client: httpx.Client, platform: PlatformClient) -> None:
    answer = client.post("/oauth/token", params=platform.form(), headers=FORM)
    assert answer.json()["error"] == "invalid_request"
    assert client.get("/oauth/token", params=platform.form()).status_code == 405


def test_two_ways_of_authentication_are_one_too_many(client: httpx.Client, platform: PlatformClient) -> None:
    answer = client.post("/oauth/token", data=platform.form(), auth=(platform.id, "x"))
    assert answer.json()["error"] == "invalid_request"


def test_a_proxys_headers_change_nothing(platform: PlatformClient, runtime: Runtime) -> None:
    """The audience is the settings' whatever the request says; Authlib by itself answers 500 to plain http here."""
    public = dataclasses.replace(runtime, public_url="https://hub.example.cn")
    headers = {
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "attacker.example",
        "Forwarded": "host=attacker.example",
    }
    transport = InProcess(create_app(public), client=("203.0.113.9", 1))
    with httpx.Client(transport=transport, base_url="http://10.0.0.7:8000", headers=headers) as behind:
        through = dataclasses.replace(platform, http=behind, issuer="https://hub.example.cn")
        assert through.ask().status_code == 200
        told = behind.get("/.well-known/oauth-authorization-server").json()
        assert told["issuer"] == "https://hub.example.cn"
        assert told["token_endpoint"] == "https://hub.example.cn/oauth/token"
        for claimed in (
            "http://10.0.0.7:8000",
            "https://attacker.example",
            "http://attacker.example/oauth/token",
        ):
            assert through.ask(assertion=through.assertion(aud=claimed)).json()["error"] == "invalid_client"


def test_a_refused_assertion_may_be_tried_again_a_spent_one_not(
    platform: PlatformClient, clock: VirtualClock, database: Database
) -> None:
    early = platform.assertion(iat=_now(platform) + 40, exp=_now(platform) + 100)
    assert platform.ask(assertion=early).status_code == 400
    clock.advance(15)
    assert platform.ask(assertion=early).status_code == 200
    wanting = platform.assertion()
    assert platform.ask(assertion=wanting, scope="nothing").json()["error"] == "invalid_scope"
    assert platform.ask(assertion=wanting).json()["error"] == "invalid_client"
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(SpentAssertion)) == 2


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.dictionaries(
            st.sampled_from(
                ["grant_type", "client_assertion_type", "client_assertion", "scope", "client_id"]
            ),
            st.one_of(
                st.sampled_from(["client_credentials", ASSERTION_TYPE, "eyJhbGciOiJFUzI1NiJ9.e30.AAAA"]),
                st.text(max_size=40),
            ),
        ),
    )
)
def test_whatever_is_posted_is_answered_in_words(
    client: httpx.Client, content: bytes | dict[str, str]
) -> None:
    if isinstance(content, bytes):
        answer = client.post("/oauth/token", content=content, headers=FORM)
    else:
        answer = client.post("/oauth/token", data=content)
    assert 400 <= answer.status_code < 500
    assert _is_description(answer.json().get("error_description", "-"))


def _is_description(text: str) -> bool:
    # RFC 6749, 5.2: %x20-21 / %x23-5B / %x5D-7E
    return bool(text) and all(" " <= character <= "~" and character not in '"\\' for character in text)
