"""安徽: the hub hands messages out and takes answers in; the platform comes for them and does each once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest

from adapters.contract import Answer, EvidenceFacts
from adapters.errors import LimitExceeded, Malformed, Unsupported
from adapters.simulators.desk import Period, model
from tests.adapters.bookings.platforms import Spoken


class Doors:
    """The hub's two doors for a platform that fetches, with what it keeps behind them."""

    def __init__(self, spoken: Spoken) -> None:
        self._spoken = spoken
        self.waiting: list[dict[str, Any]] = []
        self.answers: list[Answer] = []
        self.is_down = 0

    def put(self, command: Any, order: Any, **more: Any) -> None:
        """A message waits to be fetched."""
        message = self._spoken.message(command, order, number=len(self.waiting) + 1, **more)
        self.waiting.append(
            {"message_id": message.message_id, "kind": command, "body": self._spoken.port.write(message)}
        )

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.is_down:
            self.is_down -= 1
            return httpx.Response(503)
        if request.url.path.endswith("/messages"):
            after = int(request.url.params.get("after", "0"))
            page = self.waiting[after : after + int(request.url.params["limit"])]
            return httpx.Response(200, json={"messages": page, "next": str(after + len(page))})
        self.answers.extend(self._spoken.port.read_callback(dict(request.headers), request.content))
        return httpx.Response(204)


@pytest.fixture
def anhui(province: Callable[[str], Spoken]) -> Spoken:
    return province("340000")


@pytest.fixture
def doors(anhui: Spoken) -> Doors:
    return Doors(anhui)


def visit(anhui: Spoken, doors: Doors) -> None:
    """The platform comes once: fetches everything, brings everything."""
    courier = anhui.simulator._courier  # type: ignore[attr-defined]
    with httpx.Client(transport=httpx.MockTransport(doors), base_url="http://hub.test") as client:
        while courier.fetch(client):
            pass
        courier.bring(client)


def test_a_booking_is_fetched_handled_and_answered(anhui: Spoken, doors: Doors) -> None:
    order = anhui.order()
    doors.put("submit", order)
    visit(anhui, doors)
    (held,) = anhui.desk.under(order.id)
    assert held.instrument == anhui.key
    native = str(held.facts)
    for said in ("嘉兴某新材料有限公司", "13900000001", "产品质量提升", "镀膜玻璃", "腐蚀性"):
        assert said in native
    assert held.facts["fy"] == 600.5
    for step in (
        anhui.desk.accept,
        anhui.desk.receive_samples,
        anhui.desk.begin,
        anhui.desk.finish,
        anhui.desk.deliver_report,
    ):
        step(held.number)
    visit(anhui, doors)
    assert [a.kind for a in doors.answers] == [
        "received",
        "accepted",
        "samples_received",
        "in_service",
        "done",
        "report",
    ]
    assert {(a.booking_id, a.remote_id) for a in doors.answers} == {(order.id, held.number)}
    assert [a.sequence for a in doors.answers] == [1, 2, 3, 4, 5, 6]
    assert doors.answers[1].slot == order.slot
    usage, report = doors.answers[4].usage, doors.answers[5].report
    assert usage is not None
    assert usage.hours == 2
    log = anhui.desk.order(held.number).usage.proofs[0]
    assert usage.evidence == (EvidenceFacts("run_log", log.sha256, log.name),)
    assert report is not None
    assert report.sha256 == anhui.desk.order(held.number).report.sha256
    assert not any(a.notes or a.is_signed for a in doors.answers)


def test_the_same_message_fetched_twice_is_done_once(anhui: Spoken, doors: Doors) -> None:
    order = anhui.order()
    doors.put("submit", order)
    visit(anhui, doors)
    anhui.desk.remember("next", "0")
    visit(anhui, doors)
    assert len(anhui.desk.under(order.id)) == 1


def test_an_answer_the_hub_did_not_take_is_brought_again(anhui: Spoken, doors: Doors) -> None:
    order = anhui.order()
    doors.put("submit", order)
    visit(anhui, doors)
    anhui.desk.accept(anhui.number(order))
    doors.is_down = 3
    for _ in range(3):
        with pytest.raises(httpx.HTTPStatusError):
            visit(anhui, doors)
    visit(anhui, doors)
    assert [a.kind for a in doors.answers] == ["received", "accepted"]


