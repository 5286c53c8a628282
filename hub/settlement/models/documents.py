"""Documents that were issued: immutable, numbered without gaps within their series, each naming the one before by its hash."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base
from hub.settlement.models.journal import guard_append_only


class Document(Base):
    """One issued document. `id` is `<series>/<number>`; `sha256` is that of `body` in the canonical form of RFC 8785.

    `kind` names the document of the specification; `series` is what is counted through (`statement:310000-330000`).
    `body` holds its own number and the hash of the document before it.
    """

    __tablename__ = "settlement_document"
    __table_args__ = (UniqueConstraint("series", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    series: Mapped[str]
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(unique=True)
    previous_sha256: Mapped[str | None]
    body: Mapped[dict[str, Any]]
    issued_at: Mapped[datetime]


class Series(Base):
    """Where a series stands: its row is the lock of whoever issues the next document."""

    __tablename__ = "settlement_series"

    name: Mapped[str] = mapped_column(primary_key=True)
    issued: Mapped[int] = mapped_column(default=0)


event.listen(Document.__table__, "after_create", guard_append_only)
