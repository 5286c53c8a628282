"""What requests about bookings carry in headers and addresses."""

from typing import Annotated

from fastapi import Header, Path

from hub.core.idempotency import revision_of

BookingId = Annotated[str, Path(pattern="^bk-[a-z2-7]{26}$")]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=40)]

NO_STORE = {"Cache-Control": "no-store"}

__all__ = ["NO_STORE", "BookingId", "IfMatch", "Key", "revision_of"]
