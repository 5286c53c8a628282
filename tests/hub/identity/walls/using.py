"""The walls' booking with what it used, and a dispute about it that an arbiter decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.settlement import models

USAGE = "us-" + "w" * 26


def put_usage(
    put: Callable[..., Any],
    *,
    province: str,
    booking: str,
    enterprise: str,
    institution: str,
    operator: str,
    arbiter: str,
) -> dict[str, Any]:
    """Put the rows; what path parameters name them by."""
    put(
        models.Usage,
        id=USAGE,
        reference=booking,
        kind="service",
        order_number="33-20260105-AAAAAA",
        state="submitted",
        version=1,
        revision=1,
        visited=province,
        home=province,
        home_area="330402",
        enterprise_id=enterprise,
        institution_id=institution,
        operator_id=operator,
        person_id=None,
        source="staff",
        fee_fen=0,
        facts={
            "enterprise": {"id": enterprise, "name": "企业（合成）"},
            "institution": {"id": institution, "name": "研究所（合成）"},
            "instrument": {"id": "33-" + "a" * 12, "name": "扫描电镜"},
            "service_mode": "machine_time",
        },
        timer_at=None,
        confirm_by=None,
        confirmed_at=None,
        confirmed_by=None,
    )
    put(
        models.UsageVersion,
        usage_id=USAGE,
        number=1,
        document={
            "fee_fen": 0,
            "agreed_fee_fen": 0,
            "used_fee_fen": 0,
            "mode": "usage",
            "text_zh": "无",
            "text_en": "-",
        },
        sha256="0" * 64,
        side="provider",
        reason=None,
    )
    put(
        models.UsageDispute,
        usage_id=USAGE,
        version=1,
        side="enterprise",
        reason="time_wrong",
        text=None,
        evidence={},
        arbiter="account:own-province_staff",
        arbiter_person_id=arbiter,
        arbiter_province=province,
        outcome=None,
        ended_at=None,
    )
    put(
        models.UsageEvidence,
        usage_id=USAGE,
        sha256="0" * 64,
        size=8,
        media_type="application/pdf",
        filename="a.pdf",
        kind="photo",
        name=None,
        side="provider",
        version=1,
        dispute_id=None,
        forgotten_at=None,
    )
    return {"usage_id": USAGE}
