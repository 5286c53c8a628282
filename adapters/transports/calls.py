"""Calls to a platform over HTTP: byte and time caps, retry classes, Retry-After, full jitter, renewed tokens.

The client is handed in (the hub's outbound guard makes it); nothing here opens a connection of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import IO, Any, Protocol, TypeVar, runtime_checkable
from urllib.parse import urljoin, urlsplit

import httpx

from adapters.contract import Limits
from adapters.errors import (
    AdapterError,
    AuthRejected,
    LimitExceeded,
    Malformed,
    Refused,
    Throttled,
    Unreachable,
)
from adapters.transports.guards import over
from adapters.transports.pacing import Pacing

T = TypeVar("T")
ClientFactory = Callable[..., httpx.Client]  # keyword arguments: timeout, max_seconds, max_bytes
_CHUNK = 65_536


@runtime_checkable
class Forgetful(Protocol):
    """An auth scheme that can drop its token."""

    def forget(self) -> None: ...


class TokenLapsed(Exception):
    """The answer says that the token is no longer good; the call is repeated once with a new one."""


class CursorExpired(Exception):
    """The answer says that the cursor is too old; the read starts again from the beginning."""


class TryAgain(Exception):
    """The call may succeed later: wait, or give up with `error` after the last attempt."""

    def __init__(self, error: AdapterError, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as often as it is sent."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    expired_status: tuple[int, ...] = ()
    read_status: tuple[
        int, ...
    ] = ()  # statuses outside 2xx whose body `interpret` wants to see (a SOAP fault is a 500)


@dataclass(frozen=True, slots=True)
class Received:
    """A complete answer."""

    status: int
    headers: httpx.Headers
    content: bytes


class Caller:
    """Calls one platform. `base_url` bounds where it goes: a path, or an address on the same host."""

    def __init__(
        self, client: httpx.Client, base_url: str, auth: httpx.Auth, limits: Limits, pacing: Pacing
    ) -> None:
        self._client = client
        self._base = base_url.rstrip("/") + "/"
        self._auth = auth
        self._limits = limits
        self._pacing = pacing

    def ask(self, call: Call, interpret: Callable[[Received], T]) -> T:
        """Send until there is an answer `interpret` accepts.

        `interpret` may raise `TokenLapsed`, `CursorExpired`, `TryAgain` or an `AdapterError`. Raises `AdapterError`
        and `CursorExpired`. Safe to repeat as far as the call itself is.
        """
        return self._until_answered(lambda: interpret(self._receive(call)))

    def download(self, path: str, into: IO[bytes]) -> int:
        """Write a file of at most `file_bytes` into `into`, from its start again on every attempt; its size."""

        def fetch() -> int:
            into.seek(0)
            into.truncate()
            with _Sent(self, Call("GET", path)) as response:
                return self._copy(response, into.write, self._limits.file_bytes)

        return self._until_answered(fetch)

    def _until_answered(self, attempt_once: Callable[[], T]) -> T:
        attempt, renewed = 1, False
        while True:
            try:
                return attempt_once()
            except TokenLapsed:
                if renewed or not self._forget():
                    raise AuthRejected(
                        "平台拒绝了凭据；请核对接入账号",
                        "the platform refused the credentials; check the account",
                    ) from None
                renewed = True
            except TryAgain as again:
                if attempt >= self._pacing.attempts or (again.wait or 0.0) > self._pacing.patience:
                    raise again.error from again
                # What the platform asks for is the least; the jitter on top keeps callers from returning together.
                self._pacing.sleep((again.wait or 0.0) + self._pacing.wait_before(attempt))
                attempt += 1

    def _forget(self) -> bool:
        if isinstance(self._auth, Forgetful):
            self._auth.forget()
            return True
        return False

    def _receive(self, call: Call) -> Received:
        parts: list[bytes] = []
        with _Sent(self, call) as response:
            self._copy(response, parts.append, self._limits.page_bytes)
            return Received(response.status_code, response.headers, b"".join(parts))

    def _copy(self, response: httpx.Response, write: Callable[[bytes], Any], most: int) -> int:
        announced = response.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > most:
            raise over("答复字节数", "bytes in an answer", most)
        ends = self._pacing.clock() + self._limits.request_seconds
        size = 0
        for chunk in response.iter_bytes(_CHUNK):
            size += len(chunk)
            if size > most:
                raise over("答复字节数", "bytes in an answer", most)
            if self._pacing.clock() > ends:
                zh, en = "平台答复太慢，已中断", "the platform answers too slowly"
                raise TryAgain(Unreachable(zh, en))
            write(chunk)
        return size

    def address(self, path: str) -> str:
        """The absolute address of a path. Raises `Refused` for one that leads to another host."""
        url = path if "://" in path else urljoin(self._base, path.lstrip("/"))
        ours, theirs = urlsplit(self._base), urlsplit(url)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise Refused(
                f"平台指向了别的主机 {theirs.netloc}，未予访问",
                f"the platform points to another host, {theirs.netloc}; not followed",
            )
        return url

    def open(self, call: Call) -> httpx.Response:
        """Send one request and judge its status. Raises `TryAgain`, `TokenLapsed`, `CursorExpired`, `AdapterError`."""
        request = self._client.build_request(
            call.method,
            self.address(call.path),
            params=dict(call.params) or None,
            headers=dict(call.headers),
            content=call.content,
            timeout=self._limits.request_seconds,
        )
        try:
            response = self._client.send(request, auth=self._auth, stream=True)
        except httpx.TransportError as error:
            raise broken_call(error) from error
        except (Throttled, Unreachable) as error:  # raised while asking for a token
            raise TryAgain(error, getattr(error, "retry_after", None)) from error
        try:
            self._judge(response, call)
        except BaseException:
            response.close()
            raise
        return response

    def _judge(self, response: httpx.Response, call: Call) -> None:
        status = response.status_code
        if 200 <= status < 300 or status in call.read_status:
            return
        if status in call.expired_status:
            raise CursorExpired
        if status == 401:
            raise TokenLapsed
        if status == 403:
            raise AuthRejected("平台拒绝访问（HTTP 403）", "the platform forbids access (HTTP 403)")
        if status in (429, 503):
            wait = self._retry_after(response)
            raise TryAgain(
                Throttled(
                    f"平台请求稍后再试（HTTP {status}）", f"the platform asks to wait (HTTP {status})", wait
                ),
                wait,
            )
        if status >= 500:
            raise TryAgain(Unreachable(f"平台出错（HTTP {status}）", f"the platform failed (HTTP {status})"))
        raise Refused(f"平台拒绝了请求（HTTP {status}）", f"the platform refused the request (HTTP {status})")

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Seconds, from a number or a date (RFC 9110 §10.2.3)."""
        value = response.headers.get("retry-after", "").strip()
        if value.isdecimal():
            return float(value)
        try:
            moment = parsedate_to_datetime(value)
        except (TypeError, ValueError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self._pacing.now()).total_seconds())


