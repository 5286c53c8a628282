"""Tables of availability, by theme."""

from hub.availability.models.keeping import ClosureRow, RulesRow, TariffRow, TrainingRow
from hub.availability.models.quotes import QuoteRow
from hub.availability.models.slots import Calendar, Cell, Claim, Conflict

__all__ = [
    "Calendar", "Cell", "Claim", "ClosureRow", "Conflict", "QuoteRow", "RulesRow", "TariffRow", "TrainingRow",
]  # fmt: skip
