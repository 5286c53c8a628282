"""Calls over HTTP: which failures are tried again, for how long, and what each becomes in the end."""

import gzip
import io
from collections.abc import Callable, Iterator

import httpx
import pytest

from adapters.contract import Limits
from adapters.errors import (
    AdapterError,
    AuthRejected,
    LimitExceeded,
    Malformed,
    Refused,
    Throttled,
    Unreachable,
    Unsupported,
)
from adapters.transports.calls import Call, CursorExpired, Received, TokenLapsed
from tests.adapters.platforms import BASE, START, App, Time, site


class Script:
    """A platform that answers by a list; the last answer stays."""

    def __init__(self, *answers: httpx.Response | Exception | Callable[[], httpx.Response]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return (
            answer()
            if callable(answer)
            else httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        )


def ask(
    app: App,
    time: Time | None = None,
    interpret: Callable[[Received], object] = lambda r: r.content,
    **more: object,
) -> object:
    with site(app, time=time, **more).caller() as caller:  # type: ignore[arg-type]
        return caller.ask(Call("GET", "/list"), interpret)


def test_a_plain_answer() -> None:
    script = Script(httpx.Response(200, content=b"ok"))
    assert ask(script) == b"ok"
    assert str(script.requests[0].url) == BASE + "/list"


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(status: int) -> None:
    time = Time()
    script = Script(httpx.Response(status, headers={"retry-after": "7"}), httpx.Response(200, content=b"ok"))
    assert ask(script, time) == b"ok"
    assert len(time.slept) == 1
    assert 7 <= time.slept[0] <= 8


def test_retry_after_as_a_date_is_honoured() -> None:
    time = Time()
    date = "Sun, 01 Nov 2026 00:00:30 GMT"
    assert START.day == 1
    assert (
        ask(
            Script(httpx.Response(503, headers={"retry-after": date}), httpx.Response(200, content=b"ok")),
            time,
        )
        == b"ok"
    )
    assert 30 <= time.slept[0] <= 31


def test_a_long_retry_after_is_passed_on_instead_of_waited_for() -> None:
    time = Time()
    with pytest.raises(Throttled) as stopped:
        ask(Script(httpx.Response(503, headers={"retry-after": "3600"})), time)
    assert stopped.value.retry_after == 3600
    assert stopped.value.retryable
    assert not time.slept


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(500), Unreachable),
        (httpx.Response(502), Unreachable),
        (httpx.Response(429), Throttled),
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.ReadTimeout("slow"), Unreachable),
        (httpx.RemoteProtocolError("broke off"), Unreachable),
    ],
)
def test_what_may_pass_is_tried_four_times_with_growing_jitter(
    answer: httpx.Response | Exception, error: type[AdapterError]
) -> None:
    time, script = Time(), Script(answer)
    with pytest.raises(error):
        ask(script, time)
    assert len(script.requests) == 4
    assert time.slept == [0.5, 1.0, 2.0]


def test_jitter_is_full() -> None:
    time = Time()
    asked: list[tuple[float, float]] = []

    def spread(low: float, high: float) -> float:
        asked.append((low, high))
        return low

    with pytest.raises(Unreachable):
        ask(Script(httpx.Response(500)), time, spread=spread)
    assert asked == [(0.0, 0.5), (0.0, 1.0), (0.0, 2.0)]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Refused),
        (404, Refused),
        (410, Refused),
        (403, AuthRejected),
        (302, Refused),
        (401, AuthRejected),
    ],
)
def test_what_will_not_pass_is_tried_once(status: int, error: type[AdapterError]) -> None:
    script = Script(httpx.Response(status, headers={"location": "http://elsewhere.example/"}))
    with pytest.raises(error) as stopped:
        ask(script)
    assert len(script.requests) == 1
    assert not stopped.value.retryable


def test_a_success_after_failures_counts() -> None:
    script = Script(httpx.Response(500), httpx.ConnectError("x"), httpx.Response(200, content=b"ok"))
    assert ask(script) == b"ok"


def test_a_lapsed_token_without_anything_to_renew_is_rejected() -> None:
    def lapsed(_: Received) -> None:
        raise TokenLapsed

    with pytest.raises(AuthRejected):
        ask(Script(httpx.Response(200)), interpret=lapsed)


