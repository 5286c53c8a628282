"""One-time invitations: somebody with the right offers a grant, whoever holds the link takes it once."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.ids import random_token
from hub.identity import queries, rules
from hub.identity.errors import GrantInvalid, InvitationInvalid, NotAllowed
from hub.identity.models import Invitation, Person
from hub.identity.rules import Principal, Terms
from hub.identity.rules.enterprises import customer_kind
from hub.identity.service import people

INVITATION_LIFE = timedelta(days=7)


def invite(
    session: Session, principal: Principal, terms: Terms, *, note: str = "", now: datetime
) -> tuple[Invitation, str]:
    """Offer a grant for seven days; the invitation and the token of its link, told once.

    `note` says to the inviting side whom it is meant for. Raises `NotAllowed` when the principal may not hand out such
    a grant, and `GrantInvalid`.
    """
    if not rules.may_grant(principal, terms):
        raise NotAllowed(principal.name, "identity.invite", str(terms))
    people.check_terms(session, terms)
    if customer_kind(terms.party_id or "") == "person":
        raise GrantInvalid("party", "个人用户只由本人使用。", "A person's own account has nobody else in it.")
    token = random_token(24)
    invitation = Invitation(
        token_hash=rules.token_hash(token),
        role=terms.role,
        party_id=terms.party_id,
        province=terms.province,
        area=terms.area,
        note=note[:100],
        invited_by=principal.name,
        invited_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    session.add(invitation)
    session.flush()
    told = {"role": terms.role, "party": terms.party_id, "province": terms.province, "area": terms.area}
    audit.record(session, principal.name, "identity.invite", f"invitation:{invitation.id}", told, now=now)
    return invitation, token


def open_invitation(session: Session, token: str, *, now: datetime) -> Invitation:
    """The invitation behind a link. Raises `InvitationInvalid` once it is used, withdrawn or too old."""
    held = session.scalar(select(Invitation).where(Invitation.token_hash == rules.token_hash(token[:200])))
    if held is None or held.used_at is not None or held.withdrawn_at is not None or held.expires_at <= now:
        raise InvitationInvalid
    return held


def accept_invitation(session: Session, token: str, person: Person, *, now: datetime) -> int:
    """Take the offered grant, once; the grant's number.

    Raises `InvitationInvalid`, also for who comes second, and `NotAllowed` for who made the offer: nobody gives
    themselves another right.
    """
    held = open_invitation(session, token, now=now)
    if held.invited_by == person.name:
        raise NotAllowed(person.name, "identity.accept_invitation", f"invitation:{held.id}")
    taken = session.execute(
        update(Invitation)
        .where(Invitation.id == held.id, Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
        .values(used_at=now, used_by=person.id)
        .returning(Invitation.id)
    ).all()
    if not taken:
        raise InvitationInvalid
    terms = Terms(held.role, held.party_id, held.province, held.area)
    audit.record(session, person.name, "identity.accept_invitation", f"invitation:{held.id}", now=now)
    return people.grant(session, person.id, terms, actor=held.invited_by, now=now)


def withdraw_invitation(session: Session, principal: Principal, invitation_id: int, *, now: datetime) -> bool:
    """Take an offer back; False when it is not open. Raises `NotAllowed` for an offer the principal could not make."""
    held = session.get(Invitation, invitation_id)
    if held is None or held.used_at is not None or held.withdrawn_at is not None:
        return False
    if not rules.may_grant(principal, Terms(held.role, held.party_id, held.province, held.area)):
        raise NotAllowed(principal.name, "identity.invite", f"invitation:{invitation_id}")
    held.withdrawn_at = now
    audit.record(
        session, principal.name, "identity.withdraw_invitation", f"invitation:{invitation_id}", now=now
    )
    return True


def invited_party_name(session: Session, invitation: Invitation) -> str:
    """The name of whom the invited person would act for; empty for an office."""
    party = queries.party_by_id(session, invitation.party_id) if invitation.party_id else None
    return party.name if party is not None else ""
