"""What every province must do, whatever its dialect; see README.md beside this file."""

import re
from collections.abc import Callable

import pytest

import schemas
from adapters.contract import INCREMENTAL_FAMILIES, Resource
from adapters.errors import AdapterError, Malformed, Unsupported
from tests.contract.conftest import PROVINCES
from tests.contract.reading import Reading, Speaker

Speak = Callable[[str], Speaker]
FirstRead = Callable[[str, str], Reading]

EVERY = [
    (code, spec.resource.name) for code, province in PROVINCES.items() for spec in province.manifest.resources
]
DIRECTIONS = {
    (code, spec.resource.name): spec.resource.direction
    for code, province in PROVINCES.items()
    for spec in province.manifest.resources
}
FETCHED = [pair for pair in EVERY if DIRECTIONS[pair] in ("pull", "drop")]
MAIN = [
    (code, spec.resource.name)
    for code, province in PROVINCES.items()
    for spec in province.manifest.resources
    if spec.resource.document_name == "instrument"
]
PULLED = [(code, name) for code, name in MAIN if DIRECTIONS[code, name] == "pull"]
MOBILE = re.compile(r"1[3-9][0-9]{9}")


def resource_of(speaks: Speaker, name: str) -> Resource:
    return next(resource for resource in speaks.adapter.resources() if resource.name == name)


def newest(speaks: Speaker, resource: Resource, first_read: FirstRead) -> Reading:
    """A read that nothing has followed: other tests may have dropped further files since the first."""
    return speaks.read(resource) if resource.direction == "drop" else first_read(speaks.code, resource.name)


def kind_of(code: str, name: str) -> str:
    specs = PROVINCES[code].manifest.resources
    return str(next(spec.transport["kind"] for spec in specs if spec.resource.name == name))


def test_every_simulator_has_a_province_and_every_province_a_simulator(still: Speak) -> None:
    assert set(still(next(iter(PROVINCES))).fleet.simulators) == set(PROVINCES)


@pytest.mark.parametrize("code", PROVINCES)
def test_resources_come_in_harvest_order(code: str, still: Speak) -> None:
    order = ["institution", "instrument-survey", "instrument", "service-item"]
    names = [resource.document_name for resource in still(code).adapter.resources()]
    assert names == sorted(names, key=order.index)


@pytest.mark.parametrize(("code", "name"), EVERY)
def test_a_full_read_gives_exactly_the_good_records(
    code: str, name: str, still: Speak, first_read: FirstRead
) -> None:
    speaks, found = still(code), first_read(code, name)
    assert set(found.documents) in speaks.expected(resource_of(speaks, name))
    assert not found.damaged
    assert not found.deleted


@pytest.mark.parametrize(("code", "name"), EVERY)
def test_every_document_is_valid_and_says_whose_it_is(
    code: str, name: str, still: Speak, first_read: FirstRead
) -> None:
    resource = resource_of(still(code), name)
    for document in first_read(code, name).documents.values():
        assert schemas.is_valid(resource.document_name, document)
        assert document["province"] == code
        assert document["id"].startswith(code[:2] + "-")
    ids = [document["id"] for document in first_read(code, name).documents.values()]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(("code", "name"), MAIN)
def test_the_hopeless_are_rejected_or_repeat_a_key_and_each_says_why(
    code: str, name: str, still: Speak, first_read: FirstRead
) -> None:
    found = first_read(code, name)
    assert len(found.rejected) + len(found.repeated) == len(still(code).world.hopeless)
    assert found.rejected
    for rejected in found.rejected:
        for problem in rejected.problems:
            assert problem.code
            assert problem.zh
            assert problem.en
            assert problem.pointer.startswith("/")


@pytest.mark.parametrize(("code", "name"), EVERY)
def test_a_read_ends_with_its_last_page(code: str, name: str, still: Speak, first_read: FirstRead) -> None:
    pages = first_read(code, name).pages
    if resource_of(still(code), name).direction != "push":  # every batch is a read of its own
        assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[-1].is_last
    assert all(len(page.cursor) <= 1_000 for page in pages)


