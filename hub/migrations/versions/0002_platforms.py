"""platforms' authorization server

Revision 0002, after 0001.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.core import db

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""


def upgrade() -> None:
    op.create_table(
        "identity_platform",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("auth_method", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=True),
        sa.Column("scopes", db.Json(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("revoked_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(auth_method = 'client_secret_basic') = (secret_hash IS NOT NULL)",
            name=op.f("ck_identity_platform_secret"),
        ),
        sa.CheckConstraint(
            "auth_method IN ('private_key_jwt', 'client_secret_basic')",
            name=op.f("ck_identity_platform_auth_method"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_platform")),
    )
    with op.batch_alter_table("identity_platform", schema=None) as batch_op:
        batch_op.create_index("ix_identity_platform_province", ["province"], unique=False)

    op.create_table(
        "identity_signing_key",
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("jwk", db.Json(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("signs_from", db.UtcDateTime(), nullable=False),
        sa.Column("signs_until", db.UtcDateTime(), nullable=True),
        sa.Column("published_until", db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_identity_signing_key")),
    )
    with op.batch_alter_table("identity_signing_key", schema=None) as batch_op:
        batch_op.create_index("ix_identity_signing_key_purpose", ["purpose"], unique=False)

    op.create_table(
        "identity_access_token",
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("kid", sa.String(), nullable=True),
        sa.Column("scopes", db.Json(), nullable=False),
        sa.Column("issued_at", db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=False),
        sa.Column("revoked_at", db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["identity_platform.id"],
            name=op.f("fk_identity_access_token_platform_id_identity_platform"),
        ),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_identity_access_token")),
    )
    with op.batch_alter_table("identity_access_token", schema=None) as batch_op:
        batch_op.create_index("ix_identity_access_token_expires_at", ["expires_at"], unique=False)
        batch_op.create_index(
            "ix_identity_access_token_platform_id_kid", ["platform_id", "kid"], unique=False
        )

    op.create_table(
        "identity_platform_invitation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("auth_method", sa.String(), nullable=False),
        sa.Column("scopes", db.Json(), nullable=False),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=False),
        sa.Column("used_at", db.UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", db.UtcDateTime(), nullable=True),
        sa.Column("platform_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["identity_platform.id"],
            name=op.f("fk_identity_platform_invitation_platform_id_identity_platform"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_platform_invitation")),
    )
    with op.batch_alter_table("identity_platform_invitation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_identity_platform_invitation_platform_id"), ["platform_id"], unique=False
        )
        batch_op.create_index("ix_identity_platform_invitation_province", ["province"], unique=False)

    op.create_table(
        "identity_platform_key",
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("jwk", db.Json(), nullable=False),
        sa.Column("thumbprint", sa.String(), nullable=False),
        sa.Column("created_at", db.UtcDateTime(), nullable=False),
        sa.Column("last_used_at", db.UtcDateTime(), nullable=True),
        sa.Column("retired_at", db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "algorithm IN ('ES256', 'EdDSA')", name=op.f("ck_identity_platform_key_algorithm")
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["identity_platform.id"],
            name=op.f("fk_identity_platform_key_platform_id_identity_platform"),
        ),
        sa.PrimaryKeyConstraint("platform_id", "kid", name=op.f("pk_identity_platform_key")),
    )
    op.create_table(
        "identity_spent_assertion",
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("jti_hash", sa.String(), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["identity_platform.id"],
            name=op.f("fk_identity_spent_assertion_platform_id_identity_platform"),
        ),
        sa.PrimaryKeyConstraint("platform_id", "jti_hash", name=op.f("pk_identity_spent_assertion")),
    )
    with op.batch_alter_table("identity_spent_assertion", schema=None) as batch_op:
        batch_op.create_index("ix_identity_spent_assertion_expires_at", ["expires_at"], unique=False)
