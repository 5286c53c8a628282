"""Pure decisions about messages: what an envelope is, when an answer is stale, what is hashed."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

import rfc8785

Verdict = Literal["apply", "repeated", "stale", "conflicting", "refused"]
Way = Literal["response", "callback", "feed", "lookup", "fetch"]
"""How a message reached the hub."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message to a province. `sequence` counts per subject from 1, `deadline` is when the answer is needed.

    `key` is random, made before the first send, and the same on every repeat of this message. `content_hash` is the
    SHA-256 of the body in the canonical form of RFC 8785; `signature` a detached JWS over the same bytes, where the hub
    signs.
    """

    message_id: str
    subject: str
    province: str
    kind: str
    sequence: int
    key: str
    deadline: datetime
    correlation_id: str
    content_hash: str
    body: Mapping[str, Any]
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message from a province before anything is concluded from it.

    `message_id` is unique in its province: the same fact read twice has the same one. `sequence` orders the messages
    about one subject where the dialect counts them; `at` is the province's own time of the fact. `facts` is what was
    read out of it: the same fact comes in other bytes by another way, or at another place of a list.
    """

    province: str
    message_id: str
    subject: str | None
    kind: str
    sequence: int | None
    at: datetime | None
    way: Way
    raw: bytes
    is_signed: bool = False
    facts: str = ""

    @property
    def content_hash(self) -> str:
        """SHA-256 of what it says, hexadecimal; of the bytes that came where nothing was read out of them."""
        return sha256(self.facts.encode()).hexdigest() if self.facts else self.raw_hash

    @property
    def raw_hash(self) -> str:
        """SHA-256 of what came, hexadecimal; of what it is about where the bytes were not kept."""
        content = self.raw or f"{self.kind}|{self.subject}|{self.sequence}".encode()
        return sha256(content).hexdigest()


def is_stale(message: Incoming, *, last_in: int, last_in_at: datetime | None) -> bool:
    """Whether something newer about the subject was applied already.

    By number where there is one; else by the province's time, where both have one: equal times are not stale, because
    many dialects tell whole seconds.
    """
    if message.sequence is not None:
        return message.sequence <= last_in
    return message.at is not None and last_in_at is not None and message.at < last_in_at


def content_hash(body: Mapping[str, Any]) -> str:
    """SHA-256 of a body in canonical form (RFC 8785), hexadecimal."""
    return sha256(rfc8785.dumps(dict(body))).hexdigest()


def new_message_id() -> str:
    """`m-` and 26 base32 characters with 130 bits of randomness."""
    return "m-" + random_letters(26)


def new_key() -> str:
    """A random idempotency key; never made from what is booked, so that booking the same again stays possible."""
    return random_letters(32)


def random_letters(count: int) -> str:
    """Lower-case base32 characters, five bits of randomness each."""
    octets = secrets.token_bytes((count * 5 + 7) // 8)
    return base64.b32encode(octets).decode("ascii").lower()[:count]
