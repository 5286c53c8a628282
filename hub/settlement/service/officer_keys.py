"""Public keys of sides without a platform: proposed by one person, approved by another, revoked with a date.

Only public halves come here; whoever sends a private key is refused and told that it is no secret any more.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.core import audit
from hub.settlement.errors import OfficerKeyTaken, OfficerKeyUnknown, SecondPersonNeeded
from hub.settlement.models import OfficerKey
from hub.settlement.rules import signing as rules

LONGEST_LABEL = 60


def propose(
    session: Session, side: str, public_key: object, label: str, *, actor: str, now: datetime
) -> OfficerKey:
    """Enrol a public key (PEM text or JWK) for a side; it counts once another person has approved it.

    Safe to repeat by the same person while it waits. Raises `PublicKeyRefused` (identity) and `OfficerKeyTaken`.
    """
    given = public_key.strip() if isinstance(public_key, str) else public_key
    key = rules.read_key(given)
    held = session.get(OfficerKey, key.thumbprint, with_for_update=True)
    if held is not None:
        if (held.side, held.proposed_by, held.approved_at, held.revoked_at) == (side, actor, None, None):
            return held
        raise OfficerKeyTaken(key.thumbprint)
    made = OfficerKey(
        kid=key.thumbprint,
        side=side,
        algorithm=key.algorithm,
        jwk=key.jwk,
        label=label.strip()[:LONGEST_LABEL],
        proposed_by=actor,
        proposed_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, actor, "settlement.enrol_signing_key", made, now)
    return made


def approve(session: Session, kid: str, *, actor: str, now: datetime) -> OfficerKey:
    """Put a key in force, by another person than who proposed it. Safe to repeat by the same person.

    Raises `OfficerKeyUnknown` (also for a revoked one) and `SecondPersonNeeded`.
    """
    held = _held(session, kid)
    if held.revoked_at is not None:
        raise OfficerKeyUnknown(kid)
    if held.approved_at is not None:
        return held
    if held.proposed_by == actor:
        raise SecondPersonNeeded
    held.approved_by, held.approved_at = actor, now
    session.flush()
    _note(session, actor, "settlement.approve_signing_key", held, now)
    return held


def revoke(session: Session, kid: str, *, actor: str, now: datetime) -> OfficerKey:
    """Stop a key from now on; what it signed before stays signed. Safe to repeat: the first date stays."""
    held = _held(session, kid)
    if held.revoked_at is None:
        held.revoked_by, held.revoked_at = actor, now
        session.flush()
        _note(session, actor, "settlement.revoke_signing_key", held, now)
    return held


def _held(session: Session, kid: str) -> OfficerKey:
    held = session.get(OfficerKey, kid, with_for_update=True)
    if held is None:
        raise OfficerKeyUnknown(kid)
    return held


def _note(session: Session, actor: str, action: str, key: OfficerKey, now: datetime) -> None:
    audit.record(session, actor, action, f"signing-key:{key.kid}", {"side": key.side}, now=now)
