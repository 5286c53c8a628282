"""江西 as its description says, asked by zeep, a SOAP client nobody here wrote, over a real connection."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import zeep
from lxml import etree

from adapters.simulators import jiangxi, jiangxi_soap
from adapters.simulators.serve import running
from adapters.simulators.world import ProvinceWorld, World

SMALL = World(records=1200)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(SMALL, tmp_path_factory.mktemp("jiangxi"), ["360000"]) as fleet:
        yield fleet.connections()["360000"]["base_url"] + "/cxf/instruService"


@pytest.fixture
def world() -> ProvinceWorld:
    return SMALL.province("360000")


@pytest.fixture
def service(address: str) -> Iterator[Any]:
    client = zeep.Client(f"{address}?wsdl")
    yield client.service
    client.transport.session.close()


def query(service: Any, **parameters: Any) -> dict[str, Any]:
    answer = service.queryInstru(jiangxi.INS_CODE, "4", json.dumps(parameters))
    found: dict[str, Any] = json.loads(answer)
    return found


def push(service: Any, record: Any, code: str = jiangxi.INS_CODE) -> str:
    text = record if isinstance(record, str) else json.dumps(record, ensure_ascii=False)
    return str(json.loads(service.instruInfo(code, "4", text))["code"])


def record(**changes: Any) -> dict[str, Any]:
    return {
        "insCode": "0" * 32,
        "innerId": "N<1>&",
        "cname": "示例仪器",
        "instrCategory": "010102",
        "achievement": "无",
        "auditStatus": 0,
        **changes,
    }


def test_zeep_reads_the_wsdl(address: str) -> None:
    client = zeep.Client(f"{address}?wsdl")
    operations = client.wsdl.services["InstruServiceService"].ports["InstruServicePort"].binding._operations
    assert set(operations) == {"instruInfo", "queryInstru"}
    assert client.service._binding_options["address"] == address
    client.transport.session.close()


def test_zeep_harvests_everything_page_by_page(service: Any, world: ProvinceWorld) -> None:
    rows: list[dict[str, str]] = []
    number = 1
    while found := query(service, pageNum=number, pageSize=20)["instruList"]:
        rows += found
        number += 1
    assert number > 3
    assert len(rows) == world.total == query(service)["total"]
    keys = {f"{row['insCode']}|{row['innerId']}" for row in rows}
    assert world.expected_keys() <= keys
    assert all(value for row in rows for value in row.values())  # 「无」 stands for nothing


def test_changes_since_a_second_include_it(service: Any, world: ProvinceWorld) -> None:
    edited = world.touch(world.page(1, 1)[0].key)
    found = query(service, startTime=edited.modified.strftime(jiangxi.TIME))
    assert found["total"] == 1
    assert found["instruList"][0]["requirement"] == edited.user_notice


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nobody", "4", "{}"), "200"),
        ((jiangxi.INS_CODE, "4", "{"), "201"),
        ((jiangxi.INS_CODE, "4", "[]"), "202"),
        ((jiangxi.INS_CODE, "5", "{}"), "202"),
        ((jiangxi.INS_CODE, "4", '{"pageSize": 501}'), "202"),
        ((jiangxi.INS_CODE, "4", '{"pageNum": "一"}'), "202"),
        ((jiangxi.INS_CODE, "4", '{"startTime": "2026/01/01"}'), "202"),
    ],
)
def test_queries_are_refused_by_table_a(service: Any, arguments: tuple[str, ...], code: str) -> None:
    answer = json.loads(service.queryInstru(*arguments))
    assert answer["code"] == code
    assert answer["msg"].startswith(jiangxi.TABLE_A[code])


@pytest.mark.parametrize(
    ("pushed", "code"),
    [
        ("{", "202"),
        ("[]", "201"),
        (record(achievement=""), "101"),
        (record(innerId=None), "101"),
        (record(instrCategory="1102"), "203"),
    ],
)
def test_pushes_are_refused_by_table_b(service: Any, pushed: Any, code: str) -> None:
    assert push(service, pushed) == code


def test_the_two_tables_contradict_each_other(service: Any) -> None:
    """The same trouble, text that is no JSON: 201 when queried, 202 when pushed."""
    assert json.loads(service.queryInstru(jiangxi.INS_CODE, "4", "{"))["code"] == "201"
    assert push(service, "{") == "202"
    differ = {
        code
        for code in set(jiangxi.TABLE_A) & set(jiangxi.TABLE_B)
        if jiangxi.TABLE_A[code] != jiangxi.TABLE_B[code]
    }
    assert differ == {"201", "202", "203"}


def test_a_push_waits_a_draft_is_completed_a_repeat_is_not_taken(service: Any, world: ProvinceWorld) -> None:
    total = world.total
    draft = record(innerId="DRAFT-1", auditStatus=-1)
    assert push(service, draft) == "100"
    assert push(service, {**draft, "cname": "改名"}) == "100"
    assert push(service, {**draft, "auditStatus": 0}) == "1"
    assert push(service, {**draft, "auditStatus": 0}) == "0"
    assert push(service, record(), code="nobody") == "200"
    assert query(service)["total"] == total


def test_markup_in_a_payload_survives(service: Any, world: ProvinceWorld) -> None:
    edited = world.touch(world.page(2, 1)[0].key, user_notice='<b>&amp; "引号" ]]> 末')
    found = query(service, startTime=edited.modified.strftime(jiangxi.TIME))["instruList"]
    assert found[-1]["requirement"] == edited.user_notice


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<a/>",
        f'<s:Envelope xmlns:s="{jiangxi_soap.SOAP}"><s:Body/></s:Envelope>'.encode(),
        f'<s:Envelope xmlns:s="{jiangxi_soap.SOAP}"><s:Body><x xmlns="other"/></s:Body></s:Envelope>'.encode(),
        f'<s:Envelope xmlns:s="{jiangxi_soap.SOAP}"><s:Body><x xmlns="{jiangxi.NAMESPACE}"/></s:Body></s:Envelope>'.encode(),
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" + b" " * jiangxi_soap.LARGEST_REQUEST + b"</a>",
    ],
    ids=["empty", "text", "other", "no call", "namespace", "operation", "dtd", "huge"],
)
def test_what_is_no_call_is_a_soap_fault(address: str, body: bytes) -> None:
    answer = httpx.post(address, content=body, verify=False)
    assert answer.status_code == 500
    fault = etree.fromstring(answer.content).find(f".//{{{jiangxi_soap.SOAP}}}Fault")
    assert fault.findtext("faultcode") == "soap:Client"


def test_without_wsdl_there_is_nothing_to_get(address: str) -> None:
    assert httpx.get(address, verify=False).status_code == 404
