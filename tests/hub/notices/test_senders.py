"""The ways out, against servers on loopback."""

import base64
import functools
import hashlib
import hmac
import json
from email import message_from_string
from email.policy import default as modern
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from hub.core import outbound
from hub.notices.errors import SenderRefused, SenderUnreachable
from hub.notices.senders import Message
from hub.notices.senders.folder import FolderSender
from hub.notices.senders.http import RobotSender, SmsGatewaySender
from hub.notices.senders.smtp import SmtpSender
from tests.hub.notices.receivers import http_receiver, mail_relay

MESSAGE = Message("notice-7", "member@example.org", "【江仪汇】预约已确认", "预约 31-1 已确认。")


def test_a_folder_holds_each_message_once(tmp_path: Path) -> None:
    for _ in range(2):
        FolderSender(tmp_path / "mail").send(MESSAGE)
    (written,) = (tmp_path / "mail").iterdir()
    assert json.loads(written.read_text())["text"] == "预约 31-1 已确认。"


def smtp(host: str) -> SmtpSender:
    return SmtpSender(f"smtp://{host}", "hub@example.org", functools.partial(outbound.connect, allow={host}))


def test_mail_arrives_whole() -> None:
    with mail_relay() as relay:
        smtp(relay.host).send(MESSAGE)
        got = message_from_string(relay.mails[0], policy=modern)
    assert got["Subject"] == "【江仪汇】预约已确认"
    assert got["Message-ID"] == "<notice-7@example.org>"
    assert got.get_content().strip() == "预约 31-1 已确认。"


@pytest.mark.parametrize(
    ("answer", "fault"), [("550 no such user", SenderRefused), ("451 try later", SenderUnreachable)]
)
def test_a_relay_that_does_not_take_it(answer: str, fault: type[Exception]) -> None:
    with mail_relay() as relay:
        relay.rcpt = answer
        with pytest.raises(fault, match=answer[:3]):
            smtp(relay.host).send(MESSAGE)


def test_no_relay_is_news_for_later() -> None:
    with mail_relay() as relay:
        gone = relay.host
    with pytest.raises(SenderUnreachable):
        smtp(gone).send(MESSAGE)


def test_mail_goes_nowhere_private_that_the_operator_did_not_name() -> None:
    with mail_relay() as relay, pytest.raises((SenderUnreachable, outbound.OutboundRefused)):
        SmtpSender(f"smtp://{relay.host}", "hub@example.org", outbound.connect).send(MESSAGE)
    assert relay.mails == []


def test_the_sms_gateway_gets_the_text_and_the_key_of_repetition() -> None:
    with http_receiver() as gateway:
        sender = SmsGatewaySender(
            gateway.url, "secret", functools.partial(outbound.client, allow={gateway.host})
        )
        sender.send(MESSAGE)
        (got,) = gateway.requests
        assert json.loads(got.body) == {"id": "notice-7", "to": "member@example.org", "text": MESSAGE.text}
        assert got.headers["authorization"] == "Bearer secret"
        assert got.headers["idempotency-key"] == "notice-7"
        gateway.answers = [(429, {"Retry-After": "30"}, b""), (400, {}, b"")]
        with pytest.raises(SenderUnreachable) as later:
            sender.send(MESSAGE)
        assert later.value.retry_after == 30
        with pytest.raises(SenderRefused):
            sender.send(MESSAGE)


def test_a_signed_robot() -> None:
    with http_receiver() as robot:
        robot.answers = [
            (200, {}, b'{"errcode":0}'),
            (200, {}, b'{"errcode":310000,"errmsg":"sign not match"}'),
            (200, {}, b'{"errcode":130101}'),
        ]
        sender = RobotSender(
            "dingtalk",
            functools.partial(outbound.client, allow={robot.host}),
            clock_ms=lambda: 1_767_600_000_000,
        )
        message = Message("n", f"{robot.url}?access_token=t", "标题", "正文", secret="SEC1")
        sender.send(message)
        query = parse_qs(urlsplit(robot.requests[0].path).query)
        expected = hmac.new(b"SEC1", b"1767600000000\nSEC1", hashlib.sha256).digest()
        assert query["access_token"] == ["t"]
        assert base64.b64decode(query["sign"][0]) == expected
        assert json.loads(robot.requests[0].body)["text"]["content"] == "标题\n正文"
        with pytest.raises(SenderRefused, match="310000"):
            sender.send(message)
        with pytest.raises(SenderUnreachable):
            sender.send(message)
