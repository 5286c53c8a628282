"""Orders and programmes for the tests of settlement. Everything is synthetic."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from hub.settlement import rules
from hub.settlement.rules import Order, Programme

JIAXING, SHANGHAI = "330402", "310000"
DAY = date(2026, 3, 2)

ORDER = Order(
    reference="bk-aaaaaaaaaaaaaaaaaaaaaaaaaa",
    ordered_on=DAY,
    fee_fen=60_000,
    holder="en-jiaxing",
    home_area=JIAXING,
    owner_area=SHANGHAI,
    service_mode="machine_time",
    credit_code="91330400MA28A3B078",
    owner="31-u-aaaaaaaaaaaa",
    owner_credit_code="12310000MB2026301X",
    instrument_id="31-aaaaaaaaaaaa",
    instrument_class="010102",
    value_fen=80_000_000,
    is_related=False,
)


def order(**changes: Any) -> Order:
    """The order of a Jiaxing enterprise for an instrument in Shanghai, with changes."""
    return replace(ORDER, **changes)


def programme(programme_id: str = "demo-330400-voucher", **terms: Any) -> Programme:
    """A programme of the demo with other terms; a term that is None is taken out."""
    found = next(each for each in rules.demo() if each["id"] == programme_id)
    return Programme(1, with_terms(found, **terms))


def with_terms(document: Mapping[str, Any], **terms: Any) -> dict[str, Any]:
    """The document with some terms changed."""
    changed = {**document.get("terms", {}), **terms}
    return {**document, "terms": {name: value for name, value in changed.items() if value is not None}}


def quota(**told: Any) -> list[dict[str, Any]]:
    """The quota of enterprises: half of the fee without caps, unless told otherwise."""
    given = {"kind": "enterprise", "rate_bp": 5000, **told}
    free = [cap for cap in ("order", "year") if f"cap_{cap}_fen" not in told]
    return [{**given, "uncapped": free} if free else given]
