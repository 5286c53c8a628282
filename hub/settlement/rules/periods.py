"""Periods and batches, pure: the calendar, what a line says in a list, totals, hashes, and who owes whom."""

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

import orjson
import yaml

from hub.core.clock import SHANGHAI


@dataclass(frozen=True, slots=True)
class PeriodTerms:
    """The terms that settlement goes by: data, see `data/periods.yaml`."""

    cutoff_day: int
    cutoff_hour: int
    review: timedelta
    post_after: timedelta
    stamps: timedelta
    budget_year_ends: int
    months_ahead: int


@cache
def terms() -> PeriodTerms:
    """The terms as the file says them."""
    told = yaml.safe_load(files("hub.settlement").joinpath("data/periods.yaml").read_text(encoding="utf-8"))
    return PeriodTerms(
        cutoff_day=told["cutoff_day"],
        cutoff_hour=told["cutoff_hour"],
        review=timedelta(days=told["review_days"]),
        post_after=timedelta(hours=told["post_after_hours"]),
        stamps=timedelta(hours=told["stamp_hours"]),
        budget_year_ends=told["budget_year_ends"],
        months_ahead=told["months_ahead"],
    )


class Month(NamedTuple):
    """A period of the calendar: `YYYY-MM`, its days (the last included), and its cut-off."""

    id: str
    starts_on: date
    ends_on: date
    cutoff_at: datetime


def month(period_id: str) -> Month:
    """The period of this name with the default cut-off. Raises ValueError for what is no `YYYY-MM`."""
    first = date.fromisoformat(f"{period_id}-01")
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    after = last + timedelta(days=1)
    given = terms()
    cutoff = datetime(after.year, after.month, given.cutoff_day, given.cutoff_hour, tzinfo=SHANGHAI)
    return Month(period_id, first, last, cutoff)


def months(first: str, count: int) -> Iterator[Month]:
    """So many periods from `YYYY-MM` on."""
    at = month(first)
    for _ in range(count):
        yield at
        at = month(f"{at.ends_on + timedelta(days=1):%Y-%m}")


def batch_id(period_id: str, visited: str, home: str) -> str:
    """The identifier of a pair's batch in a period."""
    return f"{period_id}.{visited}-{home}"


ENTRY = (
    "usage_id", "usage_version", "reference", "order_number", "visited", "home", "enterprise_id", "institution_id",
    "programme_id", "programme_version", "payer_area", "fee_fen", "voucher_fen", "own_fen", "document_sha256",
)  # fmt: skip
"""What a line says in the list of a statement, nothing else; a line that no voucher pays leaves the programme's three out."""


def entry_bytes(values: Mapping[str, Any]) -> bytes:
    """A line of the list's file, without its line feed, in the canonical form of RFC 8785.

    Keys are ASCII, values are texts and whole numbers: for those, sorted keys without spaces are the canonical form.
    """
    if values["programme_id"] is None:
        values = {name: value for name, value in values.items() if value is not None}
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def document_hash(text: str) -> str:
    """SHA-256 of a rated line's document, as the text that is kept."""
    return sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class Tally:
    """Totals and the list's hash, added up line by line: memory does not grow with the lines."""

    lines: int = 0
    fee_fen: int = 0
    voucher_fen: int = 0
    own_fen: int = 0
    programmes: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    _hash: Any = field(default_factory=sha256)

    def add(self, values: Mapping[str, Any]) -> str:
        """Count one line; the SHA-256 of its entry."""
        entry = entry_bytes(values)
        self._hash.update(entry)
        self._hash.update(b"\n")
        self.lines += 1
        self.fee_fen += values["fee_fen"]
        self.voucher_fen += values["voucher_fen"]
        self.own_fen += values["own_fen"]
        if values["voucher_fen"]:
            mine = self.programmes.setdefault((values["programme_id"], values["payer_area"]), [0, 0])
            mine[0] += 1
            mine[1] += values["voucher_fen"]
        return sha256(entry).hexdigest()

    @property
    def lines_sha256(self) -> str:
        """SHA-256 of the whole list's file."""
        digest: str = self._hash.hexdigest()
        return digest

    @property
    def totals(self) -> dict[str, int]:
        """Lines and amounts (fen)."""
        return {
            "lines": self.lines,
            "fee_fen": self.fee_fen,
            "voucher_fen": self.voucher_fen,
            "own_fen": self.own_fen,
        }

    @property
    def by_programme(self) -> list[dict[str, Any]]:
        """What each programme pays, by programme and paying area."""
        return [
            {"programme_id": programme, "payer_area": payer, "lines": lines, "voucher_fen": fen}
            for (programme, payer), (lines, fen) in sorted(self.programmes.items())
        ]


def calculation(period_id: str, visited: str, home: str, cutoff_at: datetime, tally: Tally) -> dict[str, Any]:
    """The result of a calculation: nothing in it depends on when, where or how often it was made."""
    return {
        "batch_id": batch_id(period_id, visited, home),
        "period": period_id,
        "visited": visited,
        "home": home,
        "cutoff_at": instant(cutoff_at),
        "totals": tally.totals,
        "programmes": tally.by_programme,
        "lines_sha256": tally.lines_sha256,
    }


def instant(at: datetime) -> str:
    """An instant as documents say it: Beijing time, whole seconds."""
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")


_OFFICES = {"province_finance": "finance", "province_staff": "staff"}
_VISITED_COMMANDS = frozenset(
    {"close", "calculate", "recalculate", "submit", "post", "seal", "propose_credit"}
)


def side_of(role: str, province: str | None, command: str, visited: str, home: str) -> str | None:
    """The side (list `settlement_batch_side`) on which somebody gives a command on a batch; None: on neither.

    `role` and `province` are those of the principal. Inside one province the command decides: what the visited side does is
    done as the visited side, everything else as the home side. `reopen` belongs to both.
    """
    office = _OFFICES.get(role)
    if office is None or province not in {visited, home}:
        return None
    if command == "reopen":
        return f"{'visited' if province == visited else 'home'}_{office}"
    side = "visited" if command in _VISITED_COMMANDS else "home"
    return f"{side}_{office}" if province == (visited if side == "visited" else home) else None


class Owed(NamedTuple):
    """What one province owes another of vouchers, in fen."""

    visited: str
    home: str
    fen: int


@dataclass(frozen=True, slots=True)
class NetMatrix:
    """Who owes whom: `owed[visited][home]` is what `home` owes to `visited`; `net[province]` is what it is owed less what it owes.

    The nets sum to zero. In-province amounts stand on the diagonal and do not count. Information only.
    """

    provinces: tuple[str, ...]
    owed: Mapping[str, Mapping[str, int]]
    net: Mapping[str, int]


def net_matrix(provinces: Sequence[str], owed: Iterable[Owed]) -> NetMatrix:
    """The matrix of these provinces, with zeros where nobody owes."""
    table = {visited: dict.fromkeys(provinces, 0) for visited in provinces}
    for each in owed:
        table[each.visited][each.home] += each.fen
    net = {
        one: sum(table[one][other] - table[other][one] for other in provinces if other != one)
        for one in provinces
    }
    return NetMatrix(tuple(provinces), table, net)
