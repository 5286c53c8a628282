"""Pure decisions of availability: which slots there are, who may book, which tariff prices what."""

from hub.availability.rules.defaults import default_rules, rules_of
from hub.availability.rules.eligibility import Facts, Problem, belongs_to, eligibility
from hub.availability.rules.faults import Fault, rules_faults, tariff_faults
from hub.availability.rules.held import (
    Availability,
    HeldClaim,
    HeldClosure,
    HeldConflict,
    HeldTraining,
    HeldVersion,
    Mode,
    Preview,
    PreviewedRow,
    RowState,
    Taken,
)
from hub.availability.rules.lines import Row, check_row, instrument_named, name_rows, read_lines
from hub.availability.rules.reading import read_rules
from hub.availability.rules.remote import reservation_keys, rules_document, tariff_terms
from hub.availability.rules.requests import (
    Asker,
    Declared,
    Request,
    ServiceMode,
    read_declaration,
    read_request,
)
from hub.availability.rules.slots import (
    LONGEST_MINUTES,
    STEPS,
    BookingRules,
    Closure,
    Opening,
    Slot,
    bookable,
    check_closures,
    check_form,
    check_slot,
    merge,
    next_free,
    open_slots,
    subtract,
)
from hub.availability.rules.tariffs import applicable, chosen_positions, derived_terms, quantities

__all__ = [
    "LONGEST_MINUTES", "STEPS", "Asker", "Availability", "BookingRules", "Closure", "Declared", "Facts", "Fault",
    "HeldClaim", "HeldClosure", "HeldConflict", "HeldTraining", "HeldVersion", "Mode", "Opening", "Preview",
    "PreviewedRow", "Problem", "Request", "Row", "RowState", "ServiceMode", "Slot", "Taken", "applicable",
    "belongs_to", "bookable", "check_closures", "check_form", "check_row", "check_slot",
    "chosen_positions", "default_rules", "derived_terms", "eligibility", "instrument_named", "merge", "name_rows",
    "next_free", "open_slots", "quantities", "read_declaration", "read_lines", "read_request", "read_rules",
    "reservation_keys", "rules_document", "rules_faults", "rules_of", "subtract", "tariff_faults", "tariff_terms",
]  # fmt: skip
