"""An online payment provider: JSON over HTTPS, the payer's browser goes there, the provider's notifications are signed.

    POST {base}/orders                {order, fen, subject, payee, return_url, notify_url, expires_at} → 201 {id, redirect_url}
    GET  {base}/orders/{order}        → {state: open | paid | closed, fen?, id} or 404
    POST {base}/refunds               {refund, order, fen, reason} → 200 {state: open | paid, fen}
    GET  {base}/refunds/{refund}      → {state: open | paid, fen} or 404

Every request carries the merchant's name and secret (HTTP Basic). A second POST with the same `order` or `refund` is the
first one. A notification is `{message, order, state, fen}`, signed with Ed25519 over `<timestamp>\\n<body>` in the headers
`Pay-Timestamp` (seconds since 1970) and `Pay-Signature` (base64); the hub knows only the public key.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.core.outbound import OutboundRefused
from hub.settlement.channels.protocol import Begun, Charge, Kind, Outcome, RefundOrder, Told
from hub.settlement.errors.payments import (
    ChannelRefused,
    ChannelSilent,
    ChannelUnreachable,
    NotificationMalformed,
    SignatureInvalid,
)

FRESH_SECONDS = 300
"""How far a notification's time-stamp may be from the hub's clock; a provider signs again whenever it sends again."""

MOST_NOTIFICATION = 16_384
_KINDS: Mapping[str, Kind] = {"open": "open", "paid": "paid", "closed": "closed"}
_MOST_FEN = 1_000_000_000_000


@dataclass(frozen=True, slots=True)
class OnlineTerms:
    """What the operator wrote down about the provider. `public_key` is the provider's, 32 octets in base64."""

    base_url: str
    merchant: str
    secret: str = field(repr=False)
    public_key: str
    name_zh: str
    name_en: str


class OnlineChannel:
    """The provider of one installation. `new_client` opens a guarded client for one exchange."""

    code = "online"
    is_online = True

    def __init__(self, terms: OnlineTerms, new_client: Callable[[], httpx.Client]) -> None:
        self.terms = terms
        self._new_client = new_client
        self._key = Ed25519PublicKey.from_public_bytes(b64decode(terms.public_key, validate=True))
        self._host = urlsplit(terms.base_url).netloc

    def begin(self, charge: Charge) -> Begun:
        """Have the provider take the order. Raises as the Protocol says."""
        told = self._send(
            "POST",
            "/orders",
            {
                "order": charge.attempt_id,
                "fen": charge.fen,
                "subject": charge.subject,
                "payee": charge.payee,
                "return_url": charge.return_url,
                "notify_url": charge.notify_url,
                "expires_at": charge.expires_at.isoformat(),
            },
        )
        address = told.get("redirect_url") if told is not None else None
        if not isinstance(address, str) or urlsplit(address).netloc != self._host:
            raise ChannelSilent("no page of the provider to send the payer to")
        return Begun(str(told["id"])[:100] if told and "id" in told else None, address)

    def query(self, attempt_id: str) -> Outcome:
        """What the provider knows of the order."""
        return _outcome(self._send("GET", f"/orders/{attempt_id}"))

    def refund(self, order: RefundOrder) -> Outcome:
        """Send money back."""
        return _outcome(
            self._send(
                "POST",
                "/refunds",
                {
                    "refund": order.refund_id,
                    "order": order.attempt_id,
                    "fen": order.fen,
                    "reason": order.reason,
                },
            )
        )

    def query_refund(self, refund_id: str) -> Outcome:
        """What the provider knows of the refund."""
        return _outcome(self._send("GET", f"/refunds/{refund_id}"))

    def read_notification(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Told:
        """The signature is checked over the bytes as they came, before anything in them is read."""
        if len(body) > MOST_NOTIFICATION:
            raise NotificationMalformed("body", "larger than 16 KiB")
        stamp = headers.get("pay-timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise SignatureInvalid("no time-stamp")
        try:
            signature = b64decode(headers.get("pay-signature", ""), validate=True)
            self._key.verify(signature, f"{stamp}\n".encode() + body)
        except (InvalidSignature, binascii.Error, ValueError):
            raise SignatureInvalid("it is not the provider's") from None
        if abs(now.timestamp() - int(stamp)) > FRESH_SECONDS:
            raise SignatureInvalid("the time-stamp is too far from now")
        return _told(body)

    def _send(
        self, method: str, path: str, content: Mapping[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """One exchange; None when the provider knows nothing of it."""
        try:
            with self._new_client() as client:
                answer = client.request(
                    method,
                    f"{self.terms.base_url}{path}",
                    json=content,
                    auth=(self.terms.merchant, self.terms.secret),
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, OutboundRefused) as fault:
            raise ChannelUnreachable(type(fault).__name__) from fault
        except httpx.HTTPError as fault:
            raise ChannelSilent(type(fault).__name__) from fault
        if method == "GET" and answer.status_code == 404:
            return None
        if 400 <= answer.status_code < 500 and answer.status_code not in {408, 429}:
            raise ChannelRefused(f"渠道答复 {answer.status_code}", f"it answered {answer.status_code}")
        try:
            told = answer.raise_for_status().json()
        except (httpx.HTTPStatusError, ValueError) as fault:
            raise ChannelSilent(f"it answered {answer.status_code}") from fault
        if not isinstance(told, dict):
            raise ChannelSilent("its answer is no object")
        return told


def _outcome(told: Mapping[str, Any] | None) -> Outcome:
    if told is None:
        return Outcome("not_found")
    kind = _KINDS.get(str(told.get("state")))
    fen = told.get("fen")
    if kind is None or (kind == "paid" and not _is_amount(fen)):
        raise ChannelSilent("its answer cannot be understood")
    return Outcome(kind, fen if kind == "paid" else None, _text(told.get("id")))


def _told(body: bytes) -> Told:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotificationMalformed("body", "it is no JSON") from None
    if not isinstance(told, dict):
        raise NotificationMalformed("body", "it is no object")
    for name in ("message", "order"):
        if not (isinstance(told.get(name), str) and 0 < len(told[name]) <= 100):
            raise NotificationMalformed(name, "a text of at most 100 characters is needed")
    kind = _KINDS.get(str(told.get("state")))
    if kind is None:
        raise NotificationMalformed("state", "it must be open, paid or closed")
    fen = told.get("fen")
    if kind == "paid" and not _is_amount(fen):
        raise NotificationMalformed("fen", "a positive whole number is needed")
    return Told(told["message"], told["order"], Outcome(kind, fen if kind == "paid" else None))


def _is_amount(fen: object) -> bool:
    return type(fen) is int and 0 < fen <= _MOST_FEN


def _text(value: object) -> str | None:
    return value[:100] if isinstance(value, str) else None
