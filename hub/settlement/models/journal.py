"""The journal: accounts with their stored balances, postings, and the entries that make a posting up.

Postings and entries are append-only, and the database itself says so: triggers refuse UPDATE, DELETE and TRUNCATE whoever
asks. Only the tables' owner can remove a trigger; the services should not be it (docs/settlement.md), and whoever does is
found by `hub.settlement.ledger.verify`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Connection, ForeignKey, Index, Table, event
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Account(Base):
    """One account. `id` is `<kind>:<owner>`; `balance_fen` is what went in minus what went out, in fen.

    The kinds that are promises to somebody (pool, voucher, held, captured) are never below zero; the others are two sides
    of one debt and may be.
    """

    __tablename__ = "settlement_account"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('authority', 'pool', 'voucher', 'held', 'captured', 'payable', 'receivable', 'clearing', 'bank')",
            name="kind",
        ),
        CheckConstraint(
            "balance_fen >= 0 OR kind IN ('authority', 'payable', 'receivable', 'clearing', 'bank')",
            name="balance",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    owner: Mapped[str]
    balance_fen: Mapped[int] = mapped_column(default=0)


class Posting(Base):
    """One thing that happened, under a reference that is used once."""

    __tablename__ = "settlement_posting"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    posted_at: Mapped[datetime]


class Entry(Base):
    """Money that left one account and went into another: both sides in one row, so that entries always sum to zero."""

    __tablename__ = "settlement_entry"
    __table_args__ = (
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("source_id <> target_id", name="sides"),
        Index("ix_settlement_entry_source_id", "source_id"),
        Index("ix_settlement_entry_target_id", "target_id"),
    )

    posting_id: Mapped[int] = mapped_column(ForeignKey("settlement_posting.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source_id: Mapped[str] = mapped_column(ForeignKey("settlement_account.id"))
    target_id: Mapped[str] = mapped_column(ForeignKey("settlement_account.id"))
    fen: Mapped[int]


_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION settlement_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN RAISE EXCEPTION ''this table is append-only'' USING ERRCODE = ''restrict_violation''; END'
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION settlement_refuse_change()
"""
_POSTGRESQL_TRUNCATE = """
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_change()
"""


def guard_append_only(table: Table, connection: Connection, **_: Any) -> None:
    """Make the table append-only, as the migrations do. SQLite has no TRUNCATE: there it is a DELETE."""
    if connection.dialect.name == "sqlite":
        statements = [_SQLITE.format(table=table.name, verb=verb) for verb in ("update", "delete")]
    else:
        each = (_POSTGRESQL, _POSTGRESQL_TRUNCATE)
        statements = [_POSTGRESQL_FUNCTION, *(statement.format(table=table.name) for statement in each)]
    for statement in statements:
        connection.exec_driver_sql(statement)


for append_only in (Posting, Entry):
    event.listen(append_only.__table__, "after_create", guard_append_only)
