"""What auditors do: check that everything still fits, draw samples, and take one case's papers away whole."""

from hub.settlement.service.auditing.checking import (
    Finding,
    check_documents,
    check_ledger,
    check_statements,
)
from hub.settlement.service.auditing.packages import case_package
from hub.settlement.service.auditing.sampling import (
    Sample,
    draw_sample,
    find_sample,
    redraw,
    samples_of,
)

__all__ = [
    "Finding", "Sample", "case_package", "check_documents", "check_ledger", "check_statements", "draw_sample",
    "find_sample", "redraw", "samples_of",
]  # fmt: skip
