"""统一社会信用代码 (GB 32100—2015): 18 characters, the last of which checks the first 17."""

import re

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_FIRST = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}")


def is_valid(code: str) -> bool:
    """Whether the code has the standard's shape and its check character is right."""
    return _SHAPE.fullmatch(code) is not None and _check_character(code[:17]) == code[17]


def complete(first17: str) -> str:
    """The code of 18 characters for its first 17; raises ValueError when those have not the standard's shape."""
    if _FIRST.fullmatch(first17) is None:
        raise ValueError(f"not the first 17 characters of a credit code: {first17!r}")
    return first17 + _check_character(first17)


def _check_character(first17: str) -> str:
    total = sum(_VALUE[character] * weight for character, weight in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]
