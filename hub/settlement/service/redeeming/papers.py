"""Papers of an order that is not redeemable without: handed in by either side, looked through by whoever pays."""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session

import schemas
from hub.core import audit
from hub.identity import service as identity
from hub.identity.rules import Principal, Subject
from hub.settlement.errors.evidence import EvidenceGone
from hub.settlement.errors.redeeming import (
    OrderUnknown,
    PaperDecided,
    PaperInvalid,
    PaperUnknown,
    ReasonMissing,
)
from hub.settlement.models import RatedLine
from hub.settlement.models.redeeming import Paper
from hub.settlement.rules.redeeming import Record, wanted_papers
from hub.settlement.service import declaring
from hub.settlement.service.redeeming.checking import LIVE, gather, settle_order

MOST_BYTES = 10 * 1024 * 1024
MOST_NAME = 150
_TYPES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


def subject_of(line: RatedLine, *, is_payers: bool = False) -> Subject:
    """The order of a line as the access matrix sees it: whose it is on both sides, and which area pays.

    `is_payers`: what only the paying area may do, and not the one that serves.
    """
    return Subject(
        enterprise_id=line.enterprise_id,
        institution_id=line.institution_id,
        station_province=None if is_payers else line.visited,
        home_area=line.payer_area or line.home,
        state=line.state,
        name=f"order:{line.reference}",
    )


def line_of(session: Session, reference: str) -> RatedLine:
    """The first live line of an order. Raises `OrderUnknown` for one that was never rated."""
    mine = select(RatedLine).where(RatedLine.reference == reference, RatedLine.state.in_(LIVE))
    found = session.scalar(mine.order_by(RatedLine.programme_id.is_(None), RatedLine.id).limit(1))
    if found is None:
        raise OrderUnknown(reference)
    return found


def hand_in(
    session: Session,
    principal: Principal,
    reference: str,
    kind: str,
    file: tuple[str, bytes],
    *,
    now: datetime,
) -> int:
    """Hand in a paper (name and content) of a kind that the programme asks for; its number.

    The same content again is that paper; another one replaces what was not agreed to yet. Raises `OrderUnknown`,
    `PaperInvalid` and access refusals.
    """
    line = line_of(session, reference)
    identity.allow(session, principal, "order.hand_in_paper", subject_of(line), now=now)
    filename, content = file
    _check_kind(session, reference, kind, now=now)
    media_type = _type_of(filename, content)
    digest = sha256(content).hexdigest()
    mine = select(Paper).where(
        Paper.reference == reference, Paper.kind == kind, Paper.state.in_(("waiting", "agreed"))
    )
    for held in session.scalars(mine.with_for_update()):
        if held.sha256 == digest:
            return held.id
        if held.state == "agreed":
            raise PaperInvalid("kind", "该种材料已审核通过，不必再交", "this kind was agreed to already")
        held.state = "replaced"
    row = Paper(
        reference=reference,
        payer_area=line.payer_area or line.home,
        kind=kind,
        filename=filename.strip()[-MOST_NAME:],
        media_type=media_type,
        size=len(content),
        sha256=digest,
        content=content,
        state="waiting",
        side="institution" if principal.party_id == line.institution_id else "enterprise",
        uploaded_by=principal.name,
        uploaded_at=now,
    )
    session.add(row)
    session.flush()
    told = {"paper": row.id, "kind": kind, "sha256": digest}
    audit.record(session, principal.name, "settlement.hand_in_paper", f"order:{reference}", told, now=now)
    return row.id


def decide_paper(
    session: Session, principal: Principal, number: int, *, is_agreed: bool, reason: str = "", now: datetime
) -> str:
    """Agree to a paper or refuse it with a reason; the order's lines follow. The order's identifier.

    Raises `PaperUnknown`, `PaperDecided`, `ReasonMissing` and access refusals.
    """
    row = session.get(Paper, number, with_for_update=True, populate_existing=True)
    if row is None:
        raise PaperUnknown(number)
    line = line_of(session, row.reference)
    identity.allow(session, principal, "order.decide_paper", subject_of(line, is_payers=True), now=now)
    if row.state != "waiting":
        raise PaperDecided(number)
    if not is_agreed and not reason.strip():
        raise ReasonMissing
    session.execute(
        update(Paper)
        .where(Paper.id == number)
        .values(
            state="agreed" if is_agreed else "refused",
            reason=None if is_agreed else reason.strip()[:500],
            decided_by=principal.name,
            decided_at=now,
        )
    )
    told = {"paper": number, "kind": row.kind, "is_agreed": is_agreed}
    audit.record(session, principal.name, "settlement.decide_paper", f"order:{row.reference}", told, now=now)
    settle_order(session, row.reference, now=now)
    return row.reference


def read_paper(
    session: Session, principal: Principal, reference: str, number: int, *, now: datetime
) -> Paper:
    """A paper of an order with its content, for the two sides, the payer and auditors; recorded.

    Raises `PaperUnknown`, `EvidenceGone` (forgotten by its retention) and refusals.
    """
    row = session.get(Paper, number)
    if row is None or row.reference != reference:
        raise PaperUnknown(number)
    identity.allow(session, principal, "order.read", subject_of(line_of(session, row.reference)), now=now)
    if row.content is None:
        raise EvidenceGone
    audit.record(session, principal.name, "settlement.read_paper", f"order:{row.reference}", now=now)
    return row


def _check_kind(session: Session, reference: str, kind: str, *, now: datetime) -> None:
    wanted = wanted_papers(gather(session, reference, now=now).programme)
    if kind not in wanted:
        listed = schemas.codes("settlement_document")
        zh = "、".join(listed[code].zh for code in wanted) or "无"
        en = ", ".join(listed[code].en for code in wanted) or "none"
        raise PaperInvalid("kind", f"该订单所需材料为：{zh}", f"the order asks for: {en}")


def _type_of(filename: str, content: bytes) -> str:
    """What the file is by its first bytes, whatever it is called."""
    if not content:
        raise PaperInvalid("file", "文件是空的", "the file is empty")
    if len(content) > MOST_BYTES:
        raise PaperInvalid("file", "文件超过 10 MB", "the file has more than 10 MB")
    if not filename.strip() or any(ord(mark) < 32 for mark in filename):
        raise PaperInvalid("file", "文件名有误", "the name of the file is not acceptable")
    for begin, media_type in _TYPES:
        if content.startswith(begin):
            return media_type
    raise PaperInvalid("file", "只收 PDF、PNG 或 JPEG 文件", "only PDF, PNG and JPEG files are taken")


def order_of(
    session: Session, principal: Principal, reference: str, *, now: datetime
) -> tuple[RatedLine, Record]:
    """An order for who may read it: its first line and everything known of it now. Raises `OrderUnknown` and refusals."""
    line = line_of(session, reference)
    identity.allow(session, principal, "order.read", subject_of(line), now=now)
    return line, gather(session, reference, now=now)


def declare(
    session: Session,
    principal: Principal,
    reference: str,
    *,
    is_related: bool,
    relation: str | None,
    exclusions: Collection[str],
    now: datetime,
) -> None:
    """Declare for the enterprise what was left open; the order's lines follow. Raises as `declaring.declare`, and refusals."""
    identity.allow(session, principal, "order.declare", subject_of(line_of(session, reference)), now=now)
    declaring.declare(
        session,
        reference,
        is_related=is_related,
        relation=relation,
        exclusions=exclusions,
        actor=principal.name,
        now=now,
    )
    settle_order(session, reference, now=now)
