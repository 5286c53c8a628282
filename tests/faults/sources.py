"""What tests of failing sources share: a federation whose waiting takes no time, and what can be seen of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from adapters import registry
from adapters.contract import Connection
from adapters.simulators.fleet import Fleet
from adapters.transports import Pacing
from hub.core import outbound
from hub.core.addresses import host_and_port
from tests.contract.reading import in_small_pages
from tests.e2e.federation import Federation
from tests.virtual_clock import VirtualClock

BY_PAGE, BY_FEED, BY_TIME, DROPPED = "330000", "310000", "510000", "500000"


def adapters_of(fleet: Fleet) -> dict[str, Any]:
    """The adapters of a fleet's provinces: small pages, and waiting takes no time."""
    told, provinces = fleet.connections(), registry.discover()
    found = {}
    for code in fleet.simulators:
        base_url, folder = told[code]["base_url"], told[code]["folder"]
        connection = Connection(base_url, told[code]["credentials"], None if folder is None else Path(folder))
        client = partial(outbound.client, allow={host_and_port(base_url)})
        province = in_small_pages(provinces[code], 10) if code in (BY_PAGE, BY_FEED) else provinces[code]
        found[code] = registry.build_adapter(province, connection, client, Pacing(sleep=lambda _: None))
    return found


def failures(hub: Federation, code: str) -> Any:
    """What is wrong with a province's platform; see `adapters.simulators.failures`."""
    assert hub.fleet is not None
    return hub.fleet.failures[code]


def good(hub: Federation, code: str) -> int:
    """How many instruments the source truly has."""
    assert hub.fleet is not None
    return len(hub.fleet.world.province(code).expected_keys())


def shown(hub: Federation, code: str) -> dict[str, Any]:
    """The province as its page tells it."""
    told: dict[str, Any] = hub.get(f"/api/v1/provinces/{code}")
    return told


def last_run(hub: Federation, code: str) -> dict[str, Any]:
    """The latest run over instruments."""
    runs = hub.get(f"/api/v1/provinces/{code}/runs", resource="instruments", limit=1)["items"]
    found: dict[str, Any] = runs[0]
    return found


def advance(hub: Federation, seconds: float) -> None:
    """Let time pass."""
    clock = hub.runtime.clock
    assert isinstance(clock, VirtualClock)
    clock.advance(seconds)
