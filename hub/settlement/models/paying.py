"""What a posted batch makes somebody pay: payment lists and their lines, what was answered about them, and credits."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hub.core.db import Base

_IS_UNPAID = text("state IN ('due', 'carried')")
_IS_LIVE = text("state IN ('proposed', 'issued')")


class PaymentList(Base):
    """What one paying area owes under one programme, out of one batch (or of claims: no batch). Amounts in fen.

    `document_id` is the issued document; the lines of a list that was issued for a bounced line replace it.
    """

    __tablename__ = "settlement_payment_list"
    __table_args__ = (
        Index("ix_settlement_payment_list_payer", "payer_area", "period_id"),
        Index("ix_settlement_payment_list_batch_id", "batch_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    period_id: Mapped[str] = mapped_column(ForeignKey("settlement_period.id"))
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("settlement_batch.id"))
    payer_area: Mapped[str]
    programme_id: Mapped[str]
    budget_year: Mapped[int]
    total_fen: Mapped[int]
    document_id: Mapped[str]
    issued_at: Mapped[datetime]


class PaymentLine(Base):
    """One payment to one payee. `voided_fen` was taken back by credits before it was paid: `fen - voided_fen` is owed.

    `root_id` is the first line of the chain of re-issued ones (its own identifier, if it is the first): the orders that are
    paid hang on it. `carried_year` is the budget year at whose end it was unpaid.
    """

    __tablename__ = "settlement_payment_line"
    __table_args__ = (
        CheckConstraint("state IN ('due', 'paid', 'bounced', 'carried', 'voided')", name="state"),
        CheckConstraint("payee_kind IN ('institution', 'enterprise')", name="payee_kind"),
        CheckConstraint("fen > 0 AND voided_fen BETWEEN 0 AND fen", name="fen"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid"),
        Index("ix_settlement_payment_line_list_id", "list_id"),
        Index("ix_settlement_payment_line_root_id", "root_id"),
        Index("uq_settlement_payment_line_unpaid", "root_id", unique=True, sqlite_where=_IS_UNPAID, postgresql_where=_IS_UNPAID),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True)
    list_id: Mapped[str] = mapped_column(ForeignKey("settlement_payment_list.id"))
    root_id: Mapped[str]
    replaces: Mapped[str | None]
    payee_kind: Mapped[str]
    payee_id: Mapped[str]
    fen: Mapped[int]
    voided_fen: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="due")
    version: Mapped[int] = mapped_column(default=1)
    paid_on: Mapped[date | None]
    bank_reference: Mapped[str | None]
    proof_sha256: Mapped[str | None]
    paid_by: Mapped[str | None]
    paid_at: Mapped[datetime | None]
    bounce_reason: Mapped[str | None]
    bounce_text: Mapped[str | None]
    bounced_by: Mapped[str | None]
    bounced_at: Mapped[datetime | None]
    carried_year: Mapped[int | None]

    list: Mapped[PaymentList] = relationship(viewonly=True)


class PaymentItem(Base):
    """One voucher share, or one claim, inside a payment line. It is redeemed by one payment line, once, or voided by a credit.

    `source` is unique: `line:<id>` of a rated line or `claim:<id>`.
    """

    __tablename__ = "settlement_payment_item"
    __table_args__ = (
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("redeemed_by IS NULL OR voided_at IS NULL", name="once"),
        Index("ix_settlement_payment_item_root_id", "root_id"),
    )

    source: Mapped[str] = mapped_column(primary_key=True)
    root_id: Mapped[str]
    order_number: Mapped[str]
    reference: Mapped[str]
    enterprise_id: Mapped[str]
    institution_id: Mapped[str | None]
    fen: Mapped[int]
    redeemed_by: Mapped[str | None]
    voided_at: Mapped[datetime | None]


class Redemption(Base):
    """One answer of a paying side about a payment line, as it came, and what was done with it. Never applied twice.

    `payer_area` is whose list it is about; the province itself, if the line is none of its own.

    `verdict` is of the list `redemption_verdict`, `code` says why it was not applied. One that contradicts what is known
    stays `is_open` until a person has said what was done.
    """

    __tablename__ = "settlement_redemption"
    __table_args__ = (
        CheckConstraint(
            "verdict IN ('applied', 'repeated', 'contradictory', 'refused')",
            name="verdict",
        ),
        Index("ix_settlement_redemption_message", "province", "message_id"),
        Index("ix_settlement_redemption_open", "is_open", "payer_area"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    province: Mapped[str]
    payer_area: Mapped[str]
    message_id: Mapped[str]
    line_id: Mapped[str]
    sha256: Mapped[str]
    verdict: Mapped[str]
    code: Mapped[str | None]
    document: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    is_open: Mapped[bool]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    resolution: Mapped[str | None]


class Credit(Base):
    """A correction after posting: proposed by the visited side, issued by a second person on the home side.

    `payback_fen` is what the payee was already paid and owes back; `paid_back_at` is when its coming was recorded, with the
    day, the bank's reference and the paper that prove it.
    """

    __tablename__ = "settlement_credit"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'issued', 'refused')", name="state"),
        CheckConstraint("checker IS NULL OR maker <> checker", name="two_people"),
        Index("uq_settlement_credit_live", "line_id", unique=True, sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE),
        Index("ix_settlement_credit_batch_id", "batch_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("settlement_line.id"))
    batch_id: Mapped[str] = mapped_column(ForeignKey("settlement_batch.id"))
    reason: Mapped[str]
    text: Mapped[str]
    state: Mapped[str] = mapped_column(default="proposed")
    maker: Mapped[str]
    proposed_at: Mapped[datetime]
    checker: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    document_id: Mapped[str | None]
    payback_fen: Mapped[int] = mapped_column(default=0)
    payback_reference: Mapped[str | None]
    payback_on: Mapped[date | None]
    payback_sha256: Mapped[str | None]
    paid_back_by: Mapped[str | None]
    paid_back_at: Mapped[datetime | None]


class Netting(Base):
    """Whether an authority agrees that what it and another owe each other may be netted. Each says so for itself."""

    __tablename__ = "settlement_netting"
    __table_args__ = (CheckConstraint("area <> other", name="sides"),)

    area: Mapped[str] = mapped_column(primary_key=True)
    other: Mapped[str] = mapped_column(primary_key=True)
    is_on: Mapped[bool]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
