"""Files that prove what was used, through a running process: bytes first, then the row; and links that the hub signs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from joserfc.jwk import ECKey
from sqlalchemy.orm import Session

from hub.bookings.errors.reports import LinkRefused
from hub.bookings.service import links, usages
from hub.core import audit
from hub.core.runtime import Runtime
from hub.identity import queries as identity_queries
from hub.identity import service as identity
from hub.identity.rules import Principal
from hub.identity.service import signing
from hub.settlement.errors.evidence import EvidenceGone
from hub.settlement.models import UsageEvidence
from hub.settlement.queries import usage as queries
from hub.settlement.service import evidence_files
from hub.settlement.service.evidence_files import MOST_BYTES, Kept
from hub.settlement.service.usage import By, add_file, file_of
from hub.settlement.wire import usage as wire

TYPE = "usage-evidence-link+jwt"
MOST_AT_ONCE = 5
MOST_FORM = MOST_AT_ONCE * MOST_BYTES + 200_000
"""Bytes of an upload with its form around it."""


class Proof(NamedTuple):
    """A file as it came: its name and content."""

    filename: str
    content: bytes


def keep_files(runtime: Runtime, principal: Principal, usage_id: str, files: Iterable[Proof]) -> list[Kept]:
    """Put the bytes on disk; whoever may not even see the usage writes none. Raises `UsageUnknown`, `EvidenceInvalid`."""
    with runtime.database.read() as session:
        usages.visible(session, principal, usage_id, now=runtime.clock())
    return [evidence_files.keep(runtime.home, each.filename, each.content) for each in files]


def add_files(
    session: Session,
    principal: Principal,
    usage_id: str,
    kept: Iterable[Kept],
    *,
    kind: str,
    name: str = "",
    now: datetime,
) -> list[UsageEvidence]:
    """Hand in files that are on disk: who serves at any time before it is settled, the enterprise while it disputes.

    The same content again is the same file. Raises `UsageUnknown`, `EvidenceInvalid` and access refusals.
    """
    usages.visible(session, principal, usage_id, now=now)
    usage, _ = usages.locked(session, usage_id)
    identity.allow(session, principal, "usage.add_evidence", queries.subject_of(session, usage), now=now)
    by = By(usages.side_of(principal, usage), principal.name, principal.person_id)
    made = [add_file(session, usage, each, by, kind=kind, name=name, now=now) for each in kept]
    for row in made:
        told = {"sha256": row.sha256, "size": row.size, "kind": row.kind}
        audit.record(session, principal.name, "usage.add_evidence", f"usage:{usage_id}", told, now=now)
    return made


def entries(rows: Iterable[UsageEvidence]) -> list[dict[str, Any]]:
    """Files as the `evidence` of a command."""
    return [wire.evidence_entry(row) for row in rows]


def link(runtime: Runtime, principal: Principal, usage_id: str, sha256: str) -> str:
    """The address of a file for this reader, good for five minutes. Raises `EvidenceUnknown`, `EvidenceGone`, refusals."""
    now = runtime.clock()
    with runtime.database.read() as session:
        usage = usages.visible(session, principal, usage_id, now=now)
        subject = queries.subject_of(session, usage)
        identity.allow(session, principal, "usage.read_evidence", subject, now=now)
        row = file_of(session, usage_id, sha256)
    if row.forgotten_at is not None:
        raise EvidenceGone
    key = signing.current_key(runtime.database, runtime.home, "link", now=now)
    claims: dict[str, Any] = {
        "evidence": row.id,
        "sub": principal.name,
        "exp": int((now + links.LIFE).timestamp()),
    }
    return f"/api/v1/usage-evidence/{key.sign(claims, TYPE)}"


def open_link(runtime: Runtime, token: str) -> tuple[UsageEvidence, bytes]:
    """The file that a link opens and its content, as it was kept; who read it is recorded. Raises `LinkRefused`, `EvidenceGone`."""
    now = runtime.clock()
    with runtime.database.write() as session:
        published = identity_queries.published_keys(session, "link", now)
        keys = {row.kid: ECKey.import_key(row.jwk) for row in published}
        claims = links.read_claims(keys, token, TYPE, now=now)
        row = session.get(UsageEvidence, claims.get("evidence"))
        if row is None:
            raise LinkRefused
        if row.forgotten_at is not None:
            raise EvidenceGone
        content = evidence_files.read(runtime.home, row.sha256)
        told = {"sha256": row.sha256}
        audit.record(
            session, str(claims["sub"]), "usage.read_evidence", f"usage:{row.usage_id}", told, now=now
        )
    return row, content
