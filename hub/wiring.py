"""The composition root: the only place that reads settings and builds what a process runs on.

Nothing is opened at import. Call `build_runtime` in the process that uses the result, after any fork.
"""

import functools
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from adapters import registry
from adapters.contract import Connection, ProvinceAdapter
from adapters.errors import AdapterError
from hub import models  # noqa: F401 - every table must be known before the first query
from hub.core import health, outbound
from hub.core.addresses import host_and_port
from hub.core.connections import read_connections
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.core.settings import Settings
from hub.search.index import SearchIndex

log = logging.getLogger(__name__)


class DemoIsLocal(RuntimeError):
    """The demo's accounts are public, so it refuses every address but loopback."""


def build_runtime(settings: Settings) -> Runtime:
    """Everything a process needs, built from the settings. Opens no connection yet; close it at the end."""
    if settings.demo and settings.host != "127.0.0.1":
        raise DemoIsLocal(f"HUB_DEMO=1 with HUB_HOST={settings.host}: the demo listens on 127.0.0.1 only")
    settings.home.mkdir(parents=True, exist_ok=True)
    connections = read_connections(settings.connections_file)
    runtime = Runtime(
        home=settings.home,
        database=Database(settings.database, pool=settings.web_threads),
        adapters=build_adapters(connections),
        index=SearchIndex(settings.home / "index"),
        is_demo=settings.demo,
        has_secure_cookies=settings.has_secure_cookies,
        metrics_token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
    )
    health.add_core_readings(runtime)
    return runtime


def build_adapters(
    connections: Mapping[str, Connection], folder: Path = registry.PROVINCES
) -> dict[str, ProvinceAdapter]:
    """One adapter for every province below `folder`, also for one that has no connection yet.

    What is wrong with one province's folder leaves that province out, says so in the log, and stops nothing else.
    """
    adapters: dict[str, ProvinceAdapter] = {}
    for path in registry.folders(folder):
        try:
            province = registry.load_province(path)
            if province.code in adapters:
                log.error("folder %s is left out: another folder claims %s", path.name, province.code)
                continue
            connection = connections.get(province.code, Connection())
            clients = _client_factory(connection)
            adapters[province.code] = registry.build_adapter(province, connection, clients)
        except AdapterError as fault:
            log.error("province folder %s is left out: %s", path.name, fault.en)
    return dict(sorted(adapters.items()))


def _client_factory(connection: Connection) -> Callable[..., httpx.Client]:
    # A private address is allowed only where the operator wrote it down, and only to that province.
    allowed = {host_and_port(connection.base_url)} if connection.base_url else set()
    return functools.partial(outbound.client, allow=allowed)
