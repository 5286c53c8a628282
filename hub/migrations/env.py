"""Alembic's environment: runs on the connection that `hub.migrations` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from hub import models
from hub.core import db

_OWN_TYPES = (db.UtcDateTime, db.Json)


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    return f"db.{type(item).__name__}()" if kind == "type" and isinstance(item, _OWN_TYPES) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.METADATA,
    render_as_batch=True,
    render_item=_render,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
