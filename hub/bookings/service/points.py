"""Named points at which a process may die: where tests and drills kill it.

Nothing happens at a point unless somebody watches. `hub worker` watches one when `HUB_CRASH_AT` names it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

NAMES = (
    "after_claim",
    "before_send",
    "after_send_before_mark",
    "after_remote_ack",
    "before_commit",
    "after_commit",
    "mid_compensation",
)

_watchers: list[Callable[[str], None]] = []


def reach(name: str) -> None:
    """This point is reached."""
    for watcher in _watchers:
        watcher(name)


@contextmanager
def watched(watcher: Callable[[str], None]) -> Iterator[None]:
    """Call `watcher` with the name of every point that is reached meanwhile; it may raise or end the process."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def die_at(wanted: str) -> None:
    """End this process like SIGKILL when it reaches the point. Raises ValueError for a name that is none."""
    if wanted not in NAMES:
        raise ValueError(f"no such point: {wanted!r}; there are: {', '.join(NAMES)}")

    def watch(name: str) -> None:
        if name == wanted:
            os._exit(137)

    _watchers.append(watch)
