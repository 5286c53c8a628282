"""XML files named by a platform file: streamed, resumed, half files, DTDs, foreign hosts."""

from typing import Any

import httpx
import pytest

from adapters.contract import Limits, NativePage
from adapters.errors import LimitExceeded, LoopDetected, Malformed, ManifestInvalid, Refused, Unreachable
from adapters.transports.xml_trees import parse_tree, to_object
from tests.adapters.platforms import ids, site, transport

OPTIONS = {
    "kind": "xml_files",
    "platform": "/cers/Platform.xml",
    "file": "InstrusShareXmlURL",
    "record": "Instru",
    "size": 3,
}


class Files:
    """A web server of XML files."""

    def __init__(self, schools: int = 2, each: int = 5) -> None:
        self.content: dict[str, bytes] = {}
        entries = ""
        for school in range(schools):
            path = f"/root/cers/{school}/Instrus.xml"
            rows = "".join(self.instrument(school, number) for number in range(each))
            self.content[path] = (
                f'<?xml version="1.0" encoding="UTF-8"?><Instrus xmlns="urn:cers">{rows}</Instrus>'.encode()
            )
            entries += f"<Platform><SchoolCode>{school}</SchoolCode><SchoolName>学校{school}</SchoolName><InstrusShareXmlURL>cers/{school}/Instrus.xml</InstrusShareXmlURL></Platform>"
        self.content["/root/cers/Platform.xml"] = f"<Platforms>{entries}</Platforms>".encode()
        self.requests: list[str] = []

    @staticmethod
    def instrument(school: int, number: int) -> str:
        return f"<Instru State='1'><id>{school}-{number}</id><CHNName> 仪器 </CHNName><Alias>甲</Alias><Alias>乙</Alias><Empty/></Instru>"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request.url.path)
        content = self.content.get(request.url.path)
        return httpx.Response(404) if content is None else httpx.Response(200, content=content)


def read(
    files: Any, cursor: str | None = None, options: dict[str, Any] = OPTIONS, **more: Any
) -> list[NativePage]:
    return list(transport(options, site(files, **more)).pages(cursor))


EVERYTHING = [f"{school}-{number}" for school in range(2) for number in range(5)]


def test_all_files_are_read_in_the_order_of_the_platform_file() -> None:
    pages = read(Files())
    assert ids(pages) == EVERYTHING
    assert [page.is_last for page in pages] == [False, False, False, True]
    assert all(page.is_full for page in pages)
    body = pages[0].records[0].body
    assert body == {
        "@State": "1", "id": "0-0", "CHNName": "仪器", "Alias": ["甲", "乙"], "Empty": "",
        "_platform": {"SchoolCode": "0", "SchoolName": "学校0"},
    }  # fmt: skip


@pytest.mark.parametrize("stop", range(4))
def test_a_resume_goes_on_inside_the_file(stop: int) -> None:
    pages = read(Files())
    rest = read(Files(), pages[stop].cursor)
    assert [*ids(pages[: stop + 1]), *ids(rest)] == EVERYTHING
    assert rest[-1].is_full == (stop < 3)


def test_a_resume_into_a_file_that_changed_reads_it_from_its_start() -> None:
    pages = read(Files())
    changed = Files()
    path = "/root/cers/0/Instrus.xml"
    changed.content[path] = changed.content[path].replace(b"0-0", b"0-9")
    assert ids(read(changed, pages[0].cursor)) == ["0-9", *EVERYTHING[1:]]


def test_equal_elements_have_equal_bytes_and_the_facts_beside_the_file_count() -> None:
    one, other = Files(), Files()
    assert [r.raw for p in read(one) for r in p.records] == [r.raw for p in read(other) for r in p.records]
    other.content["/root/cers/Platform.xml"] = other.content["/root/cers/Platform.xml"].replace(
        "学校1".encode(), "新校".encode()
    )
    assert read(one)[-1].records[0].raw != read(other)[-1].records[0].raw


def test_records_may_stand_in_the_platform_file_itself() -> None:
    options = {"kind": "xml_files", "platform": "/cers/Platform.xml", "record": "Platform"}
    assert ids(read(Files(), options=options), "SchoolName") == ["学校0", "学校1"]


def test_a_file_without_records_is_an_empty_page() -> None:
    pages = read(Files(schools=1, each=0))
    assert ids(pages) == []
    assert pages[-1].is_last
    assert pages[-1].is_full


