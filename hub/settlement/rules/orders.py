"""What decisions are made by: the facts of an order, and how the holder stands with a programme. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from hub.settlement.money import vat_in
from hub.settlement.rules.programmes import HolderKind


class Reason(NamedTuple):
    """Why something is not paid, or under which condition it is: a code of `programme_reason` and the words."""

    code: str
    zh: str
    en: str


class Step(NamedTuple):
    """One line of how an amount was reckoned: what it is, the fen it comes to, and the words."""

    name: str
    fen: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order as settlement sees it.

    `reference` is the booking's identifier. Areas have six digits. `fee_fen` None: not agreed yet. `vat_permille` is the rate
    of the tax that the fee includes; None: nobody has stated it. `service_on` is the day of the service, for caps that count by it. `declared` are exclusions that
    the user declared to apply (codes of `programme_exclusion`); `is_related` None: nobody has declared anything, else
    `relation` (a code of `relation_kind`) may say how.
    """

    reference: str
    ordered_on: date
    fee_fen: int | None
    holder: str
    home_area: str
    owner_area: str
    service_mode: str
    holder_kind: HolderKind = "enterprise"
    service_on: date | None = None
    vat_permille: int | None = None
    credit_code: str | None = None
    owner: str | None = None
    owner_credit_code: str | None = None
    instrument_id: str | None = None
    instrument_class: str | None = None
    value_fen: int | None = None
    is_statutory: bool = False
    is_related: bool | None = None
    declared: frozenset[str] = frozenset()
    relation: str | None = None

    @property
    def vat_fen(self) -> int | None:
        """The part of the fee that is tax; None while fee or rate is not known."""
        if self.fee_fen is None or self.vat_permille is None:
            return None
        return vat_in(self.fee_fen, self.vat_permille).vat_fen


@dataclass(frozen=True, slots=True)
class Standing:
    """How the holder (of a voucher or rebate) or the institution (of an owner subsidy) stands with one programme, in fen.

    `available_fen`: what grants still hold; of a rebate or subsidy, what the budget does; None: no limit is known.
    `used_fen` and `used_instrument_fen` were taken within the year of the cap.
    """

    available_fen: int | None = None
    used_fen: int = 0
    used_instrument_fen: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What one programme says to one order.

    `fen` is what it pays: at once for a voucher, afterwards for the others; 0 with `reasons` when nothing. `conditions`
    must be met before it is paid out. `steps` are how `fen` came about.
    """

    programme_id: str
    version: int
    kind: str
    name_zh: str
    name_en: str
    is_demo: bool
    fee_fen: int
    fen: int
    reasons: tuple[Reason, ...] = ()
    conditions: tuple[Reason, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def own_fen(self) -> int:
        """What the user pays for the order himself: fee = voucher share + own share. Only a voucher makes it smaller."""
        return self.fee_fen - self.fen if self.kind == "voucher" else self.fee_fen


@dataclass(frozen=True, slots=True)
class Decisions:
    """Both decisions for one order. `voucher` is what is used, if any; the others stay with their reasons."""

    user: tuple[Decision, ...]
    owner: tuple[Decision, ...]
    fee_fen: int | None
    voucher: Decision | None = None

    @property
    def voucher_fen(self) -> int:
        """The voucher's share."""
        return 0 if self.voucher is None else self.voucher.fen

    @property
    def own_fen(self) -> int | None:
        """The user's own share; None while the fee is not known."""
        return None if self.fee_fen is None else self.fee_fen - self.voucher_fen
