"""What was used: recorded at check-out, confirmed by the enterprise or by silence, priced once, mended by versions."""

from typing import Any

import pytest
from sqlalchemy import select

from hub.core.idempotency import KeyMissing, RevisionStale
from hub.identity.errors import NotAllowed, OtherParty
from hub.notices.models import Contact, Delivery
from hub.settlement.errors.usage import ReasonUnfit, UsageLocked, UsageRefused
from hub.settlement.models import RatedLine, Usage
from hub.settlement.service import usage as settlement
from tests.hub.bookings.test_portal_told import give
from tests.hub.bookings.test_vouchers import OFFICE
from tests.hub.bookings.using import ADMIN, ENTERPRISE, PROVIDER, STRANGER, Used
from tests.hub.bookings.world import LI, STATION, World
from tests.hub.settlement.laws import broken

pytestmark = pytest.mark.database


@pytest.fixture
def used(world: World) -> Used:
    return Used.build(world)


def test_confirming_prices_captures_and_writes_the_line_at_once(used: Used) -> None:
    booking = used.served({"hours": 1.5})
    assert used.usage(booking)["state"] == "submitted"
    assert used.wallet() == (60_000, 40_000, 0), "held, not used"
    done = used.command(booking, "confirm")
    assert done.answer["state"] == "rated"
    assert used.shares(booking) == [("rated", 60_000, 30_000, 30_000)]
    assert used.wallet() == (70_000, 0, 30_000)
    (line,) = used.lines(booking)
    assert line.document["text_zh"] == (
        "1.5 小时 × 400.00 元/小时 = 600.00 元；创新券 50% → 300.00 元，自付 300.00 元；年度额度余 199700.00 元"
    )
    assert line.document["text_en"].startswith("1.5 h × 400.00 CNY/h = 600.00 CNY; voucher 50% → 300.00 CNY")
    assert (line.visited, line.home, line.payer_area) == ("520000", "330000", "330400")
    assert used.shown(booking)["shares"]["voucher_fen"] == 30_000
    assert used.world.booking(booking).charge_fen == 60_000
    assert broken(used.database) == []


def test_completing_confirms_and_prices(used: Used) -> None:
    booking = used.served()
    used.world.command(booking, "complete", LI)
    told = used.usage(booking)
    assert (told["state"], told["confirmed"]["by"]) == ("rated", "completion")
    assert used.shares(booking) == [("rated", 80_000, 40_000, 40_000)]


def test_confirming_before_completing_leaves_nothing_for_completing(used: Used) -> None:
    booking = used.served()
    used.command(booking, "confirm")
    used.world.command(booking, "complete", LI)
    assert used.shares(booking) == [("rated", 80_000, 40_000, 40_000)]
    assert broken(used.database) == []


def test_the_same_key_confirms_once_and_a_second_confirmation_is_refused(used: Used) -> None:
    booking = used.served()
    revision = used.usage(booking)["revision"]
    first = used.command(booking, "confirm", key="one-key-for-one-thing")
    again = used.command(booking, "confirm", key="one-key-for-one-thing", revision=revision)
    assert (first.is_replayed, again.is_replayed) == (False, True)
    assert first.answer == again.answer
    with pytest.raises(UsageRefused, match="not possible"):
        used.command(booking, "confirm")
    assert len(used.lines(booking)) == 1


@pytest.mark.parametrize(
    ("who", "command", "body", "fault"),
    [
        (PROVIDER, "confirm", {}, NotAllowed),
        (ADMIN, "confirm", {}, NotAllowed),
        (STRANGER, "confirm", {}, OtherParty),
        (STRANGER, "dispute", {"reason": "time_wrong"}, OtherParty),
        (ADMIN, "decide", {"outcome": "uphold", "reason": "evidence_supports"}, NotAllowed),
        (ENTERPRISE, "dispute", {}, ReasonUnfit),
        (ENTERPRISE, "dispute", {"reason": "entry_error"}, ReasonUnfit),
        (ENTERPRISE, "confirm", {"revision": 99}, RevisionStale),
        (ENTERPRISE, "confirm", {"key": None}, KeyMissing),
        (PROVIDER, "refer", {"reason": "unreachable"}, UsageRefused),
        (ENTERPRISE, "settle", {}, ReasonUnfit),
    ],
)
def test_what_is_refused_changes_nothing(
    used: Used, who: Any, command: str, body: dict[str, Any], fault: Any
) -> None:
    booking = used.served()
    before = used.usage(booking)
    with pytest.raises(fault):
        used.command(booking, command, who, **body)
    assert used.usage(booking) == before
    assert used.lines(booking) == []


