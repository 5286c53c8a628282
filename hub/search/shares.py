"""Who would pay how much of a hit: the voucher programmes of the holder who searches, and what they pay for what. Pure.

A search knows the fee per charging unit of every instrument, and of a holder what each programme pays at most now. What a
programme pays only depends on the fee and on a few facts of the instrument (where it stands, its class, what it cost), so
the whole result is ordered by own share without reckoning each document: within documents for which the same programmes
pay, a higher fee never means a lower own share.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from tantivy import Query, Schema

from hub.search import columns as c
from hub.search import queries as q
from hub.search.request import Payer, Shares
from hub.settlement.rules import covers, share

MODE_OF_UNIT = {"hour": "machine_time", "day": "machine_time"}
"""Charging unit → the service mode that is priced by it; all others price an entrusted test."""

MOST_PAYERS = 4
"""Programmes that are told apart; of a holder with more, those that pay most count."""


@dataclass(frozen=True, slots=True)
class Group:
    """Documents for which just these programmes pay; `query` None: all documents."""

    payers: tuple[Payer, ...]
    query: Query | None


def total_of(fee_fen: int, quantity: float) -> int:
    """The fee of a quantity, rounded to the fen."""
    return math.floor(fee_fen * quantity + 0.5)


def shares_of(payers: Iterable[Payer], total_fen: int) -> Shares:
    """The shares of a fee: of several programmes the one that pays most, as settlement decides."""
    best, programme = 0, None
    for payer in payers:
        fen = min(share(total_fen, payer.rate_bp), payer.limit_fen)
        if fen > best:
            best, programme = fen, payer.programme_id
    return Shares(total_fen, best, total_fen - best, programme)


def paying(payers: Iterable[Payer], summary: Mapping[str, Any], unit: str) -> tuple[Payer, ...]:
    """The programmes that pay for an instrument, by the facts that its summary holds."""
    return tuple(payer for payer in payers if _serves(payer, unit) and _fits(payer, summary))


def groups(schema: Schema, payers: Sequence[Payer], unit: str) -> list[Group]:
    """The documents by the programmes that pay for them: every document is in exactly one group."""
    serving = [payer for payer in payers if _serves(payer, unit)]
    serving = sorted(serving, key=lambda each: (-each.rate_bp, -each.limit_fen, each.programme_id))[
        :MOST_PAYERS
    ]
    always = tuple(payer for payer in serving if _query(schema, payer) is None)
    bound = [(payer, query) for payer in serving if (query := _query(schema, payer)) is not None]
    found = []
    for choice in product((True, False), repeat=len(bound)):
        paid = [each for each, is_in in zip(bound, choice, strict=True) if is_in]
        unpaid = [each for each, is_in in zip(bound, choice, strict=True) if not is_in]
        query = _combined(schema, [held for _, held in paid], [held for _, held in unpaid])
        found.append(Group((*always, *(payer for payer, _ in paid)), query))
    return found


def least_fee(payers: Sequence[Payer], quantity: float, own_fen: int, *, is_above: bool) -> int | None:
    """The lowest fee per unit whose own share is at least this (above it, when asked); None when there is none.

    The own share never falls when the fee rises, so it is found by halving.
    """

    def is_enough(fee: int) -> bool:
        own = shares_of(payers, total_of(fee, quantity)).own_fen
        return own > own_fen if is_above else own >= own_fen

    low, high = 0, 1 << 36
    if not is_enough(high):
        return None
    while low < high:
        middle = (low + high) // 2
        if is_enough(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _serves(payer: Payer, unit: str) -> bool:
    return payer.limit_fen > 0 and MODE_OF_UNIT.get(unit, "entrusted_test") in payer.service_modes


def _fits(payer: Payer, summary: Mapping[str, Any]) -> bool:
    seat = str(summary.get("seat") or summary.get("city") or summary.get("province") or "")
    if payer.places is not None and not any(covers(area, seat) for area in payer.places):
        return False
    code = summary.get("class")
    if payer.classes is not None and not (code and any(covers(each, code) for each in payer.classes)):
        return False
    value = summary.get("original_value_fen")
    return payer.min_value_fen is None or (value is not None and value >= payer.min_value_fen)


def _query(schema: Schema, payer: Payer) -> Query | None:
    """The documents for which the programme pays; None: all of them."""
    parts = []
    if payer.places is not None:
        parts.append(_any(schema, [c.seat_tag(area) for area in payer.places]))
    if payer.classes is not None:
        tags = [c.tag(half, "class", code) for half in c.HALVES for code in payer.classes]
        parts.append(_any(schema, tags))
    if payer.min_value_fen is not None:
        parts.append(q.with_column(schema, c.VALUE, payer.min_value_fen, None))
    if not parts:
        return None
    return q.both(parts[0], *parts[1:])


def _any(schema: Schema, tags: Sequence[str]) -> Query:
    return q.either([q.tagged(schema, tag) for tag in tags]) if tags else Query.empty_query()


def _combined(schema: Schema, all_of: Sequence[Query], none_of: Sequence[Query]) -> Query | None:
    if not all_of and not none_of:
        return None
    found = (
        q.both(all_of[0], *all_of[1:])
        if all_of
        else q.either([q.tagged(schema, c.half_tag(h)) for h in c.HALVES])
    )
    for each in none_of:
        found = q.but_not(found, each)
    return found
