"""What an answer tells of each found document, and of the order they stand in. Pure but for counting in the index."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tantivy import Query

import schemas
from hub.search import columns as c
from hub.search import openings, shares
from hub.search.index import Snapshot
from hub.search.marking import Marker
from hub.search.ordering import Listing, Ranked, Window, distance_km
from hub.search.queries import Shelf, both, free, tagged
from hub.search.request import Explanation, Fee, FreeSlot, Hit, HitAvailability, Point, SearchRequest, Shares


@dataclass(frozen=True, slots=True)
class Shown:
    """How the documents of one search are shown."""

    snapshot: Snapshot
    request: SearchRequest
    marker: Marker
    window: Window

    def hit(self, row: Ranked) -> Hit:
        """One document with what this search marks in it and works out for it."""
        request = self.request
        summary = dict(row.summary)
        held = summary.pop("availability", None)
        told_shares = _shares(summary, request)
        summary.pop("seat", None)
        distance = row.distance_km
        if distance is None and request.near is not None and "lon" in summary:
            distance = round(distance_km(request.near, Point(summary["lon"], summary["lat"])), 4)
        if request.kind == "institution":
            summary |= _instruments_of(self.snapshot, row.id)
        available = None if held is None else _availability(held, self.window)
        marked = self.marker.mark(summary)
        fee = _fee(summary, request)
        return Hit(row.id, request.kind, summary, marked, distance, fee, available, told_shares)


def order_notes(listing: Listing, total: int, hits: Sequence[Hit]) -> list[Explanation]:
    """What has to be said about an order: which rows it cannot compare, and what of it is assumed."""
    shelf, query, request, window = listing.shelf, listing.query, listing.request, listing.window
    notes = []
    if request.sort in {"fee", "own_share"} and request.unit is not None:
        without = total - _number_tagged(shelf, query, c.fee_tag(request.unit))
        unit = schemas.codes("charging_unit")[request.unit]
        if without:
            notes.append(
                Explanation(
                    "incomparable",
                    f"有 {without} 条没有按“{unit.zh}”计费，无法比较，排在最后。",
                    f"{without} have no fee by {unit.en.lower()} and cannot be compared; they come last.",
                )
            )
    if request.sort == "own_share":
        notes.append(_own_share_note(request))
    if request.sort == "distance":
        without = total - _number_tagged(shelf, query, c.PLACED)
        if without:
            notes.append(
                Explanation(
                    "unlocated",
                    f"有 {without} 条没有坐标，排在最后。",
                    f"{without} have no coordinates; they come last.",
                )
            )
    if request.sort == "earliest" and not request.asks_for_time:
        open_at_all = openings.free_between(window.kinds, window.begin, window.end, window.now)
        without = total - shelf.count(both(query, free(shelf.schema, open_at_all)))
        if without:
            notes.append(
                Explanation(
                    "never_free",
                    f"有 {without} 条在可预约的期限内没有空闲时间，排在最后。",
                    f"{without} have no free time as far ahead as can be booked; they come last.",
                )
            )
    if (request.sort == "earliest" or request.asks_for_time) and any(_is_assumed(hit) for hit in hits):
        notes.append(
            Explanation(
                "assumed",
                "部分仪器未提供预约时间，其空闲时间按默认开放时间推算，以管理单位答复为准。",
                "Some instruments tell no booking times: their free times follow from assumed opening hours, and the "
                "institution's answer decides.",
            )
        )
    return notes


def _is_assumed(hit: Hit) -> bool:
    return hit.availability is not None and hit.availability.source == "default"


def _number_tagged(shelf: Shelf, query: Query, tag: str) -> int:
    return shelf.count(both(query, tagged(shelf.schema, tag)))


def _availability(held: Mapping[str, Any], window: Window) -> HitAvailability:
    """The next free slot that a booking made now can have in the window."""
    hours = held["hours"]
    begin = max(window.begin, openings.bookable_from(hours, window.now))
    end = min(window.end, openings.bookable_until(hours, window.now))
    slot = openings.earliest(hours, held["busy"], begin, end)
    as_of = held.get("as_of")
    return HitAvailability(
        next_free=None if slot is None else FreeSlot(slot.start, slot.end),
        as_of=None if as_of is None else datetime.fromisoformat(as_of),
        source=held["source"],
    )


def _fee(summary: Mapping[str, Any], request: SearchRequest) -> Fee | None:
    if request.unit is None:
        return None
    fees = {fee["unit"]: fee["fee_fen"] for fee in summary.get("fees", ())}
    if summary.get("charging_unit") == request.unit and "fee_fen" in summary:
        fees[request.unit] = summary["fee_fen"]
    if request.unit not in fees:
        return None
    fee = fees[request.unit]
    return Fee(request.unit, fee, request.quantity, math.floor(fee * request.quantity + 0.5))


def _shares(summary: Mapping[str, Any], request: SearchRequest) -> Shares | None:
    """The shares of the fee asked for, or of one of the unit that is charged; None without vouchers or fee."""
    if not request.payers or request.kind != "instrument":
        return None
    fees = {fee["unit"]: fee["fee_fen"] for fee in summary.get("fees", ())}
    unit, quantity = request.unit or next(iter(fees), None), request.quantity if request.unit else 1.0
    if unit is None or unit not in fees:
        return None
    return shares.shares_of(
        shares.paying(request.payers, summary, unit), shares.total_of(fees[unit], quantity)
    )


def _own_share_note(request: SearchRequest) -> Explanation:
    if not request.payers:
        return Explanation(
            "no_voucher",
            "没有可用的创新券，自付等于费用；以企业身份登录并持有可用券后，按券后自付排序。",
            "There is no voucher to use, so the own share is the fee; sign in for an enterprise that holds one.",
        )
    names = [payer.name for payer in request.payers]
    zh, en = "、".join(each.zh for each in names), ", ".join(each.en for each in names)
    return Explanation(
        "own_share",
        f"自付已扣除可用创新券（{zh}），逐台单独估算；以报价为准。",
        f"The own share is what your vouchers ({en}) leave, reckoned for each instrument alone; the quote decides.",
    )


def _instruments_of(snapshot: Snapshot, institution_id: str) -> dict[str, int]:
    """How many instruments an institution has, and how many can be booked from outside."""
    searcher = snapshot.shelves["instrument"].searcher
    open_, rest = (searcher.doc_freq(c.TAG, c.tag(half, "institution", institution_id)) for half in c.HALVES)
    return {"instruments": open_ + rest, "open_instruments": open_}
