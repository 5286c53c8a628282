"""SOAP 1.1 with JSON in a string: envelope, two return-code tables, faults, paging."""

import json
from typing import Any
from xml.sax.saxutils import escape

import httpx
import pytest
from lxml import etree

from adapters.errors import (
    AdapterError,
    Malformed,
    ManifestInvalid,
    Refused,
    Throttled,
    Unreachable,
    Unsupported,
)
from tests.adapters.platforms import Time, ids, site, transport

NAMESPACE = "http://instru.server.ws.com/"
OPTIONS: dict[str, Any] = {
    "kind": "soap_xml", "path": "/cxf/instruService", "namespace": NAMESPACE, "operation": "queryInstru",
    "arguments": {"insCode": {"credential": "ins_code"}, "instruType": 4, "queryParam": {"json": {"auditStatus": 0}}},
    "records": "instruList", "total": "total",
    "answer": [
        {"at": "envelope", "code": "state", "ok": ["1"], "name": "信封"},
        {"at": "payload", "code": "code", "message": "msg", "ok": ["100"], "busy": ["301"], "texts": {"202": "数据验证错误"}, "name": "A"},
    ],
    "paging": {"kind": "page", "param": "pageNum", "size_param": "pageSize", "size": 4},
}  # fmt: skip


def envelope(payload: Any, state: str = "1") -> bytes:
    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<ns2:queryInstruResponse xmlns:ns2="{NAMESPACE}"><state>{state}</state><return>{escape(text)}</return></ns2:queryInstruResponse>'
        "</soap:Body></soap:Envelope>"
    ).encode()


def fault(code: str) -> bytes:
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>'
        f"<faultcode>soap:{code}</faultcode><faultstring>出错了</faultstring></soap:Fault></soap:Body></soap:Envelope>"
    ).encode()


class Service:
    """Reads what it is sent the way a SOAP stack would."""

    def __init__(self, count: int = 10) -> None:
        self.rows = [{"id": n, "cname": "仪器<&>"} for n in range(count)]
        self.asked: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        root = etree.fromstring(request.content)
        operation = root[0][0]
        assert operation.tag == f"{{{NAMESPACE}}}queryInstru"
        assert [child.tag for child in operation] == ["insCode", "instruType", "queryParam"]
        assert request.headers["soapaction"] == '""'
        assert operation.findtext("insCode") == "code-1"
        assert operation.findtext("instruType") == "4"
        asked = json.loads(operation.findtext("queryParam"))
        self.asked.append(asked)
        start = (asked["pageNum"] - 1) * asked["pageSize"]
        body = {
            "code": "100",
            "msg": "成功",
            "total": len(self.rows),
            "instruList": self.rows[start : start + asked["pageSize"]],
        }
        return httpx.Response(200, content=envelope(body))


def read(app: Any, options: dict[str, Any] = OPTIONS, time: Time | None = None) -> Any:
    return list(transport(options, site(app, credentials={"ins_code": "code-1"}, time=time)).pages(None))


def test_the_list_is_read_page_by_page() -> None:
    service = Service()
    pages = read(service)
    assert ids(pages) == list(range(10))
    assert service.asked[0] == {"auditStatus": 0, "pageNum": 1, "pageSize": 4}
    assert pages[0].records[0].body["cname"] == "仪器<&>"
    assert pages[-1].declared_total == 10


def test_without_a_json_argument_the_paging_stands_among_the_arguments() -> None:
    seen: list[list[str]] = []

    def app(request: httpx.Request) -> httpx.Response:
        seen.append([f"{child.tag}={child.text}" for child in etree.fromstring(request.content)[0][0]])
        return httpx.Response(200, content=envelope({"code": "100", "total": 1, "instruList": [{"id": 1}]}))

    assert ids(read(app, OPTIONS | {"arguments": {"userId": "u"}})) == [1]
    assert seen == [["userId=u", "pageNum=1", "pageSize=4"]]


@pytest.mark.parametrize(
    ("content", "status", "error", "says"),
    [
        (envelope({"code": "202", "msg": ""}), 200, Refused, "202 数据验证错误"),
        (envelope({"code": "200", "msg": "单位编码错误"}), 200, Refused, "单位编码错误.*table A|返回码表 A"),
        (envelope({"code": "100", "instruList": []}, state="0"), 200, Refused, "信封"),
        (envelope({"code": "301"}), 200, Throttled, "301"),
        (envelope("not json"), 200, Malformed, "JSON"),
        (envelope({"code": "100", "instruList": "x"}), 200, Malformed, "list"),
        (envelope(""), 200, Malformed, "return"),
        (fault("Client"), 500, Refused, "Client 出错了"),
        (fault("Server"), 500, Unreachable, "Server 出错了"),
        (b"<html>", 500, Unreachable, "500"),
        (b"<html/>", 200, Malformed, "SOAP"),
        (b"half <", 200, Malformed, "XML"),
    ],
)
def test_failures_say_what_and_by_which_table(
    content: bytes, status: int, error: type[AdapterError], says: str
) -> None:
    with pytest.raises(error, match=says):
        read(lambda _: httpx.Response(status, content=content))


def test_a_fault_of_the_server_is_tried_again() -> None:
    time, service = Time(), Service(3)
    answers = [httpx.Response(500, content=fault("Server"))]
    assert ids(read(lambda request: answers.pop() if answers else service(request), time=time)) == [0, 1, 2]
    assert time.slept == [0.5]


def test_an_entity_bomb_in_an_answer_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>' + envelope({"code": "100"})
    with pytest.raises(Malformed, match="DTD"):
        read(lambda _: httpx.Response(200, content=bomb))


def test_a_missing_credential_is_named() -> None:
    with pytest.raises(Unsupported, match="ins_code"):
        list(transport(OPTIONS, site(Service())).pages(None))


@pytest.mark.parametrize("change", [{"operation": None}, {"arguments": {"x": {"secret": 1}}}, {"extra": 1}])
def test_faulty_options_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ManifestInvalid):
        transport(OPTIONS | change, site())
