"""What every booking interface does, whatever its dialect: said once, asked of each province that is called."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from adapters.contract import Answer, AnswerKind, BookingOrder
from adapters.errors import Malformed, OutcomeUnknown, Refused, Throttled, Unreachable, Unsupported
from adapters.simulators.desk import Period, model
from tests.adapters.bookings.platforms import Spoken, native_key

Make = Callable[[str], Spoken]

CALLED = ("310000", "320000", "330000", "360000", "510000")
BY_REFERENCE = ("310000", "320000", "330000", "510000")
FED = ("320000", "330000", "360000", "510000")
MOVED = ("310000", "320000", "330000", "510000")


def latest(spoken: Spoken, order: BookingOrder) -> Answer:
    """What the province says now, however it is asked."""
    spoken.settle()
    return spoken.port.lookup(order)


@pytest.mark.parametrize("code", CALLED)
def test_an_order_arrives_with_everything_the_dialect_carries(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    answer = spoken.submit(order)
    spoken.settle()
    assert answer.kind == "received"
    assert answer.booking_id == order.id
    (held,) = spoken.desk.mentioning(order.id)
    assert held.instrument == spoken.key
    assert held.mode == model.MACHINE
    assert held.period is not None
    assert (held.period.start, held.period.end) == (order.slot.start, order.slot.end)
    native = str(held.facts)
    if code != "360000":  # its samples are one text
        assert "腐蚀性" in native
    for said in (
        "嘉兴某新材料有限公司",
        "91330402MA2B000000",
        "王工",
        "13900000001",
        "产品质量提升",
        "镀膜玻璃",
    ):
        assert said in native
    assert "None" not in native


@pytest.mark.parametrize("code", CALLED)
@pytest.mark.parametrize("mode", ["entrusted_test", "consultation"])
def test_bookings_without_a_time_are_taken(code: str, mode: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order(service_mode=mode, slot=None, due_on=(spoken.clock.now + timedelta(days=30)).date())
    spoken.submit(order)
    spoken.settle()
    (held,) = spoken.desk.mentioning(order.id)
    assert held.period is None
    assert held.mode == {"entrusted_test": model.TEST, "consultation": model.ADVICE}[mode]
    assert order.due_on.isoformat() in str(held.facts)


@pytest.mark.parametrize("code", CALLED)
def test_what_staff_do_is_found_by_asking(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    assert latest(spoken, order).kind == "received"
    number = spoken.number(order)
    steps: list[tuple[Callable[[str], object], AnswerKind]] = [
        (spoken.desk.accept, "accepted"),
        (spoken.desk.receive_samples, "samples_received"),
        (spoken.desk.begin, "in_service"),
        (lambda n: spoken.desk.finish(n, 2.5, 75_000), "done"),
        (spoken.desk.deliver_report, "report"),
    ]
    for step, kind in steps:
        spoken.settle()
        step(number)
        answer = latest(spoken, order)
        assert answer.kind == kind
        assert answer.booking_id == order.id
        assert answer.remote_id == number
        assert answer.slot == order.slot
        assert not answer.notes
    assert answer.usage is not None
    assert (answer.usage.hours, answer.usage.fee_fen) == (2.5, 75_000)
    assert answer.report is not None
    assert answer.report.filename.endswith(".pdf")


LOGS = {"330000": "sensor_log"}
"""Where what a dialect has a place for is no log of the instrument."""
SEVERAL = ("310000", "510000")
"""Dialects that tell any number of proofs, with their kinds; the others have a place for one. Anhui: `test_anhui`."""


@pytest.mark.parametrize("code", CALLED)
def test_the_hashes_of_what_proves_a_use_come_with_it(code: str, province: Make) -> None:
    spoken = province(code)
    order, number = in_service(spoken)
    proof = spoken.desk.finish(number, 2.5, 75_000).usage.proofs[0]
    answer = latest(spoken, order)
    assert [(each.kind, each.sha256) for each in answer.usage.evidence] == [
        (LOGS.get(code, "run_log"), proof.sha256)
    ]
    assert not answer.notes


@pytest.mark.parametrize("code", CALLED)
def test_a_use_without_proofs_is_a_use(code: str, province: Make) -> None:
    spoken = province(code)
    order, number = in_service(spoken)
    spoken.desk.finish(number, 2.5, 75_000, proofs=())
    answer = latest(spoken, order)
    assert (answer.kind, answer.usage.hours, answer.usage.evidence, answer.notes) == ("done", 2.5, (), ())


@pytest.mark.parametrize("code", SEVERAL)
def test_every_kind_of_proof_arrives_once_and_one_without_a_hash_costs_itself_alone(
    code: str, province: Make
) -> None:
    spoken = province(code)
    order, number = in_service(spoken)
    kinds = (model.RUN_LOG, model.SENSOR_LOG, model.SIGNED_SHEET, model.PHOTO, model.PHOTO)
    told = [model.Proof(kind, "使用\n记录 ", sha * 64) for kind, sha in zip(kinds, "ABCDD", strict=True)]
    spoken.desk.finish(number, 2.5, 75_000, proofs=(*told, model.Proof(model.PHOTO, "", "abc")))
    answer = latest(spoken, order)
    assert [(each.kind, each.sha256[0]) for each in answer.usage.evidence] == [
        ("run_log", "a"),
        ("sensor_log", "b"),
        ("sign_sheet", "c"),
        ("photo", "d"),
    ]
    assert {each.name for each in answer.usage.evidence} <= {"", "使用 记录"}
    assert (answer.kind, answer.usage.hours) == ("done", 2.5)
    assert [(note.pointer, note.value) for note in answer.notes] == [("/usage/evidence", "abc")]


def in_service(spoken: Spoken) -> tuple[BookingOrder, str]:
    """An order whose service has begun, and the platform's number of it."""
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    number = spoken.number(order)
    spoken.desk.accept(number)
    spoken.desk.begin(number)
    spoken.settle()
    return order, number


