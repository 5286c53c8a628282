"""What is due after the service: the fee by usage against the agreed one. Pure, integer fen."""

from dataclasses import dataclass
from typing import Any, Literal

from hub.bookings.rules.terms import Charge
from hub.settlement.money import yuan
from hub.settlement.rating import Line, Rated

Result = Literal["as_agreed", "lower", "asks"]


@dataclass(frozen=True, slots=True)
class Reckoning:
    """`charge` is due now: at most the agreed fee. `asks`: the usage comes to more, which waits for the enterprise."""

    agreed_fen: int
    used_fen: int
    result: Result
    lines: tuple[Line, ...]
    charge: Charge

    def as_document(self) -> dict[str, Any]:
        """As in a booking document, without the lines."""
        return {
            "agreed_fee_fen": self.agreed_fen,
            "used_fee_fen": self.used_fen,
            "difference_fen": self.used_fen - self.agreed_fen,
            "state": self.result,
        }


def reckon(agreed_fen: int, rated: Rated | None) -> Reckoning:
    """`rated` None: the fee was agreed as a whole, or the usage changes nothing that is priced."""
    used = agreed_fen if rated is None else rated.fee_fen
    lines = () if rated is None else rated.lines
    if used == agreed_fen:
        return Reckoning(
            agreed_fen, used, "as_agreed", lines, Charge("service", used, "约定费用", "the agreed fee")
        )
    zh = f"按实际使用 {yuan(used)} 元，约定 {yuan(agreed_fen)} 元"
    en = f"{yuan(used)} CNY by the usage, {yuan(agreed_fen)} CNY agreed"
    if used < agreed_fen:
        zh, en = f"{zh}，少 {yuan(agreed_fen - used)} 元", f"{en}: {yuan(agreed_fen - used)} CNY less"
        return Reckoning(agreed_fen, used, "lower", lines, Charge("service", used, zh, en))
    zh = f"{zh}；超出 {yuan(used - agreed_fen)} 元，待企业确认，现按约定计"
    en = f"{en}: the {yuan(used - agreed_fen)} CNY above wait for the enterprise, the agreed fee is due"
    return Reckoning(agreed_fen, used, "asks", lines, Charge("service", agreed_fen, zh, en))
