"""Telling people: once, at the right hour, without anything personal, over the channels they chose."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hub.core.clock import SHANGHAI
from hub.core.db import Database
from hub.core.outbox import OutboxRow
from hub.notices import queries, rules, service, texts
from hub.notices.errors import (
    ContactInvalid,
    NoticeUnknown,
    SenderRefused,
    SenderUnreachable,
    TemplateUnknown,
)
from hub.notices.models import Delivery, Notice
from hub.notices.senders import Message
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database

VALUES = {
    "number": "31-20260105-AB12CD",
    "instrument": "扫描电镜",
    "when": "1月8日 9:00",
    "until": "1月7日 17:00",
}
ME, OTHER = "account:member", "account:other"


class Channel:
    """A channel in memory that takes, refuses or is down."""

    def __init__(self, *faults: Exception) -> None:
        self.sent: list[Message] = []
        self._faults = list(faults)

    def send(self, message: Message) -> None:
        if self._faults:
            raise self._faults.pop(0)
        self.sent.append(message)


def tell(
    database: Database, clock: VirtualClock, *, template: str = "booking_submitted", key: str = "k1"
) -> int:
    with database.write() as session:
        return service.notify(
            session,
            [ME, OTHER],
            template,
            VALUES,
            subject="bk-1",
            link="/bookings/bk-1",
            key=key,
            now=clock(),
        )


def reachable(database: Database, clock: VirtualClock, **senders: Channel) -> None:
    addresses = {"mail": "member@example.org", "sms": "13800000000"}
    with database.write() as session:
        for channel in senders:
            service.put_contact(session, senders, ME, channel, addresses[channel], now=clock())


def deliver_all(database: Database, clock: VirtualClock, senders: dict[str, Channel]) -> None:
    with database.read() as session:
        waiting = session.scalars(select(Delivery.id).order_by(Delivery.id)).all()
    for delivery_id in waiting:
        service.deliver(database, senders, delivery_id, public_url="https://hub.test", clock=clock)


def test_each_is_told_once(database: Database, clock: VirtualClock) -> None:
    assert tell(database, clock) == 2
    assert tell(database, clock) == 0
    with database.read() as session:
        (mine,) = queries.inbox(session, ME)
        assert texts.told(mine.template, mine.values, "zh")[1].startswith("预约 31-20260105-AB12CD（扫描电镜")
        assert queries.unread(session, ME) == 1


def test_reading(database: Database, clock: VirtualClock) -> None:
    for key in ("a", "b", "c"):
        tell(database, clock, key=key)
    with database.write() as session:
        newest, second, oldest = (row.id for row in queries.inbox(session, ME))
        service.mark_read(session, ME, second, now=clock())
        assert queries.unread(session, ME) == 2
        service.mark_all_read(session, ME, up_to=second, now=clock())
        assert [row.id for row in queries.inbox(session, ME) if row.read_at is None] == [newest]
        assert [row.id for row in queries.inbox(session, ME, before=second)] == [oldest]
        with pytest.raises(NoticeUnknown):
            service.mark_read(session, OTHER, newest, now=clock())


def test_outside_channels_wait_for_the_morning_unless_it_is_urgent(
    database: Database, clock: VirtualClock
) -> None:
    mail = Channel()
    reachable(database, clock, mail=mail)
    clock.now = datetime(2026, 1, 5, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    tell(database, clock)
    tell(database, clock, template="deadline_near", key="k2")
    with database.read() as session:
        normal, urgent = session.scalars(select(OutboxRow.due_at).order_by(OutboxRow.id)).all()
    assert normal == datetime(2026, 1, 6, 0, 0, tzinfo=UTC)
    assert urgent == clock.now


def test_a_message_leaves_once_over_every_channel(database: Database, clock: VirtualClock) -> None:
    senders = {"mail": Channel(), "sms": Channel()}
    reachable(database, clock, **senders)
    tell(database, clock)
    deliver_all(database, clock, senders)
    deliver_all(database, clock, senders)
    (mail,), (sms,) = senders["mail"].sent, senders["sms"].sent
    assert (mail.address, sms.address) == ("member@example.org", "13800000000")
    assert mail.text.endswith("https://hub.test/bookings/bk-1")
    assert mail.id != sms.id


def test_a_channel_that_is_down_is_tried_again_with_the_same_message(
    database: Database, clock: VirtualClock
) -> None:
    senders = {"mail": Channel(SenderUnreachable("down"))}
    reachable(database, clock, **senders)
    tell(database, clock)
    with pytest.raises(SenderUnreachable):
        deliver_all(database, clock, senders)
    deliver_all(database, clock, senders)
    assert len(senders["mail"].sent) == 1


def test_a_refusal_is_kept_and_not_repeated(database: Database, clock: VirtualClock) -> None:
    senders = {"mail": Channel(SenderRefused("550 no such user"))}
    reachable(database, clock, **senders)
    tell(database, clock)
    deliver_all(database, clock, senders)
    deliver_all(database, clock, senders)
    with database.read() as session:
        row = session.scalars(select(Delivery)).one()
    assert row.fault == "550 no such user"
    assert row.failed_at is not None
    assert senders["mail"].sent == []


def test_a_removed_contact_is_not_rung(database: Database, clock: VirtualClock) -> None:
    senders = {"mail": Channel()}
    reachable(database, clock, **senders)
    tell(database, clock)
    with database.write() as session:
        service.remove_contact(session, ME, "mail")
    deliver_all(database, clock, senders)
    assert senders["mail"].sent == []


@pytest.mark.parametrize("value", ["请电 13812345678", "写信至 a@b.cn", "x" * 81, "两\n行"])
def test_nothing_personal_goes_into_a_text(database: Database, clock: VirtualClock, value: str) -> None:
    with database.write() as session, pytest.raises(TemplateUnknown):
        service.notify(
            session,
            [ME],
            "booking_submitted",
            VALUES | {"instrument": value},
            subject="",
            link="",
            key="k",
            now=clock(),
        )
    with database.read() as session:
        assert session.scalars(select(Notice)).all() == []


def test_a_text_that_lacks_a_value_is_refused(database: Database, clock: VirtualClock) -> None:
    lacking = {name: value for name, value in VALUES.items() if name != "until"}
    with database.write() as session, pytest.raises(TemplateUnknown, match="until"):
        service.notify(session, [ME], "booking_submitted", lacking, subject="", link="", key="k", now=clock())


def test_every_text_is_whole() -> None:
    for each in texts.templates().values():
        assert rules.placeholders_of(each.zh_text) == rules.placeholders_of(each.en_text), each.code
        assert each.zh_title
        assert each.en_title


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("mail", "nobody"),
        ("mail", "a@b"),
        ("mail", "a@b.cn\r\nBcc: all@b.cn"),
        ("sms", "12345"),
        ("dingtalk", "https://evil.example/robot/send?access_token=1"),
        ("dingtalk", "http://oapi.dingtalk.com/robot/send?access_token=1"),
        ("pigeon", "coop"),
    ],
)
def test_an_address_that_the_channel_cannot_have_is_refused(
    database: Database, clock: VirtualClock, channel: str, address: str
) -> None:
    offered = {name: Channel() for name in ("mail", "sms", "dingtalk")}
    with database.write() as session, pytest.raises(ContactInvalid):
        service.put_contact(session, offered, ME, channel, address, now=clock())


def test_old_notices_are_forgotten_with_their_deliveries(database: Database, clock: VirtualClock) -> None:
    reachable(database, clock, mail=Channel())
    tell(database, clock)
    clock.advance(3600)
    tell(database, clock, key="k2")
    with database.write() as session:
        assert service.forget_old(session, before=clock()) == 2
        assert service.forget_old(session, before=clock()) == 0
        assert len(queries.inbox(session, ME)) == 1
        assert len(session.scalars(select(Delivery)).all()) == 1


@given(
    now=st.integers(0, 366 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    start=st.times(),
    end=st.times(),
)
def test_quiet_hours_delay_less_than_a_day_and_end_awake(now: datetime, start: time, end: time) -> None:
    quiet = rules.QuietHours(start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0))
    due = rules.due_at(now, "normal", quiet)
    assert timedelta(0) <= due - now < timedelta(days=1)
    assert not quiet.holds(due.astimezone(SHANGHAI).time())
    assert rules.due_at(now, "urgent", quiet) == now
