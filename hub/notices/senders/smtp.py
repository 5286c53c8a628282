"""Mail over SMTP, to the operator's own relay."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from urllib.parse import unquote, urlsplit

from hub.notices.errors import SenderRefused, SenderUnreachable
from hub.notices.senders import Message

Connect = Callable[[str, int, float], socket.socket]
"""Host, port, seconds → a connection that the outbound guard has judged."""

_SECONDS = 20.0
_POLICY = SMTP_POLICY.clone(cte_type="7bit")  # every relay takes it, also one without 8BITMIME


class SmtpSender:
    """`url` is `smtp://user:password@host:port` (STARTTLS when the relay offers it) or `smtps://…`; `sender` is From."""

    def __init__(self, url: str, sender: str, connect: Connect) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError(f"an SMTP address looks like smtp://host:port, not {parts.scheme}://…")
        self._host = parts.hostname
        self._is_tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._is_tls else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender
        self._connect = connect

    def send(self, message: Message) -> None:
        """Hand the mail to the relay; its Message-ID is the same on every attempt."""
        mail = EmailMessage(policy=_POLICY)
        mail["From"], mail["To"], mail["Subject"] = self._sender, message.address, message.title
        mail["Message-ID"] = f"<{message.id}@{self._sender.rsplit('@', 1)[-1]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        try:
            with _Client(self._host, self._port, self._connect, is_tls=self._is_tls) as relay:
                if not self._is_tls and relay.has_extn("starttls"):
                    relay.starttls(context=ssl.create_default_context())
                if self._user:
                    relay.login(self._user, self._password)
                relay.send_message(mail)
        except smtplib.SMTPRecipientsRefused as fault:
            code, told = next(iter(fault.recipients.values()))
            raise _fault(code, f"{code} {told!r}") from fault
        except smtplib.SMTPResponseException as fault:
            raise _fault(fault.smtp_code, f"{fault.smtp_code} {fault.smtp_error!r}") from fault
        except (OSError, smtplib.SMTPException) as fault:
            raise SenderUnreachable(f"{self._host}:{self._port}: {fault}") from fault


class _Client(smtplib.SMTP):
    def __init__(self, host: str, port: int, connect: Connect, *, is_tls: bool) -> None:
        self._guarded = connect
        self._is_tls = is_tls
        super().__init__(host, port, timeout=_SECONDS)
        self.ehlo_or_helo_if_needed()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = self._guarded(host, port, timeout)
        if self._is_tls:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        return plain


def _fault(code: int, text: str) -> SenderUnreachable | SenderRefused:
    return SenderUnreachable(text) if 400 <= code < 500 else SenderRefused(text)
