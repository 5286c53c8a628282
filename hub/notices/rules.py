"""Pure decisions about notices: what a text may carry, when a channel may ring, how a webhook is signed."""

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Literal

from hub.core.clock import SHANGHAI

Channel = Literal["mail", "sms", "dingtalk", "wecom"]
CHANNELS: tuple[Channel, ...] = ("mail", "sms", "dingtalk", "wecom")

Urgency = Literal["urgent", "normal"]

PLACEHOLDERS = frozenset(
    {
        "number",
        "instrument",
        "institution",
        "province",
        "state",
        "when",
        "until",
        "amount",
        "reason",
        "count",
        "actor",
    }
)
"""What a text may carry. Never a person's name, mobile number, mail address, sample or file name: a text leaves the
hub by channels that it does not control. `actor` is a side ("上海驿站"), not a person."""

MAX_VALUE = 80
_PERSONAL = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])|[^\s@]+@[^\s@]+\.[^\s@]+")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,5}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_ROBOTS: Mapping[Channel, str] = {
    "dingtalk": "https://oapi.dingtalk.com/robot/send?",
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?",
}


@dataclass(frozen=True, slots=True)
class Template:
    """One text in both languages; `{placeholders}` in braces."""

    code: str
    urgency: Urgency
    zh_title: str
    en_title: str
    zh_text: str
    en_text: str


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` in Shanghai (over midnight when start > end) nothing rings that can wait."""

    start: time = time(21, 0)
    end: time = time(8, 0)

    def holds(self, at: time) -> bool:
        """Whether the hour lies in it; equal ends mean no quiet hours."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


def placeholders_of(text: str) -> set[str]:
    """The names in braces."""
    return set(re.findall(r"\{([a-z_]+)\}", text))


def is_clean(value: str) -> bool:
    """Whether a value may go into a text: short, one line, and neither a mobile number nor a mail address."""
    return len(value) <= MAX_VALUE and value.isprintable() and _PERSONAL.search(value) is None


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its values; braces in values stay what they are."""
    return re.sub(r"\{([a-z_]+)\}", lambda found: values.get(found[1], ""), text)


def due_at(now: datetime, urgency: Urgency, quiet: QuietHours) -> datetime:
    """When an outside channel may ring: at once when urgent, otherwise after the quiet hours."""
    local = now.astimezone(SHANGHAI)
    if urgency == "urgent" or not quiet.holds(local.time()):
        return now
    morning = local.replace(hour=quiet.end.hour, minute=quiet.end.minute, second=0, microsecond=0)
    return (morning if morning > local else morning + timedelta(days=1)).astimezone(now.tzinfo)


def is_address(channel: Channel, address: str) -> bool:
    """Whether the channel can have this address. Robots are reached at their makers' hosts only."""
    if len(address) > 300 or not address.isascii():
        return False
    if channel == "mail":
        return _MAIL.fullmatch(address) is not None
    if channel == "sms":
        return _MOBILE.fullmatch(address) is not None
    return address.startswith(_ROBOTS[channel]) and not re.search(r"[\s#]", address)


def webhook_signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` header: HMAC-SHA256 over `id.timestamp.body`, as Standard Webhooks 1.0 has it.

    `secret` is `whsec_` and base64.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def dingtalk_sign(secret: str, milliseconds: int) -> str:
    """The `sign` parameter of a DingTalk robot with a signing secret (base64 of HMAC-SHA256 over `ms\\nsecret`)."""
    return base64.b64encode(
        hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), sha256).digest()
    ).decode()


def push_pause(failures: int) -> timedelta:
    """How long a webhook rests after so many failures in a row: 10 s doubling up to an hour."""
    return timedelta(seconds=min(3600, 10 * 2 ** min(failures - 1, 9)))


def shortened(address: str) -> str:
    """`138****0000`, `me***@example.org`, or a robot's host with the end of its token."""
    if address.isdigit():
        return f"{address[:3]}****{address[-4:]}"
    name, at, host = address.partition("@")
    if at and "/" not in name:
        return f"{name[:2]}***@{host}"
    return f"{address.split('?', maxsplit=1)[0]}?…{address[-4:]}"
