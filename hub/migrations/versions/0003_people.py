"""people, enterprises, grants

Revision 0003, after 0002.
"""

from base64 import b32encode
from collections.abc import Sequence
from secrets import token_bytes

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ("identity_session",)
"""Tables whose number of rows this revision means to change."""


_ACCOUNT = (
    "id",
    "username",
    "display_name",
    "role",
    "province",
    "is_active",
    "is_demo",
    "created_at",
    "person_id",
)


def upgrade() -> None:
    # Sessions of the earlier kind cannot be carried over: everybody signs in again.
    op.drop_table("identity_session")
    _make_tables()
    _give_accounts_people()


def _give_accounts_people() -> None:
    """Every account becomes a person with one grant: what the account said about role and province."""
    with op.batch_alter_table("identity_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.String(), nullable=True))
    account = sa.table("identity_account", *map(sa.column, _ACCOUNT))
    connection = op.get_bind()
    for row in connection.execute(sa.select(account)).mappings().all():
        person_id = f"p-{b32encode(token_bytes(16)).decode().rstrip('=').lower()}"
        made = {"display_name": row["display_name"], "is_active": row["is_active"], "is_demo": row["is_demo"]}
        made |= {"id": person_id, "name": f"account:{row['username']}", "created_at": row["created_at"]}
        connection.execute(sa.insert(sa.table("identity_person", *map(sa.column, made))).values(made))
        area = row["province"][:2] if row["province"] else None
        grant = {"person_id": person_id, "role": row["role"], "province": row["province"], "area": area}
        grant["terms"] = "|".join((row["role"], "", row["province"] or "", area or ""))
        grant |= {"granted_by": "system:migration", "granted_at": row["created_at"]}
        connection.execute(sa.insert(sa.table("identity_grant", *map(sa.column, grant))).values(grant))
        connection.execute(sa.update(account).where(account.c.id == row["id"]).values(person_id=person_id))
    with op.batch_alter_table("identity_account", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_identity_account_province"), type_="check")
        batch_op.drop_constraint(op.f("ck_identity_account_role"), type_="check")
        for name in ("display_name", "role", "province", "is_active", "is_demo"):
            batch_op.drop_column(name)
        batch_op.alter_column("person_id", existing_type=sa.String(), nullable=False)
        batch_op.create_foreign_key(
            op.f("fk_identity_account_person_id_identity_person"), "identity_person", ["person_id"], ["id"]
        )
        batch_op.create_index(op.f("ix_identity_account_person_id"), ["person_id"], unique=False)


def _make_tables() -> None:
    op.create_table(
        "core_audit_counted",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("minute", db.UtcDateTime(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("actor", "action", "route", "minute", name=op.f("pk_core_audit_counted")),
    )
    op.create_table(
        "core_audit_private",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("detail", db.Json(), nullable=True),
        sa.Column("erase_at", db.UtcDateTime(), nullable=False),
        sa.Column("erased_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (detail IS NOT NULL)", name=op.f("ck_core_audit_private_detail")
        ),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (salt IS NOT NULL)", name=op.f("ck_core_audit_private_salt")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_core_audit_private")),
    )
    op.create_index("ix_core_audit_private_about", "core_audit_private", ["about"], unique=False)
    op.create_index("ix_core_audit_private_erase_at", "core_audit_private", ["erase_at"], unique=False)
    op.create_table(
        "identity_audit_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("jws", sa.String(), nullable=False),
        sa.Column("signed_at", db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_identity_audit_head")),
    )
    op.create_table(
        "identity_party",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("credit_code", sa.String(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('enterprise', 'institution', 'operator')", name=op.f("ck_identity_party_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_party")),
    )
    op.create_index("ix_identity_party_credit_code", "identity_party", ["credit_code"], unique=False)
    op.create_index(
        "uq_identity_party_enterprise",
        "identity_party",
        ["credit_code"],
        unique=True,
        sqlite_where=sa.text("kind = 'enterprise'"),
        postgresql_where=sa.text("kind = 'enterprise'"),
    )
    op.create_table(
        "identity_person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("erased_at", db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_person")),
        sa.UniqueConstraint("name", name=op.f("uq_identity_person_name")),
    )
    op.create_table(
        "identity_audit_head_delivery",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("delivered_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["day"],
            ["identity_audit_head.day"],
            name=op.f("fk_identity_audit_head_delivery_day_identity_audit_head"),
        ),
        sa.PrimaryKeyConstraint("day", "province", name=op.f("pk_identity_audit_head_delivery")),
    )
    op.create_index(
        "ix_identity_audit_head_delivery_province",
        "identity_audit_head_delivery",
        ["province", "day"],
        unique=False,
    )
    op.create_table(
        "identity_case",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("credit_code", sa.String(), nullable=False),
        sa.Column("enterprise_name", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("from_area", sa.String(), nullable=True),
        sa.Column("to_area", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("reasons", db.Json(), nullable=False),
        sa.Column("opened_at", db.UtcDateTime(), nullable=False),
        sa.Column("times_seen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("given_up_by", sa.String(), nullable=True),
        sa.Column("given_up_at", db.UtcDateTime(), nullable=True),
        sa.Column("taken_over_by", sa.String(), nullable=True),
        sa.Column("taken_over_at", db.UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", db.UtcDateTime(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('verification', 'move', 'foreign_claim')", name=op.f("ck_identity_case_kind")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'confirmed', 'refused', 'withdrawn')", name=op.f("ck_identity_case_state")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["identity_party.id"],
            name=op.f("fk_identity_case_enterprise_id_identity_party"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["identity_person.id"], name=op.f("fk_identity_case_person_id_identity_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_case")),
    )
    op.create_index("ix_identity_case_enterprise_id", "identity_case", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_identity_case_person_id"), "identity_case", ["person_id"], unique=False)
    op.create_index("ix_identity_case_state_from_area", "identity_case", ["state", "from_area"], unique=False)
    op.create_index("ix_identity_case_state_to_area", "identity_case", ["state", "to_area"], unique=False)
    op.create_index(
        "uq_identity_case_open",
        "identity_case",
        ["subject"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "identity_grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=True),
        sa.Column("province", sa.String(), nullable=True),
        sa.Column("area", sa.String(), nullable=True),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("granted_at", db.UtcDateTime(), nullable=False),
        sa.Column("used_at", db.UtcDateTime(), nullable=True),
        sa.Column("ended_at", db.UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["party_id"], ["identity_party.id"], name=op.f("fk_identity_grant_party_id_identity_party")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["identity_person.id"], name=op.f("fk_identity_grant_person_id_identity_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_grant")),
    )
    op.create_index("ix_identity_grant_party_id", "identity_grant", ["party_id"], unique=False)
    op.create_index("ix_identity_grant_person_id", "identity_grant", ["person_id"], unique=False)
    op.create_index(
        "uq_identity_grant_active",
        "identity_grant",
        ["person_id", "terms"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "identity_home",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("verified_by", sa.String(), nullable=False),
        sa.Column("verified_at", db.UtcDateTime(), nullable=False),
        sa.Column("recheck_on", sa.Date(), nullable=False),
        sa.Column("since", db.UtcDateTime(), nullable=False),
        sa.Column("until", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "basis IN ('provider_claim', 'register_document', 'bureau_staff')",
            name=op.f("ck_identity_home_basis"),
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["identity_party.id"],
            name=op.f("fk_identity_home_enterprise_id_identity_party"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_home")),
    )
    op.create_index(op.f("ix_identity_home_enterprise_id"), "identity_home", ["enterprise_id"], unique=False)
    op.create_index("ix_identity_home_recheck_on", "identity_home", ["recheck_on"], unique=False)
    op.create_index(
        "uq_identity_home_present",
        "identity_home",
        ["enterprise_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "identity_invitation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=True),
        sa.Column("province", sa.String(), nullable=True),
        sa.Column("area", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("invited_at", db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=False),
        sa.Column("used_at", db.UtcDateTime(), nullable=True),
        sa.Column("used_by", sa.String(), nullable=True),
        sa.Column("withdrawn_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["party_id"], ["identity_party.id"], name=op.f("fk_identity_invitation_party_id_identity_party")
        ),
        sa.ForeignKeyConstraint(
            ["used_by"], ["identity_person.id"], name=op.f("fk_identity_invitation_used_by_identity_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_identity_invitation_token_hash")),
    )
    op.create_index("ix_identity_invitation_party_id", "identity_invitation", ["party_id"], unique=False)
    op.create_index(op.f("ix_identity_invitation_used_by"), "identity_invitation", ["used_by"], unique=False)
    op.create_table(
        "identity_provider_login",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("linked_at", db.UtcDateTime(), nullable=False),
        sa.Column("used_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["identity_person.id"],
            name=op.f("fk_identity_provider_login_person_id_identity_person"),
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identity_provider_login")),
    )
    op.create_index(
        op.f("ix_identity_provider_login_person_id"), "identity_provider_login", ["person_id"], unique=False
    )
    op.create_table(
        "identity_recovery_code",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("used_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["identity_person.id"],
            name=op.f("fk_identity_recovery_code_person_id_identity_person"),
        ),
        sa.PrimaryKeyConstraint("person_id", "code_hash", name=op.f("pk_identity_recovery_code")),
    )
    op.create_table(
        "identity_second_factor",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("sealing_key", sa.String(), nullable=False),
        sa.Column("sealed_secret", sa.String(), nullable=False),
        sa.Column("confirmed_at", db.UtcDateTime(), nullable=True),
        sa.Column("last_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["identity_person.id"],
            name=op.f("fk_identity_second_factor_person_id_identity_person"),
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_identity_second_factor")),
    )
    op.create_table(
        "identity_sign_in_attempt",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("state_hash", sa.String(), nullable=True),
        sa.Column("nonce", sa.String(), nullable=True),
        sa.Column("verifier", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=False),
        sa.Column("used_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(purpose = 'second_factor') = (person_id IS NOT NULL)",
            name=op.f("ck_identity_sign_in_attempt_person"),
        ),
        sa.CheckConstraint(
            "purpose IN ('provider', 'second_factor')", name=op.f("ck_identity_sign_in_attempt_purpose")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["identity_person.id"],
            name=op.f("fk_identity_sign_in_attempt_person_id_identity_person"),
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_identity_sign_in_attempt")),
    )
    op.create_index(
        "ix_identity_sign_in_attempt_expires_at", "identity_sign_in_attempt", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_identity_sign_in_attempt_person_id"), "identity_sign_in_attempt", ["person_id"], unique=False
    )
    op.create_table(
        "identity_station",
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("operator_id", sa.String(), nullable=False),
        sa.Column("since", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"],
            ["identity_party.id"],
            name=op.f("fk_identity_station_operator_id_identity_party"),
        ),
        sa.PrimaryKeyConstraint("province", name=op.f("pk_identity_station")),
    )
    op.create_index(
        op.f("ix_identity_station_operator_id"), "identity_station", ["operator_id"], unique=False
    )
    op.create_table(
        "identity_case_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("handed_in_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["identity_case.id"], name=op.f("fk_identity_case_document_case_id_identity_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_case_document")),
    )
    op.create_index(
        op.f("ix_identity_case_document_case_id"), "identity_case_document", ["case_id"], unique=False
    )
    op.create_table(
        "identity_session",
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("grant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=True),
        sa.Column("offered_hash", sa.String(), nullable=True),
        sa.Column("offer_box", sa.String(), nullable=True),
        sa.Column("rotated_at", db.UtcDateTime(), nullable=False),
        sa.Column("second_factor_at", db.UtcDateTime(), nullable=True),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=False),
        sa.Column("ended_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["identity_grant.id"], name=op.f("fk_identity_session_grant_id_identity_grant")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["identity_person.id"], name=op.f("fk_identity_session_person_id_identity_person")
        ),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_identity_session")),
    )
    op.create_index("ix_identity_session_expires_at", "identity_session", ["expires_at"], unique=False)
    op.create_index(op.f("ix_identity_session_grant_id"), "identity_session", ["grant_id"], unique=False)
    op.create_index(op.f("ix_identity_session_person_id"), "identity_session", ["person_id"], unique=False)
