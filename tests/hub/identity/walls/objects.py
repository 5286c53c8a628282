"""How each path parameter is filled with an object of the world, and what a request must carry to be looked at.

A route whose parameters are not told here fails the tests. A parameter that names different things on different routes
is told by the route's own line in `PLACES`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.hub.bookings.world import RULES, TARIFF
from tests.hub.identity.conftest import CODE
from tests.hub.identity.oauth.platform_client import new_key, public_half
from tests.hub.identity.walls.programmes import DOCUMENT
from tests.hub.identity.walls.rows import HERE
from tests.hub.identity.walls.world import World

PARAMETERS: Mapping[str, str | None] = {
    "code": HERE,
    "province": HERE,
    "decision": "release",
    "year": "2026",
    "command": None,
    "channel": "mail",
    "sha256": "0" * 64,
    "number": None,
    **dict.fromkeys(
        (
            "booking_id", "usage_id", "instrument_id", "institution_id", "enterprise_id", "version", "upload_id", "delivery_id", "wish_id",
            "quote_id", "closure_id", "claim_id", "conflict_id", "holder", "notice_id", "webhook_id", "hold_id", "item_id",
            "platform_id", "invitation_id", "kid", "token", "case_id", "application_id", "paper_number", "programme_id",
            "draft_id", "instruction_id", "batch_id", "list_id", "line_id", "rated_line_id",
            "payment_id", "attempt_id", "invoice_id", "credit_id", "redemption_case_id", "payee_id", "sample_id", "tie_id",
        ),
        None,
    ),
}  # fmt: skip
"""Parameter → its text; None: the world's object of this name."""

PLACES: Mapping[str, Mapping[str, str]] = {
    "/api/v1/session/grants/": {"grant_id": "own.enterprise_member.grant"},
    "/api/v1/payments/{payment_id}/refunds/": {"number": "refund_number"},
    "/payments/{payment_id}/refunds/": {"number": "refund_number"},
    "/api/v1/booking-cases/": {"case_id": "booking_case"},
    "/staff/booking-cases/{case_id}": {"case_id": "booking_case"},
    "/api/v1/institutions/{institution_id}/closures/": {"closure_id": "institution_closure"},
    "/api/v1/institutions/{institution_id}/trainings/": {"code": "=sem"},
    "/staff/institutions/{institution_id}/closures/": {"closure_id": "institution_closure"},
    "/staff/institutions/{institution_id}/trainings/": {"code": "=sem"},
    "/organisation/invitations/": {"number": "party_invitation"},
    "/organisation/members/": {"number": "own.enterprise_member.grant"},
    "/staff/people/invitations/": {"number": "office_invitation"},
    "/staff/people/grants/": {"number": "own.bureau_staff.grant"},
    "/staff/people/{person_id}": {"person_id": "own.bureau_staff"},
    "/api/v1/documents/": {"series": "document_series", "number": "document_number"},
    "/staff/documents/": {"series": "document_series", "number": "document_number"},
    "/api/v1/signing-keys/": {"kid": "officer_kid"},
    "/staff/signing-keys/": {"kid": "officer_kid"},
    "/staff/audits/samples/": {"line_id": "rated_line_id"},
    "/orders/{reference}": {"reference": "booking_id"},
    "/orders/{reference}/papers/": {"reference": "booking_id", "number": "order_paper"},
    "/claims/": {"claim_id": "rebate_claim"},
    "/staff/cases/documents/": {"number": "document"},
    "/staff/cases/{case_id}": {"decision": "=refuse"},
}
"""Beginning of a route → parameter → the world's object (or, after `=`, the text itself)."""

NOBODYS: Mapping[str, str] = {
    "GET /staff/counter/{instrument_id}": "the empty form shows what the instrument's own page shows",
    "GET /instruments/{instrument_id}/book": "everybody may ask for a quote of an instrument that is shown",
    "POST /instruments/{instrument_id}/book": "everybody may ask for a quote of an instrument that is shown",
    "POST /instruments/{instrument_id}/wait": "everybody may wait for an instrument that is shown",
    "GET /vouchers/{year}": "the year is that of whoever reads",
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
    "GET /api/v1/payment-attempts/{attempt_id}/proof": "payment_proof_missing",
    "GET /payments/{payment_id}/attempts/{attempt_id}/proof": "payment_proof_missing",
    "POST /api/v1/payments/{payment_id}/attempts": "payment_channel_unknown",
    "GET /staff/settlement/payment-lines/{line_id}/proof": "proof_unknown",
    "GET /staff/settlement/credits/{credit_id}/proof": "proof_unknown",
    "GET /api/v1/documents/{series}/{number}/hub-receipt": "receipt_unknown",
    "GET /staff/documents/{series}/{number}/hub-receipt": "receipt_unknown",
    "GET /api/v1/settlement/payment-lines/{line_id}/hub-receipt": "receipt_unknown",
    "GET /api/v1/settlement/batches/{batch_id}/hub-receipt": "receipt_unknown",
    "POST /api/v1/provinces/{code}/files": "resource_unknown",
    "GET /api/v1/provinces/{code}/bookings/messages": "interface_missing",
}
"""Route → the code with which its own people are answered behind the wall: the world has no more than walls need."""

