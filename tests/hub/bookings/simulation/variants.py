"""The hub with one safeguard taken out: what the laws must catch. Each runs like the whole one, inside its context."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import update

from hub.availability.service import cells
from hub.bookings import rules
from hub.bookings.models import Delivery
from hub.bookings.service import extras, forwarding
from hub.exchange import rules as exchange_rules
from hub.exchange import service as exchange


@contextmanager
def without_the_slot_guard() -> Iterator[None]:
    """Claims take their cells without asking whose they are."""

    def take(*_: Any, **__: Any) -> None:
        return None

    with _instead(cells, "take", take):
        yield


@contextmanager
def without_the_idempotency_key() -> Iterator[None]:
    """Every send of a message carries a new key."""
    whole = exchange.envelope

    def envelope(session: Any, message_id: str) -> Any:
        return replace(whole(session, message_id), key=exchange_rules.new_key())

    with _instead(exchange, "envelope", envelope):
        yield


@contextmanager
def without_the_fence() -> Iterator[None]:
    """A worker that lost its message to another goes on as if it still held it."""

    def set_values(session: Any, held: forwarding.Held, **values: Any) -> bool:
        session.execute(update(Delivery).where(Delivery.id == held.delivery_id).values(**values))
        return True

    with _instead(forwarding, "_set", set_values):
        yield


@contextmanager
def with_blind_repeats() -> Iterator[None]:
    """A message whose outcome is unknown is simply sent again."""

    def next_step(waiting: Any) -> str:
        return "send" if waiting.is_wanted else "void"

    with _instead(rules, "next_step", next_step):
        yield


@contextmanager
def without_telling_what_the_station_did() -> Iterator[None]:
    """What is done in the portal stays there."""
    whole = rules.message_of

    def message_of(command: str, side: str) -> str | None:
        return None if side == "provider" else whole(command, side)

    with _instead(rules, "message_of", message_of):
        yield


@contextmanager
def without_cancelling_extra_orders() -> Iterator[None]:
    """What a province holds beside the right order stays there."""

    def want(*_: Any, **__: Any) -> None:
        return None

    with _instead(extras, "want", want):
        yield


VARIANTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "slot guard": without_the_slot_guard,
    "idempotency key": without_the_idempotency_key,
    "fence": without_the_fence,
    "look before sending again": with_blind_repeats,
    "extra order's cancellation": without_cancelling_extra_orders,
    "word to the province": without_telling_what_the_station_did,
}


@contextmanager
def _instead(module: Any, name: str, broken: Any) -> Iterator[None]:
    whole = getattr(module, name)
    setattr(module, name, broken)
    try:
        yield
    finally:
        setattr(module, name, whole)
