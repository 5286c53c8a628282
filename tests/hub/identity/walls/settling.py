"""A batch inside the walls' own province, a payment list of its city, and everything that can be done to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from hub.settlement import models

PROVINCE, CITY = "330000", "330402"
BATCH = f"2026-01.{PROVINCE}-{PROVINCE}"
LIST = f"pl-{BATCH}-{CITY}-demo-330400-voucher-1"


def put_settling(put: Callable[..., Any], now: datetime) -> dict[str, Any]:
    """Put the rows; what path parameters name them by."""
    put(models.Period, id="2026-01", starts_on=date(2026, 1, 1), ends_on=date(2026, 1, 31), cutoff_at=now)
    put(
        models.Batch,
        id=BATCH,
        period_id="2026-01",
        visited=PROVINCE,
        home=PROVINCE,
        state="open",
        cutoff_at=now,
    )
    rated = put(
        models.RatedLine,
        usage_id="us-wall",
        reference="bk-wall",
        visited=PROVINCE,
        home=PROVINCE,
        fee_fen=2,
        voucher_fen=1,
        own_fen=1,
        programme_id="demo-330400-voucher",
        payer_area=CITY,
        batch_id=BATCH,
        state="batched",
    )
    put(
        models.PaymentList,
        id=LIST,
        period_id="2026-01",
        payer_area=CITY,
        batch_id=BATCH,
        programme_id="demo-330400-voucher",
        budget_year=2026,
    )
    line = put(
        models.PaymentLine,
        id=f"{LIST}-1",
        list_id=LIST,
        root_id=f"{LIST}-1",
        payee_kind="institution",
        payee_id="33-u-wall",
        fen=1,
        state="due",
    )
    put(
        models.PaymentItem,
        source=f"line:{rated.id}",
        root_id=line.id,
        order_number="33-wall",
        reference="bk-wall",
        enterprise_id="en-wall",
        fen=1,
    )
    credit = put(models.Credit, line_id=rated.id, batch_id=BATCH, maker="person:p-wall", state="proposed")
    case = put(models.Redemption, province=PROVINCE, payer_area=CITY, verdict="contradictory", is_open=True)
    payee = put(
        models.PayeeRow,
        institution_id="33-u-" + "a" * 12,
        account_number="12345678",
        state="proposed",
        entered_by="x",
    )
    sample = put(models.SampleRow, id="sa-wall", area=PROVINCE[:2], line_ids=[rated.id], seed="s", size=1)
    return {
        "payee_id": payee.id,
        "sample_id": sample.id,
        "batch_id": BATCH,
        "list_id": LIST,
        "line_id": line.id,
        "rated_line_id": rated.id,
        "credit_id": credit.id,
        "redemption_case_id": case.id,
    }
