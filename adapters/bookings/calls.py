"""How an operation of a dialect is asked and its answer unwrapped: REST with JSON, or SOAP 1.1 with JSON in a string."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

import orjson
from lxml import etree

from adapters.bookings.wire import WireRequest
from adapters.bookings.writing import ObjectWriter, Words, Write, compile_object, compile_rule
from adapters.errors import Malformed, Refused, Unsupported
from adapters.mapping.paths import compile_getter
from adapters.options import Options, fault
from adapters.transports.calls import Received
from adapters.transports.records import read_json
from adapters.transports.xml_trees import local_name, parse_tree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_JSON = "application/json"


class Call(Protocol):
    """One operation as its protocol carries it. A document's `connection` holds the credentials."""

    def request(self, document: Mapping[str, Any], extra: Mapping[str, str]) -> WireRequest:
        """The request; `extra` are paging parameters. Raises `Refused` when the document lacks what the path needs."""
        ...

    def body(self, received: Received) -> Any:
        """The answer's object; None when there is none to read at this status.

        Raises `Malformed` for an answer that should be readable and is not, `Refused` when the protocol itself says that
        the request was not understood.
        """
        ...


@dataclass(frozen=True, slots=True)
class PathWriter:
    """A path with `{place}`s, percent-encoded one by one."""

    parts: tuple[str | tuple[str, Callable[[Any], Any]], ...]

    def __call__(self, document: Any) -> str:
        """The path. Raises `Refused`, before anything is sent, when a value is missing."""
        made = []
        for part in self.parts:
            if isinstance(part, str):
                made.append(part)
                continue
            name, get = part
            value = get(document)
            if value is None:
                raise missing(name)
            made.append(quote(str(value), safe=""))
        return "".join(made)


def missing(name: str) -> Refused:
    """A fact that the message cannot do without."""
    return Refused(
        f"还不知道 {name}，没有发送；请先查询该预约",
        f"{name} is not known yet, so nothing was sent; look the booking up first",
    )


def compile_path(text: str, path: str) -> PathWriter:
    """From `/orders/{order.remote_id}`. Raises `ManifestInvalid`."""
    parts: list[str | tuple[str, Callable[[Any], Any]]] = []
    for number, piece in enumerate(text.replace("}", "{").split("{")):
        if number % 2:
            parts.append((piece, compile_getter(piece, path)))
        elif piece:
            parts.append(piece)
    if text.count("{") != text.count("}") or not text.startswith("/"):
        raise fault(path, "路径写法不对", "is no path", text)
    return PathWriter(tuple(parts))


@dataclass(frozen=True, slots=True)
class RestCall:
    """JSON over HTTP."""

    method: str
    path: PathWriter
    headers: Mapping[str, Write]
    query: ObjectWriter | None
    content: ObjectWriter | None

    def request(self, document: Mapping[str, Any], extra: Mapping[str, str]) -> WireRequest:
        """See `Call.request`. Paging joins the query, or the body where there is one."""
        headers = {
            name: str(value) for name, rule in self.headers.items() if (value := rule(document)) is not None
        }
        query = {n: str(v) for n, v in self.query(document).items()} if self.query is not None else {}
        content = None
        if self.method == "POST":
            headers["Content-Type"] = _JSON
            paging = {name: int(v) if v.isdecimal() else v for name, v in extra.items()}
            content = orjson.dumps({**(self.content(document) if self.content is not None else {}), **paging})
        else:
            query |= extra
        return WireRequest(self.method, self.path(document), query, headers, content)

    def body(self, received: Received) -> Any:
        """See `Call.body`."""
        if not received.content:
            return None
        try:
            return read_json(received.content, "平台答复", "the platform's answer")
        except Malformed:
            if 200 <= received.status < 300:
                raise
            return None


def _credential(document: Mapping[str, Any], name: str) -> str:
    """A credential of the connection. Raises `Unsupported`, before anything is sent, when it is missing."""
    value = document["connection"].get(name)
    if not value:
        raise Unsupported(f"连接配置缺少 {name}", f"the connection lacks the credential {name}")
    return str(value)


