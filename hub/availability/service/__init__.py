"""What others do with availability. Services write in the caller's transaction and never commit."""

from hub.availability.rules import Asker, Availability, HeldClaim, Preview, Problem, Slot, Taken
from hub.availability.service.board import MOST_INSTRUMENTS, Strip, board
from hub.availability.service.claims import (
    claim,
    confirm,
    name_remote,
    prolong,
    propose,
    release,
    settle_proposal,
    sweep,
)
from hub.availability.service.forgetting import forget_cells, forget_quotes
from hub.availability.service.keeping import (
    announce_due,
    certify,
    check_rules,
    check_tariff,
    claims_met,
    close,
    confirm_calendar,
    keep_rules,
    keep_tariff,
    read_closure,
    reopen,
    revoke_training,
)
from hub.availability.service.offers import Offer, read_offer, tariff_of
from hub.availability.service.parties import allow_institution, allow_instrument, allow_province, asker_of
from hub.availability.service.pushes import Push, read_push, take_push
from hub.availability.service.quotes import (
    Quote,
    check_eligibility,
    eligibility,
    hold_quote,
    preview_fee,
    quote,
    read_quote,
)
from hub.availability.service.reservations import (
    Reservation,
    free_reservation,
    put_reservations,
    resolve_conflict,
    retry_conflicts,
)
from hub.availability.service.shares import Ordered, order_of, questions
from hub.availability.service.showing import show
from hub.availability.service.uploads import (
    import_upload,
    instruments_by_number,
    preview_upload,
)
from hub.availability.service.usage import rate_usage

__all__ = [
    "MOST_INSTRUMENTS",
    "Asker",
    "Availability",
    "HeldClaim",
    "Offer",
    "Ordered",
    "Preview",
    "Problem",
    "Push",
    "Quote",
    "Reservation",
    "Slot",
    "Strip",
    "Taken",
    "allow_institution",
    "allow_instrument",
    "allow_province",
    "announce_due",
    "asker_of",
    "board",
    "certify",
    "check_eligibility",
    "check_rules",
    "check_tariff",
    "claim",
    "claims_met",
    "close",
    "confirm",
    "confirm_calendar",
    "eligibility",
    "forget_cells",
    "forget_quotes",
    "free_reservation",
    "hold_quote",
    "import_upload",
    "instruments_by_number",
    "keep_rules",
    "keep_tariff",
    "name_remote",
    "order_of",
    "preview_fee",
    "preview_upload",
    "prolong",
    "propose",
    "put_reservations",
    "questions",
    "quote",
    "rate_usage",
    "read_closure",
    "read_offer",
    "read_push",
    "read_quote",
    "release",
    "reopen",
    "resolve_conflict",
    "retry_conflicts",
    "revoke_training",
    "settle_proposal",
    "show",
    "sweep",
    "take_push",
    "tariff_of",
]  # fmt: skip
