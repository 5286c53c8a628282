"""What was used, priced by the very tariff of the quote that was agreed to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from hub.availability import rules
from hub.availability.models import QuoteRow
from hub.settlement import rating
from hub.settlement.errors import RatingRefused
from hub.settlement.rating import Quantities, Rated
from hub.settlement.rules import usages


def rate_usage(session: Session, quote_id: str, usage: Mapping[str, Any], *, agreed_fen: int) -> Rated | None:
    """The fee of a valid `booking-usage` by the quote's snapshot of tariff, items and side.

    None where the agreed fee is not the quote's, so that it was agreed as a whole, or where the usage cannot be priced.
    What the usage does not tell stays as it was quoted; what was reserved stays reserved. Reads only.
    """
    quote = session.get(QuoteRow, quote_id)
    terms = None if quote is None else quote.document.get("tariff")
    if quote is None or terms is None or quote.fee_fen != agreed_fen:
        return None
    wanted = rules.read_request(quote.request)
    tariff = rules.applicable(terms, wanted.service_mode)
    quoted = rules.quantities(terms, tariff, wanted, is_inside=quote.document["side"] == "inside")
    try:
        return rating.rate(tariff, _used(tariff, quoted, usage))
    except RatingRefused:
        return None


def _used(tariff: rating.Tariff, quoted: Quantities, usage: Mapping[str, Any]) -> Quantities:
    minutes, unit, quantity = usages.used_minutes(usage), usage.get("charging_unit"), usage.get("quantity")
    found = replace(
        quoted,
        used_minutes=minutes,
        test_minutes=quoted.test_minutes if minutes is None else minutes,
        times=quantity if unit == "time" and quantity is not None else quoted.times,
        samples=quantity if unit == "sample" and quantity is not None else quoted.samples,
    )
    basis = {"item": "item", "package": "package", "sample": "samples", "time": "times"}.get(str(unit))
    meant = [one.id for one in tariff.positions if one.basis == basis and one.id in quoted.chosen]
    if quantity is not None and len(meant) == 1:
        return replace(found, chosen={**quoted.chosen, meant[0]: quantity})
    timed = [one.id for one in tariff.positions if one.basis in {"used_time", "test_time"}]
    chosen = {
        name: None if name in timed and minutes is not None else told for name, told in quoted.chosen.items()
    }
    return replace(found, chosen=chosen)
