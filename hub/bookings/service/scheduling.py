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


def run_clock(runtime: Runtime) -> bool:
    """One round of everything that the clock brings; whether there is more to do at once."""
    now = runtime.clock()
    more: list[bool] = []

    def act(step: Callable[..., int], most: int | None) -> None:
        more.append(step(runtime.database, now=now) == most)

    steps = ((timers.run_due, timers.BATCH), (usages.run_due, usages.BATCH), (waiting.offer_free, None))
    loops.act_on_each(steps, lambda step: act(*step))
    return any(more)
