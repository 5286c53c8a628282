"""The voucher office behind a simulated province: lists it was given, what it paid, and the purse of its own vouchers.

    from adapters.simulators.purse import office_of

    office = office_of(world.province("330000"))    # the province's own; always the same object
    office.take(reference, …)                       # what its interface is asked
    office.pay(reference, line) / .bounce(…)        # what its staff do
    office.purse.grant(holder, fen), .spend(…)      # its own vouchers, spent locally
    office.purse.allot(id, holder, fen)             # what only the hub may spend
    office.mischief = {"twice": 1, "lose": 1, …}    # its results misbehave

How often a list was taken is counted here: a test that wants to know whether something would be paid twice asks the
office, never the adapter.
"""

from adapters.simulators.purse.office import Line, Office, PayList, Result, office_of
from adapters.simulators.purse.purse import Allotted, Purse, PurseEmpty

__all__ = ["Allotted", "Line", "Office", "PayList", "Purse", "PurseEmpty", "Result", "office_of"]
