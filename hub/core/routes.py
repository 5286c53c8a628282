"""Which route a request met, as metrics and the audit name it."""

from collections.abc import Mapping
from typing import Any

UNMATCHED = "unmatched"


def route_template(scope: Mapping[str, Any]) -> str:
    """The route's whole path with its parameters' names (`/api/v1/bookings/{booking_id}`); `unmatched` without one.

    Paths themselves would make as many names as there are instruments; the route's own path lacks the prefixes of the
    routers around it, and would be one name for a page and the API of the same thing.
    """
    context = scope.get("fastapi", {}).get("effective_route_context")
    whole = getattr(context, "path", None) or getattr(scope.get("route"), "path", None)
    return str(whole or UNMATCHED)
