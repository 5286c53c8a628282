"""A second factor for people of tests, without a phone."""

from datetime import datetime
from pathlib import Path

import pyotp

from hub.core.db import Database
from hub.core.sealing import SealingKeys
from hub.identity import queries
from hub.identity.models import SecondFactor

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NO_KEYS = SealingKeys(Path("/nonexistent/sealing.keys"))
"""For sign-ins that touch no second factor."""


def set_up(database: Database, keys: SealingKeys, username: str, *, now: datetime) -> None:
    """Give an account's person the second factor with `SECRET`, as if they had confirmed it."""
    with database.write() as session:
        account = queries.account_named(session, username)
        assert account is not None
        sealed = keys.seal(SECRET, bound_to=f"identity_second_factor:{account.person_id}")
        session.merge(
            SecondFactor(
                person_id=account.person_id,
                sealing_key=sealed.key_id,
                sealed_secret=sealed.box,
                last_step=0,
                confirmed_at=now,
                created_at=now,
            )
        )


def code_at(now: datetime, secret: str = SECRET) -> str:
    """What the authenticator app shows at an instant."""
    return pyotp.TOTP(secret).at(now)