def test_silence_confirms_after_two_notices_by_two_channels(used: Used) -> None:
    booking = used.served()
    told = used.usage(booking)
    assert {(one["number"], one["channel"]) for one in told["notices"]} == {(1, "inbox"), (1, "mail")}
    used.run_clock(5)  # the second notice was due after three working days
    told = used.usage(booking)
    assert (told["state"], {one["number"] for one in told["notices"]}) == ("submitted", {1, 2})
    used.run_clock(4)
    told = used.usage(booking)
    assert (told["state"], told["confirmed"]["by"]) == ("rated", "silence")
    assert used.shares(booking) == [("rated", 80_000, 40_000, 40_000)]
    assert used.shown(booking)["shares"]["state"] == "captured"
    used.run_clock(30)
    assert len(used.lines(booking)) == 1


def test_one_channel_is_not_enough_however_long_it_takes(world: World) -> None:
    used = Used.build(world, has_mail=False)
    booking = used.served()
    for _ in range(8):
        used.run_clock(3)
    assert used.usage(booking)["state"] == "submitted"
    assert {one["channel"] for one in used.usage(booking)["notices"]} == {"inbox"}
    with used.database.write() as session:
        session.add(
            Contact(recipient="account:li", channel="sms", address="13800000000", changed_at=world.clock())
        )
    used.run_clock(3)
    assert used.usage(booking)["state"] == "submitted", "told at last, and still with time to answer"
    used.run_clock(6)
    assert used.usage(booking)["confirmed"]["by"] == "silence"


def test_a_notice_that_failed_for_good_does_not_count(used: Used) -> None:
    booking = used.served()
    used.run_clock(5)
    with used.database.write() as session:
        for row in session.scalars(select(Delivery)):
            row.failed_at = used.world.clock()
    used.run_clock(4)
    assert used.usage(booking)["state"] == "submitted"
    used.run_clock(6)
    assert used.usage(booking)["state"] == "rated", "another notice went out meanwhile"


def test_completion_by_the_clock_waits_for_silence_and_loses_nothing(world: World) -> None:
    used = Used.build(world, has_mail=False)
    booking = used.served()
    for _ in range(12):
        world.clock.advance(86400)
        world.run_timers()
    assert world.state(booking) == "completed"
    assert (used.usage(booking)["state"], used.wallet()) == ("submitted", (60_000, 40_000, 0))
    used.command(booking, "confirm")
    assert used.shares(booking) == [("rated", 80_000, 40_000, 40_000)]
    assert broken(used.database) == []


def test_nobody_reachable_is_referred_to_both_provinces(world: World) -> None:
    used = Used.build(world, has_mail=False)
    booking = used.served()
    used.run_clock(12)
    used.command(booking, "refer", PROVIDER, reason="unreachable")
    assert used.usage(booking)["dispute"]["raised_by"] == "provider"


def test_the_provider_amends_by_another_version_and_the_clock_begins_anew(used: Used) -> None:
    booking = used.served({"hours": 2.0})
    used.run_clock(5)
    used.command(booking, "amend", PROVIDER, reason="entry_error", used={"hours": 1.0})
    told = used.usage(booking)
    assert [(one["version"], one["fee_fen"]) for one in told["versions"]] == [(1, 80_000), (2, 40_000)]
    assert {one["number"] for one in told["notices"]} == {1}
    used.command(booking, "confirm")
    assert used.shares(booking) == [("rated", 40_000, 20_000, 20_000)]
    assert used.world.booking(booking).document["reckoning"]["used_fee_fen"] == 40_000
    assert broken(used.database) == []


def test_more_than_agreed_waits_for_the_enterprise_and_is_its_own_share(used: Used) -> None:
    booking = used.served({"hours": 3.0})
    used.command(booking, "confirm")
    assert used.shares(booking) == [("rated", 80_000, 40_000, 40_000)]
    give(used.world, booking, "confirm_fee", LI)
    assert used.shares(booking) == [
        ("withdrawn", 80_000, 40_000, 40_000),
        ("rated", 120_000, 40_000, 80_000),
    ]
    assert (used.world.booking(booking).charge_fen, used.wallet()) == (120_000, (60_000, 0, 40_000))
    assert broken(used.database) == []


