"""The hands of a forward worker: one loop that claims, a few threads that call provinces, a heartbeat for what they hold."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from hub.bookings.service import forwarding
from hub.bookings.service.forwarding import Held, Way
from hub.core.ids import holder_name
from hub.core.loops import Loops
from hub.core.runtime import Runtime

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
HEARTBEAT_SECONDS = 3.0


class Lanes:
    """Brings messages to provinces with at most `hands` calls at once, each province with its own cap."""

    def __init__(self, runtime: Runtime, *, hands: int) -> None:
        self._runtime = runtime
        self._holder = f"forward {holder_name()}"
        self._free = threading.Semaphore(hands)
        self._pool = ThreadPoolExecutor(hands, thread_name_prefix="lane")

    def start(self, loops: Loops) -> None:
        """Claim and call until the loops are closed."""
        loops.start("lanes", self.step, seconds=POLL_SECONDS)
        loops.start_follower("lanes-heartbeat", self._pulse)

    def step(self) -> bool:
        """Take up the next due message if a hand is free; whether there may be more."""
        if not self._free.acquire(timeout=1.0):
            return True
        runtime, held = self._runtime, None
        try:
            known = forwarding.ways(runtime)
            held = forwarding.claim_next(runtime.database, known, self._holder, now=runtime.clock())
            if isinstance(held, Held):
                self._pool.submit(self._carry, known[held.province], held)
        finally:
            if not isinstance(held, Held):
                self._free.release()
        return held is not None

    def _carry(self, way: Way, held: Held) -> None:
        try:
            forwarding.carry(self._runtime, way, held)
        except Exception:  # the lease ends, and whoever takes it over knows what may have happened
            log.exception("message %d of %s", held.delivery_id, held.booking_id)
        finally:
            self._free.release()

    def _pulse(self, stop: threading.Event) -> None:
        while not stop.wait(HEARTBEAT_SECONDS):
            forwarding.prolong(self._runtime.database, self._holder, now=self._runtime.clock())
