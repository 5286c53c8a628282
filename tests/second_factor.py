"""A second factor for people of tests, without a phone."""

from datetime import datetime

import pyotp

from hub.core.db import Database
from hub.identity import queries
from hub.identity.models import SecondFactor

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def set_up(database: Database, username: str, *, now: datetime) -> None:
    """Give an account's person the second factor with `SECRET`, as if they had confirmed it."""
    with database.write() as session:
        account = queries.account_named(session, username)
        assert account is not None
        session.merge(
            SecondFactor(
                person_id=account.person_id, secret=SECRET, last_step=0, confirmed_at=now, created_at=now
            )
        )


def code_at(now: datetime, secret: str = SECRET) -> str:
    """What the authenticator app shows at an instant."""
    return pyotp.TOTP(secret).at(now)