@pytest.mark.parametrize("code", CALLED)
def test_a_refusal_by_staff_has_a_reason_of_ours(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    spoken.desk.reject(spoken.number(order), model.NO_OPERATOR, "本周没有人")
    answer = latest(spoken, order)
    assert (answer.kind, answer.reason, answer.text) == ("rejected", "operator_absent", "本周没有人")


@pytest.mark.parametrize("code", CALLED)
def test_a_taken_slot_is_refused_with_that_reason(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.desk.reserve(spoken.key, Period(order.slot.start, order.slot.end))
    answer = spoken.submit(order)
    if code == "510000":  # takes everything first
        answer = latest(spoken, order)
    assert (answer.kind, answer.reason) == ("rejected", "slot_taken")
    assert answer.booking_id == order.id
    assert not answer.notes


@pytest.mark.parametrize("code", CALLED)
def test_an_instrument_that_is_not_shared_is_refused_with_that_reason(code: str, province: Make) -> None:
    spoken = province(code)
    closed = next(i.key for i, row in spoken.world.good() if row.sharing == "不共享")
    order = spoken.order(instrument=native_key(spoken.world, closed))
    answer = spoken.submit(order)
    if code == "510000":  # takes everything first
        answer = latest(spoken, order)
    assert (answer.kind, answer.reason) == ("rejected", "not_shared")


@pytest.mark.parametrize("code", CALLED)
def test_a_lost_answer_leaves_the_outcome_open_and_a_look_up_finds_the_order(
    code: str, province: Make
) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.line.faults = ["unanswered"]
    with pytest.raises(OutcomeUnknown):
        spoken.submit(order)
    found = latest(spoken, order)
    assert found.kind == "received"
    assert found.duplicate_ids == ()
    assert len(spoken.desk.mentioning(order.id)) == 1


@pytest.mark.parametrize("code", CALLED)
@pytest.mark.parametrize("fault", ["lost", "reset"])
def test_a_request_that_may_have_arrived_is_never_called_unreachable(
    code: str, fault: str, province: Make
) -> None:
    spoken = province(code)
    spoken.line.faults = [fault]
    with pytest.raises(OutcomeUnknown) as unknown:
        spoken.submit(spoken.order())
    assert not unknown.value.retryable
    assert unknown.value.zh
    assert unknown.value.en


@pytest.mark.parametrize("code", CALLED)
def test_a_request_nobody_received_is_unreachable(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.line.faults = ["refused"]
    with pytest.raises(Unreachable):
        spoken.submit(order)
    assert spoken.desk.mentioning(order.id) == []
    spoken.submit(order)
    spoken.settle()
    assert latest(spoken, order).kind == "received"


@pytest.mark.parametrize("code", BY_REFERENCE)
def test_absence_is_proven_by_asking(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.line.faults = ["lost"]
    with pytest.raises(OutcomeUnknown):
        spoken.submit(order)
    answer = latest(spoken, order)
    assert answer.kind == "not_found"
    assert answer.booking_id == order.id


@pytest.mark.parametrize("code", ["320000", "330000", "510000"])
def test_a_blind_repeat_would_make_a_second_order_and_a_look_up_names_it(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.submit(order)
    found = latest(spoken, order)
    held = [o.number for o in spoken.desk.under(order.id)]
    assert len(held) == 2
    assert {found.remote_id, *found.duplicate_ids} == set(held)


@pytest.mark.parametrize("code", CALLED)
def test_a_server_error_after_sending_leaves_the_outcome_open(code: str, province: Make) -> None:
    spoken = province(code)
    spoken.line.faults = [lambda answer: httpx.Response(502, request=answer.request, content=b"bad gateway")]
    order = spoken.order()
    with pytest.raises(OutcomeUnknown):
        spoken.submit(order)
    assert latest(spoken, order).kind == "received"


@pytest.mark.parametrize("code", CALLED)
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"<html>", b"\xff\xfe", b'{"code":"' + b"9" * 100 + b'"}']
)
def test_an_answer_that_cannot_be_read_leaves_the_outcome_open(
    code: str, content: bytes, province: Make
) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.line.faults = [
        lambda answer: httpx.Response(
            200, request=answer.request, content=content, headers={"content-type": "application/json"}
        )
    ]
    if code == "510000" and content == b'{"code":"' + b"9" * 100 + b'"}':
        assert spoken.submit(order).kind == "received"  # every 2xx is a receipt there
        return
    with pytest.raises(OutcomeUnknown):
        spoken.submit(order)


@pytest.mark.parametrize("code", CALLED)
def test_a_huge_answer_is_dropped_and_leaves_the_outcome_open(code: str, province: Make) -> None:
    spoken = province(code)
    huge = b"[" + b"0," * 2_000_000
    spoken.line.faults = [lambda answer: httpx.Response(200, request=answer.request, content=huge)] * 2
    order = spoken.order()
    with pytest.raises(OutcomeUnknown):
        spoken.submit(order)
    assert len(spoken.desk.mentioning(order.id)) in (0, 1)


@pytest.mark.parametrize("code", CALLED)
def test_too_often_means_nothing_was_done(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.desk.mischief.set({"throttle": 1})
    with pytest.raises(Throttled) as asked:
        spoken.submit(order)
    assert asked.value.retryable
    assert asked.value.retry_after in (None, 2.0)
    assert spoken.desk.mentioning(order.id) == []
    assert spoken.submit(order).kind == "received"


@pytest.mark.parametrize("code", ["310000", "320000", "330000"])
def test_an_answer_about_another_booking_is_not_believed(code: str, province: Make) -> None:
    spoken = province(code)
    first, second = spoken.order(), spoken.order()
    spoken.submit(first)
    spoken.desk.mischief.set({"wrong_answer": 1})
    with pytest.raises(OutcomeUnknown) as unknown:
        spoken.submit(second)
    assert [problem.code for problem in unknown.value.problems] == ["foreign-answer"]
    assert latest(spoken, second).booking_id == second.id


@pytest.mark.parametrize("code", BY_REFERENCE)
def test_a_look_up_that_gives_another_booking_proves_nothing(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    spoken.line.requests.clear()
    if code == "510000":
        spoken.port.lookup(order)
    spoken.desk.mischief.set({"wrong_answer": 1})
    with pytest.raises(Malformed):
        spoken.port.lookup(order)


@pytest.mark.parametrize("code", CALLED)
def test_cancelling_is_acknowledged_and_safe_to_repeat(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    order = replace(order, remote_id=spoken.number(order))
    message = spoken.message("cancel", order, reason="user_cancelled", note="项目推迟")
    answer = spoken.port.send(message)
    assert answer.kind == ("received" if code == "510000" else "cancelled")
    assert latest(spoken, order).kind == "cancelled"
    spoken.port.send(message)
    assert latest(spoken, order).kind == "cancelled"
    assert spoken.desk.mentioning(order.id)[0].words == "项目推迟"


@pytest.mark.parametrize("code", ["310000", "320000", "330000", "360000"])
def test_what_has_begun_cannot_be_cancelled(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    number = spoken.number(order)
    spoken.desk.accept(number)
    spoken.desk.begin(number)
    order = replace(order, remote_id=number)
    answer = spoken.port.send(spoken.message("cancel", order, reason="user_cancelled"))
    assert (answer.kind, answer.reason) == ("cancel_refused", "service_begun")


@pytest.mark.parametrize("code", ["310000", "320000", "330000", "360000"])
def test_nothing_is_sent_about_an_order_whose_number_is_not_known(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.line.requests.clear()
    with pytest.raises(Refused):
        spoken.port.send(spoken.message("cancel", order, reason="user_cancelled"))
    assert [r for r in spoken.line.requests if "token" not in r.url.path.lower()] == []


@pytest.mark.parametrize("code", MOVED)
@pytest.mark.parametrize("agrees", [True, False])
def test_a_time_the_platform_proposes_is_answered(code: str, agrees: bool, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    number = spoken.number(order)
    later = spoken.free_slot(skip=8)
    spoken.desk.propose(number, Period(later.start, later.end), model.BY_PLATFORM, "设备校准")
    offered = latest(spoken, order)
    assert (offered.kind, offered.slot) == ("proposed", later)
    assert offered.proposal_id
    assert offered.expires_at is not None
    message = spoken.message(
        "agree" if agrees else "decline",
        replace(order, remote_id=number),
        slot=later,
        proposal_id=offered.proposal_id,
    )
    spoken.port.send(message)
    answer = latest(spoken, order)
    assert (answer.kind, answer.slot) == (("accepted", later) if agrees else ("received", order.slot))


@pytest.mark.parametrize("code", MOVED)
@pytest.mark.parametrize("agrees", [True, False])
def test_a_time_the_enterprise_proposes_is_answered_by_staff(code: str, agrees: bool, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    number = spoken.number(order)
    spoken.desk.accept(number)
    later = spoken.free_slot(skip=8)
    order = replace(order, remote_id=number)
    assert spoken.port.send(spoken.message("propose", order, slot=later)).kind == "received"
    assert latest(spoken, order).kind == "received"
    proposal = spoken.desk.order(number).proposal
    assert proposal is not None
    spoken.desk.decide(number, proposal.number, model.BY_PLATFORM, agrees=agrees)
    answer = latest(spoken, order)
    assert (answer.kind, answer.slot) == (("agreed", later) if agrees else ("declined", order.slot))


@pytest.mark.parametrize("code", ["310000", "320000", "330000"])
def test_an_offer_that_no_longer_stands_is_declined(code: str, province: Make) -> None:
    spoken = province(code)
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    order = replace(order, remote_id=spoken.number(order))
    answer = spoken.port.send(spoken.message("agree", order, slot=order.slot, proposal_id="P-gone"))
    assert (answer.kind, answer.reason) == ("declined", "time_unsuitable")


def test_jiangxi_has_no_moving(province: Make) -> None:
    spoken = province("360000")
    order = replace(spoken.order(), remote_id="1")
    for command in ("propose", "agree", "decline"):
        with pytest.raises(Unsupported):
            spoken.port.send(spoken.message(command, order, slot=order.slot, proposal_id="P"))