@dataclass(frozen=True, slots=True)
class SoapCall:
    """SOAP 1.1, document/literal wrapped, parameters and result as JSON in strings."""

    service: SoapService
    path: PathWriter
    operation: str
    parameter: ObjectWriter

    def request(self, document: Mapping[str, Any], extra: Mapping[str, str]) -> WireRequest:
        """See `Call.request`."""
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
        body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
        service = self.service
        call = etree.SubElement(
            body, f"{{{service.namespace}}}{self.operation}", nsmap={"s": service.namespace}
        )
        etree.SubElement(call, service.unit).text = _credential(document, service.credential)
        paging = {key: int(v) if v.isdecimal() else v for key, v in extra.items()}
        parameter = orjson.dumps({**self.parameter(document), **paging})
        etree.SubElement(call, service.parameter).text = parameter.decode("utf-8")
        content: bytes = etree.tostring(envelope, encoding="utf-8", xml_declaration=True)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        return WireRequest("POST", self.path(document), {}, headers, content)

    def body(self, received: Received) -> Any:
        """See `Call.body`. A fault of the client's means that nothing was done; one of the server's is left open."""
        if received.status not in (200, 500):
            return None
        try:
            root = parse_tree(received.content)
        except Malformed:
            if received.status == 200:
                raise
            return None
        found = root.find(f"{{{SOAP}}}Body")
        content = next(iter(found), None) if found is not None else None
        if content is None:
            raise Malformed("不是 SOAP 1.1 答复", "is no SOAP 1.1 answer")
        if local_name(content) == "Fault":
            code = (content.findtext("faultcode") or "").rpartition(":")[2]
            said = f"{code} {(content.findtext('faultstring') or '')[:200]}".strip()
            if code == "Client":
                raise Refused(
                    f"平台拒绝了请求（SOAP {said}）", f"the platform refused the request (SOAP {said})"
                )
            return None
        payload = next((child for child in content.iter() if local_name(child) == self.service.result), None)
        if payload is None or not (payload.text or "").strip():
            raise Malformed(
                f"SOAP 答复中没有 {self.service.result}", f"the SOAP answer has no {self.service.result}"
            )
        text = payload.text.strip().encode("utf-8")
        return read_json(text, f"{self.service.result} 中的内容", f"the content of {self.service.result}")


def compile_rest(options: Options, words: Words) -> RestCall:
    """From the call's part of an operation. Raises `ManifestInvalid`."""
    path = options.path
    method = options.choice("method", ("GET", "POST"), "GET")
    headers = options.mapping("headers", {})
    query, body = options.raw("query", None), options.raw("body", None)
    if method == "GET" and body is not None:
        raise fault(f"{path}.body", "GET 没有正文", "does not go with GET", None)
    return RestCall(
        method=method,
        path=compile_path(options.text("path"), f"{path}.path"),
        headers={name: compile_rule(rule, f"{path}.headers.{name}", words) for name, rule in headers.items()},
        query=None if query is None else compile_object(query, f"{path}.query", words),
        content=None if body is None else compile_object(body, f"{path}.body", words),
    )


@dataclass(frozen=True, slots=True)
class SoapService:
    """What all operations of one SOAP service share. `unit` is the argument that says who asks, `credential` its name
    in the connection."""

    path: str
    namespace: str
    unit: str
    credential: str
    parameter: str
    result: str


def read_soap_service(options: Options) -> SoapService:
    """The `soap` section. Raises `ManifestInvalid`."""
    service = SoapService(
        path=options.text("path"),
        namespace=options.text("namespace"),
        unit=options.text("unit"),
        credential=options.text("credential"),
        parameter=options.text("parameter"),
        result=options.text("result", "return"),
    )
    options.finish()
    return service


def compile_soap(options: Options, words: Words, service: SoapService) -> SoapCall:
    """From the call's part of an operation. Raises `ManifestInvalid`."""
    return SoapCall(
        service=service,
        path=compile_path(service.path, f"{options.path}.path"),
        operation=options.text("operation"),
        parameter=compile_object(options.mapping("body", {}), f"{options.path}.body", words),
    )
