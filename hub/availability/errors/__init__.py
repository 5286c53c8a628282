"""Facts of availability that a caller is told about."""

from hub.availability.errors.claims import (
    ClaimLapsed,
    ClaimMismatch,
    ClaimUnknown,
    ConflictUnknown,
    ProposalUnknown,
)
from hub.availability.errors.kept import (
    ClosureUnknown,
    KeptInvalid,
    PreviewChanged,
    TimeMalformed,
    TrainingUnknown,
    UploadRefused,
    VersionChanged,
    VersionMalformed,
)
from hub.availability.errors.pushes import PushRefused
from hub.availability.errors.quotes import (
    FeeChanged,
    FeeOnRequest,
    NotEligible,
    QuoteExpired,
    QuoteMismatch,
    QuoteUnknown,
    TariffUnknown,
)
from hub.availability.errors.slots import (
    SlotClosed,
    SlotMalformed,
    SlotPast,
    SlotRefused,
    SlotTaken,
    SlotTooFar,
    SlotTooLong,
    SlotTooShort,
    SlotTooSoon,
    WindowTooLong,
)

__all__ = [
    "ClaimLapsed", "ClaimMismatch", "ClaimUnknown", "ClosureUnknown", "ConflictUnknown", "FeeChanged",
    "FeeOnRequest", "KeptInvalid", "NotEligible", "PreviewChanged", "ProposalUnknown", "PushRefused", "QuoteExpired",
    "QuoteMismatch", "QuoteUnknown", "SlotClosed", "SlotMalformed", "SlotPast", "SlotRefused",
    "SlotTaken", "SlotTooFar", "SlotTooLong", "SlotTooShort", "SlotTooSoon", "TariffUnknown",
    "TimeMalformed", "TrainingUnknown", "UploadRefused", "VersionChanged", "VersionMalformed",
    "WindowTooLong",
]  # fmt: skip
