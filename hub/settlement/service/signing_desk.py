"""What a person or a platform does with documents and keys of its side, each checked against the access matrix."""

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from hub.core.runtime import Runtime
from hub.identity import service as identity
from hub.identity.rules import Principal, Subject
from hub.identity.service import signing as hub_signing
from hub.settlement.errors import DocumentUnknown, OfficerKeyUnknown
from hub.settlement.models import Document, OfficerKey, Signature
from hub.settlement.queries import signing as queries
from hub.settlement.rules import signing as rules
from hub.settlement.service import hub_receipts, officer_keys, signatures
from hub.settlement.service.signatures import Signer

READ, SIGN, ACKNOWLEDGE = "signing.read_documents", "signing.sign", "signing.acknowledge"
READ_KEYS, ENROL, APPROVE, REVOKE = (
    "signing.read_keys",
    "signing.enrol_key",
    "signing.approve_key",
    "signing.revoke_key",
)


def open_document(
    session: Session, principal: Principal, action: str, document_id: str, *, now: datetime
) -> Document:
    """A document that the principal may do this to. Raises `DocumentUnknown` and what `identity.allow` raises."""
    document = queries.find_document(session, document_id)
    if document is None:
        raise DocumentUnknown(document_id)
    body = document.body
    subject = Subject(
        station_province=body.get("visited"),
        home_area=body.get("home", body.get("payer_area")),
        name=f"document:{document.id}",
    )
    identity.allow(session, principal, action, subject, now=now)
    return document


def signer_of(principal: Principal) -> Signer:
    """For which side the principal speaks: a platform for its province, an office for exactly its own area."""
    if principal.kind == "platform":
        return Signer(principal.province or "", principal.name, holder=principal.name)
    return Signer(rules.side_of_area(principal.area or ""), principal.name)


def take_signature(
    session: Session,
    principal: Principal,
    document_id: str,
    text: str,
    kind: Literal["signed", "receipt"] = "signed",
    *,
    now: datetime,
) -> Signature:
    """Keep a signature or a receipt of the principal's side. Safe to repeat. Raises what `signatures.sign` raises."""
    open_document(session, principal, SIGN, document_id, now=now)
    take = signatures.sign if kind == "signed" else signatures.keep_receipt
    return take(session, signer_of(principal), document_id, text, now=now)


def acknowledge(
    session: Session, principal: Principal, document_id: str, sha256: str, *, now: datetime
) -> Signature:
    """Keep the principal's acknowledgement; the second factor was given a moment ago. Safe to repeat."""
    open_document(session, principal, ACKNOWLEDGE, document_id, now=now)
    return signatures.acknowledge(session, signer_of(principal), document_id, sha256, now=now)


def hub_receipt(
    runtime: Runtime,
    principal: Principal,
    document_id: str,
    kind: str,
    side: str | None = None,
    *,
    now: datetime,
) -> str:
    """The hub's signed receipt of what a side (one's own by default) said about a document: a compact JWS.

    Takes the runtime and no session: a key that has to be made is known to all at once. Raises `DocumentUnknown`, `ReceiptUnknown` and what
    `identity.allow` raises.
    """
    with runtime.database.read() as session:
        held = open_document(session, principal, READ, document_id, now=now)
        row = hub_receipts.find_signature(session, held.id, side or signer_of(principal).side, kind)
        key = hub_signing.current_key(runtime.database, runtime.home, "message", now=now)
        return hub_receipts.of_signature(key, row)


def own_area(principal: Principal) -> str:
    """The prefix of the areas whose documents and keys the principal sees; empty for the belt."""
    return principal.area if principal.area is not None else (principal.province or "none")[:2]


def enrol_key(
    session: Session, principal: Principal, public_key: object, label: str, *, now: datetime
) -> OfficerKey:
    """Propose a public key for the principal's side. Raises what `officer_keys.propose` raises."""
    side = signer_of(principal).side
    identity.allow(session, principal, ENROL, Subject(home_area=side, name=f"side:{side}"), now=now)
    return officer_keys.propose(session, side, public_key, label, actor=principal.name, now=now)


def approve_key(session: Session, principal: Principal, kid: str, *, now: datetime) -> OfficerKey:
    """Approve a key that somebody else of the side's office proposed. Raises what `officer_keys.approve` raises."""
    _own_key(session, principal, APPROVE, kid, now)
    return officer_keys.approve(session, kid, actor=principal.name, now=now)


def revoke_key(session: Session, principal: Principal, kid: str, *, now: datetime) -> OfficerKey:
    """Stop a key of the side from now on. Safe to repeat."""
    _own_key(session, principal, REVOKE, kid, now)
    return officer_keys.revoke(session, kid, actor=principal.name, now=now)


def _own_key(session: Session, principal: Principal, action: str, kid: str, now: datetime) -> None:
    held = queries.find_officer_key(session, kid)
    if held is None:
        raise OfficerKeyUnknown(kid)
    subject = Subject(home_area=held.side, name=f"signing-key:{kid}")
    identity.allow(session, principal, action, subject, now=now)
