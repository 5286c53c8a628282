"""The own share's payment: what an order owes, every try to pay it, money that goes back, invoices, confirmed order forms."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base
from hub.settlement.models.journal import guard_append_only

_IS_UNDER_WAY = text("state IN ('stored', 'open', 'unknown', 'submitted')")


class Payment(Base):
    """What one order's enterprise pays itself, in fen. `reference` is the booking's identifier.

    `owed_fen` is the own share as it stands; it may fall and rise until the service is settled. `paid_fen` came in for it and
    `refunded_fen` of that went back; `surplus_fen` came in though nothing was owed (paid twice, another amount), and
    `returned_fen` of that went back. `state` is a state of the machine `payment` and follows from the amounts, the tries and
    the day. `due_on` None: not to be paid before the service is done. `told` is the last notice about the day.
    """

    __tablename__ = "settlement_payment"
    __table_args__ = (
        CheckConstraint(
            "state IN ('none', 'due', 'overdue', 'initiated', 'unknown', 'paid', 'partly_refunded', 'refunded')",
            name="state",
        ),
        CheckConstraint("fee_fen = voucher_fen + owed_fen", name="shares"),
        CheckConstraint("voucher_fen >= 0 AND owed_fen >= 0", name="amounts"),
        CheckConstraint("refunded_fen BETWEEN 0 AND paid_fen", name="refunded"),
        CheckConstraint("returned_fen BETWEEN 0 AND surplus_fen", name="returned"),
        Index("ix_settlement_payment_enterprise_id", "enterprise_id", "made_at"),
        Index("ix_settlement_payment_institution_id", "institution_id", "made_at"),
        Index("ix_settlement_payment_province", "province", "state"),
        Index("ix_settlement_payment_due_on", "state", "due_on"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    order_number: Mapped[str]
    enterprise_id: Mapped[str]
    institution_id: Mapped[str | None]
    operator_id: Mapped[str | None]
    province: Mapped[str]
    home_area: Mapped[str | None]
    fee_fen: Mapped[int]
    voucher_fen: Mapped[int]
    owed_fen: Mapped[int]
    paid_fen: Mapped[int] = mapped_column(default=0)
    refunded_fen: Mapped[int] = mapped_column(default=0)
    surplus_fen: Mapped[int] = mapped_column(default=0)
    returned_fen: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="none")
    revision: Mapped[int] = mapped_column(default=0)
    payment_due: Mapped[str]
    due_on: Mapped[date | None]
    told: Mapped[str | None]
    invoice_amount: Mapped[str] = mapped_column(default="own_share")
    document: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]


class Attempt(Base):
    """One try to pay, stored before anything is sent. Its identifier is the order number that the channel knows.

    `state`: stored → open → submitted (a proof of transfer waits) → paid | failed | refused | withdrawn, and unknown while
    nobody can say. Of a payment at most one is under way; money of one that was given up may still come.
    `code` is the reference that a bank transfer carries. `received_fen` is what came in, `is_surplus` that nothing was owed.
    """

    __tablename__ = "settlement_payment_attempt"
    __table_args__ = (
        CheckConstraint(
            "state IN ('stored', 'open', 'unknown', 'submitted', 'paid', 'failed', 'refused', 'withdrawn')", name="state"
        ),
        CheckConstraint("channel IN ('bank_transfer', 'online', 'counter')", name="channel"),
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("(state = 'paid') = (received_fen IS NOT NULL)", name="received"),
        UniqueConstraint("payment_id", "number"),
        Index(
            "uq_settlement_payment_attempt_under_way",
            "payment_id",
            unique=True,
            sqlite_where=_IS_UNDER_WAY,
            postgresql_where=_IS_UNDER_WAY,
        ),
        Index("ix_settlement_payment_attempt_ask_at", "ask_at"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("settlement_payment.id"))
    number: Mapped[int]
    channel: Mapped[str]
    code: Mapped[str | None] = mapped_column(unique=True)
    fen: Mapped[int]
    state: Mapped[str] = mapped_column(default="stored")
    remote_id: Mapped[str | None]
    redirect_url: Mapped[str | None]
    proof: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None]
    received_fen: Mapped[int | None]
    is_surplus: Mapped[bool] = mapped_column(default=False)
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    ask_at: Mapped[datetime | None]
    asked: Mapped[int] = mapped_column(default=0)
    settled_by: Mapped[str | None]
    settled_at: Mapped[datetime | None]


class Refund(Base):
    """Money that goes back by the way it came, stored before anything is sent.

    `state`: wanted → done, unknown while nobody can say, manual while the institution has to send it back itself.
    """

    __tablename__ = "settlement_refund"
    __table_args__ = (
        CheckConstraint("state IN ('wanted', 'unknown', 'manual', 'done')", name="state"),
        CheckConstraint("fen > 0", name="fen"),
        UniqueConstraint("payment_id", "number"),
        Index("ix_settlement_refund_try_at", "try_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("settlement_payment.id"))
    number: Mapped[int]
    attempt_id: Mapped[str] = mapped_column(ForeignKey("settlement_payment_attempt.id"))
    fen: Mapped[int]
    reason: Mapped[str]
    state: Mapped[str]
    made_at: Mapped[datetime]
    try_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]


class PaymentEvent(Base):
    """One thing that happened to a payment. Rows are added and never changed."""

    __tablename__ = "settlement_payment_event"
    __table_args__ = (UniqueConstraint("payment_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("settlement_payment.id"))
    revision: Mapped[int]
    at: Mapped[datetime]
    what: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    side: Mapped[str]
    actor: Mapped[str]
    detail: Mapped[dict[str, Any] | None]


class ChannelMessage(Base):
    """A notification of a channel that was genuine, once; `outcome` says what came of it."""

    __tablename__ = "settlement_channel_message"

    channel: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    attempt_id: Mapped[str]
    outcome: Mapped[str]
    at: Mapped[datetime]


class FormConfirmation(Base):
    """A side's word that it agrees to exactly this order form. Rows are added and never changed."""

    __tablename__ = "settlement_form_confirmation"
    __table_args__ = (CheckConstraint("side IN ('enterprise', 'provider')", name="side"),)

    document_id: Mapped[str] = mapped_column(ForeignKey("settlement_document.id"), primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    actor: Mapped[str]
    person: Mapped[str]
    at: Mapped[datetime]


class Invoice(Base):
    """An invoice of the institution to the enterprise, in fen: net + VAT = gross. `code` is empty where the number alone tells.

    `kind` blue, or red: it takes back `reverses_id`. `state` valid, void (never counted) or reversed (by a red one).
    """

    __tablename__ = "settlement_invoice"
    __table_args__ = (
        CheckConstraint("kind IN ('blue', 'red')", name="kind"),
        CheckConstraint("state IN ('valid', 'void', 'reversed')", name="state"),
        CheckConstraint("net_fen + vat_fen = gross_fen", name="sum"),
        CheckConstraint("net_fen >= 0 AND vat_fen >= 0", name="amounts"),
        CheckConstraint("(kind = 'red') = (reverses_id IS NOT NULL)", name="reverses"),
        UniqueConstraint("code", "number"),
        Index("ix_settlement_invoice_payment_id", "payment_id"),
        Index("ix_settlement_invoice_reference", "reference"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("settlement_payment.id"))
    reference: Mapped[str]
    code: Mapped[str]
    number: Mapped[str]
    kind: Mapped[str]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_invoice.id"))
    issued_on: Mapped[date]
    net_fen: Mapped[int]
    vat_fen: Mapped[int]
    gross_fen: Mapped[int]
    payer_name: Mapped[str]
    payer_credit_code: Mapped[str]
    state: Mapped[str] = mapped_column(default="valid")
    reason: Mapped[str | None]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]


for append_only in (PaymentEvent, FormConfirmation):
    event.listen(append_only.__table__, "after_create", guard_append_only)
