"""Usage: what was used is recorded, confirmed or disputed, priced, and mended when a line comes back.

Services write in the caller's transaction and never commit. The caller holds the order's lock, then the usage's.
"""

from hub.settlement.rules.usages import Pricing
from hub.settlement.service.usage.closing import (
    accept_fee,
    providers,
    reopen_credited,
    return_line,
    take_back,
    waive_usage,
)
from hub.settlement.service.usage.confirming import DUE_ORDER, act_due, confirm_by_silence, confirm_usage, due
from hub.settlement.service.usage.disputing import (
    appoint_arbiter,
    check_reason,
    decide_dispute,
    dispute_usage,
    offices,
)
from hub.settlement.service.usage.evidence import add_file, file_of, files_of, take_up
from hub.settlement.service.usage.moving import (
    SYSTEM,
    By,
    facts,
    lock,
    lock_of_line,
    lock_order,
    open_dispute,
    present,
    present_of,
)
from hub.settlement.service.usage.rated_lines import Rated
from hub.settlement.service.usage.recording import (
    Recorded,
    Recording,
    Told,
    amend_usage,
    known,
    record_charge,
    record_usage,
    usage_id,
)

__all__ = [
    "DUE_ORDER", "SYSTEM", "By", "Pricing", "Rated", "Recorded", "Recording", "Told", "accept_fee", "act_due", "add_file", "amend_usage",
    "appoint_arbiter", "check_reason", "confirm_by_silence", "confirm_usage", "decide_dispute", "dispute_usage", "due", "facts", "file_of", "files_of", "known", "lock",
    "lock_of_line", "lock_order", "offices", "open_dispute", "present", "present_of", "providers", "record_charge", "record_usage", "reopen_credited", "return_line",
    "take_back", "take_up", "usage_id", "waive_usage",
]  # fmt: skip
