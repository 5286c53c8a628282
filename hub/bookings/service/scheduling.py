"""What happens by the clock: order feeds that are due, deadlines that are over, times that became free."""

from collections.abc import Callable

from hub.bookings.service import feeding, timers, usages, waiting
from hub.core import loops, outbox
from hub.core.runtime import Runtime

FEED_TASK = "bookings.read_feed"


def schedule_feeds(runtime: Runtime) -> list[str]:
    """Want every due feed read, on the queue of forwards; their provinces. Running twice is harmless."""
    due = feeding.due_feeds(runtime)
    if not due:
        return []
    now = runtime.clock()
    with runtime.database.write() as session:
        for province in due:
            outbox.enqueue(
                session,
                FEED_TASK,
                {"province": province},
                queue=outbox.FORWARD,
                key=f"feed:{province}:{now:%Y%m%dT%H%M}",
                now=now,
            )
    return due


def run_clock(runtime: Runtime) -> None:
    """One round of everything that the clock brings, to the end of each list."""
    now = runtime.clock()
    steps: tuple[Callable[..., int], ...] = (timers.run_due, usages.run_due, waiting.offer_free)
    loops.act_on_each(steps, lambda step: step(runtime.database, now=now))
