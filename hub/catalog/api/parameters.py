"""Parameters that several routes of the catalogue share, and what a reader may see."""

from typing import Annotated

from fastapi import Path, Query

import schemas
from hub.identity.rules import Principal

ProvinceFilter = Annotated[str | None, Query(pattern="^[1-9][0-9]0000$", description="GB/T 2260 省级代码")]
Code = Annotated[str, Path(pattern="^[1-9][0-9]{5}$", description="GB/T 2260 省级代码 · province code")]


def audience_of(principal: Principal | None, province: str) -> schemas.Audience:
    """What a reader may see of a province's records: its own staff and hub admins more than the public."""
    return "province" if principal is not None and principal.may_act_for(province) else "public"
