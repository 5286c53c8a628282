"""The walls' booking as an order that is to be redeemed: its line, a paper, and a claim on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from hub.settlement import models, rules, wire
from tests.hub.identity.conftest import CODE

CITY = "330402"


def put_redeeming(
    put: Callable[..., Any], *, province: str, booking: str, enterprise: str, institution: str
) -> dict[str, Any]:
    """Put the rows; what path parameters name them by."""
    order = rules.Order(
        booking, date(2026, 1, 5), 2, enterprise, CITY, province, "machine_time", owner=institution
    )
    put(
        models.OrderRow,
        reference=booking,
        fee_fen=2,
        voucher_fen=1,
        own_fen=1,
        facts=wire.order_document(order),
        decisions={"user": [], "owner": []},
    )
    line = put(
        models.RatedLine,
        usage_id="us-order",
        reference=booking,
        visited=province,
        home=province,
        enterprise_id=enterprise,
        institution_id=institution,
        fee_fen=2,
        voucher_fen=1,
        own_fen=1,
        programme_id="demo-330400-voucher",
        payer_area=CITY,
        state="rated",
    )
    paper = put(
        models.Paper, reference=booking, payer_area=CITY, kind="invoice", state="waiting", side="enterprise", size=1,
        media_type="application/pdf", content=b"%PDF-1.7",
    )  # fmt: skip
    claim = put(
        models.Claim, id="cl-wall", kind="rebate", payer_area=CITY, payee_kind="enterprise", payee_id=enterprise,
        base_fen=2, fen=1, state="applied", year=2026, document={"items": [], "steps": []},
    )  # fmt: skip
    put(models.ClaimLine, claim_id=claim.id, line_id=line.id, fen=1)
    tie = put(models.Tie, one=CODE, other="Z" * 18, kind="shareholding", valid_from=date(2026, 1, 1))
    return {"tie_id": tie.id, "order_paper": str(paper.id), "rebate_claim": claim.id}
