"""Redeeming: ties between parties, what was told of an order, checks kept with it, papers, and claims on paid orders."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base
from hub.settlement.models.journal import guard_append_only

_IS_LIVE = text("is_live")


class Tie(Base):
    """Two parties that are registered as related, by credit code (`one` before `other` in the alphabet). Kept, only ended.

    `kind` is a code of `relation_kind`; `source` says who told it (`document`: the paper it stands on).
    """

    __tablename__ = "settlement_tie"
    __table_args__ = (
        CheckConstraint("one < other", name="ordered"),
        CheckConstraint("kind IN ('shareholding', 'affiliation')", name="kind"),
        UniqueConstraint("one", "other", "kind", "valid_from"),
        Index("ix_settlement_tie_other", "other"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    one: Mapped[str]
    other: Mapped[str]
    kind: Mapped[str]
    source: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class Told(Base):
    """What settlement was told of an order by those above it: one row for each thing, the newest word.

    `name`: booked, completed, dispute, report, rating, money, and when it was looked at last (looked). `state` is that thing's state in the words of its owner.
    """

    __tablename__ = "settlement_told"

    reference: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    evidence: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class Check(Base):
    """One examination of an order: every rule with its verdict, as it stood then. Never changed; the newest is shown.

    `verdict`: seamless (redeemable without papers), papers (with all papers agreed), own (no voucher, own share settled),
    waiting. `findings` is `{rules: […]}`, each of `rules.redeeming.Finding`.
    """

    __tablename__ = "settlement_check"
    __table_args__ = (CheckConstraint("verdict IN ('seamless', 'papers', 'own', 'waiting')", name="verdict"),)

    reference: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    verdict: Mapped[str]
    findings: Mapped[dict[str, Any]]
    checked_at: Mapped[datetime]


class Paper(Base):
    """A paper handed in for an order, for its two sides and whoever pays only. `size` in bytes.

    `state`: waiting, agreed, refused (with a reason), replaced by a later one of its kind. `content` is null once it was
    forgotten by its retention; the hash stays.
    """

    __tablename__ = "settlement_paper"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'agreed', 'refused', 'replaced')", name="state"),
        CheckConstraint("side IN ('enterprise', 'institution')", name="side"),
        Index("ix_settlement_paper_reference", "reference"),
        Index("ix_settlement_paper_state", "state", "payer_area"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str]
    payer_area: Mapped[str]
    kind: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(default="waiting")
    side: Mapped[str]
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]


class Claim(Base):
    """A rebate or owner subsidy that was applied for, on orders that were paid. Amounts in fen.

    `year` is that of the cap and of the budget, `payer_area` pays. `base_fen` is what counts, `fen` what is paid;
    `document` keeps the orders with their decisions and the steps. `state` is a code of `claim_state`.
    """

    __tablename__ = "settlement_claim"
    __table_args__ = (
        CheckConstraint("kind IN ('rebate', 'owner_subsidy')", name="kind"),
        CheckConstraint("payee_kind IN ('enterprise', 'institution')", name="payee_kind"),
        CheckConstraint(
            "state IN ('applied', 'checked', 'approved', 'listed', 'paid', 'refused', 'withdrawn')",
            name="state",
        ),
        CheckConstraint("fen >= 0 AND fen <= base_fen", name="fen"),
        CheckConstraint("second_by IS NULL OR second_by <> first_by", name="two_people"),
        UniqueConstraint("payee_id", "key"),
        Index("ix_settlement_claim_payer", "payer_area", "programme_id", "state"),
        Index("ix_settlement_claim_payee", "payee_id", "programme_id", "year"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    programme_id: Mapped[str]
    version: Mapped[int]
    kind: Mapped[str]
    payer_area: Mapped[str]
    year: Mapped[int]
    payee_kind: Mapped[str]
    payee_id: Mapped[str]
    base_fen: Mapped[int]
    fen: Mapped[int]
    state: Mapped[str] = mapped_column(default="applied")
    document: Mapped[dict[str, Any]]
    applied_by: Mapped[str]
    applied_at: Mapped[datetime]
    first_by: Mapped[str | None]
    first_at: Mapped[datetime | None]
    second_by: Mapped[str | None]
    second_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    listed_as: Mapped[str | None]
    paid_as: Mapped[str | None]
    paid_at: Mapped[datetime | None]


class ClaimLine(Base):
    """A rated line in a claim; of one programme a line is in at most one live claim."""

    __tablename__ = "settlement_claim_line"
    __table_args__ = (
        Index(
            "uq_settlement_claim_line_live",
            "programme_id",
            "line_id",
            unique=True,
            sqlite_where=_IS_LIVE,
            postgresql_where=_IS_LIVE,
        ),
    )

    claim_id: Mapped[str] = mapped_column(ForeignKey("settlement_claim.id"), primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("settlement_line.id"), primary_key=True)
    programme_id: Mapped[str]
    instrument_id: Mapped[str | None]
    fen: Mapped[int]
    is_live: Mapped[bool] = mapped_column(default=True)


event.listen(Check.__table__, "after_create", guard_append_only)
