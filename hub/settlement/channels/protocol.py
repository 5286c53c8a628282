"""What a way to pay is: it begins one try, answers questions about it, sends money back, and reads its own notifications."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Kind = Literal["paid", "open", "closed", "not_found"]
"""What a channel says about a try: the money came, it may still come, it will not come by this try, nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One try to be begun. `attempt_id` is the order number at the channel; amounts in fen; addresses of the hub."""

    attempt_id: str
    fen: int
    subject: str
    payee: str
    return_url: str
    notify_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """A try that the channel took: its own identifier, and where the payer's browser goes."""

    remote_id: str | None = None
    redirect_url: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the channel says about a try or a refund. `fen` is what came in (or went back), told when `kind` is paid."""

    kind: Kind
    fen: int | None = None
    remote_id: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A genuine notification: which message, about which try, saying what."""

    message_id: str
    attempt_id: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Money to be sent back by the way it came. `refund_id` names it once and for ever."""

    refund_id: str
    attempt_id: str
    fen: int
    reason: str


class Channel(Protocol):
    """One way to pay. `is_online`: it knows by itself what came in; else the institution says so.

    Every call makes at most one exchange. `begin` and `refund` are named by identifiers that were stored before: sent
    again, they are the same. Raises `ChannelUnreachable` (nothing was sent), `ChannelSilent` (it may have been taken),
    `ChannelRefused`; `read_notification` raises `SignatureInvalid` and `NotificationMalformed`.
    """

    @property
    def code(self) -> str:
        """A code of `payment_channel`."""
        ...

    @property
    def is_online(self) -> bool:
        """Whether the channel itself knows what came in."""
        ...

    def begin(self, charge: Charge) -> Begun:
        """Have the channel take the try."""
        ...

    def query(self, attempt_id: str) -> Outcome:
        """What the channel knows of the try."""
        ...

    def refund(self, order: RefundOrder) -> Outcome:
        """Send money back; `paid` when it has gone, `open` when it will."""
        ...

    def query_refund(self, refund_id: str) -> Outcome:
        """What the channel knows of the refund."""
        ...

    def read_notification(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Told:
        """A notification, if it is genuine and fresh."""
        ...
