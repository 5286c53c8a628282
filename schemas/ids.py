"""Identifiers of the specification: made from the natural key, so that the same record always gets the same one.

The key is written as its parts in UTF-8, each preceded by its length in bytes and a colon: no two different
keys give the same text. Twelve base32 characters hold 60 bits: among a million records the odds of a collision
are about one in two million.
"""

import base64
import re
from hashlib import sha256

from schemas.errors import InvalidIdentity

_PROVINCE = re.compile(r"[1-8][0-9]0000")


def instrument_id(province: str, unit_id: str, internal_number: str) -> str:
    """`31-` and 12 base32 characters, from the province's code and the key (unit, internal number)."""
    return f"{_prefix(province)}-{_digest('instrument', province, unit_id, internal_number)}"


def institution_id(province: str, unit_id: str) -> str:
    """`31-u-` and 12 base32 characters, from the province's code and the unit's identifier there."""
    return f"{_prefix(province)}-u-{_digest('institution', province, unit_id)}"


def service_item_id(instrument_id: str, number: int) -> str:
    """The instrument's identifier, a hyphen and the item's number (1 … 9999) on that instrument."""
    if not 1 <= number <= 9999:
        raise InvalidIdentity(f"the number of a service item lies between 1 and 9999, not {number}")
    return f"{instrument_id}-{number}"


def _prefix(province: str) -> str:
    if _PROVINCE.fullmatch(province) is None:
        raise InvalidIdentity(f"not a six-digit province code of GB/T 2260: {province!r}")
    return province[:2]


def _digest(kind: str, *parts: str) -> str:
    if not all(parts):
        raise InvalidIdentity(f"an {kind} identifier needs every part of its key: {parts!r}")
    encoded = [part.encode("utf-8") for part in parts]
    text = b"".join(b"%d:%s" % (len(part), part) for part in encoded)
    # ten bytes give sixteen characters: encoding the rest only to drop it took most of the time
    return base64.b32encode(sha256(text).digest()[:10])[:12].decode("ascii").lower()
