"""core: the chained log refuses every change but its numbering

Revision 0017, after 0016.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANGES_ROWS: tuple[str, ...] = ()
"""Tables whose number of rows this revision means to change."""

REFUSED = {
    "rewrite": ("UPDATE OF id, topic, subject, payload, announced_at", ""),
    "renumber": ("UPDATE", "WHEN (OLD.number IS NOT NULL)"),
    "delete": ("DELETE", ""),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, (verb, when) in REFUSED.items():
            op.execute(
                f"CREATE TRIGGER core_change_no_{name} BEFORE {verb} ON core_change FOR EACH ROW {when} "
                "BEGIN SELECT RAISE(ABORT, 'core_change is append-only'); END"
            )
        return
    op.execute("DROP TRIGGER core_change_no_truncate ON core_change")
    op.execute("DROP FUNCTION core_refuse_truncate()")
    op.execute(
        "CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RAISE EXCEPTION ''this table is append-only'' USING ERRCODE = ''restrict_violation''; END'"
    )
    for name, (verb, when) in REFUSED.items():
        op.execute(
            f"CREATE TRIGGER core_change_no_{name} BEFORE {verb} ON core_change FOR EACH ROW {when} "
            "EXECUTE FUNCTION core_refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER core_change_no_truncate BEFORE TRUNCATE ON core_change "
        "FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change()"
    )
