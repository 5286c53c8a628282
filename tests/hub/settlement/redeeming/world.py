"""Orders that were used and paid, rows as their owners keep them, for tests of redeeming and claims. Everything is synthetic."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.db import Database
from hub.identity.rules import Principal
from hub.settlement import service
from hub.settlement.models import Attempt, Document, Invoice, Payment, RatedLine, Usage, UsageVersion
from hub.settlement.service import order_forms, redeeming
from tests.hub.settlement import rated
from tests.hub.settlement.orders import ORDER, order
from tests.hub.settlement.vouchers import ACTOR, furnish

NOW = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
BOOKING = "bk-1"
OWNER = ORDER.owner or ""
ANHUI_REBATE, ANHUI_OWNER = "demo-340000-rebate", "demo-340000-owner"


def principal(name: str, role: str, party: str | None = None, **more: Any) -> Principal:
    return Principal("account", f"account:{name}", name, role, None, f"p-{name}", party, **more)


LI = principal("li", "enterprise_manager", ORDER.holder)
INSTITUTION = principal("owner", "institution_manager", OWNER)
Sides = tuple[Principal, ...]
BOTH: Sides = (LI, INSTITUTION)
STRANGER = principal("stranger", "enterprise_manager", "en-other")
BUREAU = principal("bureau", "bureau_staff", area="3304")
BUREAU_2 = principal("bureau-2", "bureau_staff", area="3304")
ELSEWHERE = principal("elsewhere", "bureau_staff", area="3101")
ANHUI = principal("anhui", "province_staff", area="34")
ANHUI_2 = principal("anhui-2", "province_staff", area="34")


def put_usage(session: Session, reference: str, **changes: Any) -> Usage:
    """A usage as its platform recorded it, confirmed and priced."""
    told: dict[str, Any] = {
        "id": f"us-{reference}", "reference": reference, "kind": "service", "order_number": f"N-{reference}",
        "state": "rated", "version": 1, "revision": 1, "visited": "310000", "home": "330000",
        "home_area": "330402", "enterprise_id": ORDER.holder, "institution_id": OWNER, "source": "platform",
        "external_id": f"x-{reference}", "fee_fen": 60_000, "facts": {}, "recorded_at": NOW, "updated_at": NOW, **changes,
    }  # fmt: skip
    row = Usage(**told)
    session.add(row)
    session.flush()
    document = {"evidence": [{"sha256": "ab" * 32}]}
    version = UsageVersion(usage_id=row.id, number=1, document=document, sha256="cd" * 32)
    version.side, version.actor, version.made_at = "platform", "platform:310000", NOW
    session.add(version)
    session.flush()
    return row


def put_line(session: Session, reference: str, **changes: Any) -> RatedLine:
    """Its rated line: 600.00, half of it by the Jiaxing voucher."""
    number = int("0" + "".join(mark for mark in reference if mark.isdigit())) % 1000
    told: dict[str, Any] = {
        "usage_id": f"us-{reference}", "reference": reference, "order_number": f"N-{reference}", "state": "rated",
        "fee_fen": 60_000, "voucher_fen": 30_000, "own_fen": 30_000, "institution_id": OWNER, **changes,
    }  # fmt: skip
    return rated.line(session, number, **told)


def put_payment(session: Session, reference: str, **changes: Any) -> Payment:
    """The own share, paid whole by bank transfer."""
    told: dict[str, Any] = {
        "id": f"py-{reference}", "reference": reference, "order_number": f"N-{reference}", "enterprise_id": ORDER.holder,
        "institution_id": OWNER, "province": "310000", "home_area": "330402", "fee_fen": 60_000, "voucher_fen": 30_000,
        "owed_fen": 30_000, "paid_fen": 30_000, "state": "paid", "payment_due": "after_report", "document": {},
        "made_at": NOW, "updated_at": NOW, **changes,
    }  # fmt: skip
    row = Payment(**told)
    session.add(row)
    session.flush()
    if row.paid_fen:
        came = Attempt(
            id=f"{row.id}.1", payment_id=row.id, number=1, channel="bank_transfer", fen=row.paid_fen
        )
        came.state, came.received_fen, came.settled_at = "paid", row.paid_fen, NOW
        came.made_by, came.made_at = ACTOR, NOW
        session.add(came)
        session.flush()
    return row


def put_form(session: Session, reference: str, *, by: Sides = BOTH) -> None:
    """The order form, agreed to by those who are named."""
    series = order_forms.series_of(reference)
    digest = sha256(reference.encode()).hexdigest()
    form = Document(id=f"{series}/1", kind=order_forms.KIND, series=series, number=1, sha256=digest)
    form.previous_sha256, form.body, form.issued_at = None, {"number": 1}, NOW
    session.add(form)
    session.flush()
    agree(session, reference, by)


def agree(session: Session, reference: str, by: Sides) -> None:
    """Those who are named agree to the present form."""
    form = order_forms.current(session, reference)
    assert form is not None
    for who in by:
        side = "enterprise" if who.role.startswith("enterprise") else "provider"
        order_forms.confirm(session, reference, side, who, sha256=form.document.sha256, now=NOW)


def put_invoice(session: Session, reference: str, gross_fen: int = 30_000, **changes: Any) -> Invoice:
    told: dict[str, Any] = {
        "payment_id": f"py-{reference}", "reference": reference, "code": "", "number": f"26{gross_fen:018}", "kind": "blue",
        "issued_on": NOW.date(), "net_fen": gross_fen, "vat_fen": 0, "gross_fen": gross_fen, "state": "valid",
        "payer_name": "嘉兴（合成）", "payer_credit_code": ORDER.credit_code, "made_by": ACTOR, "made_at": NOW, **changes,
    }  # fmt: skip
    row = Invoice(**told)
    session.add(row)
    session.flush()
    return row


def furnish_order(
    database: Database, reference: str = BOOKING, *, told: bool = True, agreed: Sides = BOTH, **facts: Any
) -> None:
    """The programmes, and one order that was booked, used, paid, invoiced and rated."""
    furnish(database)
    put_order(database, reference, told=told, agreed=agreed, **facts)


def put_order(
    database: Database, reference: str, *, told: bool = True, agreed: Sides = BOTH, **facts: Any
) -> None:
    """One order of the Jiaxing enterprise in Shanghai with everything that makes it complete."""
    with database.write() as session:
        given = {"is_related": False, **facts}
        service.hold(session, order(reference=reference, **given), now=NOW)
        service.capture_used(session, reference, 60_000, now=NOW)
        put_usage(session, reference)
        put_line(session, reference)
        put_payment(session, reference)
        put_form(session, reference, by=agreed)
        put_invoice(session, reference, number=f"26{int(reference[-1]):018}")
        if told:
            tell_all(session, reference)


def tell_all(session: Session, reference: str = BOOKING, at: datetime = NOW) -> None:
    """What bookings tell of a completed order that was rated."""
    for thing, state in (
        ("booked", "portal"),
        ("completed", "completed"),
        ("report", "delivered"),
        ("rating", "5"),
    ):
        redeeming.tell(session, reference, thing, state, at=at)  # type: ignore[arg-type]


def line_state(database: Database, reference: str = BOOKING) -> str:
    with database.read() as session:
        return session.scalars(select(RatedLine.state).where(RatedLine.reference == reference)).one()
