"""The demo's home authority: 浙江's voucher system has granted 嘉兴's synthetic enterprise a voucher, and allots a part of it.

All of it is invented; the credit code carries 嘉兴's digits and a right check character, and belongs to nobody.
"""

from __future__ import annotations

from datetime import timedelta

import schemas
from adapters.simulators.desk.almanac import SHANGHAI
from adapters.simulators.purse.office import Office

HOLDER = schemas.uscc.complete("91330400MA2026101")
GRANTED, ALLOTTED, SPENT = 15_000_000, 10_000_000, 1_200_000
DAYS = 364


def open_purse(office: Office) -> None:
    """Grant, spend a little locally, and allot; once for a new office."""
    until = (office.clock().astimezone(SHANGHAI).date() + timedelta(days=DAYS)).isoformat()
    office.purse.grant(HOLDER, GRANTED)
    office.purse.spend(HOLDER, SPENT)
    office.purse.allot("DEMO-JX-1", ALLOTTED, holder=HOLDER, programme="JXKJQ", until=until)
