"""Money in words, and the tax in an amount."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Vat:
    """The tax in an amount: its rate in thousandths, what is left without it, and the tax itself."""

    permille: int
    net_fen: int
    vat_fen: int


def vat_in(fen: int, permille: int) -> Vat:
    """The tax that an amount includes, rounded half up to the fen; the rest is the net amount."""
    whole = 1000 + permille
    vat = (2 * fen * permille + whole) // (2 * whole)
    return Vat(permille, fen - vat, vat)


def vat_document(fen: int | None, permille: int | None) -> dict[str, int] | None:
    """The same as documents carry it; None while amount or rate is not known."""
    return None if fen is None or permille is None else asdict(vat_in(fen, permille))


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals and no separators: 60000 → `600.00`."""
    return f"{fen // 100}.{fen % 100:02}"
