"""How a platform misbehaves about orders, beyond what a network does: counted faults, told by Python or over HTTP.

twice            the next n things it tells are told twice
shuffle          the next n things it tells are told after the one that follows
wrong_reference  the next n things it tells name another booking
wrong_answer     the next n orders in its answers name another booking
lie              the next n acceptances name another time than the one that was booked
throttle         the next n booking requests are answered "too often", and nothing is done
late_seconds     what it tells is told so much later                                    until cleared
silent           it tells nothing at all                                                until cleared
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COUNTERS = ("twice", "shuffle", "wrong_reference", "wrong_answer", "lie", "throttle")
DEFAULTS: dict[str, Any] = {**dict.fromkeys(COUNTERS, 0), "late_seconds": 0, "silent": False}


class MischiefInvalid(ValueError):
    """The request names something that does not exist, or gives it an unfit value."""


class Mischief:
    """What one platform does wrong at the moment."""

    def __init__(self) -> None:
        self._plan = dict(DEFAULTS)

    def set(self, wanted: Mapping[str, Any]) -> None:
        """Ask for misbehaviour, beside what was asked for already. Raises MischiefInvalid and then changes nothing."""
        for name, value in wanted.items():
            if name not in DEFAULTS:
                known = ", ".join(DEFAULTS)
                raise MischiefInvalid(f"没有这种行为 no such mischief: {name}；可用 known: {known}")
            is_flag = isinstance(DEFAULTS[name], bool)
            fits = isinstance(value, bool) if is_flag else type(value) is int and 0 <= value <= 1_000_000
            if not fits:
                raise MischiefInvalid(f"{name} 的值不合适 unfit value: {value!r}")
        self._plan.update(wanted)

    def clear(self) -> None:
        """The platform behaves from now on."""
        self._plan = dict(DEFAULTS)

    def state(self) -> dict[str, Any]:
        """What is asked for and still to come."""
        return dict(self._plan)

    def take(self, name: str) -> bool:
        """Use up one of a counted fault; False when there is none left."""
        if self._plan[name] <= 0:
            return False
        self._plan[name] -= 1
        return True

    @property
    def late_seconds(self) -> int:
        return int(self._plan["late_seconds"])

    @property
    def is_silent(self) -> bool:
        return bool(self._plan["silent"])
