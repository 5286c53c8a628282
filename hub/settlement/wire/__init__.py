"""Orders and decisions as JSON, for keeping with the order and for showing."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from hub.settlement.rules import Decision, Decisions, Order, Reason, Step

_ORDER = tuple(each.name for each in fields(Order))
_DECISION = tuple(each.name for each in fields(Decision))


def order_document(order: Order) -> dict[str, Any]:
    """The facts of an order; what is not known is left out."""
    told = {name: value for name in _ORDER if (value := getattr(order, name)) is not None}
    for name in ("ordered_on", "service_on"):
        if name in told:
            told[name] = told[name].isoformat()
    return {**told, "declared": sorted(order.declared)}


def read_order(document: Mapping[str, Any]) -> Order:
    """The facts back from their document. What was decided before tariffs stated a rate was decided as without any tax."""
    told = {name: value for name, value in document.items() if name in _ORDER}
    for name in ("ordered_on", "service_on"):
        if name in told:
            told[name] = date.fromisoformat(told[name])
    if "vat_fen" in document:
        told["vat_permille"] = 0
    return Order(**{"fee_fen": None, **told, "declared": frozenset(told.get("declared", ()))})


def decisions_document(made: Decisions) -> dict[str, Any]:
    """Both decisions: `{fee_fen?, voucher?, user[], owner[]}`; `voucher` is the identifier of the programme that is used."""
    told: dict[str, Any] = {
        "user": [_decision(each) for each in made.user],
        "owner": [_decision(each) for each in made.owner],
    }
    if made.fee_fen is not None:
        told["fee_fen"] = made.fee_fen
    if made.voucher is not None:
        told["voucher"] = made.voucher.programme_id
    return told


def read_decisions(document: Mapping[str, Any]) -> Decisions:
    """Both decisions back from their document."""
    user = tuple(_read(each) for each in document["user"])
    used = document.get("voucher")
    voucher = next((each for each in user if each.programme_id == used), None)
    return Decisions(user, tuple(_read(each) for each in document["owner"]), document.get("fee_fen"), voucher)


def _decision(made: Decision) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(made, name) for name in _DECISION}
    for name in ("reasons", "conditions", "steps"):
        told[name] = [each._asdict() for each in getattr(made, name)]
    return told


def _read(told: Mapping[str, Any]) -> Decision:
    return Decision(
        **{
            **told,
            "reasons": tuple(Reason(**each) for each in told["reasons"]),
            "conditions": tuple(Reason(**each) for each in told["conditions"]),
            "steps": tuple(Step(**each) for each in told["steps"]),
        }
    )
