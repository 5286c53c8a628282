"""What requests about bookings carry in headers and addresses."""

from typing import Annotated

from fastapi import Header, Path

from hub.core.idempotency import revision_of
from hub.core.web import CommandKey

BookingId = Annotated[str, Path(pattern="^bk-[a-z2-7]{26}$")]
Key = CommandKey
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=40)]

NO_STORE = {"Cache-Control": "no-store"}

__all__ = ["NO_STORE", "BookingId", "IfMatch", "Key", "revision_of"]
