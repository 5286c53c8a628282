"""SOAP 1.1 platforms whose payload is a JSON document inside a string.

The shape is that of the national platform's service and its provincial clones: one operation, a few arguments, one
of them a JSON object serialised into text; the answer is again JSON in one element. Which return codes mean what is
told twice, once around the payload and once inside it, and the two tables differ: both are checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from lxml import etree

from adapters.contract import NativePage
from adapters.errors import Malformed, Refused, Unreachable, Unsupported
from adapters.options import Options, fault
from adapters.transports.answer import Answer
from adapters.transports.calls import Call, Caller, Received, TryAgain
from adapters.transports.paging import Paging, compile_paging
from adapters.transports.records import RecordMaker, read_json
from adapters.transports.rest_json import Listing, compile_listing, no_way_back, text_of
from adapters.transports.site import Site
from adapters.transports.xml_trees import local_name, parse_tree, to_object

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


@dataclass(frozen=True, slots=True)
class SoapXml:
    """One operation of a SOAP platform."""

    site: Site
    maker: RecordMaker
    path: str
    namespace: str
    operation: str
    soap_action: str
    arguments: Mapping[str, Any]
    result: str
    listing: Listing
    paging: Paging

    @property
    def families(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset({self.paging.family})

    def pages(self, cursor: str | None) -> Iterator[NativePage]:
        """See `Fetches.pages`."""
        with no_way_back(), self.site.caller() as caller:
            yield from self.paging.pages(lambda given: self._ask(caller, given), cursor, self.site.guard())

    def _ask(self, caller: Caller, given: Mapping[str, Any]) -> Answer:
        headers = {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{self.soap_action}"'}
        call = Call("POST", self.path, {}, headers, self.envelope(given), read_status=(500,))
        return caller.ask(call, self._interpret)

    def envelope(self, given: Mapping[str, Any]) -> bytes:
        """The request: paging parameters join the JSON argument, or stand as arguments when there is none."""
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP, "ser": self.namespace})
        body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
        operation = etree.SubElement(body, f"{{{self.namespace}}}{self.operation}")
        left = dict(given)
        for name, written in self.arguments.items():
            argument = etree.SubElement(operation, name)
            if isinstance(written, Mapping) and "json" in written:
                argument.text = orjson.dumps({**written["json"], **left}).decode("utf-8")
                left = {}
            elif isinstance(written, Mapping):
                argument.text = self._credential(written["credential"])
            else:
                argument.text = text_of(written)
        for name, value in left.items():
            etree.SubElement(operation, name).text = text_of(value)
        content: bytes = etree.tostring(envelope, encoding="utf-8", xml_declaration=True)
        return content

    def _credential(self, name: str) -> str:
        value = self.site.credentials.get(name)
        if not value:
            raise Unsupported(f"连接配置缺少 {name}", f"the connection lacks the credential {name}")
        return value

    def _interpret(self, received: Received) -> Answer:
        content = self._content(received)
        around = to_object(content, self.site.limits.depth)
        self._judge("envelope", around)
        payload = next((child for child in content.iter() if local_name(child) == self.result), None)
        if payload is None or not (payload.text or "").strip():
            raise Malformed(f"SOAP 答复中没有 {self.result}", f"the SOAP answer has no {self.result}")
        text = payload.text.strip().encode("utf-8")
        body = read_json(text, f"{self.result} 中的内容", f"the content of {self.result}")
        self._judge("payload", body)
        return self.listing.read(body, len(received.content), self.maker, self.operation)

    def _content(self, received: Received) -> Any:
        """The element inside the SOAP body. Raises for a fault: the client's is final, the server's may pass."""
        try:
            root = parse_tree(received.content)
        except Malformed:
            if received.status == 500:
                raise TryAgain(
                    Unreachable("平台出错（HTTP 500）", "the platform failed (HTTP 500)")
                ) from None
            raise
        body = root.find(f"{{{SOAP}}}Body")
        content = next(iter(body), None) if body is not None else None
        if content is None:
            raise Malformed("不是 SOAP 1.1 答复", "is no SOAP 1.1 answer")
        if local_name(content) == "Fault":
            self._raise_fault(content)
        return content

    def _raise_fault(self, element: Any) -> None:
        code = (element.findtext("faultcode") or "").rpartition(":")[2]
        said = f"{code} {(element.findtext('faultstring') or '')[:200]}".strip()
        if code == "Server":
            raise TryAgain(Unreachable(f"平台出错（SOAP {said}）", f"the platform failed (SOAP {said})"))
        raise Refused(f"平台拒绝了请求（SOAP {said}）", f"the platform refused the request (SOAP {said})")

    def _judge(self, at: str, body: Any) -> None:
        for check in self.listing.checks:
            if check.at == at:
                check.judge(body)


def build_soap_xml(written: Mapping[str, Any], path: str, site: Site, maker: RecordMaker) -> SoapXml:
    """From the manifest's options. Raises `ManifestInvalid`."""
    options = Options(written, path)
    options.text("kind")
    arguments = options.mapping("arguments", {})
    for name, value in arguments.items():
        if isinstance(value, Mapping) and set(value) not in ({"credential"}, {"json"}):
            raise fault(
                f"{path}.arguments.{name}",
                "应为常量、credential 或 json",
                "must be a constant, credential or json",
                None,
            )
    transport = SoapXml(
        site=site,
        maker=maker,
        path=options.text("path"),
        namespace=options.text("namespace"),
        operation=options.text("operation"),
        soap_action=options.text("soap_action", ""),
        arguments=arguments,
        result=options.text("result", "return"),
        listing=compile_listing(options, site.limits.page_records),
        paging=compile_paging(options.raw("paging", None), f"{path}.paging"),
    )
    options.finish()
    return transport
