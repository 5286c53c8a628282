"""Facts of settlement that a caller is told about."""

from hub.settlement.errors.ledger import AccountOverdrawn, ReferenceReused
from hub.settlement.errors.rating import (
    NothingChosen,
    PositionUnknown,
    PriceMissing,
    QuantityMissing,
    RatingRefused,
)
from hub.settlement.errors.vouchers import (
    AllotmentExpired,
    AllotmentMismatch,
    AllotmentTooLow,
    BudgetExhausted,
    CaptureTooLarge,
    HoldUnknown,
    ProgrammeInvalid,
    ProgrammeUnknown,
    ProgrammeUnusable,
    ShareLower,
)

__all__ = [
    "AccountOverdrawn", "AllotmentExpired", "AllotmentMismatch", "AllotmentTooLow", "BudgetExhausted",
    "CaptureTooLarge", "HoldUnknown", "NothingChosen", "PositionUnknown", "PriceMissing", "ProgrammeInvalid",
    "ProgrammeUnknown", "ProgrammeUnusable", "QuantityMissing", "RatingRefused", "ReferenceReused",
    "ShareLower",
]  # fmt: skip
