"""The HTTP application of the hub: every domain's API on one edge. The portal adds its pages to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI

from hub import wiring
from hub.availability import api as availability_api
from hub.bookings import api as bookings_api
from hub.catalog import api as catalog_api
from hub.core import health, memory, specification, web
from hub.core.log import configure_logging
from hub.core.runtime import Runtime
from hub.core.settings import Settings
from hub.identity import api as identity_api
from hub.identity import service as identity
from hub.identity.service import signing
from hub.notices import api as notices_api
from hub.search import api as search_api
from hub.search.errors import IndexNotReady
from hub.settlement.api import applications as applications_api
from hub.settlement.api import documents as settlement_documents
from hub.settlement.api import faces as faces_api
from hub.settlement.api import paying as paying_api
from hub.settlement.api import payments as payments_api
from hub.settlement.api import periods as periods_api
from hub.settlement.api import programmes as programmes_api

API_VERSION = "1.0.0"
_TITLE = "江仪汇 · 长江经济带科研仪器共享枢纽"

# Matched one after the other: what is asked most often comes first.
ROUTES = web.include(
    health.router,
    search_api.router,
    bookings_api.router,
    applications_api.router,
    programmes_api.router,
    faces_api.router,
    periods_api.router,
    paying_api.router,
    catalog_api.router,
    availability_api.router,
    payments_api.router,
    settlement_documents.router,
    identity_api.router,
    notices_api.router,
    specification.router,
)


def create_app(runtime: Runtime | None = None) -> web.HubApp:
    """The application over `runtime`, or over one built from the environment (for `uvicorn --factory`).

    Starting it fails with `RouteWithoutAccess` when a route has no entry in the access table.
    """
    has_process = runtime is None
    if runtime is None:
        settings = Settings()
        configure_logging(settings.log_level)
        runtime = wiring.build_runtime(settings)
    app = web.new_app(runtime, title=_TITLE, version=API_VERSION, lifespan=_lifespan)
    app.state.checks = _checks(runtime)
    app.state.has_process = has_process
    app.router.routes.extend(ROUTES)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    web.check_access_table(app)
    runtime: Runtime = app.state.runtime
    if not runtime.is_demo:
        with runtime.database.write() as session:
            identity.switch_off_demo_accounts(session, now=runtime.clock())
    # Before the first token, so that nobody keeps an empty key set.
    signing.current_key(runtime.database, runtime.home, "token", now=runtime.clock())
    if app.state.has_process:
        memory.keep_for_good()
    # More threads than pooled connections would only wait for each other.
    anyio.to_thread.current_default_thread_limiter().total_tokens = runtime.database.pool
    yield
    runtime.close()


def _checks(runtime: Runtime) -> health.Checks:
    checks = health.Checks()
    checks.add("database", health.database_check(runtime))
    checks.add("sequencer", health.sequencer_check(runtime), is_vital=False)
    checks.add("index", _index_check(runtime), is_vital=False)
    return checks


def _index_check(runtime: Runtime) -> health.Check:
    def check() -> str | None:
        if runtime.index is None:
            return None
        try:
            runtime.index.snapshot()
        except IndexNotReady:
            return "the search index is being built"
        return None

    return check