class _Sent:
    """An open answer; whatever breaks while it is read becomes `TryAgain` or `Malformed`."""

    def __init__(self, caller: Caller, call: Call) -> None:
        self._caller = caller
        self._call = call

    def __enter__(self) -> httpx.Response:
        self._response = self._caller.open(self._call)
        return self._response

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: Any) -> None:
        self._response.close()
        if isinstance(error, httpx.DecodingError):
            raise Malformed("答复的压缩内容已损坏", "the compressed answer is damaged") from error
        if isinstance(error, httpx.TransportError):
            raise broken_call(error) from error


def broken_call(error: httpx.TransportError) -> Exception:
    """What a failure on the way means. The outbound guard's own refusals are told by their names: not retryable."""
    name = type(error).__name__
    if name == "OutboundRefused":
        return Refused("出站防护不允许访问该地址", "the outbound guard does not allow this address")
    if name == "OutboundLimit":
        return LimitExceeded("答复超出出站防护的上限", "the answer exceeds the outbound guard's caps")
    if isinstance(error, httpx.TimeoutException):
        return TryAgain(Unreachable("平台没有及时答复", "the platform did not answer in time"))
    return TryAgain(
        Unreachable(f"与平台的连接中断（{name}）", f"the connection to the platform broke ({name})")
    )
