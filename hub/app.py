"""The HTTP application of the hub: every domain's API on one edge. The portal adds its pages to it."""

import importlib
import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import FastAPI

from hub import wiring
from hub.core import health, specification, web
from hub.core.log import configure_logging
from hub.core.runtime import Runtime
from hub.core.settings import Settings
from hub.identity import api as identity_api
from hub.identity import service as identity

API_VERSION = "1.0.0"
_TITLE = "江仪汇 · 长江经济带科研仪器共享枢纽"


def create_app(runtime: Runtime | None = None) -> web.HubApp:
    """The application over `runtime`, or over one built from the environment (for `uvicorn --factory`).

    Starting it fails with `RouteWithoutAccess` when a route has no entry in the access table.
    """
    if runtime is None:
        settings = Settings()
        configure_logging(settings.log_level)
        runtime = wiring.build_runtime(settings)
    app = web.new_app(runtime, title=_TITLE, version=API_VERSION, lifespan=_lifespan)
    app.state.checks = _checks(runtime)
    for router in _routers():
        app.include_router(router)
    return app


def _routers() -> list[Any]:
    routers: list[Any] = [health.router, specification.router, identity_api.router]
    for domain in ("federation", "catalog", "search"):
        if importlib.util.find_spec(f"hub.{domain}.api") is not None:
            routers.append(importlib.import_module(f"hub.{domain}.api").router)
    return routers


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    web.check_access_table(app)
    runtime: Runtime = app.state.runtime
    if not runtime.is_demo:
        with runtime.database.write() as session:
            identity.switch_off_demo_accounts(session, now=runtime.clock())
    # More threads than pooled connections would only wait for each other.
    anyio.to_thread.current_default_thread_limiter().total_tokens = runtime.database.pool
    yield
    runtime.close()


def _checks(runtime: Runtime) -> health.Checks:
    checks = health.Checks()
    checks.add("database", health.database_check(runtime))
    checks.add("sequencer", health.sequencer_check(runtime), is_vital=False)
    return checks