def test_half_a_file_gives_what_is_whole_and_then_says_where_it_broke() -> None:
    files = Files(schools=1, each=8)
    files.content["/root/cers/0/Instrus.xml"] = files.content["/root/cers/0/Instrus.xml"][:-300]
    pages: list[NativePage] = []

    def collect() -> None:
        for page in transport(OPTIONS, site(files)).pages(None):
            pages.append(page)

    with pytest.raises(Malformed, match="line 1"):
        collect()
    assert ids(pages) == ["0-0", "0-1", "0-2"]
    assert not any(page.is_last for page in pages)


@pytest.mark.parametrize(
    "prolog",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]>',
        b'<!DOCTYPE x SYSTEM "http://evil.example/x.dtd">',
        b"<!-- long --><!doctype x>",
    ],
)
def test_a_dtd_is_refused_wherever_it_stands(prolog: bytes) -> None:
    for path in ("/root/cers/Platform.xml", "/root/cers/0/Instrus.xml"):
        files = Files()
        files.content[path] = prolog + files.content[path].removeprefix(
            b'<?xml version="1.0" encoding="UTF-8"?>'
        )
        with pytest.raises(Malformed):
            read(files)


def test_utf_16_cannot_hide_a_dtd() -> None:
    files = Files()
    files.content["/root/cers/Platform.xml"] = (
        files.content["/root/cers/Platform.xml"].decode().encode("utf-16")
    )
    with pytest.raises(Malformed, match="UTF-8"):
        read(files)


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/latest", "http://other.example/x.xml", "file:///etc/passwd"]
)
def test_a_platform_file_cannot_send_us_elsewhere(address: str) -> None:
    files = Files()
    files.content["/root/cers/Platform.xml"] = files.content["/root/cers/Platform.xml"].replace(
        b"cers/0/Instrus.xml", address.encode()
    )
    with pytest.raises(Refused):
        read(files)
    assert files.requests == ["/root/cers/Platform.xml"]


def test_a_missing_file_is_refused_and_a_missing_name_malformed() -> None:
    files = Files()
    del files.content["/root/cers/1/Instrus.xml"]
    with pytest.raises(Refused):
        read(files)
    with pytest.raises(Malformed, match="names no"):
        read(Files(), options=OPTIONS | {"file": "Nothing"})


def test_the_platform_file_in_place_of_another_is_no_empty_file() -> None:
    files = Files()
    files.content["/root/cers/0/Instrus.xml"] = files.content["/root/cers/Platform.xml"]
    with pytest.raises(LoopDetected):
        read(files)


def test_another_root_than_the_manifest_names_is_refused() -> None:
    assert ids(read(Files(), options=OPTIONS | {"root": "Instrus"})) == EVERYTHING
    with pytest.raises(Malformed, match="root element must be Instruments, not Instrus"):
        read(Files(), options=OPTIONS | {"root": "Instruments"})


def test_an_unreachable_platform() -> None:
    with pytest.raises(Unreachable):
        read(lambda _: httpx.Response(502))


@pytest.mark.parametrize(
    "limits", [Limits(file_bytes=200), Limits(rows=4), Limits(run_pages=1), Limits(page_bytes=20)]
)
def test_caps(limits: Limits) -> None:
    with pytest.raises(LimitExceeded):
        read(Files(), limits=limits)


def test_an_element_nested_too_deeply_costs_itself_only() -> None:
    files = Files(schools=1, each=2)
    deep = b"<a>" * 20 + b"</a>" * 20
    files.content["/root/cers/0/Instrus.xml"] = files.content["/root/cers/0/Instrus.xml"].replace(
        b"<id>0-0</id>", b"<id>0-0</id>" + deep
    )
    pages = read(files, limits=Limits(depth=10))
    assert ids(pages) == ["0-1"]
    assert pages[0].damaged[0].code == "too-deep"


def test_a_tree_deeper_than_the_parser_goes_is_malformed() -> None:
    with pytest.raises(Malformed):
        parse_tree(b"<a>" * 5000 + b"</a>" * 5000)


def test_objects_of_elements() -> None:
    assert to_object(parse_tree(b"<r><a>1</a><b x='2'>t</b><c><d/></c></r>"), 5) == {
        "a": "1",
        "b": {"@x": "2", "#text": "t"},
        "c": {"d": ""},
    }


def test_a_finished_read_has_nothing_more_until_a_new_one_begins() -> None:
    done = read(Files())[-1].cursor
    again = read(Files(), done)
    assert ids(again) == []
    assert again[-1].is_last
    assert not again[-1].is_full


@pytest.mark.parametrize("options", [{"kind": "xml_files"}, OPTIONS | {"size": 0}, OPTIONS | {"files": "x"}])
def test_faulty_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ManifestInvalid):
        transport(options, site())
