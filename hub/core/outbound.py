"""The one way to open a connection to somewhere else.

Addresses come from manifests, settings, files and redirects, so every new connection is judged where it is made:
the name is resolved once, every address it has must be public unless the operator allow-listed this host and port,
and the connection goes to the very address that was judged. Nothing is taken from the environment, answers are
capped in bytes (as unpacked) and in seconds (from the first byte sent to the last received).
"""

import queue
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import httpcore
import httpx

from hub.core.addresses import is_public

Resolver = Callable[[str, int], Iterable[str]]
"""Host and port → the addresses it has, as text. Raises OSError."""

_CHUNK = 65_536


class OutboundRefused(httpx.TransportError):
    """The guard does not connect to this address. Not worth trying again."""


class OutboundLimit(httpx.TransportError):
    """The answer went over its cap of bytes or seconds and was dropped."""


def client(
    *,
    allow: Collection[str] = (),
    base_url: str = "",
    timeout: float = 30.0,
    max_seconds: float = 300.0,
    max_bytes: int = 64 * 1024 * 1024,
    headers: Mapping[str, str] | None = None,
    auth: httpx.Auth | None = None,
    follow_redirects: bool = False,
    ca_file: str | None = None,
    resolve: Resolver | None = None,
) -> httpx.Client:
    """A guarded `httpx.Client`; close it.

    `allow` holds `host:port` pairs that may have private addresses. `timeout` bounds each wait, `max_seconds` a whole
    exchange, `max_bytes` an answer's body after unpacking. Redirects, when followed, are judged like any address.
    Raises `OutboundRefused` and `OutboundLimit` (both `httpx.TransportError`) besides httpx's own errors.
    """
    transport = GuardedTransport(
        allow=allow,
        max_seconds=max_seconds,
        max_bytes=max_bytes,
        ca_file=ca_file,
        resolve=resolve or _resolve,
    )
    return httpx.Client(
        base_url=base_url,
        transport=transport,
        timeout=timeout,
        # Only what the guard itself unpacks, so that a small answer cannot become a huge one unseen.
        headers={"Accept-Encoding": "gzip", **(headers or {})},
        auth=auth,
        follow_redirects=follow_redirects,
        max_redirects=5,
        trust_env=False,
    )


def connect(host: str, port: int, timeout: float, *, allow: Collection[str] = ()) -> socket.socket:
    """A judged connection for a protocol that httpx does not speak (mail); close it. `timeout` in seconds.

    Raises `OutboundRefused` and OSError.
    """
    clock = _Deadline()
    clock.start(timeout)
    judge = _GuardedBackend(frozenset(pair.lower() for pair in allow), _resolve, clock)
    try:
        address = judge.judge(host, port, timeout)
    except httpcore.NetworkError as fault:
        raise OSError(str(fault)) from fault
    except httpcore.TimeoutException as fault:
        raise TimeoutError(str(fault)) from fault
    return socket.create_connection((address, port), timeout)


@cache
def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    # Reading the root certificates takes 40 ms; a context may serve any number of clients.
    return (
        ssl.create_default_context(cafile=ca_file) if ca_file else httpx.create_ssl_context(trust_env=False)
    )


class GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport over a connection pool that judges every new connection."""

    def __init__(
        self,
        *,
        allow: Collection[str],
        max_seconds: float,
        max_bytes: int,
        ca_file: str | None = None,
        resolve: Resolver | None = None,
    ) -> None:
        context = _tls_context(ca_file)
        super().__init__(verify=context, trust_env=False)
        self._max_seconds = max_seconds
        self._max_bytes = max_bytes
        self._clock = _Deadline()
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=20,
            max_keepalive_connections=10,
            keepalive_expiry=15.0,
            network_backend=_GuardedBackend(
                frozenset(a.lower() for a in allow), resolve or _resolve, self._clock
            ),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._clock.start(self._max_seconds)
        response = super().handle_request(request)
        try:
            return self._capped(response)
        except BaseException:
            response.close()
            raise

    def _capped(self, response: httpx.Response) -> httpx.Response:
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"identity", "gzip", "x-gzip", ""}:
            raise OutboundRefused(f"the answer is encoded as {encoding!r}, which was not asked for")
        declared = response.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared) > self._max_bytes:
            raise OutboundLimit(f"the answer declares {declared} bytes; at most {self._max_bytes} are read")
        is_packed = encoding in {"gzip", "x-gzip"}
        headers = [
            (name, value)
            for name, value in response.headers.raw
            if not is_packed or name.lower() not in {b"content-encoding", b"content-length"}
        ]
        stream = _CappedStream(
            response.stream, self._clock, self._clock.until, self._max_bytes, is_packed=is_packed
        )
        return httpx.Response(
            response.status_code, headers=headers, stream=stream, extensions=response.extensions
        )


class _Deadline(threading.local):
    """When the exchange that this thread is in must be over."""

    until: float = float("inf")

    def start(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    def left(self, timeout: float | None) -> float | None:
        remaining = self.until - time.monotonic()
        if remaining <= 0:
            raise OutboundLimit("the exchange took longer than allowed")
        if remaining == float("inf"):
            return timeout
        return remaining if timeout is None else min(timeout, remaining)


class _GuardedBackend(httpcore.NetworkBackend):
    def __init__(self, allow: frozenset[str], resolve: Resolver, clock: _Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._allow = allow
        self._resolve = resolve
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        address = self.judge(host, port, timeout)
        stream = self._inner.connect_tcp(
            address, port, self._clock.left(timeout), local_address, socket_options
        )
        return _TimedStream(stream, self._clock)

    def judge(self, host: str, port: int, timeout: float | None) -> str:
        """The address to connect to. Raises `OutboundRefused` and httpcore's connect errors."""
        addresses = self._addresses(host, port, timeout)
        if f"{host.lower()}:{port}" not in self._allow:
            for address in addresses:
                if not is_public(address):
                    raise OutboundRefused(
                        f"{host}:{port} is at {address}, which is not a public address; "
                        "list it in the connections file if it is meant"
                    )
        return addresses[0]

    def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        # A name server that does not answer must not hold the exchange beyond its deadline.
        answer: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answer.put(list(self._resolve(host, port)))
            except OSError as fault:
                answer.put(fault)

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            got = answer.get(timeout=self._clock.left(timeout))
        except queue.Empty:
            raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from None
        if isinstance(got, OSError):
            raise httpcore.ConnectError(f"{host} is not known: {got}") from got
        if not got:
            raise httpcore.ConnectError(f"{host} has no address")
        return got


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, clock: _Deadline) -> None:
        self._inner = inner
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._inner.read(max_bytes, self._clock.left(timeout))
        except httpcore.ReadTimeout:
            self._clock.left(
                None
            )  # the exchange's end, not the server's silence, may be what cut the wait short
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._clock.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._clock.left(timeout))
        return _TimedStream(inner, self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _CappedStream(httpx.SyncByteStream):
    def __init__(
        self, inner: Any, clock: _Deadline, until: float, max_bytes: int, *, is_packed: bool
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._until = until
        self._max_bytes = max_bytes
        self._is_packed = is_packed

    def __iter__(self) -> Iterator[bytes]:
        taken = 0
        for chunk in _unpacked(self._chunks()) if self._is_packed else self._chunks():
            taken += len(chunk)
            if taken > self._max_bytes:
                raise OutboundLimit(f"the answer is larger than {self._max_bytes} bytes")
            yield chunk

    def _chunks(self) -> Iterator[bytes]:
        source = iter(self._inner)
        while True:
            self._clock.until = self._until  # another exchange of this thread may have begun in between
            self._clock.left(None)
            chunk = next(source, None)
            if chunk is None:
                return
            yield chunk

    def close(self) -> None:
        self._inner.close()


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    has_begun = False
    for chunk in chunks:
        rest = chunk
        while rest:
            has_begun = True
            try:
                yield unpacker.decompress(rest, _CHUNK)
            except zlib.error as fault:
                raise httpx.DecodingError(f"the answer is not valid gzip: {fault}") from fault
            rest = unpacker.unconsumed_tail
            if unpacker.eof:
                rest = unpacker.unused_data
                unpacker, has_begun = zlib.decompressobj(zlib.MAX_WBITS | 16), False
    if has_begun and not unpacker.eof:
        raise httpx.DecodingError("the answer's gzip ends in the middle")


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]
