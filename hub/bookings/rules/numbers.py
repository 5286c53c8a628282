"""Identifiers of bookings: one for machines that cannot be guessed, one for people that can be read out."""

import base64
import re
import secrets
from datetime import datetime

from hub.core.clock import SHANGHAI

_ID = re.compile(r"bk-[a-z2-7]{26}")


def new_booking_id() -> str:
    """`bk-` and 26 base32 characters: 130 bits of randomness."""
    return "bk-" + _letters(26)


def new_number(province: str, now: datetime) -> str:
    """`31-20261120-K7QX2M`: province, the day in Shanghai, six characters (one in 10⁹ a day and province)."""
    return f"{province[:2]}-{now.astimezone(SHANGHAI):%Y%m%d}-{_letters(6).upper()}"


def is_booking_id(text: str) -> bool:
    """Whether it has the form of a booking's identifier."""
    return _ID.fullmatch(text) is not None


def _letters(count: int) -> str:
    return base64.b32encode(secrets.token_bytes(17)).decode("ascii").lower()[:count]
