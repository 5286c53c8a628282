"""How each path parameter is filled with an object of the world, and what a request must carry to be looked at.

A route whose parameters are not told here fails the tests. A parameter that names different things on different routes
is told by the route's own line in `PLACES`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.hub.bookings.world import RULES, TARIFF
from tests.hub.identity.oauth.platform_client import new_key, public_half
from tests.hub.identity.walls.rows import HERE
from tests.hub.identity.walls.world import World

PARAMETERS: Mapping[str, str | None] = {
    "code": HERE,
    "province": HERE,
    "decision": "release",
    "command": None,
    "channel": "mail",
    "number": None,
    **dict.fromkeys(
        (
            "booking_id", "instrument_id", "institution_id", "enterprise_id", "version", "upload_id", "delivery_id", "wish_id",
            "quote_id", "closure_id", "claim_id", "conflict_id", "holder", "notice_id", "webhook_id", "hold_id", "item_id",
            "platform_id", "invitation_id", "kid", "token", "case_id",
        ),
        None,
    ),
}  # fmt: skip
"""Parameter → its text; None: the world's object of this name."""

PLACES: Mapping[str, Mapping[str, str]] = {
    "/api/v1/session/grants/": {"grant_id": "own.enterprise_member.grant"},
    "/api/v1/booking-cases/": {"case_id": "booking_case"},
    "/staff/booking-cases/{case_id}": {"case_id": "booking_case"},
    "/api/v1/institutions/{institution_id}/closures/": {"closure_id": "institution_closure"},
    "/api/v1/institutions/{institution_id}/trainings/": {"code": "=sem"},
    "/staff/institutions/{institution_id}/closures/": {"closure_id": "institution_closure"},
    "/organisation/invitations/": {"number": "party_invitation"},
    "/organisation/members/": {"number": "own.enterprise_member.grant"},
    "/staff/people/invitations/": {"number": "office_invitation"},
    "/staff/people/grants/": {"number": "own.bureau_staff.grant"},
    "/staff/people/{person_id}": {"person_id": "own.bureau_staff"},
    "/staff/cases/documents/": {"number": "document"},
    "/staff/cases/{case_id}": {"decision": "=refuse"},
}
"""Beginning of a route → parameter → the world's object (or, after `=`, the text itself)."""

NOBODYS: Mapping[str, str] = {
    "GET /staff/counter/{instrument_id}": "the empty form shows what the instrument's own page shows",
    "GET /instruments/{instrument_id}/book": "everybody may ask for a quote of an instrument that is shown",
    "POST /instruments/{instrument_id}/book": "everybody may ask for a quote of an instrument that is shown",
    "POST /instruments/{instrument_id}/wait": "everybody may wait for an instrument that is shown",
    "PUT /api/v1/contacts/{channel}": "the channel is the own one, whoever asks",
    "DELETE /api/v1/contacts/{channel}": "the channel is the own one, whoever asks",
    "POST /invitations/{token}/accept": "the link is the right",
}
"""Routes whose object belongs to nobody, and why."""

STATELESS: Mapping[str, str] = {
    "POST /staff/counter/{instrument_id}": "what is entered is made by it",
    "PATCH /api/v1/report-uploads/{upload_id}": "what was begun goes on; that it is finished is asked again",
    "POST /staff/rechecks/{enterprise_id}": "the yearly check of a home is always open",
}
"""Routes whose object has no state of its own, and why."""

FURTHER: Mapping[str, str] = {
    "POST /api/v1/provinces/{code}/files": "resource_unknown",
    "GET /api/v1/provinces/{code}/bookings/messages": "interface_missing",
}
"""Route → the code with which its own people are answered behind the wall: the world has no more than walls need."""

SAID: Mapping[str, str] = {"POST /staff/counter/{instrument_id}": "您无权处理"}
"""Routes of pages that say on their form why they refuse, and the words."""

