"""The composition root: the only place that reads settings and builds what a process runs on.

Nothing is opened at import. Call `build_runtime` in the process that uses the result, after any fork.
"""

import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any

import httpx

from adapters.contract import Connection, ProvinceAdapter
from hub import models  # noqa: F401 - every table must be known before the first query
from hub.core import health, outbound
from hub.core.addresses import host_and_port
from hub.core.connections import read_connections
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.core.settings import Settings


def build_runtime(settings: Settings) -> Runtime:
    """Everything a process needs, built from the settings. Opens no connection yet; close it at the end."""
    settings.home.mkdir(parents=True, exist_ok=True)
    connections = read_connections(settings.connections_file)
    runtime = Runtime(
        home=settings.home,
        database=Database(settings.database, pool=settings.web_threads),
        adapters=build_adapters(connections),
        index=_index(settings),
        is_demo=settings.demo,
        has_secure_cookies=settings.has_secure_cookies,
        metrics_token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
    )
    health.add_core_readings(runtime)
    return runtime


def build_adapters(connections: Mapping[str, Connection]) -> Mapping[str, ProvinceAdapter]:
    """One adapter for every province whose folder has a manifest, reaching out through the guard."""
    if importlib.util.find_spec("adapters.registry") is None:
        return {}
    registry: Any = importlib.import_module("adapters.registry")
    allowed = allowed_hosts(connections)

    def new_client(**wishes: Any) -> httpx.Client:
        return outbound.client(allow=allowed, **wishes)

    adapters: Mapping[str, ProvinceAdapter] = registry.build_adapters(connections, new_client)
    return adapters


def allowed_hosts(connections: Mapping[str, Connection]) -> frozenset[str]:
    """The `host:port` pairs an operator wrote into the connections file: they may have private addresses."""
    return frozenset(host_and_port(held.base_url) for held in connections.values() if held.base_url)


def _index(settings: Settings) -> Any:
    if importlib.util.find_spec("hub.search.index") is None:
        return None
    return importlib.import_module("hub.search.index").SearchIndex(settings.home / "index")
