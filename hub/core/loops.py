"""Loops that a process runs beside its tasks: each in a thread, each stopped by one event, none ending on a fault."""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

log = logging.getLogger(__name__)

Step = Callable[[], object]
"""One round of a loop; what it returns says whether there is more to do at once (truthy) or not."""

LONGEST_PAUSE = 5.0
MOST_FAULTS = 20
"""Faults of one round that are told in full."""

Item = TypeVar("Item")


def act_on_each(items: Iterable[Item], act: Callable[[Item], object]) -> None:
    """Act on each of what is due; one that cannot be acted on keeps nobody else waiting.

    Raises an `ExceptionGroup` of all faults when everything was tried: `run_loop` logs it, a test fails by it.
    """
    faults: list[Exception] = []
    for item in items:
        try:
            act(item)
        except Exception as fault:
            fault.add_note(f"while acting on {item}")
            faults.append(fault)
    if faults:
        raise ExceptionGroup(f"{len(faults)} of what was due could not be done", faults)


def run_loop(name: str, step: Step, stop: threading.Event, *, seconds: float, breath: float = 0.005) -> None:
    """Call `step` until `stop` is set: again after `breath` while there is more to do, else after `seconds`.

    A step that raises is logged and tried again after growing pauses; the loop itself never ends by a fault.
    """
    pause = seconds
    while not stop.is_set():
        try:
            has_more = bool(step())
            pause = breath if has_more else seconds
        except Exception:
            pause = min(max(pause * 2, 0.5), LONGEST_PAUSE)
            log.exception("loop %s: again in %.1f s", name, pause)
        stop.wait(pause)


class Loops:
    """The loops of one process."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, step: Step, *, seconds: float) -> None:
        """Run `step` in a thread of its own, about every `seconds`."""
        self.start_follower(name, lambda stop: run_loop(name, step, stop, seconds=seconds))

    def start_follower(self, name: str, follow: Callable[[threading.Event], object]) -> None:
        """Run something that loops by itself until the event is set; started again when it raises or returns."""

        def keep() -> None:
            run_loop(name, lambda: follow(self.stop), self.stop, seconds=1.0)

        thread = threading.Thread(target=keep, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self, seconds: float = 5.0) -> None:
        """Stop all loops and wait for them, each at most `seconds`."""
        self.stop.set()
        for thread in self._threads:
            thread.join(seconds)
