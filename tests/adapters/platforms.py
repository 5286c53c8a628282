"""Small stateful platforms for the transports' tests, and what a transport needs to speak to them.

A platform is a callable from request to response; `site` puts it behind a client. Nothing waits: sleeping is
recorded and moves the clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from adapters.contract import Connection, Limits, NativePage
from adapters.mapping import Context, compile_reader
from adapters.transports import Pacing, RecordMaker, Site, Transport, build_transport

App = Callable[[httpx.Request], httpx.Response]
BASE = "http://platform.example/root"
START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Time:
    """A clock that only sleeping moves."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def pacing(self, **changes: Any) -> Pacing:
        return replace(
            Pacing(
                sleep=self.sleep,
                spread=lambda _low, high: high,
                clock=lambda: self.seconds,
                now=lambda: START + timedelta(seconds=self.seconds),
            ),
            **changes,
        )


class RunningTime(Time):
    """A clock that moves a second every time somebody looks at it."""

    def pacing(self, **changes: Any) -> Pacing:
        def clock() -> float:
            self.seconds += 1
            return self.seconds

        return super().pacing(clock=clock, **changes)


def never(_: httpx.Request) -> httpx.Response:
    raise AssertionError("nobody should call")


def site(
    app: App = never,
    *,
    time: Time | None = None,
    auth: httpx.Auth | None = None,
    limits: Limits | None = None,
    folder: Path | None = None,
    credentials: Mapping[str, str] | None = None,
    **pacing: Any,
) -> Site:
    return Site(
        base_url=BASE,
        client=lambda **_: httpx.Client(transport=httpx.MockTransport(app)),
        auth=lambda: auth or httpx.Auth(),
        folder=folder,
        credentials=credentials or {},
        limits=limits or Limits(),
        pacing=(time or Time()).pacing(**pacing),
    )


def maker(modified: str | None = None, deleted: tuple[str, Any] | None = None) -> RecordMaker:
    context = Context("330000")
    return RecordMaker(
        modified=None
        if modified is None
        else compile_reader({"from": modified, "do": ["instant"]}, "modified", context),
        deleted=None if deleted is None else compile_reader(deleted[0], "deleted", context),
        deleted_values=() if deleted is None else (deleted[1],),
    )


def transport(options: Mapping[str, Any], where: Site, make: RecordMaker | None = None) -> Any:
    made: Transport = build_transport(options, "transport", where, make or maker())
    return made


def ids(pages: list[NativePage], name: str = "id") -> list[Any]:
    """The named field of every record, in order."""
    return [record.body.get(name) for page in pages for record in page.records]


def connection(**credentials: str) -> Connection:
    return Connection(BASE, credentials)
