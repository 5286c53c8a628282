"""The outbound guard: where it does not go, and what it does not read to the end."""

import ast
import gzip
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from hub.core.addresses import host_and_port, is_public
from hub.core.outbound import OutboundLimit, OutboundRefused, client

ROOT = Path(__file__).resolve().parents[3]


class _Province(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        getattr(self, f"give_{self.path.strip('/').replace('-', '_')}")()

    def _give(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def give_plain(self) -> None:
        self._give(b"x" * 1000)

    def give_packed(self) -> None:
        self._give(gzip.compress("仪器".encode() * 1000), Content_Encoding="gzip")

    def give_bomb(self) -> None:
        self._give(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")

    def give_two_members(self) -> None:
        self._give(gzip.compress(b"a") + gzip.compress(b"b"), Content_Encoding="gzip")

    def give_half_packed(self) -> None:
        self._give(gzip.compress(b"abc" * 1000)[:20], Content_Encoding="gzip")

    def give_brotli(self) -> None:
        self._give(b"x", Content_Encoding="br")

    def give_endless(self) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self._drip(b"x" * 1000, 0.0)

    def give_slow_body(self) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self._drip(b"x", 0.02)

    def give_slow_head(self) -> None:
        self._drip(b"HTTP/1.1 200 OK\r\n", 0.0, times=1)
        self._drip(b"X-A: b\r\n", 0.02)

    def give_to_metadata(self) -> None:
        self._give(b"", 302, Location="http://169.254.169.254/latest/meta-data/")

    def _drip(self, piece: bytes, pause: float, times: int = 10_000) -> None:
        try:
            for _ in range(times):
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(pause)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Province)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_allow_listed_place_is_reached(place: str) -> None:
    with client(allow=[place]) as held:
        assert held.get(f"http://{place}/plain").content == b"x" * 1000


def test_loopback_is_refused_unless_listed(place: str) -> None:
    with client() as held, pytest.raises(OutboundRefused, match="not a public address"):
        held.get(f"http://{place}/plain")
    with client(allow=["127.0.0.1:1"]) as held, pytest.raises(OutboundRefused):
        held.get(f"http://{place}/plain")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "2002:7f00:1::", "2001:0:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2001:db8::1", "nonsense",
    ],
)  # fmt: skip
def test_these_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "202.120.2.119", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_these_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_a_name_is_judged_by_every_address_it_has() -> None:
    for addresses in (["10.0.0.8"], ["8.8.8.8", "127.0.0.1"], ["::1"]):
        with client(resolve=lambda *_, a=addresses: a) as held, pytest.raises(OutboundRefused):
            held.get("http://platform.example/")


@pytest.mark.parametrize(
    "url", ["http://2130706433/", "http://0x7f.1/", "http://localhost/", "http://[::1]/", "http://0/"]
)
def test_other_spellings_of_loopback_are_refused(url: str) -> None:
    with client() as held, pytest.raises((OutboundRefused, httpx.ConnectError)):
        held.get(url)


def test_the_judged_address_is_the_one_that_is_connected_to(place: str) -> None:
    """A name that changes its address between two look-ups gains nothing: there is one look-up per connection."""
    host, port = place.split(":")
    answers = iter([[host], ["10.0.0.1"]])
    with client(allow=[f"platform.example:{port}"], resolve=lambda *_: next(answers)) as held:
        assert held.get(f"http://platform.example:{port}/plain").status_code == 200


def test_a_redirect_is_judged_again(place: str) -> None:
    with (
        client(allow=[place], follow_redirects=True) as held,
        pytest.raises(OutboundRefused, match=r"169\.254"),
    ):
        held.get(f"http://{place}/to-metadata")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "gopher://example.org/"])
def test_only_http_is_spoken(url: str) -> None:
    with client() as held, pytest.raises(httpx.UnsupportedProtocol):
        held.get(url)


