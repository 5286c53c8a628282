"""江西: two contradictory return-code tables, a look-up that proves presence only, and zeep on the other side."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
import zeep

from adapters.errors import AuthRejected, Malformed, OutcomeUnknown, Refused, Throttled
from adapters.simulators.desk import desk_of
from adapters.simulators.jiangxi_soap import INS_CODE, TABLE_A, TABLE_B, envelope, escaped
from adapters.simulators.serve import running
from adapters.simulators.world import World
from tests.adapters.bookings.platforms import Spoken, bookable, native_key

NAMESPACE = "http://order.server.ws.com/"


@pytest.fixture
def jiangxi(province: Callable[[str], Spoken]) -> Spoken:
    return province("360000")


def saying(operation: str, **answer: Any) -> Callable[[httpx.Response], httpx.Response]:
    """Another answer of the platform's to this operation."""
    content = envelope(operation, escaped(orjson.dumps(answer)), NAMESPACE)
    return lambda got: httpx.Response(200, request=got.request, content=content)


def test_the_same_code_means_another_thing_to_a_command_and_to_a_question(jiangxi: Spoken) -> None:
    assert TABLE_A["203"] != TABLE_B["203"]
    order = jiangxi.order()
    jiangxi.line.faults = [saying("submitOrder", code="204", msg="其他异常")]
    with pytest.raises(OutcomeUnknown) as unknown:  # table B: not certain
        jiangxi.submit(order)
    assert unknown.value.problems == ()  # a known code: nothing for the worklist
    jiangxi.line.faults = [saying("submitOrder", code="203", msg="验证格式错误")]
    with pytest.raises(Refused, match="B"):
        jiangxi.submit(order)
    jiangxi.line.faults = [saying("queryOrder", code="301", msg="数据库异常")]
    with pytest.raises(Throttled):  # table A: later
        jiangxi.port.lookup(order)
    jiangxi.line.faults = [saying("submitOrder", code="301", msg="?")]
    with pytest.raises(OutcomeUnknown) as unknown:  # not in table B at all
        jiangxi.submit(order)
    assert [(p.code, p.table) for p in unknown.value.problems] == [("unmapped-code", "B")]


def test_a_refusal_in_words_nobody_listed_is_refused_without_a_guess(jiangxi: Spoken) -> None:
    jiangxi.line.faults = [saying("submitOrder", code="101", msg="数据填写有误：星期三不开门")]
    answer = jiangxi.submit(jiangxi.order())
    assert (answer.kind, answer.reason, answer.text) == ("rejected", None, "数据填写有误：星期三不开门")
    assert [(n.code, n.table, n.value) for n in answer.notes] == [
        ("unmapped-code", "reason_words", "星期三不开门")
    ]


def test_our_number_travels_in_the_remark(jiangxi: Spoken) -> None:
    order = jiangxi.order()
    jiangxi.submit(order)
    (held,) = jiangxi.desk.orders()
    assert held.facts["remark"] == f"〔江仪汇 {order.id}〕"
    assert jiangxi.port.lookup(order).booking_id == order.id


def test_not_found_is_no_proof_and_names_who_to_ask_about(jiangxi: Spoken) -> None:
    order = jiangxi.order()
    answer = jiangxi.port.lookup(order)
    assert answer.kind == "unclear"
    assert [note.code for note in answer.notes] == ["absence-unproven"]
    jiangxi.submit(order)
    (held,) = jiangxi.desk.orders()
    jiangxi.desk.restore(replace(held, reference="张老师改过备注"), "created")  # staff edit the remark
    answer = jiangxi.port.lookup(order)
    assert answer.kind == "unclear"
    assert answer.notes[0].value == [held.number]
    known = replace(order, remote_id=held.number)
    assert jiangxi.port.lookup(known).kind == "received"


def test_a_look_up_reads_every_page(jiangxi: Spoken) -> None:
    orders = [jiangxi.order(service_mode="entrusted_test", slot=None) for _ in range(205)]
    for order in orders:
        jiangxi.submit(order)
    jiangxi.line.requests.clear()
    assert jiangxi.port.lookup(orders[-1]).booking_id == orders[-1].id
    assert len(jiangxi.line.requests) == 3