def test_moving_and_cancelling_go_both_ways(anhui: Spoken, doors: Doors) -> None:
    order = anhui.order()
    doors.put("submit", order)
    visit(anhui, doors)
    number, later, latest = anhui.number(order), anhui.free_slot(skip=8), anhui.free_slot(skip=14)
    anhui.desk.propose(number, Period(later.start, later.end), model.BY_PLATFORM, "校准")
    visit(anhui, doors)
    offered = doors.answers[-1]
    assert (offered.kind, offered.slot) == ("proposed", later)
    doors.put("agree", order, slot=later, proposal_id=offered.proposal_id)
    visit(anhui, doors)
    assert (doors.answers[-1].kind, doors.answers[-1].slot) == ("accepted", later)
    doors.put("propose", order, slot=latest)
    visit(anhui, doors)
    proposal = anhui.desk.order(number).proposal
    assert proposal is not None
    anhui.desk.decide(number, proposal.number, model.BY_PLATFORM, agrees=False)
    visit(anhui, doors)
    assert (doors.answers[-1].kind, doors.answers[-1].slot) == ("declined", later)
    doors.put("cancel", order, reason="plans_changed", note="改期到明年")
    visit(anhui, doors)
    assert doors.answers[-1].kind == "cancelled"
    assert anhui.desk.order(number).reason == "21"
    doors.put("cancel", order, reason="plans_changed")
    doors.put("agree", order, slot=later, proposal_id="P-gone")
    visit(anhui, doors)
    assert (doors.answers[-1].kind, doors.answers[-1].reason) == ("declined", "time_unsuitable")


def test_what_cannot_be_taken_is_refused_with_its_reason(anhui: Spoken, doors: Doors) -> None:
    order = anhui.order()
    anhui.desk.reserve(anhui.key, Period(order.slot.start, order.slot.end))
    doors.put("submit", order)
    doors.put("submit", anhui.order(instrument=replace(order.instrument, internal_number="nothing")))
    visit(anhui, doors)
    assert [(a.kind, a.reason) for a in doors.answers] == [
        ("rejected", "slot_taken"),
        ("rejected", "instrument_withdrawn"),
    ]


def test_what_has_begun_is_not_cancelled(anhui: Spoken, doors: Doors) -> None:
    order = anhui.order()
    doors.put("submit", order)
    visit(anhui, doors)
    number = anhui.number(order)
    anhui.desk.accept(number)
    anhui.desk.begin(number)
    doors.put("cancel", order, reason="user_cancelled")
    visit(anhui, doors)
    assert (doors.answers[-1].kind, doors.answers[-1].reason) == ("cancel_refused", "service_begun")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"7", b'"YS"', b"{}", b'{"hf": "YS"}', b"[[]]", b'{"yydh": {"a": 1}}', b"\xff\xfe"]
)
def test_an_answer_about_nobody_is_malformed(body: bytes, anhui: Spoken) -> None:
    with pytest.raises(Malformed):
        anhui.port.read_callback({}, body)


def test_an_answer_in_unknown_words_decides_nothing(anhui: Spoken) -> None:
    told = {"xxid": "m1", "yydh": "bk-1", "hf": "MM", "yy": "99", "ks": "2026-13-01", "js": "x", "xh": "一"}
    (answer,) = anhui.port.read_callback({}, orjson.dumps(told))
    assert (answer.kind, answer.reason, answer.slot, answer.sequence) == ("unclear", None, None, None)
    assert {(n.pointer, n.code) for n in answer.notes} >= {
        ("/kind", "unmapped-code"),
        ("/reason", "unmapped-code"),
    }
    assert {n.table for n in answer.notes if n.code == "unmapped-code"} == {"kind", "reason"}


def test_a_huge_answer_is_refused_before_it_is_read(anhui: Spoken) -> None:
    with pytest.raises(LimitExceeded):
        anhui.port.read_callback({}, b'{"sm": "' + b"a" * 3_000_000 + b'"}')


def test_the_hub_calls_nobody_in_anhui(anhui: Spoken) -> None:
    order = anhui.order()
    for ask in (
        lambda: anhui.port.send(anhui.message("submit", order)),
        lambda: anhui.port.lookup(order),
        lambda: list(anhui.port.feed(None)),
        lambda: anhui.port.availability(order.instrument, order.slot.start, order.slot.end),
    ):
        with pytest.raises(Unsupported):
            ask()
    assert anhui.line.requests == []


def test_what_the_station_did_in_the_portal_is_written_down_once(anhui: Spoken, doors: Doors) -> None:
    order = anhui.order()
    doors.put("submit", order)
    doors.put("accept", order)
    doors.put("accept", order)
    doors.put("check_in", order)
    visit(anhui, doors)
    assert [answer.kind for answer in doors.answers] == ["received", "accepted", "in_service"]
    doors.put("no_show", order)
    visit(anhui, doors)
    assert doors.answers[-1].kind == "not_noted"
    assert doors.answers[-1].sequence is None, "nothing changed: its number is an old one"
