"""Logging of a process: one line per event on standard error, in Shanghai time."""

import logging
from datetime import datetime

from hub.core.clock import SHANGHAI


class _Lines(logging.Formatter):
    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002
        return datetime.fromtimestamp(record.created, SHANGHAI).isoformat(timespec="milliseconds")


def configure_logging(level: str) -> None:
    """Send the process's log to standard error. Safe to repeat."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # httpx logs every request's address, and addresses may carry a province's query tokens
    for name in ("httpx", "httpcore", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
