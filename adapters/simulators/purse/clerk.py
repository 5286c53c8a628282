"""The staff of the demo's voucher offices: they pay what came in a while ago, and the bank returns the first line of all."""

from __future__ import annotations

from datetime import timedelta

from adapters.simulators.purse.office import Office

AFTER = timedelta(seconds=60)
"""A list lies for so long before somebody pays it."""


def work(office: Office, *, after: timedelta = AFTER) -> int:
    """Pay every line of lists that have lain long enough; how many. Safe to repeat: a line that was told of is left alone.

    The very first line an office ever meets comes back, so that a visitor sees a bounced payment and its second list.
    """
    now, done = office.clock(), 0
    for held in office.waiting(before=now - after):
        for line in held.lines:
            if office.knows(held.reference, line.number):
                continue
            if office.told:
                office.pay(held.reference, line.number)
            else:
                office.bounce(held.reference, line.number, "account_wrong")
            done += 1
    return done
