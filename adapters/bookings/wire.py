"""One request to a platform about bookings: a single attempt, and an error that says what may have happened.

A harvest may ask again as often as it likes; a booking may not. So every failure is sorted by whether the province
could have received the request: what broke before a byte of it was sent is `Unreachable`, what broke later is
`OutcomeUnknown` for a command and `Unreachable` for a question, which changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

import httpx

from adapters.errors import (
    AdapterError,
    LimitExceeded,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unreachable,
    Unsupported,
)
from adapters.transports import Site
from adapters.transports.calls import Forgetful, Received

_CHUNK = 65_536
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class WireLimits:
    """Caps of one exchange: seconds from the first byte sent to the last received, bytes of an answer."""

    request_seconds: float = 10.0
    answer_bytes: int = 2_000_000
    report_bytes: int = 64_000_000
    feed_pages: int = 500


@dataclass(frozen=True, slots=True)
class WireRequest:
    """What is sent."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None


class Wire:
    """One platform. Makes a client for each exchange and keeps nothing but the auth scheme's token."""

    def __init__(self, site: Site, auth: Callable[[], httpx.Auth], limits: WireLimits) -> None:
        self._site = site
        self._auth = auth
        self.limits = limits

    def exchange(self, request: WireRequest, *, is_command: bool, most_bytes: int | None = None) -> Received:
        """Send once, and read the whole answer whatever its status.

        Raises `Unsupported` without an address, `Unreachable`, `Throttled` or `AuthRejected` when nothing was sent,
        `OutcomeUnknown` when a command may have been received.
        """
        if not self._site.base_url:
            raise Unsupported("此省没有配置平台地址", "no platform address is configured for this province")
        most, seconds = most_bytes or self.limits.answer_bytes, self.limits.request_seconds
        with self._site.client(timeout=seconds, max_seconds=seconds, max_bytes=most) as client:
            sent = client.build_request(
                request.method,
                urljoin(self._site.base_url.rstrip("/") + "/", request.path.lstrip("/")),
                params=dict(request.params) or None,
                headers=dict(request.headers),
                content=request.content,
                timeout=seconds,
            )
            try:
                response = client.send(sent, auth=self._auth(), stream=True)
                try:
                    return Received(response.status_code, response.headers, _read(response, most))
                finally:
                    response.close()
            except (httpx.TransportError, httpx.DecodingError) as error:
                raise _broken(error, sent, is_command) from error
            except LimitExceeded as error:
                raise unsettled(error) if is_command else error from error

    def forget_token(self) -> bool:
        """Drop the token, so that the next exchange asks for one; False when there is none to drop."""
        auth = self._auth()
        if isinstance(auth, Forgetful):
            auth.forget()
            return True
        return False

    def retry_after(self, received: Received) -> float | None:
        """Seconds the platform asks to wait (RFC 9110 §10.2.3), None when it does not say."""
        value = received.headers.get("retry-after", "").strip()
        if value.isdecimal():
            return float(value)
        try:
            moment = parsedate_to_datetime(value)
        except (TypeError, ValueError):
            return None
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self._site.pacing.now()).total_seconds())

    def throttled(self, received: Received, words: str) -> Throttled:
        """The platform is busy and did nothing."""
        return Throttled(
            f"平台请求稍后再试（{words}）", f"the platform asks to wait ({words})", self.retry_after(received)
        )


def _read(response: httpx.Response, most: int) -> bytes:
    """The body. Raises `LimitExceeded` before more than `most` bytes are held."""
    parts: list[bytes] = []
    size = 0
    for chunk in response.iter_bytes(_CHUNK):
        size += len(chunk)
        if size > most:
            raise LimitExceeded(f"答复超过 {most} 字节", f"the answer is larger than {most} bytes")
        parts.append(chunk)
    return b"".join(parts)


def _broken(error: httpx.HTTPError, sent: httpx.Request, is_command: bool) -> AdapterError:
    """What a failure on the way means. The outbound guard's refusals are told by their names: nothing was sent."""
    name = type(error).__name__
    if name == "OutboundRefused":
        return Refused("出站防护不允许访问该地址", "the outbound guard does not allow this address")
    was_sent = not isinstance(error, _BEFORE_SENDING) and _concerns(error, sent)
    fault = Unreachable(f"与平台的连接中断（{name}）", f"the connection to the platform broke ({name})")
    return unsettled(fault) if is_command and was_sent else fault


def _concerns(error: httpx.HTTPError, sent: httpx.Request) -> bool:
    """Whether it was our own request that failed, not the one that asked for a token before it."""
    try:
        return error.request.url == sent.url and error.request.method == sent.method
    except RuntimeError:  # the guard's own errors may not say
        return True


def unsettled(cause: AdapterError) -> OutcomeUnknown:
    """A command whose outcome cannot be known from this exchange."""
    return OutcomeUnknown(
        f"不知道平台是否已受理：{cause.zh}", f"whether the platform acted is not known: {cause.en}"
    )
