"""What is due and was not acted on round after round, counted for whoever watches the hub."""

from hub.bookings.service import timers, usages
from hub.core.runtime import Runtime
from hub.settlement.service.payments import reminding
from hub.settlement.service.redeeming import rounds


def add_readings(runtime: Runtime) -> None:
    """A gauge of each list of deadlines, read from the database when /metrics is asked."""

    def undone() -> dict[str, float]:
        now = runtime.clock()
        with runtime.database.read() as session:
            found = {
                "bookings": timers.late(session, now),
                "usage": usages.late(session, now),
                "redeeming": rounds.late(session, now),
                **reminding.late(session, now),
            }
        return {name: float(count) for name, count in found.items()}

    runtime.metrics.add_reading(
        "hub_undone_deadlines",
        "What was due ten minutes ago or more and is still not done (a fault, or the control worker stands)",
        undone,
        label="list",
    )