@pytest.mark.parametrize(("code", "name"), EVERY)
def test_absence_tells_only_where_a_read_was_full(
    code: str, name: str, still: Speak, first_read: FirstRead
) -> None:
    resource = resource_of(still(code), name)
    if resource.direction == "push":
        assert not any(page.is_full for page in first_read(code, name).pages)
    elif resource.deletes == "absence":
        assert all(page.is_full for page in first_read(code, name).pages)


@pytest.mark.parametrize(("code", "name"), FETCHED)
def test_a_read_goes_on_after_any_page(code: str, name: str, still: Speak, first_read: FirstRead) -> None:
    speaks = still(code)
    resource = resource_of(speaks, name)
    found = newest(speaks, resource, first_read)
    for stop in sorted({0, len(found.pages) // 2, len(found.pages) - 2} & set(range(len(found.pages) - 1))):
        before = {speaks.adapter.key(resource, r) for page in found.pages[: stop + 1] for r in page.records}
        rest = speaks.read(resource, found.pages[stop].cursor)
        assert before | set(rest.documents) >= set(found.documents)
        assert len(rest.documents) < len(found.documents) or stop == 0
        assert rest.last.is_full == found.last.is_full


@pytest.mark.parametrize(("code", "name"), EVERY)
def test_reading_again_gives_the_same(code: str, name: str, still: Speak, first_read: FirstRead) -> None:
    speaks, found = still(code), first_read(code, name)
    again = speaks.read(resource_of(speaks, name))
    assert again.hashes == found.hashes
    assert again.documents == found.documents
    assert [r.key for r in again.rejected] == [r.key for r in found.rejected]


@pytest.mark.parametrize(("code", "name"), FETCHED)
def test_reading_on_when_nothing_changed_claims_nothing(
    code: str, name: str, still: Speak, first_read: FirstRead
) -> None:
    speaks = still(code)
    resource = resource_of(speaks, name)
    found = newest(speaks, resource, first_read)
    if resource.cursor_family in INCREMENTAL_FAMILIES:
        later = speaks.read(resource, found.last.cursor)
        assert not any(page.is_full for page in later.pages)
        assert later.hashes.items() <= found.hashes.items()
        assert len(later.documents) < len(found.documents) / 2
    elif resource.direction == "drop":
        later = speaks.read(resource, found.last.cursor)
        assert not later.documents
        assert not later.last.is_full


@pytest.mark.parametrize("code", PROVINCES)
def test_versions_are_stable_and_named(code: str, still: Speak) -> None:
    adapter = still(code).adapter
    for resource in adapter.resources():
        version = adapter.mapping_version(resource)
        assert re.fullmatch(r"[1-9][0-9]*-[0-9a-f]{8}", version)
        assert version == adapter.mapping_version(resource)


@pytest.mark.parametrize(("code", "name"), EVERY)
def test_no_mobile_number_stands_in_the_public_telephone(code: str, name: str, first_read: FirstRead) -> None:
    for document in first_read(code, name).documents.values():
        phone = document.get("contact", {}).get("office_phone", "")
        assert MOBILE.search(re.sub(r"[^0-9]", "", phone)) is None


@pytest.mark.parametrize(("code", "name"), FETCHED)
@pytest.mark.parametrize(
    "cursor",
    ["", "gibberish", "{}", '{"kind":"nothing"}', "7" * 9_000],
    ids=["empty", "words", "bare", "kind", "huge"],
)
def test_a_foreign_cursor_is_refused_in_both_languages(
    code: str, name: str, cursor: str, still: Speak
) -> None:
    speaks = still(code)
    with pytest.raises(Malformed) as refused:
        list(speaks.adapter.pages(resource_of(speaks, name), cursor))
    assert refused.value.zh
    assert refused.value.en


@pytest.mark.parametrize(("code", "name"), EVERY)
@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff" * 50, "第一行\n第二行".encode(), b"PK\x03\x04", b"{}[]<a/>"],
    ids=["empty", "binary", "words", "zip", "mixed"],
)
def test_foreign_content_is_refused_or_comes_to_nothing(
    code: str, name: str, content: bytes, still: Speak
) -> None:
    speaks = still(code)
    resource = resource_of(speaks, name)

    def records() -> list[str | None]:
        return [
            speaks.adapter.key(resource, record)
            for page in speaks.adapter.parse(resource, content, "文件.bin")
            for record in page.records
        ]

    if resource.direction == "push":  # broken lines cost themselves only
        assert not any(records())
        return
    with pytest.raises(Unsupported if resource.direction == "pull" else Malformed) as refused:
        records()
    assert refused.value.zh
    assert refused.value.en


@pytest.mark.parametrize("code", sorted({code for code, _ in PULLED}))
def test_a_probe_is_answered(code: str, still: Speak) -> None:
    still(code).adapter.probe()


@pytest.mark.parametrize(("code", "name"), PULLED)
def test_a_busy_platform_is_waited_for(code: str, name: str, fresh: Speak) -> None:
    speaks = fresh(code)
    speaks.fleet.failures[code].set({"unavailable": 2, "retry_after": 3})
    found = speaks.read(resource_of(speaks, name))
    assert set(found.documents) in speaks.expected(resource_of(speaks, name))
    assert len(speaks.waits) >= 2
    assert all(wait >= 3 for wait in speaks.waits[:2])


@pytest.mark.parametrize(("code", "name"), PULLED)
def test_a_connection_that_dies_costs_nothing(code: str, name: str, fresh: Speak) -> None:
    speaks = fresh(code)
    speaks.fleet.failures[code].set({"broken_answers": 1})
    assert set(speaks.read(resource_of(speaks, name)).documents) in speaks.expected(resource_of(speaks, name))


@pytest.mark.parametrize(("code", "name"), PULLED)
def test_a_page_repeated_for_ever_ends(code: str, name: str, fresh: Speak) -> None:
    speaks = fresh(code)
    resource = resource_of(speaks, name)
    asks_once = kind_of(code, name) == "file_pull" or len(speaks.read(resource).pages) == 1
    speaks.fleet.failures[code].set({"repeat_page": True})
    if asks_once and kind_of(code, name) != "xml_files":
        assert speaks.read(resource).last.is_last  # one answer holds everything: the same again is no loop
        return
    with pytest.raises(AdapterError) as stopped:
        speaks.read(resource)
    assert not stopped.value.retryable


@pytest.mark.parametrize(("code", "name"), [pair for pair in MAIN if pair in FETCHED])
def test_a_source_that_suddenly_holds_nothing_is_an_empty_full_read(
    code: str, name: str, fresh: Speak
) -> None:
    speaks = fresh(code)
    speaks.world.go_empty()
    found = speaks.read(resource_of(speaks, name))
    assert not found.documents
    assert not found.rejected
    assert found.last.is_last
    assert found.last.is_full


@pytest.mark.parametrize(("code", "name"), [pair for pair in MAIN if pair in FETCHED])
def test_a_record_that_vanishes_is_a_tombstone_or_absent(code: str, name: str, fresh: Speak) -> None:
    speaks = fresh(code)
    resource = resource_of(speaks, name)
    before = speaks.read(resource)
    gone = next(iter(speaks.world.expected_keys()))
    expected = speaks.expected(resource)
    speaks.world.vanish(gone)
    after = speaks.read(resource)
    lost = set(before.documents) - set(after.documents)
    assert len(lost) == 1
    assert any(lost <= keys for keys in expected)
    if resource.deletes == "tombstone":
        later = speaks.read(resource, before.last.cursor)
        assert lost <= set(later.deleted)
