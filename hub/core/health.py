"""/healthz, /readyz and /metrics: is the process alive, may it get traffic, and what does it measure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response
from sqlalchemy import text

from hub.core import outbox, sequencer
from hub.core.runtime import Runtime
from hub.core.web import json_answer, loopback_or_token, public, runtime_of

Check = Callable[[], str | None]
"""None when all is well, else one English sentence that says what is not."""


@dataclass
class Checks:
    """What must hold before a process gets traffic; `hub.app` adds what it knows.

    A vital check that fails takes the process out of traffic; another one only shows that something is degraded.
    """

    vital: dict[str, Check] = field(default_factory=dict)
    other: dict[str, Check] = field(default_factory=dict)

    def add(self, name: str, check: Check, *, is_vital: bool = True) -> None:
        """Ask `check` on every /readyz."""
        (self.vital if is_vital else self.other)[name] = check


def failures(checks: Mapping[str, Check]) -> dict[str, str]:
    """The checks that fail, with their reason; an exception is a failure."""
    found: dict[str, str] = {}
    for name, check in checks.items():
        try:
            reason = check()
        except Exception as fault:  # whatever goes wrong in a check is what it reports
            reason = type(fault).__name__
        if reason is not None:
            found[name] = reason
    return found


router = APIRouter(tags=["operation"])


@router.get("/healthz", dependencies=[public])
async def healthz() -> Response:
    """The process answers."""
    return json_answer({"status": "ok"}, headers={"Cache-Control": "no-store"})


@router.get("/readyz", dependencies=[public])
def readyz(request: Request) -> Response:
    """The process may get traffic: 200, else 503 with what is missing."""
    checks: Checks = request.app.state.checks
    unready, degraded = failures(checks.vital), failures(checks.other)
    status = "unready" if unready else "degraded" if degraded else "ready"
    told = {"status": status, "failures": {**unready, **degraded}}
    return json_answer(told, 503 if unready else 200, headers={"Cache-Control": "no-store"})


@router.get("/metrics", dependencies=[loopback_or_token])
def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    content = runtime_of(request).metrics.exposition()
    return Response(content, media_type="text/plain; version=0.0.4; charset=utf-8")


def database_check(runtime: Runtime) -> Check:
    """The database answers a read."""

    def check() -> str | None:
        with runtime.database.read() as session:
            session.execute(text("SELECT 1"))
        return None

    return check


def sequencer_check(runtime: Runtime) -> Check:
    """The ordered logs are being numbered."""

    def check() -> str | None:
        with runtime.database.read() as session:
            late = sequencer.overdue(session, runtime.clock())
        return f"{late} rows wait for their number; is the control worker running?" if late else None

    return check


def add_core_readings(runtime: Runtime) -> None:
    """Gauges of the plumbing itself, read from the database when /metrics is asked."""

    def overdue() -> float:
        with runtime.database.read() as session:
            return float(sequencer.overdue(session, runtime.clock()))

    def waiting() -> dict[str, float]:
        with runtime.database.read() as session:
            held = outbox.backlog(session, runtime.clock())
        return {"open": held.open, "failed": held.failed, "oldest_due_seconds": held.oldest_due_seconds}

    runtime.metrics.add_reading(
        "hub_sequencer_overdue_rows", "Visible log rows without a number for more than 5 s (a fault)", overdue
    )
    runtime.metrics.add_reading(
        "hub_outbox", "Outbox rows by state, and the age of the oldest", waiting, label="what"
    )
