"""Samples that auditors drew: what they asked for, with which seed, and what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, event
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base
from hub.settlement.models.journal import guard_append_only


class SampleRow(Base):
    """One sample. `area` is whose reach it was drawn within (prefix of an area code, empty for the belt); `criteria`, `seed`,
    `size` and `until` are all that the drawing depends on, so that anybody draws the same again.

    `line_ids` are rated lines in the order of drawing; `population` is how many lines the criteria met.
    """

    __tablename__ = "settlement_sample"
    __table_args__ = (Index("ix_settlement_sample_area", "area"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str]
    criteria: Mapped[dict[str, Any]]
    seed: Mapped[str]
    size: Mapped[int]
    until: Mapped[datetime]
    population: Mapped[int]
    line_ids: Mapped[list[Any]]
    drawn_by: Mapped[str]
    drawn_at: Mapped[datetime]


event.listen(SampleRow.__table__, "after_create", guard_append_only)
