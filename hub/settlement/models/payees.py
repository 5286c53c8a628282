"""To which bank account an institution is paid: entered by its manager, in force once a second person has approved it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.db import Base


class PayeeRow(Base):
    """One version of an institution's bank details. A change is another version; what was in force is kept.

    `state`: proposed → approved or refused; replaced when a later version took its place. Of an institution at most one is
    proposed and at most one approved. `account_number` are digits; the audit holds its last four only.
    """

    __tablename__ = "settlement_payee"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'approved', 'refused', 'replaced')", name="state"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("state <> 'approved' OR decided_by <> entered_by", name="second_person"),
        Index(
            "uq_settlement_payee_open",
            "institution_id",
            "state",
            unique=True,
            sqlite_where=text("state IN ('proposed', 'approved')"),
            postgresql_where=text("state IN ('proposed', 'approved')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[str]
    account_name: Mapped[str]
    bank_name: Mapped[str]
    account_number: Mapped[str]
    state: Mapped[str]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
