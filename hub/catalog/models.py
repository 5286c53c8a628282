"""Tables of the catalogue. Columns come first and documents last: a count reads no document."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class Instrument(Base):
    """One instrument: the facts of its main record and of its survey row, and the document merged from them.

    A survey row that came first waits here with `is_listed` false and no document. What is withdrawn
    keeps its facts, so that it can be brought back. Money in fen, hours per year.
    """

    __tablename__ = "catalog_instrument"

    id: Mapped[str] = mapped_column(primary_key=True)
    province: Mapped[str]
    is_listed: Mapped[bool]
    native_key: Mapped[str]
    institution_id: Mapped[str | None]
    name_zh: Mapped[str | None]
    class_code: Mapped[str | None]
    city: Mapped[str | None]
    origin_country: Mapped[str | None]
    original_value_fen: Mapped[int | None]
    value_band: Mapped[str | None]
    funding_source: Mapped[str | None]
    sharing_mode: Mapped[str | None]
    effective_hours: Mapped[float | None]
    external_hours: Mapped[float | None]
    commissioned_on: Mapped[date | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    content_hash: Mapped[str | None]
    items_hash: Mapped[str | None]
    survey_withdrawn_at: Mapped[datetime | None]
    document: Mapped[dict[str, Any] | None]
    survey: Mapped[dict[str, Any] | None]
    main: Mapped[dict[str, Any] | None]

    __table_args__ = (
        Index("ix_catalog_instrument_listing", "is_listed", "province", "id"),
        Index("ix_catalog_instrument_institution_id", "institution_id", "id"),
    )


class Institution(Base):
    """One institution and its document."""

    __tablename__ = "catalog_institution"

    id: Mapped[str] = mapped_column(primary_key=True)
    province: Mapped[str]
    is_listed: Mapped[bool]
    native_key: Mapped[str]
    name_zh: Mapped[str]
    kind: Mapped[str | None]
    credit_code: Mapped[str | None]
    city: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    content_hash: Mapped[str]
    document: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("ix_catalog_institution_listing", "is_listed", "province", "id"),
        Index("ix_catalog_institution_credit_code", "credit_code"),
    )


class ServiceItem(Base):
    """One priced service of a listed instrument (检测服务项目). Fee in fen per charging unit."""

    __tablename__ = "catalog_service_item"

    id: Mapped[str] = mapped_column(primary_key=True)
    instrument_id: Mapped[str]
    institution_id: Mapped[str | None]
    province: Mapped[str]
    name: Mapped[str | None]
    charging_unit: Mapped[str | None]
    fee_fen: Mapped[int | None]
    is_cma: Mapped[bool]
    is_cnas: Mapped[bool]
    document: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("ix_catalog_service_item_instrument_id", "instrument_id"),
        Index("ix_catalog_service_item_province_id", "province", "id"),
    )
