"""What a transport is given: where the platform is, how to call it, its limits, how records tell about themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import httpx

from adapters.contract import Limits, NativePage
from adapters.errors import Unsupported
from adapters.transports.calls import Call, Caller, ClientFactory
from adapters.transports.guards import RunGuard
from adapters.transports.pacing import Pacing
from adapters.transports.records import RecordMaker


@dataclass(frozen=True, slots=True)
class Site:
    """One province's platform as this installation reaches it.

    `client` makes a client that the read closes; `auth` gives the one auth scheme of the province, which keeps its
    token between reads. Both are asked at the first call, so that a province without a connection can be built.
    """

    base_url: str
    client: ClientFactory
    auth: Callable[[], httpx.Auth]
    folder: Path | None
    credentials: Mapping[str, str]
    limits: Limits
    pacing: Pacing

    @contextmanager
    def caller(self) -> Iterator[Caller]:
        """Calls for one read; the client is closed after it."""
        if not self.base_url:
            raise Unsupported("此省没有配置平台地址", "no platform address is configured for this province")
        limits = self.limits
        with self.client(
            timeout=limits.request_seconds,
            max_seconds=max(limits.request_seconds, limits.parse_seconds),
            max_bytes=max(limits.page_bytes, limits.file_bytes),
        ) as client:
            yield Caller(client, self.base_url, self.auth(), limits, self.pacing)

    def guard(self) -> RunGuard:
        """Caps of one read."""
        return RunGuard(self.limits, self.pacing)

    def probe(self, path: str) -> None:
        """One GET without side effect."""
        with self.caller() as caller:
            caller.ask(Call("GET", path), lambda _received: None)


class Transport(Protocol):
    """One resource's way to the hub. It also is `Fetches`, `Parses` or both.

    `families` are the cursor families a resource of this transport may declare.
    """

    @property
    def families(self) -> frozenset[str]: ...


@runtime_checkable
class Fetches(Protocol):
    """A transport that reads from the platform or the drop folder by itself."""

    def pages(self, cursor: str | None) -> Iterator[NativePage]:
        """From the cursor to the end; None is a full read. The last page is marked. Raises `AdapterError`."""
        ...


@runtime_checkable
class Parses(Protocol):
    """A transport that reads content somebody sent."""

    def parse(self, content: bytes, filename: str) -> Iterator[NativePage]:
        """All pages of the content. Raises `Malformed` or `LimitExceeded`."""
        ...


Build = Callable[[Mapping[str, Any], str, Site, RecordMaker], Transport]
