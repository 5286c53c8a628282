"""Time-based one-time passwords (RFC 6238) and recovery codes."""

import hmac
import re
import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
WINDOW = 1
"""Steps before and after the present one whose codes are taken: clocks of phones are off by some seconds."""

RECOVERY_CODES = 10
ISSUER = "江仪汇"

_CODE = re.compile(r"[0-9]{6}")
_RECOVERY = re.compile(r"[a-z2-7]{16}")


def new_secret() -> str:
    """A secret of 160 bits in base32."""
    return pyotp.random_base32()


def enrolment_address(secret: str, name: str) -> str:
    """The `otpauth:` address that an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, *, last_step: int, now: datetime) -> int | None:
    """The time step that the code belongs to; None when it is wrong or not newer than the last code that was taken."""
    digits = re.sub(r"\s", "", code)
    if not _CODE.fullmatch(digits):
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(present - WINDOW, present + WINDOW + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits) and step > last_step:
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Codes of 80 bits each, in groups of four letters."""
    codes = [secrets.token_bytes(10) for _ in range(RECOVERY_CODES)]
    return ["-".join(_groups(_base32(code))) for code in codes]


def plain_recovery_code(text: str) -> str | None:
    """A typed recovery code without what people put between the letters; None when it is not one."""
    plain = re.sub(r"[\s-]", "", text.lower())
    return plain if _RECOVERY.fullmatch(plain) else None


def _base32(octets: bytes) -> str:
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    number = int.from_bytes(octets)
    return "".join(alphabet[number >> shift & 31] for shift in range(len(octets) * 8 - 5, -1, -5))


def _groups(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]