WITHOUT_FONT = frozenset(
    {"GET /api/v1/bookings/{booking_id}/order-form.pdf", "GET /bookings/{booking_id}/order-form.pdf"}
)
"""Routes that are answered with 503 where the font of printed documents is not installed: behind the wall."""

UNRECORDED = frozenset(
    {
        "POST /api/v1/notices/{notice_id}/read",
        "POST /api/v1/bookings/{booking_id}/uploads",
        "PATCH /api/v1/report-uploads/{upload_id}",
    }
)
"""What changes without an entry of the audit: what one has read, and a file that is under way (its end has one)."""

SAID: Mapping[str, str] = {"POST /staff/counter/{instrument_id}": "您无权处理"}
"""Routes of pages that say on their form why they refuse, and the words."""

_SPAN = {"start": "2026-02-02T09:00:00+08:00", "end": "2026-02-02T10:00:00+08:00"}
_CLOSURE = {"json": {**_SPAN, "reason": "maintenance"}}
_SAID = {"json": {"text": "已电话核实，合成数据"}}
_SHEET = {"content": b"x", "params": {"preview": "0" * 32}}
_INVOICE = {
    "number": "2" * 20,
    "issued_on": "2026-01-05",
    "net_fen": 100,
    "vat_fen": 0,
    "gross_fen": 100,
    "payer_name": "嘉兴企业（合成）",
    "payer_credit_code": "x",
}
_INVOICE_FORM = {**_INVOICE, "net_fen": "1.00", "vat_fen": "0", "gross_fen": "1.00"}
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
_USING = {"reason": "time_wrong", "outcome": "amend"}
_PROOFS = {"data": {"kind": "photo"}, "files": {"files": ("a.pdf", b"%PDF-1.7", "application/pdf")}}

