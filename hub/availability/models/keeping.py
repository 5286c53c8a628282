"""What institutions, stations and platforms keep: booking rules, tariffs, closures, trainings. Versions stay."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Version(Base):
    """One version of what is kept for an instrument; the newest whose `valid_from` has come is in force.

    Followers are told when that happens: `announced_at`.
    """

    __abstract__ = True

    instrument_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str]
    valid_from: Mapped[datetime]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    announced_at: Mapped[datetime | None]
    document: Mapped[dict[str, Any]]


class RulesRow(Version):
    """One version of an instrument's booking rules."""

    __tablename__ = "availability_rules"


class TariffRow(Version):
    """One version of an instrument's tariff."""

    __tablename__ = "availability_tariff"


class ClosureRow(Base):
    """A closure of one instrument, or of all instruments of an institution: `subject` is either identifier.

    Once, or every `repeat_weeks` weeks up to `repeat_until`. What is taken back keeps its row.
    """

    __tablename__ = "availability_closure"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_availability_closure_subject", "subject", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    repeat_weeks: Mapped[int] = mapped_column(default=0)
    repeat_until: Mapped[date | None]
    reason: Mapped[str]
    note: Mapped[str | None]
    source: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None]


class TrainingRow(Base):
    """A training that an institution certifies: to an enterprise or a person (`holder`), for its code, until a day."""

    __tablename__ = "availability_training"

    institution_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(primary_key=True)
    valid_until: Mapped[date | None]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
