"""Tables of the federation. One province is written by one holder at a time: see `service.claims.lock_run`."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Province(Base):
    """One connected province: its state in OCPI's words, its circuit breaker, its last contacts.

    `state` is planned, connected, offline or suspended.
    """

    __tablename__ = "federation_province"

    code: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="planned")
    failures: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    last_contact_at: Mapped[datetime | None]
    last_failure_at: Mapped[datetime | None]
    last_error: Mapped[dict[str, Any] | None]
    last_complete_at: Mapped[datetime | None]


class Checkpoint(Base):
    """Where the reading of one resource stands: the cursor after the last committed page, and the present read.

    A *read* may span several runs: it is closed when its last page is committed. `read_id` is the run that
    opened it and marks every record seen in it.
    """

    __tablename__ = "federation_checkpoint"

    province: Mapped[str] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[str | None]
    read_id: Mapped[int] = mapped_column(default=0)
    is_read_open: Mapped[bool] = mapped_column(default=False)
    read_started_at: Mapped[datetime | None]
    read_rows: Mapped[int] = mapped_column(default=0)
    read_unidentified: Mapped[int] = mapped_column(default=0)
    read_declared: Mapped[int | None]
    full_read_id: Mapped[int | None]
    full_read_at: Mapped[datetime | None]
    full_read_rows: Mapped[int | None]
    full_read_unidentified: Mapped[int | None]
    full_read_mapping: Mapped[str | None]
    committed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]


class Run(Base):
    """One run over one resource. `state` is running, waiting (for its next attempt) or finished.

    `fence` grows with every change of holder; whatever a former holder still writes is refused. `boundary` are
    the counters at the last committed page: a run that is taken over goes on from them.
    """

    __tablename__ = "federation_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    province: Mapped[str]
    resource: Mapped[str]
    document_name: Mapped[str]
    direction: Mapped[str]
    trigger: Mapped[str]
    actor: Mapped[str]
    state: Mapped[str]
    read_id: Mapped[int] = mapped_column(default=0)
    is_full: Mapped[bool | None]
    mapping_version: Mapped[str]
    owner: Mapped[str]
    fence: Mapped[int] = mapped_column(default=1)
    lease_until: Mapped[datetime]
    heartbeat_at: Mapped[datetime]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    resume_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    takeovers: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[str | None]
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    error: Mapped[dict[str, Any] | None]
    declared_total: Mapped[int | None]
    pages: Mapped[int] = mapped_column(default=0)
    received: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    repeated: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    duplicates: Mapped[int] = mapped_column(default=0)
    unidentified: Mapped[int] = mapped_column(default=0)
    tombstones: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(default=0)
    raw_kept: Mapped[int] = mapped_column(default=0)
    boundary: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (Index("ix_federation_run_province_id", "province", "id"),)


Index(
    "uq_federation_run_active",
    Run.province,
    Run.resource,
    unique=True,
    sqlite_where=Run.state != "finished",
    postgresql_where=Run.state != "finished",
)


class Record(Base):
    """The ledger of native records: what was last seen of each, and which document it became.

    Narrow on purpose: an unchanged record costs one update here and nothing in the catalogue.
    """

    __tablename__ = "federation_record"

    province: Mapped[str] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)
    native_key: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    raw_hash: Mapped[str]
    mapping_version: Mapped[str]
    seen_read: Mapped[int]
    seen_at: Mapped[datetime]
    modified_at: Mapped[datetime | None]
    is_stale: Mapped[bool] = mapped_column(default=False)
    withdrawn_at: Mapped[datetime | None]
    raw_run: Mapped[int]
    raw_number: Mapped[int]

    __table_args__ = (Index("ix_federation_record_subject", "subject"),)


class Raw(Base):
    """Payloads as the province sent them, those of one transaction packed together (see `service.ledger.pack`).

    They are numbered inside the run that brought them: this row holds `count` numbers from `first`.
    """

    __tablename__ = "federation_raw"

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    province: Mapped[str]
    resource: Mapped[str]
    size: Mapped[int]
    kept_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Quarantined(Base):
    """A record that could not become a document, and why. `state` is open or resolved."""

    __tablename__ = "federation_quarantine"

    id: Mapped[int] = mapped_column(primary_key=True)
    province: Mapped[str]
    resource: Mapped[str]
    native_key: Mapped[str | None]
    raw_hash: Mapped[str]
    is_duplicate: Mapped[bool] = mapped_column(default=False)
    position: Mapped[str | None]
    reasons: Mapped[list[Any]]
    mapping_version: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    first_run_id: Mapped[int]
    last_run_id: Mapped[int]
    seen_read: Mapped[int]
    raw_run: Mapped[int]
    raw_number: Mapped[int]
    resolved_at: Mapped[datetime | None]
    resolved_why: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("province", "resource", "raw_hash"),
        Index("ix_federation_quarantine_key", "province", "resource", "native_key"),
        Index("ix_federation_quarantine_state", "state", "id"),
    )


class UnmappedValue(Base):
    """A code value that a mapping does not know, how often it came, and one record that has it."""

    __tablename__ = "federation_worklist"

    province: Mapped[str] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)
    code_table: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    pointer: Mapped[str]
    occurrences: Mapped[int]
    example_key: Mapped[str | None]
    mapping_version: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]


class Hold(Base):
    """A set of deletions of one run. `state`: collecting → applying → applied when it is harmless, otherwise
    collecting → open → releasing → released, or discarded, returned (the records came back), superseded.
    What was applied or released may be undone: undoing → undone.
    """

    __tablename__ = "federation_hold"

    id: Mapped[int] = mapped_column(primary_key=True)
    province: Mapped[str]
    resource: Mapped[str]
    run_id: Mapped[int] = mapped_column(ForeignKey("federation_run.id"))
    read_id: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str]
    count: Mapped[int] = mapped_column(default=0)
    live_before: Mapped[int] = mapped_column(default=0)
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    opened_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    note: Mapped[str | None]

    __table_args__ = (Index("ix_federation_hold_province_resource_state", "province", "resource", "state"),)


class HoldItem(Base):
    """One record of a hold. `step` is waiting, applied, returned (seen again) or undone."""

    __tablename__ = "federation_hold_item"

    hold_id: Mapped[int] = mapped_column(ForeignKey("federation_hold.id"), primary_key=True)
    native_key: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    step: Mapped[str] = mapped_column(default="waiting")


class File(Base):
    """A file that staff uploaded: content-addressed, kept in parts so that no transaction is long."""

    __tablename__ = "federation_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    province: Mapped[str]
    resource: Mapped[str]
    filename: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[datetime]
    state: Mapped[str]
    run_id: Mapped[int | None]
    error: Mapped[dict[str, Any] | None]

    __table_args__ = (UniqueConstraint("province", "resource", "sha256"),)


class FilePart(Base):
    """A piece of a file's content, in order."""

    __tablename__ = "federation_file_part"

    file_id: Mapped[int] = mapped_column(ForeignKey("federation_file.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Batch(Base):
    """A pushed batch and the answer that it got; the same batch gets the same answer for half a year."""

    __tablename__ = "federation_batch"

    province: Mapped[str] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(primary_key=True)
    resource: Mapped[str]
    period: Mapped[str | None]
    sha256: Mapped[str]
    received_at: Mapped[datetime]
    run_id: Mapped[int]
    answer: Mapped[dict[str, Any] | None]


class Digest(Base):
    """A province's statement of what it holds at the end of a period, and how the hub's holdings compare."""

    __tablename__ = "federation_digest"

    id: Mapped[int] = mapped_column(primary_key=True)
    province: Mapped[str]
    resource: Mapped[str]
    period: Mapped[str]
    sha256: Mapped[str]
    count: Mapped[int]
    received_at: Mapped[datetime]
    run_id: Mapped[int]
    answer: Mapped[dict[str, Any]]

    __table_args__ = (Index("ix_federation_digest_province_period", "province", "period"),)
