"""Where a person wants to be reached, in which language, and when not."""

from datetime import datetime, time

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hub.notices import rules
from hub.notices.errors import ContactInvalid
from hub.notices.models import Contact, Preference
from hub.notices.senders import Senders


def put_contact(
    session: Session,
    senders: Senders,
    recipient: str,
    channel: str,
    address: str,
    *,
    secret: str | None = None,
    now: datetime,
) -> None:
    """Set a person's address for a channel. Safe to repeat. Raises `ContactInvalid`."""
    known = next((name for name in rules.CHANNELS if name == channel), None)
    if known is None or known not in senders:
        offered = "、".join(name for name in rules.CHANNELS if name in senders)
        raise ContactInvalid(
            "channel",
            f"没有该通知渠道；可用：{offered}。",
            f"There is no such channel; there are: {offered}.",
        )
    if not rules.is_address(known, address):
        raise ContactInvalid(
            "address", "该渠道不接受这一地址。", "This is no address that the channel can have."
        )
    if secret is not None and (len(secret) > 200 or not secret.isascii()):
        raise ContactInvalid(
            "secret", "签名密钥过长或含有非法字符。", "The signing secret is too long or not plain text."
        )
    session.merge(Contact(recipient=recipient, channel=known, address=address, secret=secret, changed_at=now))


def remove_contact(session: Session, recipient: str, channel: str) -> None:
    """Forget a person's address; what was on its way over it is dropped. Safe to repeat."""
    session.execute(delete(Contact).where(Contact.recipient == recipient, Contact.channel == channel))


def put_preference(
    session: Session, recipient: str, *, lang: str, quiet_start: time, quiet_end: time
) -> None:
    """Set language (`zh`, `en`) and quiet hours in Shanghai. Equal ends mean none. Raises `ContactInvalid`."""
    if lang not in {"zh", "en"}:
        raise ContactInvalid("lang", "语言应为 zh 或 en。", "The language is zh or en.")
    session.merge(Preference(recipient=recipient, lang=lang, quiet_start=quiet_start, quiet_end=quiet_end))
