"""Files that prove what was used: handed in by people, named by the versions and disputes that rest on them.

The bytes are kept before (`evidence_files.keep`); a file without a row is only wasted space. Platforms and sensors hand in
no files, they tell hashes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

import schemas
from hub.settlement.errors.evidence import EvidenceInvalid, EvidenceMissing, EvidenceUnknown
from hub.settlement.models import Usage, UsageEvidence
from hub.settlement.service.evidence_files import Kept
from hub.settlement.service.usage import moving
from hub.settlement.service.usage.moving import By

MOST_FILES = 20
"""Files of one usage, of both sides together."""
MOST_NAME = 120


def add_file(
    session: Session, usage: Usage, kept: Kept, by: By, *, kind: str, name: str = "", now: datetime
) -> UsageEvidence:
    """Put a kept file to a locked usage; while it is disputed, to the dispute.

    Before, the next version of who serves names it (`take_up`); one that the present version names by its hash already is
    the file to that hash. The same content again is that file. Raises `EvidenceInvalid`.
    """
    held = files_of(session, usage.id)
    same = next((row for row in held if row.sha256 == kept.sha256), None)
    if same is not None and same.forgotten_at is None:
        return same
    if kind not in schemas.codes("usage_evidence"):
        raise EvidenceInvalid("没有这种证据类型。", "There is no such kind of evidence.")
    if same is None and len(held) >= MOST_FILES:
        raise EvidenceInvalid(
            f"一条使用记录最多 {MOST_FILES} 份文件。", f"A usage has at most {MOST_FILES} files."
        )
    dispute = moving.open_dispute(session, usage.id) if usage.state == "disputed" else None
    row = same or UsageEvidence(usage_id=usage.id, sha256=kept.sha256)
    row.size, row.media_type, row.filename = kept.size, kept.media_type, kept.filename
    row.kind, row.name = kind, name.strip()[:MOST_NAME] or None
    row.side, row.added_by, row.added_at = by.side, by.actor, now
    row.dispute_id = None if dispute is None else dispute.id
    if kept.sha256 in {each["sha256"] for each in moving.present(session, usage).get("evidence", ())}:
        row.version = usage.version
    row.forgotten_at = None
    session.add(row)
    session.flush()
    return row


def take_up(
    session: Session, usage: Usage, told: Iterable[Mapping[str, Any]], *, known: Iterable[str]
) -> None:
    """The version that has just been written names these; each is a file that was handed in, or was told before (`known`).

    Raises `EvidenceMissing`.
    """  # fmt: skip
    before = set(known)
    new = [str(each["sha256"]) for each in told if each["sha256"] not in before]
    if not new:
        return
    held = {row.sha256 for row in files_of(session, usage.id) if row.forgotten_at is None}
    missing = next((each for each in new if each not in held), None)
    if missing is not None:
        raise EvidenceMissing(missing)
    session.execute(
        update(UsageEvidence)
        .where(
            UsageEvidence.usage_id == usage.id,
            UsageEvidence.sha256.in_(new),
            UsageEvidence.version.is_(None),
        )
        .values(version=usage.version)
        .execution_options(synchronize_session=False)
    )


def files_of(session: Session, usage_id: str) -> Sequence[UsageEvidence]:
    """Every file of a usage, oldest first; also those that nothing names yet."""
    mine = select(UsageEvidence).where(UsageEvidence.usage_id == usage_id).order_by(UsageEvidence.id)
    return session.scalars(mine.execution_options(populate_existing=True)).all()


def file_of(session: Session, usage_id: str, sha256: str) -> UsageEvidence:
    """A file that a version or a dispute of the usage names. Raises `EvidenceUnknown`."""
    mine = select(UsageEvidence).where(
        UsageEvidence.usage_id == usage_id,
        UsageEvidence.sha256 == sha256,
        or_(UsageEvidence.version.is_not(None), UsageEvidence.dispute_id.is_not(None)),
    )
    found = session.scalar(mine)
    if found is None:
        raise EvidenceUnknown(sha256)
    return found
