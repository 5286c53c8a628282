"""What a simulator is: one province's platform as HTTP routes over its world, and what a client must be told.

A module of this package is a simulator when it has `PROVINCE` and `build(world, base_url, folder)`; `serve` finds
them by listing the package, so another province is another file and nothing else.

A simulator is written from its description in `dialects/`, never from the mapping that reads it, and opens no
file outside this package: otherwise adapter and simulator would share one mistake and every test would agree with
both. It is deterministic: its time is the world's logical clock, which it moves by a fixed step per request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from starlette.routing import BaseRoute


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub's entrances as a province's platform or its staff see them.

    `invitation` is the one-time token that this province's platform enrols with, `platform_key` a key that the hub
    issued for it; `username` and `password` belong to a member of its staff. What was not handed out is empty.
    """

    url: str
    platform_key: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    invitation: str = field(default="", repr=False)


class Simulator(Protocol):
    """A running platform. Its state is the `ProvinceWorld` it was built over."""

    @property
    def province(self) -> str:
        """Six-digit GB/T 2260 code."""
        ...

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """What it answers, mounted under `/<province>`."""
        ...

    @property
    def credentials(self) -> Mapping[str, str]:
        """What the platform handed to the hub so that it may connect."""
        ...

    @property
    def folder(self) -> Path | None:
        """Where it drops files, if it does."""
        ...


@runtime_checkable
class Actor(Protocol):
    """A simulator that also acts by itself: pushes, drops or uploads."""

    def play(self, hub: Hub) -> None:
        """Do once what platform or staff do in a period. Safe to repeat; raises when the hub does not take it."""
        ...


@runtime_checkable
class Attendant(Protocol):
    """A simulator that talks to the hub about bookings by itself: fetches them, sends answers."""

    def attend(self, hub: Hub) -> None:
        """One round, a second or so after the other. Safe to repeat; raises when the hub does not take something."""
        ...


@dataclass(frozen=True, slots=True)
class Platform:
    """The plain `Simulator`: a platform that only answers."""

    province: str
    routes: Sequence[BaseRoute]
    credentials: Mapping[str, str]
    folder: Path | None = None


class Build(Protocol):
    """The `build` function of a simulator's module."""

    def __call__(self, world: Any, base_url: str, folder: Path) -> Simulator:
        """`base_url` is where the routes will answer, `folder` is the simulator's own scratch folder."""
        ...
