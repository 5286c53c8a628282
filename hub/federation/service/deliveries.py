"""What comes to the hub by itself: uploaded files and pushed batches, each remembered by its content."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.core.errors import NotFound
from hub.federation.errors import BatchReused
from hub.federation.models import Batch, File, FilePart

PART_BYTES = 512 * 1024
"""A part of a file in one row: about 2 ms of the write lock."""

_WAITING = ("queued", "processing")
"""States of a file that is still to be read."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sends for a resource of a province."""

    province: str
    resource: str
    filename: str
    content: bytes = field(repr=False)
    actor: str


def receive_file(session: Session, upload: Upload, *, now: datetime) -> tuple[File, bool]:
    """Register an upload; `(file, whether its content must still be stored)`. The same content is the same file.

    A file whose content was retired takes it in again.
    """
    digest = sha256(upload.content).hexdigest()
    held = session.scalar(
        select(File).where(
            File.province == upload.province, File.resource == upload.resource, File.sha256 == digest
        )
    )
    if held is not None and held.state != "storing":
        if _has_content(session, held.id):
            return held, False
        held.filename, held.state = upload.filename, "storing"
        held.uploaded_by, held.uploaded_at = upload.actor, now
    if held is None:
        held = File(
            province=upload.province,
            resource=upload.resource,
            filename=upload.filename,
            sha256=digest,
            size=len(upload.content),
            uploaded_by=upload.actor,
            uploaded_at=now,
            state="storing",
        )
        session.add(held)
        session.flush()
    session.execute(delete(FilePart).where(FilePart.file_id == held.id))
    return held, True


def split_content(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The parts of a file, numbered from 0."""
    for number, start in enumerate(range(0, max(len(content), 1), PART_BYTES)):
        yield number, content[start : start + PART_BYTES]


def store_part(session: Session, file_id: int, number: int, content: bytes) -> None:
    """Store one part; one transaction each keeps the write lock short."""
    session.add(FilePart(file_id=file_id, number=number, content=content))


def read_file(session: Session, file_id: int) -> tuple[File, bytes]:
    """A stored file and its content. Raises `NotFound`; a file whose parts do not add up is not handed out."""
    held = session.get(File, file_id)
    if held is None:
        raise NotFound(f"没有编号为 {file_id} 的文件。", f"There is no file {file_id}.", field="id")
    parts = session.scalars(
        select(FilePart.content).where(FilePart.file_id == file_id).order_by(FilePart.number)
    )
    content = b"".join(parts)
    if sha256(content).hexdigest() != held.sha256:
        raise NotFound(
            f"文件 {file_id} 的内容不完整，请重新上传。",
            f"File {file_id} is incomplete; upload it again.",
            field="id",
        )
    return held, content


def retire_parts(session: Session, *, before: datetime, limit: int = 8) -> int:
    """Forget content that was uploaded before an instant and waits for nobody; how many parts. Safe to repeat.

    The file's entry stays with its name, SHA-256 and run, and so do the payloads of its records: see `ledger`.
    """
    old = session.execute(
        select(FilePart.file_id, FilePart.number)
        .join(File, File.id == FilePart.file_id)
        .where(File.uploaded_at < before, File.state.not_in(_WAITING))
        .order_by(FilePart.file_id, FilePart.number)
        .limit(limit)
    ).all()
    for row in old:
        session.execute(
            delete(FilePart).where(FilePart.file_id == row.file_id, FilePart.number == row.number)
        )
    return len(old)


def find_batch(session: Session, province: str, batch_id: str, resource: str, digest: str) -> Batch | None:
    """The batch under this number if it came before. Raises `BatchReused` when its body or resource was another."""
    held = session.get(Batch, (province, batch_id))
    if held is not None and (held.sha256, held.resource) != (digest, resource):
        raise BatchReused(batch_id)
    return held


def open_batch(session: Session, batch: Batch) -> None:
    """Remember that a batch is being taken in; a repeat after a crash finds it without an answer and goes on."""
    session.merge(batch)


def answer_batch(session: Session, province: str, batch_id: str, answer: dict[str, Any]) -> None:
    """Keep the answer of a batch, in the transaction that finishes its run."""
    session.get_one(Batch, (province, batch_id)).answer = answer


def retire_batches(session: Session, *, before: datetime, limit: int = 20) -> int:
    """Forget batches and their answers that came before an instant; how many. Safe to repeat."""
    old = session.execute(
        select(Batch.province, Batch.batch_id)
        .where(Batch.received_at < before)
        .order_by(Batch.received_at)
        .limit(limit)
    ).all()
    for row in old:
        session.execute(delete(Batch).where(Batch.province == row.province, Batch.batch_id == row.batch_id))
    return len(old)


def _has_content(session: Session, file_id: int) -> bool:
    return session.scalar(select(FilePart.number).where(FilePart.file_id == file_id).limit(1)) is not None
