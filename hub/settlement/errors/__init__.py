"""Facts of settlement that a caller is told about."""

from hub.settlement.errors.ledger import AccountOverdrawn, ReferenceReused
from hub.settlement.errors.rating import (
    NothingChosen,
    PositionUnknown,
    PriceMissing,
    QuantityMissing,
    RatingRefused,
)

__all__ = [
    "AccountOverdrawn", "NothingChosen", "PositionUnknown", "PriceMissing", "QuantityMissing", "RatingRefused",
    "ReferenceReused",
]  # fmt: skip
