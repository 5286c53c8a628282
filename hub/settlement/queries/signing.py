"""Reading documents of sides, their signatures and the keys that made them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from hub.identity.models import Platform, PlatformPublicKey, SigningKey
from hub.settlement.models import Document, OfficerKey, Signature, TimeStamp
from hub.settlement.rules import signing as rules

MOST = 200
"""Documents that one page or answer lists."""


@dataclass(frozen=True, slots=True)
class SideKey:
    """A public key of a side, with its history: it counts from `since` to `until` (None: still)."""

    side: str
    kid: str
    algorithm: str
    jwk: Mapping[str, Any]
    since: datetime
    until: datetime | None
    holder: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that a side has neither signed nor acknowledged; `is_overdue` once `deadline` is over."""

    document_id: str
    kind: str
    side: str
    issued_at: datetime
    deadline: datetime
    is_overdue: bool


def find_document(session: Session, document_id: str) -> Document | None:
    """The document `<series>/<number>`, of a kind that sides sign."""
    found = session.get(Document, document_id)
    return found if found is not None and found.kind in rules.signed_kinds() else None


def documents_within(
    session: Session, area: str, *, before: datetime | None = None, limit: int = MOST
) -> list[Document]:
    """Documents that name a side within an area (a prefix; empty: the belt), newest first, at most `limit`."""
    query = select(Document).where(Document.kind.in_(rules.signed_kinds()), _names(area))
    if before is not None:
        query = query.where(Document.issued_at < before)
    return list(session.scalars(query.order_by(Document.issued_at.desc(), Document.id).limit(limit)))


def signatures_of(session: Session, document_id: str) -> list[Signature]:
    """Everything that sides and the hub said about a document, in order."""
    mine = select(Signature).where(Signature.document_id == document_id)
    return list(session.scalars(mine.order_by(Signature.id)))


def grades(session: Session, document_id: str, *, now: datetime) -> dict[str, rules.Grade]:
    """Side → how far its word goes; empty for a document that nobody signs or that there is not."""
    document = session.get(Document, document_id)
    if document is None:
        return {}
    said: dict[str, set[str]] = {}
    for row in signatures_of(session, document_id):
        said.setdefault(row.side, set()).add(row.kind)
    return {
        side: rules.grade(said.get(side, set()), side, issued_at=document.issued_at, now=now)
        for side in rules.sides_of(document.kind, document.body)
    }


def waiting_signatures(session: Session, area: str, *, now: datetime, limit: int = MOST) -> list[Waiting]:
    """What waits for a signature of the sides within an area (a prefix or six digits), oldest first."""
    prefix = _prefix(area)
    by_member = [
        select(Document, Document.body[member].as_string().label("side"))
        .outerjoin(
            Signature,
            (Signature.document_id == Document.id)
            & (Signature.side == Document.body[member].as_string())
            & Signature.kind.in_(("signed", "acknowledged")),
        )
        .where(
            Document.kind.in_(kinds),
            Signature.id.is_(None),
            Document.body[member].as_string().startswith(prefix, autoescape=True),
        )
        .order_by(Document.issued_at, Document.id)
        .limit(limit)
        for member, kinds in rules.signing_members().items()
    ]
    found = [
        Waiting(
            row.id,
            row.kind,
            side,
            row.issued_at,
            rules.sign_by(side, row.issued_at),
            now > rules.sign_by(side, row.issued_at),
        )
        for query in by_member
        for row, side in session.execute(query)
    ]
    return sorted(set(found), key=lambda each: (each.issued_at, each.document_id, each.side))[:limit]


def keys_of_side(session: Session, side: str) -> list[SideKey]:
    """Every public key that a side ever signed with or may sign with: its officers' and its platforms'."""
    return [*_officer_keys(session, side), *_platform_keys(session, side)]


def officer_keys(session: Session, area: str) -> list[OfficerKey]:
    """Keys of officers of the sides within an area, newest first, those that wait for approval too."""
    mine = select(OfficerKey).where(OfficerKey.side.startswith(_prefix(area), autoescape=True))
    return list(session.scalars(mine.order_by(OfficerKey.proposed_at.desc(), OfficerKey.kid)))


def find_officer_key(session: Session, kid: str) -> OfficerKey | None:
    """The key of this thumbprint."""
    return session.get(OfficerKey, kid)


def hub_keys(session: Session) -> list[SideKey]:
    """The hub's own keys for messages and documents; evidence stays published for ever."""
    rows = session.scalars(
        select(SigningKey).where(SigningKey.purpose == "message").order_by(SigningKey.signs_from)
    )
    return [
        SideKey(rules.HUB, row.kid, "ES256", row.jwk, row.created_at, row.signs_until, "hub") for row in rows
    ]


def time_stamp_of(session: Session, subject: str) -> TimeStamp | None:
    """The time-stamp, wanted or there, of `document:<id>` or `head:<topic>/<number>/<hash>`."""
    return session.get(TimeStamp, subject)


def _officer_keys(session: Session, side: str) -> list[SideKey]:
    mine = select(OfficerKey).where(OfficerKey.side == side, OfficerKey.approved_at.is_not(None))
    return [
        SideKey(
            side,
            row.kid,
            row.algorithm,
            row.jwk,
            row.approved_at or row.proposed_at,
            row.revoked_at,
            row.label,
        )
        for row in session.scalars(mine.order_by(OfficerKey.approved_at))
    ]


def _platform_keys(session: Session, side: str) -> list[SideKey]:
    rows = session.execute(
        select(PlatformPublicKey, Platform)
        .join(Platform, Platform.id == PlatformPublicKey.platform_id)
        .where(Platform.province == side)
        .order_by(PlatformPublicKey.created_at, PlatformPublicKey.kid)
    )
    return [_platform_key(side, key, platform) for key, platform in rows]


def _platform_key(side: str, key: PlatformPublicKey, platform: Platform) -> SideKey:
    ends = [at for at in (key.retired_at, platform.revoked_at) if at is not None]
    return SideKey(
        side,
        key.kid,
        key.algorithm,
        key.jwk,
        key.created_at,
        min(ends, default=None),
        f"platform:{platform.id}",
    )


def _names(area: str) -> ColumnElement[bool]:
    prefix = _prefix(area)
    return or_(
        *(
            Document.body[member].as_string().startswith(prefix, autoescape=True)
            for member in rules.signing_members()
        )
    )


def _prefix(area: str) -> str:
    """`330000` as `33`, `330400` as `3304`: six digits name the area and all that lies in it."""
    while len(area) > 2 and area.endswith("00") and len(area) % 2 == 0:
        area = area[:-2]
    return area
