"""How 江西's services speak SOAP 1.1: envelopes, faults, JSON in a string, and the two return-code tables.

Written from `dialects/jiangxi.md`. Questions read table A, commands table B; the two contradict each other, as the
observed ones do.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import orjson
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from starlette.responses import Response

INS_CODE = "a1f0c2d4e6b8091827364554637281ff"  # the hub's own code at the platform
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
LARGEST_REQUEST = 1_000_000

TABLE_A = {
    "100": "成功",
    "200": "单位编码错误",
    "201": "JSON格式错误",
    "202": "数据验证错误",
    "203": "其他异常",
    "301": "数据库异常",
}
TABLE_B = {
    "100": "成功",
    "200": "单位编码错误",
    "201": "数据类型错误",
    "202": "推送格式错误",
    "203": "验证格式错误",
    "204": "其他异常",
    "101": "数据填写有误",
    "0": "未上报",
    "1": "补充完成",
}


class Returned(Exception):
    """A return code other than success, and what the platform adds to its table's words."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


class Fault(Exception):
    """A request that is no SOAP call of this service."""


def read_call(content: bytes, namespace: str) -> tuple[str, dict[str, str]]:
    """Operation and arguments of an envelope. Raises `Fault`."""
    if len(content) > LARGEST_REQUEST:
        raise Fault("request too large")
    try:
        body = fromstring(content, forbid_dtd=True).find(f"{{{SOAP}}}Body")
    except (ParseError, DefusedXmlException) as error:
        raise Fault(f"Error reading XMLStreamReader: {error}") from error
    call = next(iter(body), None) if body is not None else None
    if call is None or not call.tag.startswith(f"{{{namespace}}}"):
        raise Fault("Message part was not recognized. (Does it exist in service WSDL?)")
    return call.tag.rpartition("}")[2], {part.tag: part.text or "" for part in call}


def json_object(text: str, *, not_json: str, no_object: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text or "{}")
    except orjson.JSONDecodeError as error:
        raise Returned(not_json, f"第 {error.colno} 列") from error
    if not isinstance(found, dict):
        raise Returned(no_object, "应为一个 JSON 对象")
    return found


def whole(parameters: dict[str, Any], name: str, default: int, most: int) -> int:
    text = str(parameters.get(name, default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise Returned("202", f"{name} 应为 1—{most} 的整数")
    return int(text)


def outcome(returned: Returned, table: dict[str, str]) -> bytes:
    words = table[returned.code]
    message = f"{words}：{returned.detail}" if returned.detail else words
    return escaped(orjson.dumps({"code": returned.code, "msg": message}))


def escaped(content: bytes) -> bytes:
    """JSON as it stands in an XML element."""
    return content.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def envelope(operation: str, payload: bytes, namespace: str) -> bytes:
    """The answer around a payload that is escaped already."""
    before = (
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>'
        f'<ns2:{operation}Response xmlns:ns2="{namespace}"><return>'
    )
    after = f"</return></ns2:{operation}Response></soap:Body></soap:Envelope>"
    return b"%b%b%b" % (before.encode(), payload, after.encode())


def fault(words: str) -> str:
    return (
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><soap:Fault><faultcode>soap:Client</faultcode>'
        f"<faultstring>{escape(words)}</faultstring></soap:Fault></soap:Body></soap:Envelope>"
    )


def xml(text: str, status: int = 200) -> Response:
    return Response(text.encode(), status, media_type="text/xml; charset=utf-8")
