"""The hub's own signing keys: made where they are used, rotated with overlap, public halves in the database.

The private half is a file of mode 0600 in `HUB_HOME/keys` and never leaves its machine: not the database, so that a
dump of it signs nothing, and no shared secret, so that a second machine needs no ceremony: it makes its own key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import orjson
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry, serialize_compact
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.core import audit, lease
from hub.core.db import Database
from hub.core.private_files import write_private
from hub.identity.models import SigningKey

Purpose = Literal["token", "link", "audit", "message"]

ROTATE_AFTER = timedelta(days=30)
PUBLISHED_AHEAD = timedelta(hours=1)
"""A new key is published this long before it signs: who keeps the key set (15 minutes) knows it in time."""

PUBLISHED_AFTER: Mapping[str, timedelta | None] = {
    "token": timedelta(days=1),
    "link": timedelta(days=1),
    "audit": None,
    "message": None,
}
"""How long a key stays published once it has stopped signing; None: for ever, evidence is verified years later."""

ALGORITHM = "ES256"
_ACTOR = "system:keys"


@dataclass(frozen=True, slots=True)
class HubKey:
    """A key that signs now."""

    kid: str
    private: ECKey

    def sign(self, claims: Mapping[str, Any], typ: str) -> str:
        """The claims as a compact JWS of this type."""
        return self.sign_bytes(orjson.dumps(claims), typ)

    def sign_bytes(self, payload: bytes, typ: str) -> str:
        """These very octets as a compact JWS of this type."""
        header = {"alg": ALGORITHM, "kid": self.kid, "typ": typ}
        return serialize_compact(header, payload, self.private, algorithms=[ALGORITHM])

    def sign_detached(self, payload: bytes, members: Mapping[str, Any], typ: str) -> str:
        """A detached JWS (RFC 7515 appendix F) over these octets; `members` join the protected header."""
        header = {**members, "alg": ALGORITHM, "kid": self.kid, "typ": typ}
        lenient = JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)
        protected, _, signature = serialize_compact(header, payload, self.private, registry=lenient).split(
            "."
        )
        return f"{protected}..{signature}"


def current_key(database: Database, home: Path, purpose: Purpose, *, now: datetime) -> HubKey:
    """The key of this machine that signs now; makes the first one, and the next one when it is time.

    Takes the database and not a session: a new key must be known to all before anything it signed is. Safe to repeat
    and to call from several processes at once.
    """
    with database.read() as session:
        held = _own_rows(session, home, purpose)
    signing = _signing(held, now)
    if signing is None or _is_due(signing, held, now):
        with database.write() as session:
            _lock(session, now)
            held = _own_rows(session, home, purpose)
            signing = _signing(held, now)
            if signing is None:
                signing = _make(session, home, purpose, signs_from=now, now=now)
            elif _is_due(signing, held, now):
                _make(session, home, purpose, signs_from=_end(signing, now + PUBLISHED_AHEAD), now=now)
                _forget_old(session, home, now)
    return HubKey(signing.kid, ECKey.import_key(orjson.loads(_file(home, signing.kid).read_bytes())))


def replace_keys(
    database: Database, home: Path, purpose: Purpose, *, is_compromised: bool, actor: str, now: datetime
) -> str:
    """Have a new key sign from now on; the new `kid`. The old ones of this machine stay published for the overlap.

    `is_compromised`: the keys of *every* machine stop, and what they signed stops being accepted, except evidence,
    whose keys stay published for ever.
    """
    with database.write() as session:
        _lock(session, now)
        rows = session.scalars(
            select(SigningKey).where(
                SigningKey.purpose == purpose,
                or_(SigningKey.published_until.is_(None), SigningKey.published_until > now),
            )
        ).all()
        for row in rows:
            if is_compromised or _file(home, row.kid).exists():
                _end(row, now)
            if is_compromised and row.published_until is not None:
                row.published_until = now
        made = _make(session, home, purpose, signs_from=now, now=now)
        detail = {"purpose": purpose, "compromised": is_compromised}
        audit.record(session, actor, "identity.replace_signing_keys", f"key:{made.kid}", detail, now=now)
    return made.kid


def public_jwk(row: SigningKey) -> dict[str, str]:
    """The key as a member of a published key set (RFC 7517)."""
    return {**row.jwk, "kid": row.kid, "use": "sig", "alg": ALGORITHM}


def _own_rows(session: Session, home: Path, purpose: str) -> list[SigningKey]:
    query = select(SigningKey).where(SigningKey.purpose == purpose)
    rows = session.scalars(query.order_by(SigningKey.signs_from.desc(), SigningKey.kid)).all()
    return [row for row in rows if _file(home, row.kid).exists()]


def _signing(held: list[SigningKey], now: datetime) -> SigningKey | None:
    for row in held:
        if row.signs_from <= now and (row.signs_until is None or row.signs_until > now):
            return row
    return None


def _is_due(signing: SigningKey, held: list[SigningKey], now: datetime) -> bool:
    has_next = any(row.signs_from > signing.signs_from for row in held)
    return not has_next and now >= signing.signs_from + ROTATE_AFTER


def _end(row: SigningKey, at: datetime) -> datetime:
    row.signs_until = at
    overlap = PUBLISHED_AFTER[row.purpose]
    row.published_until = None if overlap is None else at + overlap
    return at


def _make(session: Session, home: Path, purpose: str, *, signs_from: datetime, now: datetime) -> SigningKey:
    key = ECKey.generate_key("P-256")
    kid = f"hub-{now:%Y%m%d}-{key.thumbprint()[:8]}"
    write_private(_file(home, kid), orjson.dumps(key.as_dict(private=True)))
    row = SigningKey(
        kid=kid,
        purpose=purpose,
        jwk={
            name: value
            for name, value in key.as_dict(private=False).items()
            if name in {"kty", "crv", "x", "y"}
        },
        created_at=now,
        signs_from=signs_from,
    )
    session.add(row)
    session.flush()
    audit.record(session, _ACTOR, "identity.make_signing_key", f"key:{kid}", {"purpose": purpose}, now=now)
    return row


def _forget_old(session: Session, home: Path, now: datetime) -> None:
    for row in session.scalars(select(SigningKey).where(SigningKey.published_until < now)):
        _file(home, row.kid).unlink(missing_ok=True)
        session.delete(row)


def _file(home: Path, kid: str) -> Path:
    return home / "keys" / f"{kid}.json"


def _lock(session: Session, now: datetime) -> None:
    # One holder for everybody: the row, locked to the end of the transaction, is the mutex and not the lease.
    while lease.take(session, "identity.signing_keys", "-", seconds=0, now=now) is None:
        pass