def test_a_fault_of_the_clients_is_final_one_of_the_servers_is_open(jiangxi: Spoken) -> None:
    def fault(code: str) -> Callable[[httpx.Response], httpx.Response]:
        content = (
            f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:{code}'
            "</faultcode><faultstring>不认识</faultstring></s:Fault></s:Body></s:Envelope>"
        ).encode()
        return lambda got: httpx.Response(500, request=got.request, content=content)

    jiangxi.line.faults = [fault("Client")]
    with pytest.raises(Refused):
        jiangxi.submit(jiangxi.order())
    jiangxi.line.faults = [fault("Server")]
    with pytest.raises(OutcomeUnknown):
        jiangxi.submit(jiangxi.order())


@pytest.mark.parametrize(
    "content",
    [
        b"<a/>",
        b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        envelope("submitOrder", b"", NAMESPACE),
        envelope("submitOrder", b"no json", NAMESPACE),
        envelope("submitOrder", b"[]", NAMESPACE),
    ],
    ids=["other", "dtd", "empty", "words", "list"],
)
def test_soap_that_cannot_be_read_leaves_a_command_open_and_a_question_unanswered(
    content: bytes, jiangxi: Spoken
) -> None:
    order = jiangxi.order()
    jiangxi.line.faults = [lambda got: httpx.Response(200, request=got.request, content=content)] * 2
    with pytest.raises(OutcomeUnknown):
        jiangxi.submit(order)
    with pytest.raises(Malformed):
        jiangxi.port.lookup(order)


def test_text_that_is_no_xml_is_cleaned_before_it_is_sent(jiangxi: Spoken) -> None:
    order = jiangxi.order(purpose="用途\x00\x0b<&>\ud800完")
    jiangxi.submit(order)
    (held,) = jiangxi.desk.orders()
    assert held.facts["purpose"] == "用途<&>完"


def test_a_wrong_unit_code_is_refused_before_anything_is_done(jiangxi: Spoken) -> None:
    jiangxi.port._site = replace(jiangxi.port._site, credentials={"ins_code": "0" * 32})  # type: ignore[attr-defined]
    with pytest.raises((Refused, AuthRejected)):
        jiangxi.submit(jiangxi.order())
    assert jiangxi.desk.orders() == []


# -- the platform, asked by a client nobody here wrote ------------------------------------------------------------


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, World]]:
    world = World(records=200)
    with running(world, tmp_path_factory.mktemp("jiangxi"), ["360000"]) as fleet:
        client = zeep.Client(fleet.connections()["360000"]["base_url"] + "/cxf/orderService?wsdl")
        yield client.service, world
        client.transport.session.close()


def ask(service: Any, operation: str, **parameters: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(getattr(service, operation)(INS_CODE, json.dumps(parameters)))
    return answer


def test_zeep_books_finds_and_cancels(service: tuple[Any, World]) -> None:
    client, world = service
    desk = desk_of(world.province("360000"))
    native = native_key(desk.world, bookable(desk.world))
    wanted = {"insCode": native.unit_id, "innerId": native.internal_number, "orderType": "委托"}
    who = {"applyUnit": "某厂", "applyCode": "91330402MA2B000000", "remark": "〔江仪汇 bk-zeep〕"}
    made = ask(client, "submitOrder", **wanted, **who)
    assert made["code"] == "100"
    found = ask(client, "queryOrder", insCode=native.unit_id)
    assert [row["orderNo"] for row in found["orderList"]] == [made["orderNo"]]
    assert found["orderList"][0]["status"] == "0"
    assert ask(client, "cancelOrder", orderNo=made["orderNo"])["code"] == "100"
    assert ask(client, "queryOrder", insCode=native.unit_id)["orderList"][0]["status"] == "4"


def test_zeep_hears_both_tables(service: tuple[Any, World]) -> None:
    client, _ = service
    assert ask(client, "submitOrder", insCode="x")["msg"].startswith(TABLE_B["101"])
    assert json.loads(client.submitOrder(INS_CODE, "{"))["code"] == "202"
    assert json.loads(client.queryOrder(INS_CODE, "{"))["code"] == "201"
    assert json.loads(client.submitOrder("0" * 32, "{}"))["code"] == "200"
    calendar = ask(client, "queryCalendar", insCode="x", innerId="y", startTime="a", endTime="b")
    assert calendar["code"] == "202"
