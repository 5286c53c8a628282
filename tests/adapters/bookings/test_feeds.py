"""Order feeds: everything staff do comes once or more, in any order, and reading on goes on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import orjson
import pytest

from adapters.contract import Answer, AnswerPage
from adapters.errors import AdapterError, LimitExceeded, LoopDetected, Malformed
from adapters.simulators.desk import Period, model
from tests.adapters.bookings.platforms import Spoken

Make = Callable[[str], Spoken]

FED = ("320000", "330000", "360000", "510000")
COUNTED = ("320000", "510000")  # the platform numbers its events
STATED = ("330000", "360000")  # the platform lists states by time of change


def read(spoken: Spoken, cursor: str | None = None) -> tuple[list[Answer], str]:
    """Everything since a cursor, and the cursor to go on from."""
    pages = list(spoken.port.feed(cursor))
    assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
    return [answer for page in pages for answer in page.answers], pages[-1].cursor


def submitted(spoken: Spoken) -> tuple[object, str]:
    order = spoken.order()
    spoken.submit(order)
    spoken.settle()
    return order, spoken.number(order)


@pytest.mark.parametrize("code", FED)
def test_an_empty_feed_has_one_page_and_a_cursor(code: str, province: Make) -> None:
    spoken = province(code)
    answers, cursor = read(spoken)
    assert answers == []
    order, _ = submitted(spoken)
    later, _ = read(spoken, cursor)
    assert [answer.booking_id for answer in later] == [order.id]


@pytest.mark.parametrize("code", COUNTED)
def test_every_step_is_told_once_and_in_order(code: str, province: Make) -> None:
    spoken = province(code)
    order, number = submitted(spoken)
    for step in (spoken.desk.accept, spoken.desk.begin, spoken.desk.finish, spoken.desk.deliver_report):
        spoken.settle()
        step(number)
    answers, cursor = read(spoken)
    assert [answer.kind for answer in answers] == ["received", "accepted", "in_service", "done", "report"]
    assert {answer.booking_id for answer in answers} == {order.id}
    assert len({answer.message_id for answer in answers}) == 5
    sequences = [answer.sequence for answer in answers]
    assert sequences == sorted(sequences)
    assert answers[-1].usage is not None
    assert read(spoken, cursor) == ([], cursor)


@pytest.mark.parametrize("code", STATED)
def test_a_list_of_states_tells_the_latest_and_repeats_by_the_same_name(code: str, province: Make) -> None:
    spoken = province(code)
    order, number = submitted(spoken)
    first, cursor = read(spoken)
    again, _ = read(spoken, cursor)
    assert [a.message_id for a in first] == [a.message_id for a in again]  # overlap: the inbox drops it
    spoken.settle()
    spoken.desk.accept(number)
    spoken.settle()
    later, cursor = read(spoken, cursor)
    assert [(a.kind, a.booking_id) for a in later] == [("accepted", order.id)]
    assert later[0].message_id != first[0].message_id
    spoken.settle(3_600)
    spoken.desk.begin(number)
    later, _ = read(spoken, cursor)
    assert [a.kind for a in later] == ["in_service"]


@pytest.mark.parametrize("code", FED)
def test_a_feed_goes_on_after_any_page(code: str, province: Make) -> None:
    spoken = province(code)
    orders = []
    for number in range(7):
        order = spoken.order(slot=spoken.free_slot(skip=3 * number))
        spoken.submit(order)
        orders.append(order.id)
        spoken.settle(400)  # longer than any overlap
    operation, walk = spoken.port._dialect.feed  # type: ignore[attr-defined]
    small = replace(spoken.port._dialect, feed=(operation, replace(walk, size=3)))  # type: ignore[attr-defined]
    spoken.port._dialect = small  # type: ignore[attr-defined]
    pages: list[AnswerPage] = list(spoken.port.feed(None))
    assert [len(page.answers) for page in pages] == [3, 3, 1]
    seen = [answer.booking_id for page in pages for answer in page.answers]
    assert seen == orders
    for stop, page in enumerate(pages):
        rest = [a.booking_id for p in spoken.port.feed(page.cursor) for a in p.answers]
        before = {a.booking_id for p in pages[: stop + 1] for a in p.answers}
        assert before | set(rest) == set(orders)


def begun(spoken: Spoken) -> tuple[object, str, str]:
    """A platform that told something already: order, its number there, and the cursor after it."""
    order, number = submitted(spoken)
    _, cursor = read(spoken)
    return order, number, cursor


@pytest.mark.parametrize("code", COUNTED)
def test_what_comes_twice_or_out_of_order_is_known_by_its_name(code: str, province: Make) -> None:
    spoken = province(code)
    _, number, cursor = begun(spoken)
    spoken.desk.mischief.set({"twice": 1, "shuffle": 1})
    spoken.desk.accept(number)
    spoken.settle()
    spoken.desk.begin(number)
    answers, _ = read(spoken, cursor)
    assert [a.kind for a in answers] == ["in_service", "in_service", "accepted"]
    assert len({a.message_id for a in answers}) == 2
    assert [a.sequence for a in answers] == sorted((a.sequence for a in answers), reverse=True)


@pytest.mark.parametrize("code", FED)
def test_what_is_told_late_is_not_missed(code: str, province: Make) -> None:
    spoken = province(code)
    _, number, cursor = begun(spoken)
    spoken.desk.mischief.set({"late_seconds": 60})
    spoken.settle()
    spoken.desk.accept(number)
    early, cursor = read(spoken, cursor)
    assert "accepted" not in {a.kind for a in early}
    spoken.settle(61)
    assert "accepted" in {a.kind for a in read(spoken, cursor)[0]}


@pytest.mark.parametrize("code", FED)
def test_an_answer_under_another_bookings_number_keeps_the_provinces_own(code: str, province: Make) -> None:
    """Who is meant is for the hub to judge: it knows which order belongs to which booking."""
    spoken = province(code)
    first, _, cursor = begun(spoken)
    second = spoken.order(slot=spoken.free_slot(skip=5))
    spoken.submit(second)
    spoken.settle()
    number = spoken.number(second)
    spoken.desk.mischief.set({"wrong_reference": 1})
    spoken.desk.accept(number)
    answers = [a for a in read(spoken, cursor)[0] if a.kind == "accepted"]
    assert [(a.remote_id, a.booking_id) for a in answers] == [(number, first.id)]


@pytest.mark.parametrize("code", FED)
def test_a_confirmation_for_another_time_says_so(code: str, province: Make) -> None:
    spoken = province(code)
    order, number, cursor = begun(spoken)
    spoken.desk.mischief.set({"lie": 1})
    spoken.settle()
    spoken.desk.accept(number)
    answer = next(a for a in read(spoken, cursor)[0] if a.kind == "accepted")
    assert answer.slot is not None
    assert answer.slot.start == order.slot.start + timedelta(hours=1)


@pytest.mark.parametrize("code", FED)
@pytest.mark.parametrize("cursor", ["", "gibberish", "{}", '{"kind":"other"}', "7" * 9_000])
def test_a_foreign_cursor_is_refused(code: str, cursor: str, province: Make) -> None:
    with pytest.raises(Malformed):
        list(province(code).port.feed(cursor))


@pytest.mark.parametrize("code", ["320000", "330000", "510000"])  # 江西's rows travel inside a string
def test_a_row_about_nobody_costs_itself_only(code: str, province: Make) -> None:
    spoken = province(code)
    submitted(spoken)

    def spoil(answer: httpx.Response) -> httpx.Response:
        body = orjson.loads(answer.content)
        rows = body.get("rows") or body.get("items") or body["data"]["rows"]
        rows.insert(0, {"nothing": "of use"})
        rows.insert(0, 7)
        return httpx.Response(200, request=answer.request, json=body)

    spoken.line.faults = [spoil]
    (page,) = spoken.port.feed(None)
    assert len(page.answers) == 1
    assert [d.code for d in page.damaged] == ["malformed", "malformed"]


@pytest.mark.parametrize("code", FED)
def test_a_state_nobody_knows_decides_nothing_and_goes_to_the_worklist(code: str, province: Make) -> None:
    spoken = province(code)
    order, _ = submitted(spoken)
    states = {"320000": (b'"zt":"10"', b'"zt":"99"'), "330000": ("待审核".encode(), "神秘".encode()),
              "360000": (b'status":"0"', b'status":"77"'), "510000": (b'"waiting"', b'"dreaming"')}  # fmt: skip
    old, new = states[code]

    def change(answer: httpx.Response) -> httpx.Response:
        content = answer.content.replace(old, new).replace(
            old.replace(b'"', b"&quot;"), new.replace(b'"', b"&quot;")
        )
        assert content != answer.content
        return httpx.Response(
            200,
            request=answer.request,
            content=content,
            headers={"content-type": answer.headers["content-type"]},
        )

    spoken.line.faults = [change]
    (answer,) = read(spoken)[0]
    assert (answer.kind, answer.booking_id) == ("unclear", order.id)
    (note,) = answer.notes
    assert (note.code, note.table) == ("unmapped-code", "kind")
    assert note.zh
    assert note.en


def test_a_feed_that_does_not_move_is_no_endless_loop(province: Make) -> None:
    spoken = province("510000")
    submitted(spoken)

    def still(answer: httpx.Response) -> httpx.Response:
        item = {"seq": 1, "extNo": "bk-1", "state": "waiting"}
        body = orjson.loads(answer.content) | {"items": [item], "more": True, "nextAfter": 1}
        return httpx.Response(200, request=answer.request, json=body)

    spoken.line.faults = [still] * 5
    with pytest.raises(LoopDetected):
        list(spoken.port.feed(None))


def test_a_feed_that_goes_back_is_refused(province: Make) -> None:
    spoken = province("320000")
    _, number = submitted(spoken)
    spoken.desk.accept(number)
    _, cursor = read(spoken)

    def back(answer: httpx.Response) -> httpx.Response:
        body = {"code": 0, "data": {"more": 1, "rows": [{"id": 1, "wbdh": "bk-x", "zt": "10"}]}}
        return httpx.Response(200, request=answer.request, json=body)

    spoken.line.faults = [back]
    with pytest.raises(Malformed):
        list(spoken.port.feed(cursor))


def test_a_feed_without_end_ends(province: Make) -> None:
    spoken = province("510000")
    wire = spoken.port._wire  # type: ignore[attr-defined]
    wire.limits = replace(wire.limits, feed_pages=3)
    count = iter(range(1, 100))

    def more(answer: httpx.Response) -> httpx.Response:
        number = next(count)
        item = {"seq": number, "extNo": f"bk-{number}", "state": "waiting"}
        return httpx.Response(
            200, request=answer.request, json={"items": [item], "nextAfter": number, "more": True}
        )

    spoken.line.faults = [more] * 50
    pages: list[AnswerPage] = []
    with pytest.raises(LimitExceeded):
        pages.extend(spoken.port.feed(None))
    assert next(count) == 4


def test_a_platform_whose_clock_runs_ahead_does_not_hide_what_comes_next(province: Make) -> None:
    spoken = province("330000")
    _, number = submitted(spoken)

    def ahead(answer: httpx.Response) -> httpx.Response:
        body = orjson.loads(answer.content)
        body["rows"][0]["updateTime"] = "2099-01-01 00:00:00"
        return httpx.Response(200, request=answer.request, json=body)

    spoken.line.faults = [ahead]
    _, cursor = read(spoken)
    spoken.settle()
    spoken.desk.accept(number)
    assert [a.kind for a in read(spoken, cursor)[0]] == ["accepted"]


@pytest.mark.parametrize("code", FED)
@pytest.mark.parametrize("fault", ["lost", "reset", "refused"])
def test_a_feed_that_breaks_off_may_be_asked_again(code: str, fault: str, province: Make) -> None:
    spoken = province(code)
    order, _ = submitted(spoken)
    spoken.line.faults = [fault]
    with pytest.raises(AdapterError) as broken:
        read(spoken)
    assert broken.value.retryable
    assert [a.booking_id for a in read(spoken)[0]] == [order.id]


def test_an_action_that_could_not_be_done_is_told_in_sichuans_feed(province: Make) -> None:
    spoken = province("510000")
    order, number = submitted(spoken)
    spoken.desk.accept(number)
    spoken.desk.begin(number)
    spoken.port.send(spoken.message("cancel", order, reason="user_cancelled"))
    spoken.port.send(spoken.message("propose", order, slot=spoken.free_slot(skip=9)))
    spoken.settle()
    told = {answer.kind: answer for answer in read(spoken)[0]}
    assert told["cancel_refused"].reason == "service_begun"
    assert told["declined"].reason == "time_unsuitable"
    assert told["cancel_refused"].message_id != told["declined"].message_id


def test_a_moved_order_is_told_with_its_new_time(province: Make) -> None:
    spoken = province("320000")
    order, number = submitted(spoken)
    later = spoken.free_slot(skip=9)
    spoken.desk.propose(number, Period(later.start, later.end), model.BY_PLATFORM)
    offered = read(spoken)[0][-1]
    assert (offered.kind, offered.slot) == ("proposed", later)
    assert offered.proposal_id
    spoken.port.send(
        spoken.message("agree", replace(order, remote_id=number), slot=later, proposal_id=offered.proposal_id)
    )
    assert (read(spoken)[0][-1].kind, read(spoken)[0][-1].slot) == ("accepted", later)
