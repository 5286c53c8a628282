"""The terms of a booking as data: when cancelling costs how much, what a no-show is, how long who has to answer."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from hub.core.clock import SHANGHAI


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms agreed to at submit; they stay what they were. Percent of the agreed fee, minutes, working days, hours.

    `confirm_days`, `dispute_days` and `appeal_days` count in working days, the hours by the clock.
    """

    late_cancel_percent: int
    no_show_grace_minutes: int
    no_show_percent: int
    confirm_days: int
    dispute_days: int
    appeal_days: int
    proposal_hours: int
    forward_hours: int
    undo_hours: int
    cancel_minutes: int = 0

    def as_document(self) -> dict[str, Any]:
        """For keeping with the booking; `Terms(**document)` gives it back."""
        return {name: getattr(self, name) for name in _NAMES}  # all plain numbers: nothing to copy

    def cancel_until(self, slot_start: datetime | None) -> datetime | None:
        """Until when cancelling is free; None without a slot: as long as no sample has come."""
        return None if slot_start is None else slot_start - timedelta(minutes=self.cancel_minutes)


_NAMES = tuple(each.name for each in fields(Terms))


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be paid and how it was reckoned; `kind` is service, cancellation or no_show. Integer fen."""

    kind: str
    fee_fen: int
    zh: str
    en: str


def terms_of(province: str, on: datetime, offered: Mapping[str, int], *, cancel_minutes: int) -> Terms:
    """The terms of a booking made on that day: those the instrument's rules offer (and the quote showed), and the
    periods of the province's procedure, its own, else the hub's.
    """
    day = on.astimezone(SHANGHAI).date()
    rows = [row for row in _rows() if row["valid_from"] <= day]
    own = [row for row in rows if row["province"] == province] or [
        row for row in rows if row["province"] == "*"
    ]
    newest = max(own, key=lambda row: row["valid_from"])
    return Terms(**newest["numbers"], **offered, cancel_minutes=cancel_minutes)


def cancellation_charge(
    terms: Terms, fee_fen: int | None, slot_start: datetime | None, now: datetime
) -> Charge | None:
    """What the enterprise owes for cancelling at `now`; None when nothing. Rounded down to the fen."""
    until = terms.cancel_until(slot_start)
    if until is None or now <= until:
        return None
    return _share("cancellation", fee_fen, terms.late_cancel_percent, "逾期取消", "late cancellation")


def no_show_charge(terms: Terms, fee_fen: int | None) -> Charge | None:
    """What the enterprise owes for not coming; None when nothing. Rounded down to the fen."""
    return _share("no_show", fee_fen, terms.no_show_percent, "爽约", "no-show")


def _share(kind: str, fee_fen: int | None, percent: int, zh: str, en: str) -> Charge | None:
    owed = (fee_fen or 0) * percent // 100
    if owed <= 0:
        return None
    return Charge(
        kind,
        owed,
        f"{zh}：约定费用 {_yuan(fee_fen or 0)} 元 × {percent}%",
        f"{en}: agreed fee CNY {_yuan(fee_fen or 0)} × {percent}%",
    )


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


@cache
def _rows() -> tuple[Mapping[str, Any], ...]:
    text = files("hub.bookings").joinpath("data/terms.csv").read_text(encoding="utf-8")
    return tuple(
        {
            "province": row["province"],
            "valid_from": date.fromisoformat(row["valid_from"]),
            "numbers": {
                name: int(value)
                for name, value in row.items()
                if name not in {"province", "valid_from", "source"}
            },
        }
        for row in csv.DictReader(io.StringIO(text), strict=True)
    )
