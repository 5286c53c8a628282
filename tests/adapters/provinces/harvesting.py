"""Harvesting a province through the real engine: adapters over a running fleet, read to the end."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from starlette.types import Receive, Scope, Send

from adapters.contract import Connection, NativePage, NativeRecord, Pulled, Rejected, Resource
from adapters.engine import DeclarativeAdapter
from adapters.registry import PROVINCES, Province, build_adapter, load_province
from adapters.simulators.fleet import Fleet
from adapters.simulators.serve import address, listen, serving
from adapters.simulators.world import ProvinceWorld, World
from adapters.transports import Pacing


@dataclass
class Harvest:
    """What a read of one resource gave."""

    pages: list[NativePage] = field(default_factory=list)
    pulled: list[Pulled] = field(default_factory=list)
    rejected: list[tuple[NativeRecord, Rejected]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    @property
    def keys(self) -> set[str]:
        return {pulled.key for pulled in self.pulled}

    @property
    def cursor(self) -> str:
        return self.pages[-1].cursor

    @property
    def is_full(self) -> bool:
        return self.pages[-1].is_full


def harvest(adapter: DeclarativeAdapter, name: str = "instruments", cursor: str | None = None) -> Harvest:
    """Read a resource to its end."""
    resource = resource_of(adapter, name)
    found = Harvest()
    for page in adapter.pages(resource, cursor):
        assert not page.damaged
        found.pages.append(page)
        for record in page.records:
            take(adapter, resource, record, found)
    assert [page.is_last for page in found.pages] == [False] * (len(found.pages) - 1) + [True]
    return found


def take(adapter: DeclarativeAdapter, resource: Resource, record: NativeRecord, found: Harvest) -> None:
    if record.deleted:
        found.deleted.append(str(adapter.key(resource, record)))
        return
    outcome = adapter.map(resource, record)
    if isinstance(outcome, Pulled):
        assert outcome.notes == ()
        found.pulled.append(outcome)
    else:
        found.rejected.append((record, outcome))


def resource_of(adapter: DeclarativeAdapter, name: str) -> Resource:
    return next(resource for resource in adapter.resources() if resource.name == name)


def with_transport(province: Province, section: str, **changes: Any) -> Province:
    """The same province with its instruments' transport written otherwise; what is shared stays as it is."""
    *others, instruments = province.manifest.resources
    written: Mapping[str, Any] = {**instruments.transport[section], **changes}
    changed = replace(instruments, transport={**instruments.transport, section: written})
    return replace(province, manifest=replace(province.manifest, resources=(*others, changed)))


@dataclass
class Reached:
    """A province with its running simulator, its world and its adapter."""

    fleet: Fleet
    world: ProvinceWorld
    province: Province
    adapter: DeclarativeAdapter
    waits: list[float]

    def adapter_of(self, province: Province, **pacing: Any) -> DeclarativeAdapter:
        return adapter_over(self.fleet, province, self.waits, **pacing)


def adapter_over(fleet: Fleet, province: Province, waits: list[float], **pacing: Any) -> DeclarativeAdapter:
    """An adapter over the fleet's connection that writes its waits down instead of waiting."""
    given = fleet.connections()[province.code]
    folder = given["folder"]
    connection = Connection(given["base_url"], given["credentials"], None if folder is None else Path(folder))
    return build_adapter(
        province,
        connection,
        lambda **_: httpx.Client(
            trust_env=False, verify=False
        ),  # plain HTTP: loading certificates costs 30 ms
        Pacing(sleep=waits.append, **pacing),
    )


class Harbour:
    """One server for all tests of a session; each fleet answers below an address of its own."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._fleets: list[Fleet] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the fleet whose number its path begins with."""
        number, _, _ = scope["path"].removeprefix("/").partition("/")
        root = scope.get("root_path", "") + f"/{number}"
        await self._fleets[int(number)].app({**scope, "root_path": root}, receive, send)

    def moor(self, world: World, folder: Path, provinces: Iterable[str]) -> Fleet:
        """A fleet that answers from now on."""
        fleet = Fleet(world, f"{self._address}/{len(self._fleets)}", folder, provinces)
        self._fleets.append(fleet)
        return fleet

    def reach(self, code: str, folder: Path, records: int = 200, page: int | None = None) -> Reached:
        """A fresh world with one province that answers, and its adapter."""
        world = World(records=records)
        province = load_province(PROVINCES / code)
        if page is not None:
            province = with_transport(province, "paging", size=page)
        fleet = self.moor(world, folder, [code])
        waits: list[float] = []
        return Reached(fleet, world.province(code), province, adapter_over(fleet, province, waits), waits)


@contextmanager
def harbour() -> Iterator[Harbour]:
    """A harbour that answers while the block runs."""
    held = listen()
    opened = Harbour(address(held))
    with serving(opened, held):
        yield opened
