"""The decision about one object: asked by every use case that acts on something somebody owns."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.identity import queries, rules
from hub.identity.errors import BothSides, NotAllowed, OtherParty, WrongState
from hub.identity.rules import Principal, Subject

_SERVING = (*rules.INSTITUTION_ROLES, rules.STATION_STAFF)


def allow(
    session: Session,
    principal: Principal,
    action: str,
    subject: Subject,
    *,
    now: datetime,  # noqa: ARG001 - use cases pass it everywhere; a rule that looks at the time needs no new seam
) -> None:
    """Let the principal do the action to the subject, or raise.

    Raises `NotAllowed` (the role never may), `OtherParty` (not theirs), `WrongState`, `BothSides` (the person or the
    party is on the other side of the same booking). The refusal is audited by the edge, after the roll-back. Raises
    KeyError for an action that the matrix does not know: a fault of the program.
    """
    match rules.refusal(principal, action, subject):
        case "role":
            raise NotAllowed(principal.name, action, subject.name)
        case "reach":
            raise OtherParty(principal.name, action, subject.name)
        case "state":
            raise WrongState(principal.name, action, subject.name, subject.state)
    if not _is_reading(action) and _is_on_both_sides(session, principal, subject):
        raise BothSides(principal.name, action, subject.name)


def _is_reading(action: str) -> bool:
    return action.partition(".")[2].startswith("read")


def _is_on_both_sides(session: Session, principal: Principal, subject: Subject) -> bool:
    """Whether who serves is also who asked: the same person, somebody of the same enterprise, the same organisation.

    An organisation is known by its credit code, so an operator that books as an enterprise is found on both sides.
    """
    asking, serving = subject.enterprise_id, {subject.institution_id, subject.operator_id} - {None}
    if principal.kind != "account" or asking is None or not serving:
        return False
    if principal.role in _SERVING:
        is_asking = principal.person_id in subject.person_ids
        if is_asking or asking in queries.parties_of(session, principal.person_id or ""):
            return True
    elif principal.role not in rules.ENTERPRISE_ROLES:
        return False
    own = principal.party_id
    other = serving if principal.role in rules.ENTERPRISE_ROLES else {asking}
    codes = queries.credit_codes(session, {party for party in (own, *other) if party is not None})
    return own in codes and any(codes.get(party or "") == codes[own] for party in other if party != own)