def test_nothing_is_taken_from_the_environment(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with client(allow=[place]) as held:
        assert held.get(f"http://{place}/plain").status_code == 200


def test_answers_are_capped_in_bytes(place: str) -> None:
    with client(allow=[place], max_bytes=999) as held, pytest.raises(OutboundLimit):
        held.get(f"http://{place}/plain")
    with client(allow=[place], max_bytes=50_000) as held, pytest.raises(OutboundLimit):
        held.get(f"http://{place}/endless")


def test_a_small_answer_cannot_become_a_huge_one(place: str) -> None:
    with client(allow=[place], max_bytes=1_000_000) as held, pytest.raises(OutboundLimit):
        held.get(f"http://{place}/bomb")


def test_packed_answers_are_unpacked(place: str) -> None:
    with client(allow=[place]) as held:
        assert held.get(f"http://{place}/packed").text == "仪器" * 1000
        assert held.get(f"http://{place}/two-members").text == "ab"


@pytest.mark.parametrize(
    ("path", "fault"), [("half-packed", httpx.DecodingError), ("brotli", OutboundRefused)]
)
def test_unreadable_encodings_are_named(place: str, path: str, fault: type[Exception]) -> None:
    with client(allow=[place]) as held, pytest.raises(fault):
        held.get(f"http://{place}/{path}")


@pytest.mark.parametrize("path", ["slow-body", "slow-head"])
def test_an_exchange_is_capped_in_seconds(place: str, path: str) -> None:
    begun = time.monotonic()
    with client(allow=[place], max_seconds=0.2) as held, pytest.raises(OutboundLimit):
        held.get(f"http://{place}/{path}")
    assert time.monotonic() - begun < 2


def test_a_name_server_that_does_not_answer_is_a_timeout() -> None:
    never = threading.Event()
    with (
        client(timeout=0.05, resolve=lambda *_: [str(never.wait(1))]) as held,
        pytest.raises(httpx.ConnectTimeout),
    ):
        held.get("http://platform.example/")


def test_an_unknown_name_is_a_connect_error() -> None:
    def unknown(*_: object) -> list[str]:
        raise socket.gaierror("unknown")

    with client(resolve=unknown) as held, pytest.raises(httpx.ConnectError):
        held.get("http://platform.example/")
    with client(resolve=lambda *_: []) as held, pytest.raises(httpx.ConnectError):
        held.get("http://platform.example/")


@pytest.mark.parametrize(
    ("url", "pair"),
    [
        ("http://A.example/x", "a.example:80"),
        ("https://a.example", "a.example:443"),
        ("http://[::1]:8/", "::1:8"),
    ],
)
def test_the_allow_list_form(url: str, pair: str) -> None:
    assert host_and_port(url) == pair


OPENERS = {
    "socket",
    "urllib.request",
    "http.client",
    "requests",
    "urllib3",
    "aiohttp",
    "ftplib",
    "smtplib",
    "pycurl",
}
HTTPX_OPENERS = {
    "Client", "AsyncClient", "HTTPTransport", "AsyncHTTPTransport",
    "get", "post", "put", "patch", "delete", "head", "options", "request", "stream",
}  # fmt: skip


def _opens(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in OPENERS)
        elif isinstance(node, ast.ImportFrom) and node.module in OPENERS:
            yield node.module or ""
        elif isinstance(node, ast.ImportFrom) and node.module == "httpx":
            yield from (f"httpx.{alias.name}" for alias in node.names if alias.name in HTTPX_OPENERS)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            target = node.func
            if (
                isinstance(target.value, ast.Name)
                and target.value.id == "httpx"
                and target.attr in HTTPX_OPENERS
            ):
                yield f"httpx.{target.attr}"


ALLOWED = {
    "hub/notices/senders/smtp.py": {"smtplib", "socket", "ssl"},  # over a connection of `outbound.connect`
    "hub/cli/demo.py": {"socket"},  # binds a port to choose a free one
}
"""What modules beside the guard may import, and why."""


def test_nobody_else_opens_connections() -> None:
    """The lint rule that keeps the guard the only door (simulators listen, they are no production code)."""
    found = []
    for package in ("hub", "adapters", "station_portal", "schemas"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name == "hub/core/outbound.py" or name.startswith("adapters/simulators/"):
                continue
            opened = set(_opens(ast.parse(path.read_text(encoding="utf-8"))))
            found += [f"{name}: {opener}" for opener in opened - ALLOWED.get(name, set())]
    assert found == []


def test_the_lint_rule_sees_what_it_should() -> None:
    code = "import socket\nfrom urllib.request import urlopen\nimport httpx\nhttpx.get('x')\nfrom httpx import Client"
    assert sorted(_opens(ast.parse(code))) == ["httpx.Client", "httpx.get", "socket", "urllib.request"]
