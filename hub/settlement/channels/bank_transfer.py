"""A bank transfer to the institution's own account: the hub sees no money and asks nobody; people say what came."""

from collections.abc import Mapping
from datetime import datetime

from hub.settlement.channels.protocol import Begun, Charge, Outcome, RefundOrder, Told
from hub.settlement.errors.payments import ChannelUnknown


class BankTransfer:
    """The enterprise transfers with a reference of its own and uploads a proof; the institution confirms what came."""

    code = "bank_transfer"
    is_online = False

    def begin(self, charge: Charge) -> Begun:  # noqa: ARG002 - the Protocol's
        """Nothing is sent: the reference is what the payer writes down."""
        return Begun()

    def query(self, attempt_id: str) -> Outcome:  # noqa: ARG002 - the Protocol's
        """Open until the institution says otherwise."""
        return Outcome("open")

    def refund(self, order: RefundOrder) -> Outcome:  # noqa: ARG002 - the Protocol's
        """Open: the institution sends it back and says so."""
        return Outcome("open")

    def query_refund(self, refund_id: str) -> Outcome:  # noqa: ARG002 - the Protocol's
        """Open until the institution says otherwise."""
        return Outcome("open")

    def read_notification(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Told:  # noqa: ARG002
        """A bank does not write to the hub. Raises `ChannelUnknown`."""
        raise ChannelUnknown(self.code)
