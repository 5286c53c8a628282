"""How passwords are kept and checked."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

# argon2id with OWASP's recommended least: 19 MiB, two passes; twenty at once must fit into a small machine.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Verified against when the name is unknown, so that the answer takes as long.
_NOBODY = _hasher.hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    """The password as it is kept."""
    return _hasher.hash(password)


def is_password(held: str | None, password: str) -> bool:
    """Whether this is the password; takes as long when there is none (about 20 ms)."""
    if len(password) > 1000:
        return False
    try:
        return _hasher.verify(_NOBODY if held is None else held, password) and held is not None
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
