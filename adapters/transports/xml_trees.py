"""XML from outside: no DTD, no entities, no network, no huge trees. Elements become plain objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

from lxml import etree

from adapters.errors import LimitExceeded, Malformed

_HEAD = 65_536
_FIRST_ELEMENT = re.compile(rb"<[^?!]")
_SAFE = {"resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False}


def refuse_dtd(head: bytes) -> None:
    """Raises `Malformed` when the beginning of a document holds a DTD, or is too long or too odd to tell."""
    if b"\x00" in head[:200]:
        raise Malformed(
            "XML 应使用 UTF-8 或 GB18030 编码", "XML must be in UTF-8 or GB18030, not UTF-16 or UTF-32"
        )
    first = _FIRST_ELEMENT.search(head)
    prolog = head if first is None else head[: first.start()]
    if b"<!DOCTYPE" in prolog.upper() or b"<!ENTITY" in prolog.upper():
        raise Malformed("XML 中不允许 DTD 或实体声明", "a DTD or entity declaration is not allowed in XML")
    if first is None and len(head) >= _HEAD:
        raise Malformed("XML 开头过长", "the beginning of the XML is too long")


def parse_tree(content: bytes) -> Any:
    """The root element. Raises `Malformed`."""
    refuse_dtd(content[:_HEAD])
    try:
        root = etree.fromstring(content, etree.XMLParser(remove_comments=True, remove_pis=True, **_SAFE))
    except etree.XMLSyntaxError as error:
        raise malformed(error) from error
    if root is None or root.getroottree().docinfo.doctype:
        raise Malformed("XML 中没有内容或含有 DTD", "the XML is empty or has a DTD")
    return root


def stream_elements(file: IO[bytes], name: str, root: str | None = None) -> Iterator[Any]:
    """Every element of this local name, one at a time; each is freed when the next is asked for.

    Raises `Malformed` for another root element than `root`, and where the file breaks off; what came before has
    been given.
    """
    file.seek(0)
    refuse_dtd(file.read(_HEAD))
    file.seek(0)
    try:
        if root is not None:
            _check_root(file, root)
        for _, element in etree.iterparse(
            file, events=("end",), tag=f"{{*}}{name}", remove_comments=True, remove_pis=True, **_SAFE
        ):
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise malformed(error) from error


def _check_root(file: IO[bytes], root: str) -> None:
    _, element = next(iter(etree.iterparse(file, events=("start",), **_SAFE)))
    file.seek(0)
    if local_name(element) != root:
        found = local_name(element)
        raise Malformed(
            f"XML 的根元素应为 {root}，来的是 {found}", f"the root element must be {root}, not {found}"
        )


def malformed(error: Any) -> Malformed:
    """A syntax error with its place."""
    line, column = error.position if getattr(error, "position", None) else (0, 0)
    return Malformed(
        f"XML 在第 {line} 行第 {column} 列中断或写错",
        f"the XML breaks off or is wrong at line {line}, column {column}",
    )


def local_name(element: Any) -> str:
    """The name without its namespace."""
    return str(etree.QName(element).localname)


def to_object(element: Any, depth: int) -> Any:
    """Text for a simple element, else `{local name: …}`; repeated names as lists, attributes as `@name`.

    Raises `LimitExceeded` when nested more deeply than `depth`.
    """
    if depth < 0:
        raise LimitExceeded("XML 嵌套太深", "the XML is nested too deeply")
    children = [child for child in element if isinstance(child.tag, str)]
    text = (element.text or "").strip()
    if not children and not element.attrib:
        return text
    found: dict[str, Any] = {
        f"@{etree.QName(name).localname}": value for name, value in element.attrib.items()
    }
    for child in children:
        name, value = local_name(child), to_object(child, depth - 1)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    if text and not children:
        found["#text"] = text
    return found


def raw_bytes(element: Any) -> bytes:
    """The element alone, in UTF-8."""
    content: bytes = etree.tostring(element, encoding="utf-8", with_tail=False)
    return content