BODIES: Mapping[str, Mapping[str, Any]] = {
    "POST /orders/{reference}/papers": {
        "data": {"kind": "invoice"},
        "files": {"file": ("a.pdf", b"%PDF-1.7", "application/pdf")},
    },
    "POST /orders/{reference}/papers/{number}": {"data": {"do": "agree"}},
    "POST /orders/{reference}/declaration": {"data": {"is_related": "no"}},
    "POST /claims/{claim_id}/decision": {"data": {"do": "refuse", "reason": "合成数据"}},
    "POST /api/v1/platforms/{platform_id}/keys": {"json": {"public_key": public_half(new_key())}},
    "POST /api/v1/provinces/{code}/files": {"files": {"file": ("a.csv", b"1,2", "text/csv")}},
    "PUT /api/v1/instruments/{instrument_id}/rules": {"json": RULES},
    "PUT /api/v1/instruments/{instrument_id}/tariff": {"json": TARIFF},
    "POST /api/v1/instruments/{instrument_id}/closures": _CLOSURE,
    "POST /api/v1/institutions/{institution_id}/closures": _CLOSURE,
    "PUT /api/v1/institutions/{institution_id}/trainings": {"json": {"code": "sem", "holder": "en-1"}},
    "POST /staff/institutions/{institution_id}/trainings": {"data": {"code": "sem", "credit_code": CODE}},
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
    "POST /api/v1/documents/{series}/{number}/signatures": {"json": {"jws": "e30.."}},
    "POST /api/v1/documents/{series}/{number}/receipts": {"json": {"jws": "e30.."}},
    "POST /staff/documents/{series}/{number}/signature": {"data": {"jws": "e30.."}},
    "POST /staff/documents/{series}/{number}/acknowledge": {"data": {"sha256": "0" * 64, "code": "000000"}},
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
    "POST /api/v1/settlement/batches/{batch_id}/return-line": {
        "json": {"line_id": 1, "code": "other", "text": "合成数据"}
    },
    "POST /staff/settlement/lines/{rated_line_id}/credit": {"data": {"batch": "@batch_id"}},
    "POST /api/v1/settlement/batches/{batch_id}/agree": {"json": {"sha256": "0" * 64}},
    "POST /api/v1/settlement/payment-lines/{line_id}/paid": {
        "json": {"paid_on": "2026-02-02", "bank_reference": "B-1", "amount_fen": 2}
    },
    "POST /api/v1/settlement/payment-lines/{line_id}/bounced": {
        "json": {"reason": "other", "text": "合成数据"}
    },
    "POST /api/v1/settlement/lines/{rated_line_id}/credit": {"json": {"reason": "other", "text": "合成数据"}},
    "POST /api/v1/settlement/credits/{credit_id}/refuse": {"json": {"text": "合成数据"}},
    "POST /api/v1/settlement/credits/{credit_id}/payback": {
        "json": {"paid_on": "2026-04-20", "bank_reference": "R-1", "amount_fen": 1}
    },
    "POST /api/v1/settlement/redemption-cases/{redemption_case_id}/close": {"json": {"text": "合成数据"}},
    "PUT /api/v1/applications/{application_id}": {"json": {"fen": 1}},
    "POST /api/v1/applications/{application_id}/papers": {
        "data": {"kind": "other"},
        "files": {"file": ("a.pdf", b"%PDF-1.7", "application/pdf")},
    },
    "POST /api/v1/applications/{application_id}/ask-papers": {
        "json": {"missing": ["other"], "reason": "合成数据"}
    },
    "POST /api/v1/applications/{application_id}/refuse": {"json": {"reason": "合成数据"}},
    "POST /api/v1/applications/{application_id}/hand-over": {"json": {"reference": "JX-1"}},
    "PUT /api/v1/programmes/{programme_id}/draft": {"json": {"document": dict(DOCUMENT)}},
    "POST /api/v1/programme-drafts/{draft_id}/publish": {"json": {"revision": 1}},
    "POST /api/v1/programmes/{programme_id}/simulate": {
        "json": {"document": dict(DOCUMENT), "since": "2026-01-01", "until": "2026-01-31"}
    },
    "POST /api/v1/programmes/{programme_id}/instructions": {"json": {"kind": "fund", "fen": 1}},
    "POST /api/v1/instructions/{instruction_id}/refuse": {"json": {"reason": "合成数据"}},
    "POST /applications/{application_id}": {"data": {"do": "withdraw"}},
    "POST /applications/{application_id}/papers": {"data": {"kind": "other"}},
    "POST /applications/{application_id}/papers/{paper_number}/remove": {"data": {"do": "remove"}},
    "POST /staff/applications/{application_id}": {"data": {"do": "hand_over", "reference": "JX-1"}},
    "POST /staff/programmes/{programme_id}": {"data": {"do": "discard", "draft": "@draft_id"}},
    "POST /staff/programmes/{programme_id}/budget": {"data": {"kind": "fund", "fen": "1", "key": "k"}},
    "POST /staff/instructions/{instruction_id}": {"data": {"do": "refuse", "reason": "合成数据"}},
    "POST /api/v1/payments/{payment_id}/attempts": {
        "json": {"channel": "bank_transfer", "order_form_sha256": "f" * 64}
    },
    "PUT /api/v1/payment-attempts/{attempt_id}/proof": {
        "files": {"file": ("a.pdf", b"%PDF-1.7", "application/pdf")}
    },
    "POST /payments/{payment_id}/attempts/{attempt_id}/proof": {
        "files": {"file": ("a.pdf", b"%PDF-1.7", "application/pdf")}
    },
    "POST /api/v1/payment-attempts/{attempt_id}/confirm": {"json": {"fen": 100}},
    "POST /api/v1/payment-attempts/{attempt_id}/refuse": {"json": {"reason": "未到账"}},
    "POST /payments/{payment_id}/attempts/{attempt_id}/confirm": {"data": {"received": "1.00"}},
    "POST /payments/{payment_id}/attempts/{attempt_id}/refuse": {"data": {"reason": "未到账"}},
    "POST /staff/cases/{case_id}/{decision}": {"data": {"reason": "other", "note": "合成数据"}},
    "POST /payments/{payment_id}/pay": {"data": {"channel": "bank_transfer", "order_form_sha256": "f" * 64}},
    "POST /api/v1/payments/{payment_id}/invoices": {"json": _INVOICE},
    "POST /api/v1/invoices/{invoice_id}/reverse": {"json": {**_INVOICE, "reason": "开票有误"}},
    "POST /api/v1/invoices/{invoice_id}/void": {"json": {"reason": "开票有误"}},
    "POST /payments/{payment_id}/invoices": {"data": _INVOICE_FORM},
    "POST /payments/{payment_id}/invoices/{invoice_id}/reverse": {
        "data": {**_INVOICE_FORM, "reason": "有误"}
    },
    "POST /payments/{payment_id}/invoices/{invoice_id}/void": {"data": {"reason": "开票有误"}},
    "POST /api/v1/bookings/{booking_id}/order-forms/confirm": {"json": {"sha256": "f" * 64}},
    "POST /bookings/{booking_id}/order-form": {"data": {"sha256": "f" * 64}},
    "POST /bookings/{booking_id}/commands/{command}": {"data": _FORM},
    "POST /usage/{usage_id}/evidence": _PROOFS,
    "POST /api/v1/usage/{usage_id}/evidence": _PROOFS,
    "POST /usage/{usage_id}/commands/{command}": {"data": {"revision": "1", **_USING, "hours": "1"}},
    "POST /api/v1/usage/{usage_id}/commands/{command}": {
        "json": {**_USING, "used": {"hours": 1}},
        "headers": {"If-Match": '"1"'},
    },
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
