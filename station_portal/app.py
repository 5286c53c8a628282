"""The whole web process: the hub's API and the portal's pages on one application.

`uvicorn --factory station_portal.app:create_app`.
"""

from __future__ import annotations

from importlib import metadata

from hub import app as hub_app
from hub.core.runtime import Runtime
from hub.core.web import HubApp, include
from station_portal import error_pages
from station_portal.pages import (
    account,
    application_review,
    applications,
    board,
    booking_cases,
    booking_counter,
    booking_flows,
    booking_form,
    booking_list,
    booking_papers,
    booking_rules,
    bookings,
    calendar_feed,
    cases,
    claims,
    closures,
    conflicts,
    deletions,
    enterprise_claim,
    home,
    institutions,
    instruments,
    invited,
    notices,
    order_form,
    organisation,
    paying,
    people,
    platforms,
    programme,
    programme_money,
    programmes,
    provinces,
    quarantine,
    redeeming,
    reservations,
    search,
    sign_in,
    stations,
    statistics,
    tariffs,
    texts,
    ties,
    trail,
    trainings,
    uploads,
    usage,
    vouchers,
    wishes,
)
from station_portal.pages.settling import (
    audits,
    batch,
    documents,
    faces,
    matrix,
    payees,
    payments,
    periods,
    redemption_cases,
    reviewing,
    signing_keys,
)
from station_portal.rendering import Pages
from station_portal.statics import DIST, Assets, HashedFiles

ROUTES = include(
    home.router,
    search.router,
    instruments.router,
    institutions.router,
    stations.router,
    statistics.router,
    provinces.router,
    provinces.staff_router,
    sign_in.router,
    sign_in.signed_in_router,
    account.router,
    enterprise_claim.router,
    organisation.router,
    invited.router,
    invited.signed_in_router,
    cases.router,
    people.router,
    trail.router,
    uploads.router,
    deletions.router,
    quarantine.router,
    platforms.router,
    notices.router,
    booking_form.router,
    booking_counter.router,
    wishes.router,
    vouchers.router,
    usage.router,
    paying.router,
    order_form.router,
    redeeming.router,
    ties.router,
    claims.router,
    programme.router,
    applications.router,
    application_review.router,
    programmes.router,
    programme_money.router,
    calendar_feed.router,
    booking_list.router,
    bookings.router,
    booking_papers.router,
    booking_cases.router,
    booking_flows.router,
    board.router,
    booking_rules.router,
    tariffs.router,
    closures.router,
    trainings.router,
    reservations.router,
    conflicts.router,
    documents.router,
    signing_keys.router,
    texts.router,
    payees.router,
    audits.router,
    periods.router,
    batch.router,
    reviewing.router,
    payments.router,
    matrix.router,
    redemption_cases.router,
    faces.router,
)


def create_app(runtime: Runtime | None = None) -> HubApp:
    """The application over `runtime`, or over one built from the environment.

    Without built assets the pages work, unstyled, and say which command builds them.
    """
    app = hub_app.create_app(runtime)
    assets = Assets.load()
    held: Runtime = app.state.runtime
    app.state.pages = Pages.create(assets, is_demo=held.is_demo)
    app.state.page_of_problem = error_pages.page_of_problem
    app.state.code_version = code_version()
    app.router.routes.extend(ROUTES)
    if assets.is_built:
        app.mount("/static", HashedFiles(directory=DIST), name="static")
        app.state.mounts = {"/static": "public"}
    return app


def code_version() -> str:
    """The version of the installed package; a plain checkout that is not installed has none."""
    try:
        return metadata.version("jiangyihui")
    except metadata.PackageNotFoundError:
        return "0"
