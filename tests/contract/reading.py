"""Reading a province to its end, whatever way its content comes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from adapters.contract import Connection, Damaged, NativePage, Pulled, Rejected, Resource
from adapters.engine import DeclarativeAdapter
from adapters.manifest import ResourceSpec
from adapters.registry import Province, build_adapter
from adapters.simulators.fleet import Fleet
from adapters.simulators.simulator import Hub
from adapters.simulators.world import ProvinceWorld
from adapters.transports import Pacing
from tests.contract.entrances import Entrances

SMALL = 12
UNIT_NAMES = ("id", "credit_code", "short_code")


@dataclass
class Reading:
    """What one read gave, by key; what came twice under one key counts as repeated."""

    pages: list[NativePage] = field(default_factory=list)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    damaged: list[Damaged] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    @property
    def last(self) -> NativePage:
        return self.pages[-1]


@dataclass
class Speaker:
    """One province that answers: its adapter over its running simulator."""

    code: str
    adapter: DeclarativeAdapter
    world: ProvinceWorld
    fleet: Fleet
    hub: Hub
    entrances: Entrances
    waits: list[float]

    def pages(self, resource: Resource, cursor: str | None = None) -> Iterator[NativePage]:
        """One read. What is pushed or uploaded is read as one, delivery after delivery."""
        if resource.direction == "pull":
            yield from self.adapter.pages(resource, cursor)
        elif resource.direction == "drop":
            if cursor is None:
                self.play()
            yield from self.adapter.pages(resource, cursor)
        else:
            before = len(self.entrances.of(self.code))
            self.play()
            # A platform that has nothing new to say is taken to repeat what it said.
            said = self.entrances.of(self.code)
            for content, filename in said[before:] or said:
                yield from self.adapter.parse(resource, content, filename)

    def play(self) -> None:
        """Let the platform or its staff act once."""
        failed = self.fleet.play({self.code: self.hub})
        assert not failed, failed

    def read(self, resource: Resource, cursor: str | None = None) -> Reading:
        """A read with everything mapped."""
        found = Reading()
        for page in self.pages(resource, cursor):
            found.pages.append(page)
            found.damaged.extend(page.damaged)
            for record in page.records:
                if record.deleted:
                    found.deleted.append(str(self.adapter.key(resource, record)))
                    continue
                outcome = self.adapter.map(resource, record)
                if isinstance(outcome, Rejected):
                    found.rejected.append(outcome)
                elif outcome.key in found.documents and found.hashes[outcome.key] != outcome.raw_hash:
                    found.repeated.append(outcome.key)
                else:
                    self.keep(found, outcome)
        return found

    @staticmethod
    def keep(found: Reading, outcome: Pulled) -> None:
        found.documents[outcome.key] = outcome.document
        found.hashes[outcome.key] = outcome.raw_hash

    def expected(self, resource: Resource) -> list[set[str]]:
        """The keys a full read must give, for each identifier of a unit that a dialect may use."""
        if resource.document_name == "institution":
            return [{getattr(unit, name) for unit in self.world.units} for name in UNIT_NAMES]
        return [self.world.expected_keys(name) for name in UNIT_NAMES]


def speaker(
    fleet: Fleet, province: Province, hub: Hub, entrances: Entrances, size: int | None = SMALL
) -> Speaker:
    """An adapter over the fleet that waits for nothing and, with `size`, reads in small pages."""
    told = fleet.connections()[province.code]
    simulator = fleet.simulators[province.code]
    waits: list[float] = []
    adapter = build_adapter(
        province if size is None else in_small_pages(province, size),
        Connection(told["base_url"], told["credentials"], simulator.folder),
        lambda **_: httpx.Client(
            trust_env=False, verify=False
        ),  # plain HTTP: loading certificates costs 30 ms
        Pacing(sleep=waits.append),
    )
    world = fleet.world.province(province.code)
    return Speaker(province.code, adapter, world, fleet, hub, entrances, waits)


def in_small_pages(province: Province, size: int) -> Province:
    """The same province with small pages wherever its manifest states a page size."""
    smaller = tuple(_smaller(spec, size) for spec in province.manifest.resources)
    return replace(province, manifest=replace(province.manifest, resources=smaller))


def _smaller(spec: ResourceSpec, size: int) -> ResourceSpec:
    transport: dict[str, Any] = dict(spec.transport)
    paging = transport.get("paging")
    if isinstance(paging, Mapping) and "size" in paging:
        # The largest page stays what the platform allows; only the usual one shrinks.
        largest = {"max_size": paging.get("max_size", paging["size"])} if paging["kind"] == "time" else {}
        transport["paging"] = {**paging, "size": size, **largest}
    elif transport["kind"] in ("xml_files", "file_drop", "file_pull", "file_upload", "push_in"):
        transport["size"] = size
    return replace(spec, transport=transport)