def test_an_expired_cursor_by_status() -> None:
    with site(Script(httpx.Response(410))).caller() as caller, pytest.raises(CursorExpired):
        caller.ask(Call("GET", "/x", expired_status=(410,)), lambda r: r)


@pytest.mark.parametrize("announced", [True, False])
def test_a_huge_answer_is_cut_off(announced: bool) -> None:
    given = 0

    def chunks() -> Iterator[bytes]:
        nonlocal given
        for _ in range(1000):
            given += 1000
            yield b"x" * 1000

    def app(_: httpx.Request) -> httpx.Response:
        headers = {"content-length": "1000000"} if announced else {}
        return httpx.Response(200, content=chunks(), headers=headers)

    with pytest.raises(LimitExceeded):
        ask(app, limits=Limits(page_bytes=5_000))
    assert given <= 66_000


def test_a_packed_answer_is_weighed_unpacked() -> None:
    body = gzip.compress(b"0" * 1_000_000)
    with pytest.raises(LimitExceeded):
        ask(
            lambda _: httpx.Response(200, content=body, headers={"content-encoding": "gzip"}),
            limits=Limits(page_bytes=100_000),
        )


def test_a_damaged_packed_answer_is_malformed() -> None:
    with pytest.raises(Malformed):
        ask(lambda _: httpx.Response(200, content=iter([b"not gzip"]), headers={"content-encoding": "gzip"}))


def test_an_answer_that_drips_is_given_up() -> None:
    time = Time()

    def drip() -> Iterator[bytes]:
        for _ in range(100):
            time.seconds += 10
            yield b"x"

    with pytest.raises(Unreachable):
        ask(lambda _: httpx.Response(200, content=drip()), time, limits=Limits(request_seconds=30))


def test_an_answer_that_breaks_off_is_tried_again() -> None:
    def half() -> Iterator[bytes]:
        yield b"ha"
        raise httpx.ReadError("gone")

    script = Script(lambda: httpx.Response(200, content=half()), httpx.Response(200, content=b"whole"))
    assert ask(script) == b"whole"


def test_a_download_starts_again_from_its_beginning() -> None:
    def half() -> Iterator[bytes]:
        yield b"ha"
        raise httpx.ReadError("gone")

    script = Script(lambda: httpx.Response(200, content=half()), httpx.Response(200, content=b"whole"))
    held = io.BytesIO()
    with site(script).caller() as caller:
        assert caller.download("/file", held) == 5
    assert held.getvalue() == b"whole"


@pytest.mark.parametrize(
    "path",
    [
        "http://other.example/x",
        "https://platform.example/x",
        "http://platform.example:81/x",
        "http://platform.example@evil.example/x",
        "file:///etc/passwd",
    ],
)
def test_another_host_is_never_called(path: str) -> None:
    script = Script(httpx.Response(200))
    with site(script).caller() as caller, pytest.raises(Refused):
        caller.ask(Call("GET", path), lambda r: r)
    assert not script.requests


class OutboundRefused(httpx.TransportError):
    """As the hub's guard calls it."""


class OutboundLimit(httpx.TransportError):
    """As the hub's guard calls it."""


@pytest.mark.parametrize(("raised", "error"), [(OutboundRefused, Refused), (OutboundLimit, LimitExceeded)])
def test_the_outbound_guards_own_refusals_are_not_tried_again(
    raised: type[httpx.TransportError], error: type[AdapterError]
) -> None:
    script = Script(raised("no"))
    with pytest.raises(error):
        ask(script)
    assert len(script.requests) == 1


def test_without_an_address_nothing_is_called() -> None:
    from dataclasses import replace

    with pytest.raises(Unsupported), replace(site(), base_url="").caller():
        pass


def test_errors_never_show_a_credential() -> None:
    with pytest.raises(Refused) as stopped, site(Script(httpx.Response(404))).caller() as caller:
        caller.ask(Call("GET", "/x", params={"token": "s3cret"}), lambda r: r)
    assert "s3cret" not in f"{stopped.value} {stopped.value.zh} {stopped.value.en}"
