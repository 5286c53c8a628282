"""Tables of settlement, by theme."""

from hub.settlement.models.documents import Document, Series
from hub.settlement.models.faces import (
    AllotmentTelling,
    Comparison,
    ComparisonLine,
    FaceCase,
    FaceState,
    PaperDelivery,
)
from hub.settlement.models.journal import Account, Entry, Posting
from hub.settlement.models.lines import RatedLine
from hub.settlement.models.payees import PayeeRow
from hub.settlement.models.paying import (
    Credit,
    Netting,
    PaymentItem,
    PaymentLine,
    PaymentList,
    Redemption,
)
from hub.settlement.models.payments import (
    Attempt,
    ChannelMessage,
    FormConfirmation,
    Invoice,
    Payment,
    PaymentEvent,
    Refund,
)
from hub.settlement.models.periods import Batch, BatchEvent, Calculation, LineReturn, Member, Period
from hub.settlement.models.programmes import (
    Application,
    ApplicationEvent,
    ApplicationPaper,
    Instruction,
    ProgrammeDraft,
)
from hub.settlement.models.redeeming import Check, Claim, ClaimLine, Paper, Tie, Told
from hub.settlement.models.samples import SampleRow
from hub.settlement.models.signing import OfficerKey, Signature, TimeStamp
from hub.settlement.models.usage import (
    CommandKey,
    Usage,
    UsageDecision,
    UsageDispute,
    UsageEvidence,
    UsageNotice,
    UsageReturn,
    UsageTold,
    UsageVersion,
)
from hub.settlement.models.vouchers import Allowance, Grant, Hold, HoldPart, OrderRow, ProgrammeRow

__all__ = [
    "Account",
    "AllotmentTelling",
    "Allowance",
    "Application",
    "ApplicationEvent",
    "ApplicationPaper",
    "Attempt",
    "Batch",
    "BatchEvent",
    "Calculation",
    "ChannelMessage",
    "Check",
    "Claim",
    "ClaimLine",
    "CommandKey",
    "Comparison",
    "ComparisonLine",
    "Credit",
    "Document",
    "Entry",
    "FaceCase",
    "FaceState",
    "FormConfirmation",
    "Grant",
    "Hold",
    "HoldPart",
    "Instruction",
    "Invoice",
    "LineReturn",
    "Member",
    "Netting",
    "OfficerKey",
    "OrderRow",
    "Paper",
    "PaperDelivery",
    "PayeeRow",
    "Payment",
    "PaymentEvent",
    "PaymentItem",
    "PaymentLine",
    "PaymentList",
    "Period",
    "Posting",
    "ProgrammeDraft",
    "ProgrammeRow",
    "RatedLine",
    "Redemption",
    "Refund",
    "SampleRow",
    "Series",
    "Signature",
    "Tie",
    "TimeStamp",
    "Told",
    "Usage",
    "UsageDecision",
    "UsageDispute",
    "UsageEvidence",
    "UsageNotice",
    "UsageReturn",
    "UsageTold",
    "UsageVersion",
]
