"""The booking desk behind a simulated platform: one truth about orders, told in each platform's own words.

    from adapters.simulators.desk import desk_of

    desk = desk_of(world.province("310000"))       # the province's own; always the same object
    desk.clock = virtual_clock                      # aware instants; the wall clock unless a test says otherwise
    desk.place(…), desk.cancel(…), desk.propose(…)  # what a platform's interface is asked
    desk.accept(…), desk.reject(…), …               # what its staff do; `staff.Staff` does it by itself
    desk.deliveries(after)                          # what the platform tells others, mischief included
    desk.mischief.set({"twice": 1})                 # the platform misbehaves (see `mischief`)

Which orders a platform holds under a reference is counted here (`desk.under(reference)`): a test that wants to know
whether a booking was made twice asks the desk, never the adapter.
"""

from adapters.simulators.desk.desk import Desk, desk_of
from adapters.simulators.desk.model import (
    Declined,
    Delivery,
    Order,
    Period,
    Proposal,
    Report,
    Step,
    Usage,
    Wanted,
)
from adapters.simulators.desk.noting import note
from adapters.simulators.desk.staff import Staff

__all__ = [
    "Declined", "Delivery", "Desk", "Order", "Period", "Proposal", "Report", "Staff", "Step", "Usage",
    "Wanted", "desk_of", "note",
]  # fmt: skip
