"""Applications for vouchers (申领): what the enterprise hands in, and what two people of the issuing area decide."""

from hub.settlement.service.applications.applying import (
    MOST_PAPER_BYTES,
    Filled,
    add_paper,
    begin,
    read_paper,
    remove_paper,
    save,
    submit,
    withdraw,
)
from hub.settlement.service.applications.moving import Moved, usable, visible
from hub.settlement.service.applications.reviewing import (
    approve,
    ask_papers,
    confirm,
    hand_over,
    programmes_waiting,
    refuse,
    release_waiting,
)

__all__ = [
    "MOST_PAPER_BYTES", "Filled", "Moved", "add_paper", "approve", "ask_papers", "begin", "confirm", "hand_over", "programmes_waiting",
    "read_paper", "refuse", "release_waiting", "remove_paper", "save", "submit", "usable", "visible", "withdraw",
]  # fmt: skip
