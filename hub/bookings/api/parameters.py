"""What requests about bookings carry in headers and addresses."""

import re
from typing import Annotated

from fastapi import Header, Path

from hub.bookings.errors import RevisionMissing

BookingId = Annotated[str, Path(pattern="^bk-[a-z2-7]{26}$")]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=40)]

_REVISION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')

NO_STORE = {"Cache-Control": "no-store"}


def revision_of(header: str | None) -> int | None:
    """The revision of an If-Match header; None when there is none. Raises `RevisionMissing` for anything else."""
    if header is None:
        return None
    found = _REVISION.fullmatch(header.strip())
    if found is None:
        raise RevisionMissing
    return int(found[1])
