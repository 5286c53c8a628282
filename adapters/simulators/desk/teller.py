"""What a platform tells others about its orders, in the order of telling, with the mischief it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.simulators.desk.mischief import Mischief
from adapters.simulators.desk.model import ACCEPTED, FAILED, Delivery, Order, Period

_HOUR = timedelta(hours=1)


class Teller:
    """Happenings become deliveries with rising positions. Not for use from several threads at once."""

    def __init__(self, mischief: Mischief, other: Callable[[Order], str]) -> None:
        self._mischief = mischief
        self._other = other  # the reference of some other booking
        self._told: list[Delivery] = []
        self._waiting: list[tuple[datetime, Delivery]] = []
        self._held: Delivery | None = None
        self._noted = 0

    def note(self, order: Order, what: str, now: datetime) -> None:
        """Something happened to an order."""
        if self._mischief.is_silent:
            return
        told = order
        if what == ACCEPTED and order.period is not None and self._mischief.take("lie"):
            told = replace(order, period=Period(order.period.start + _HOUR, order.period.end + _HOUR))
        reference = self._other(order) if self._mischief.take("wrong_reference") else order.reference
        self._noted += 1
        # A failure leaves the version as it is, so two of a kind would be one message.
        again = f"-{self._noted}" if what.startswith(FAILED) else ""
        message = f"{order.number}-{order.version}-{what.replace(' ', '-')}{again}"
        delivery = Delivery(0, message, what, now, told, reference)
        self._waiting.append((now + timedelta(seconds=self._mischief.late_seconds), delivery))

    def told(self, after: int, limit: int, now: datetime) -> list[Delivery]:
        """What was told after a position, oldest first."""
        self._tell_due(now)
        return self._told[max(after, 0) : max(after, 0) + limit]

    def _tell_due(self, now: datetime) -> None:
        due = [delivery for moment, delivery in self._waiting if moment <= now]
        self._waiting = [entry for entry in self._waiting if entry[0] > now]
        for delivery in due:
            if self._held is None and self._mischief.take("shuffle"):
                self._held = delivery
                continue
            self._tell(delivery)
            if self._held is not None:
                held, self._held = self._held, None
                self._tell(held)

    def _tell(self, delivery: Delivery) -> None:
        for _ in range(2 if self._mischief.take("twice") else 1):
            self._told.append(replace(delivery, position=len(self._told) + 1))
