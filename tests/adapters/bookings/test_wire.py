"""The hub's own outbound guard on a real loopback connection: what surely did not arrive, and what may have."""

import functools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest

from adapters.bookings.wire import Wire, WireLimits, WireRequest
from adapters.contract import Connection, Limits
from adapters.errors import (
    AdapterError,
    AuthRejected,
    LimitExceeded,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unreachable,
    Unsupported,
)
from adapters.simulators.serve import listen
from adapters.transports import Pacing, Site
from hub.core import outbound

COMMAND = WireRequest("POST", "/orders", content=b"{}")


@contextmanager
def answering(*answers: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """A server that reads each request and answers with raw bytes; None closes the connection without a word."""
    held, heard = listen(), []
    held.listen(5)
    held.settimeout(5)

    def serve() -> None:
        for answer in answers:
            try:
                connection, _ = held.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                heard.append(connection.recv(65_536))
                with suppress(OSError):  # the other side may have had enough
                    connection.sendall(answer or b"")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{held.getsockname()[1]}", heard
    finally:
        held.shutdown(socket.SHUT_RDWR)
        held.close()
        thread.join(5)


def wire(host: str, allow: bool = True, auth: Callable[[], httpx.Auth] = httpx.Auth, **limits: float) -> Wire:
    """A wire over the hub's guard."""
    factory = functools.partial(outbound.client, allow=[host] if allow else [])
    site = Site(f"http://{host}", factory, auth, None, {}, Limits(), Pacing())
    return Wire(site, auth, WireLimits(**limits))  # type: ignore[arg-type]


def failing(host: str, *, is_command: bool = True, **how: object) -> AdapterError:
    with pytest.raises(AdapterError) as caught:
        wire(host, **how).exchange(COMMAND, is_command=is_command)  # type: ignore[arg-type]
    return caught.value


def test_an_answer_arrives() -> None:
    with answering(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}") as (host, heard):
        got = wire(host).exchange(COMMAND, is_command=True)
    assert (got.status, got.content) == (201, b"{}")
    assert heard[0].startswith(b"POST /orders")


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    assert type(failing(host)) is Unreachable


def test_the_guard_refuses_an_address_that_nobody_allowed() -> None:
    with answering(None) as (host, heard):
        assert type(failing(host, allow=False)) is Refused
    assert heard == []


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"nothing of HTTP\r\n\r\n",
    ],
    ids=["closed", "half", "broken gzip", "no http"],
)
def test_what_breaks_after_sending_leaves_a_command_open_and_a_question_to_be_asked_again(
    answer: bytes | None,
) -> None:
    with answering(answer, answer) as (host, heard):
        assert type(failing(host)) is OutcomeUnknown
        question = failing(host, is_command=False)
    assert type(question) is Unreachable
    assert question.retryable
    assert len(heard) == 2


@pytest.mark.parametrize("declares", [True, False])
def test_a_huge_answer_is_dropped(declares: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 5000000\r\n" if declares else b"Connection: close\r\n")
    with answering(*[head + b"\r\n" + b"x" * 5_000_000] * 2) as (host, _):
        assert type(failing(host, answer_bytes=1000)) is OutcomeUnknown
        assert type(failing(host, is_command=False, answer_bytes=1000)) in (LimitExceeded, Unreachable)


def test_silence_ends_in_time() -> None:
    with listen() as held:
        held.listen(1)
        host = f"127.0.0.1:{held.getsockname()[1]}"
        assert type(failing(host, request_seconds=0.2)) is OutcomeUnknown


def test_what_fails_while_a_token_is_asked_for_never_reached_the_booking() -> None:
    """The log-in breaks off: the booking itself was not sent."""
    with answering(None) as (host, heard):

        class Login(httpx.Auth):
            def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
                yield httpx.Request("POST", f"http://{host}/login")
                yield request

        assert type(failing(host, auth=Login)) is Unreachable
    assert [line.split(b" ")[1] for line in heard] == [b"/login"]


@pytest.mark.parametrize("error", [Throttled("忙", "busy", 3.0), AuthRejected("不行", "no")])
def test_what_a_log_in_says_is_passed_on(error: AdapterError) -> None:
    class Login(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
            raise error
            yield request

    with answering(None) as (host, heard):
        assert failing(host, auth=Login) is error
    assert heard == []


def test_without_an_address_nothing_is_sent() -> None:
    site = Site("", outbound.client, httpx.Auth, None, {}, Limits(), Pacing())
    with pytest.raises(Unsupported):
        Wire(site, httpx.Auth, WireLimits()).exchange(COMMAND, is_command=True)
    assert Connection().base_url == ""


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("", None), ("soon", None), ("-3", None), ("Mon, 23 Nov 2026 09:00:00 GMT", 0.0)],
)
def test_how_long_a_platform_asks_to_wait(value: str, seconds: float | None) -> None:
    head = f"HTTP/1.1 429 Too Many Requests\r\nRetry-After: {value}\r\nContent-Length: 0\r\n\r\n".encode()
    with answering(head) as (host, _):
        line = wire(host)
        got = line.exchange(COMMAND, is_command=True)
    waits = line.retry_after(got)
    assert waits == seconds or (seconds == 0.0 and waits is not None)