_SPAN = {"start": "2026-02-02T09:00:00+08:00", "end": "2026-02-02T10:00:00+08:00"}
_CLOSURE = {"json": {**_SPAN, "reason": "maintenance"}}
_SAID = {"json": {"text": "已电话核实，合成数据"}}
_SHEET = {"content": b"x", "params": {"preview": "0" * 32}}
_COMMAND = {
    "reason": "instrument_down",
    "report_id": 1,
    "person_id": "p-1",
    "proposal": 1,
    "enterprise_id": "en-1",
    "usage": {"hours": 1},
}
_FORM = {
    "revision": "1",
    "reason": "instrument_down",
    "report_id": "1",
    "person_id": "p-1",
    "proposal": "1",
    "start": "2026-02-02T09:00",
    "end": "2026-02-02T10:00",
}

BODIES: Mapping[str, Mapping[str, Any]] = {
    "POST /api/v1/platforms/{platform_id}/keys": {"json": {"public_key": public_half(new_key())}},
    "POST /api/v1/provinces/{code}/files": {"files": {"file": ("a.csv", b"1,2", "text/csv")}},
    "PUT /api/v1/instruments/{instrument_id}/rules": {"json": RULES},
    "PUT /api/v1/instruments/{instrument_id}/tariff": {"json": TARIFF},
    "POST /api/v1/instruments/{instrument_id}/closures": _CLOSURE,
    "POST /api/v1/institutions/{institution_id}/closures": _CLOSURE,
    "PUT /api/v1/institutions/{institution_id}/trainings": {"json": {"code": "sem", "holder": "en-1"}},
    "POST /api/v1/instruments/{instrument_id}/reservations": {"json": _SPAN},
    "POST /api/v1/instruments/{instrument_id}/reservations/preview": _SHEET,
    "POST /api/v1/instruments/{instrument_id}/reservations/import": _SHEET,
    "POST /api/v1/institutions/{institution_id}/reservations/preview": _SHEET,
    "POST /api/v1/institutions/{institution_id}/reservations/import": _SHEET,
    "POST /staff/instruments/{instrument_id}/reservations/free": {"data": {"claim": "@claim_id"}},
    "POST /api/v1/webhooks/{webhook_id}/replay": {"json": {"after": 0}},
    "POST /api/v1/booking-cases/{case_id}/close": _SAID,
    "POST /staff/conflicts/{conflict_id}/resolve": {"data": {"note": "改到下午"}},
    "POST /staff/booking-cases/{case_id}/close": {"data": _SAID["json"]},
    "POST /api/v1/bookings/{booking_id}/reports": {
        "files": {"file": ("a.pdf", b"%PDF-1.7", "application/pdf")}
    },
    "POST /api/v1/bookings/{booking_id}/uploads": {"json": {"filename": "a.pdf", "size": 8}},
    "PATCH /api/v1/report-uploads/{upload_id}": {"content": b"%PDF", "headers": {"Upload-Offset": "0"}},
    "POST /api/v1/bookings/{booking_id}/notes": _SAID,
    "PUT /api/v1/bookings/{booking_id}/rating": {"json": {"stars": 5}},
    "PUT /api/v1/bookings/{booking_id}/rating/answer": _SAID,
    "POST /staff/counter/{instrument_id}": {
        "data": {
            "enterprise": "@enterprise_id",
            "do": "submit",
            "key": "key-of-a-counter-form",
            "service_mode": "consultation",
            "direction": "technology_development",
            "contact_name": "李（合成）",
        }
    },
    "POST /bookings/{booking_id}/commands/{command}": {"data": _FORM},
    "POST /api/v1/bookings/{booking_id}/commands/{command}": {
        "json": _COMMAND,
        "headers": {"If-Match": '"1"'},
    },
}
"""Route → what the request carries, as httpx takes it, so that it is well-formed; without a line an empty JSON object."""


def filled(world: World, path: str, **given: str) -> str:
    """The address of a route with the world's objects in it. Raises AssertionError for a parameter that is not told."""
    known = {
        name: what
        for start, places in PLACES.items()
        if path.startswith(start)
        for name, what in places.items()
    }

    def fill(found: re.Match[str]) -> str:
        name = found.group(1)
        if name in given:
            return given[name]
        what = known.get(name)
        if what is not None:
            return what[1:] if what.startswith("=") else str(world.objects[what])
        assert name in PARAMETERS, f"tell tests/hub/identity/walls/objects.py what {{{name}}} of {path} is"
        told = PARAMETERS[name]
        return str(world.objects[name]) if told is None else told

    return re.sub(r"\{(\w+)(?::\w+)?\}", fill, path)
