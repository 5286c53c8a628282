"""The ways out: one Protocol, and one module for each kind of server behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out: `id` is the same on every attempt, `secret` is the contact's (robots that are signed)."""

    id: str
    address: str
    title: str
    text: str
    secret: str | None = None


class Sender(Protocol):
    """One outside channel. `send` returns once the channel's server has taken the message.

    Raises `SenderUnreachable` (try again later; a message may then arrive twice) or `SenderRefused` (never will).
    """

    def send(self, message: Message) -> None: ...


Senders = Mapping[str, Sender]
"""The channels that this installation has, by name; a channel that is missing is not offered."""
