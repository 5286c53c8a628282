"""Pure decisions about bookings: what a command does, what an answer means, what to do with a message that waits."""

from hub.bookings.rules.answering import Plan, plan
from hub.bookings.rules.deciding import MACHINE, Command, Facts, Refusal, Transition, decide, possible
from hub.bookings.rules.delivering import Step, next_step
from hub.bookings.rules.messages import OF_STATION, is_live, message_of, needs_a_hand, settles, shows
from hub.bookings.rules.numbers import is_booking_id, new_booking_id, new_number
from hub.bookings.rules.reckoning import Reckoning, reckon
from hub.bookings.rules.sides import side_of
from hub.bookings.rules.terms import Charge, Terms, cancellation_charge, no_show_charge, terms_of
from hub.bookings.rules.timing import Turn, timer, turn

__all__ = [
    "MACHINE", "OF_STATION", "Charge", "Command", "Facts", "Plan", "Reckoning", "Refusal", "Step", "Terms", "Transition", "Turn",
    "cancellation_charge", "decide", "is_booking_id", "is_live", "message_of", "needs_a_hand", "new_booking_id", "new_number", "next_step", "no_show_charge",
    "plan", "possible", "reckon", "settles", "shows", "side_of", "terms_of", "timer", "turn",
]  # fmt: skip