def test_the_fee_is_not_changed_once_its_line_is_in_a_statement(used: Used) -> None:
    booking = used.served({"hours": 3.0})
    used.command(booking, "confirm")
    put(used, booking, "batched")
    assert used.usage(booking)["state"] == "locked"
    with pytest.raises(UsageLocked):
        give(used.world, booking, "confirm_fee", LI)
    assert used.world.booking(booking).charge_fen == 80_000
    put(used, booking, "settled")
    assert used.usage(booking)["state"] == "settled"


def put(used: Used, booking: str, state: str) -> None:
    with used.database.write() as session:
        line = session.get_one(RatedLine, used.lines(booking)[-1].id)
        line.state = state


def return_it(used: Used, booking: str, code: str = "wrong_time") -> None:
    with used.database.write() as session:
        settlement.return_line(
            session, used.lines(booking)[-1].id, code, text="请核对", by="account:f", now=used.world.clock()
        )


def test_a_returned_line_is_mended_by_another_version(used: Used) -> None:
    booking = used.served()
    used.command(booking, "confirm")
    put(used, booking, "batched")
    return_it(used, booking)
    return_it(used, booking)  # heard twice
    told = used.usage(booking)
    assert (told["state"], told["returned"]["code"]) == ("returned", "wrong_time")
    used.command(booking, "amend", PROVIDER, reason="returned_mended", used={"hours": 1.0})
    assert used.usage(booking)["state"] == "submitted", "the price has changed: the enterprise is asked anew"
    used.command(booking, "confirm")
    assert used.shares(booking) == [
        ("returned", 80_000, 40_000, 40_000),
        ("rated", 40_000, 20_000, 20_000),
    ]
    assert used.wallet() == (80_000, 0, 20_000), "what was captured too much is the holder's again"
    assert broken(used.database) == []


def test_a_mend_that_changes_no_price_needs_no_new_confirmation(used: Used) -> None:
    booking = used.served()
    used.command(booking, "confirm")
    return_it(used, booking, "evidence_missing")
    proof = used.hand_in(booking, PROVIDER, b"%PDF-1.7 signed", kind="sign_sheet", name="签字单")
    used.command(booking, "amend", PROVIDER, reason="returned_mended", evidence=[proof])
    told = used.usage(booking)
    assert (told["state"], told["confirmed"]["by"], told["evidence"]) == ("rated", "unchanged", [proof])
    assert used.shares(booking)[-1] == ("rated", 80_000, 40_000, 40_000)
    assert broken(used.database) == []


def test_what_the_station_gives_up_costs_nothing_and_gives_the_voucher_back(used: Used) -> None:
    booking = used.served()
    used.command(booking, "confirm")
    return_it(used, booking)
    used.command(booking, "waive", PROVIDER, reason="goodwill")
    assert used.usage(booking)["state"] == "waived"
    assert (used.wallet(), used.world.booking(booking).charge_fen) == ((100_000, 0, 0), None)
    assert used.shown(booking)["shares"]["state"] == "released"
    assert broken(used.database) == []


def test_a_no_show_is_charged_without_a_voucher_and_taken_back_when_it_is_overturned(used: Used) -> None:
    world = used.world
    booking = world.submit("520000", world.slot())
    world.command(booking, "accept", STATION)
    start = world.booking(booking).starts_at
    assert start is not None
    world.clock.now = start.replace(hour=start.hour + 1)
    world.command(booking, "no_show", STATION)
    charge = world.booking(booking).charge_fen
    assert charge
    assert used.shares(booking) == [("rated", charge, 0, charge)]
    assert (used.wallet(), used.usage(booking, "no_show")["kind"]) == ((100_000, 0, 0), "no_show")
    world.command(booking, "dispute", LI, reason="time_unsuitable")
    world.command(booking, "overturn", OFFICE, reason="settled_by_staff")
    assert used.shares(booking) == [("withdrawn", charge, 0, charge)]
    assert broken(used.database) == []


def test_a_question_without_a_fee_has_no_usage(used: Used) -> None:
    booking = used.world.submit("520000")
    used.world.command(booking, "accept", STATION)
    used.world.command(booking, "check_in", STATION)
    used.world.command(booking, "check_out", STATION, has_usage=True)
    used.world.command(booking, "complete", LI)
    with used.database.read() as session:
        assert session.scalars(select(Usage)).all() == []
    assert used.lines(booking) == []


def test_what_is_told_of_a_usage_names_nobody(used: Used) -> None:
    booking = used.served()
    assert "13800000000" not in str(used.usage(booking))
    assert "李工" not in str(used.usage(booking))
