"""Short ways to look at what a read left behind, and how a process dies in the middle of one."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from hub.catalog.models import Instrument
from hub.core.runtime import Runtime
from hub.core.sequencer import AnnouncedChange


def announced(hub: Runtime) -> int:
    """How many changes of the catalogue were announced."""
    with hub.database.read() as session:
        return session.scalar(select(func.count()).where(AnnouncedChange.topic == "catalog")) or 0


def listed(hub: Runtime) -> list[str]:
    """The numbers of the instruments that are shown, in order."""
    with hub.database.read() as session:
        keys = session.scalars(
            select(Instrument.native_key).where(Instrument.is_listed).order_by(Instrument.native_key)
        )
        return [key.partition("|")[2] for key in keys]


def documents(hub: Runtime) -> dict[str, Any]:
    """The documents of the instruments that are shown, by number."""
    with hub.database.read() as session:
        return {
            row.native_key.partition("|")[2]: row.document
            for row in session.scalars(select(Instrument).where(Instrument.is_listed))
        }


class Killed(BaseException):
    """The process is gone."""


def kill_at(steps: int) -> Callable[[str], None]:
    """A step callback under which the process dies after so many steps."""
    left = steps

    def step(_name: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    return step
