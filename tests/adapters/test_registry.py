"""Provinces are found by their folders; one more folder is one more province."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

import schemas
from adapters.contract import Connection, Damaged, NativeRecord, Pulled, Rejected
from adapters.errors import AuthRejected, ManifestInvalid, Unreachable, Unsupported
from adapters.registry import PROVINCES, build_adapter, build_adapters, discover, folders, load_province
from tests.adapters.folders import MANIFEST, MAPPING, VOCABULARY, changed, row, write_province
from tests.adapters.platforms import BASE, App, Time, never


def platform(*rows: Any) -> App:
    """Numbered pages over these rows."""

    def app(request: httpx.Request) -> httpx.Response:
        page, size = int(request.url.params["page"]), int(request.url.params["size"])
        return httpx.Response(200, json={"rows": rows[(page - 1) * size : page * size], "total": len(rows)})

    return app


def adapter_of(folder: Path, app: App = never, connection: Connection | None = None) -> Any:
    def client(**_: Any) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(app))

    return build_adapter(load_province(folder), connection or Connection(BASE), client, Time().pacing())


def test_every_province_of_the_belt_is_found_by_its_folder() -> None:
    found = discover()
    assert list(found) == sorted(path.name for path in folders(PROVINCES))
    assert set(found) == {c.code for c in schemas.codes("province").values() if c.attributes.get("region")}
    assert all(not path.name.startswith("_") for path in folders(PROVINCES))


def test_a_twelfth_province_is_one_folder_and_no_python(tmp_path: Path) -> None:
    write_province(tmp_path)
    found = discover(tmp_path)
    assert list(found) == ["370000"]
    adapter = adapter_of(found["370000"].folder, platform(row(1), row(2), row(3)))
    assert adapter.province == "370000"
    assert adapter.manifest.station.name.zh == "山东省大仪网服务驿站"
    (resource,) = adapter.resources()
    documents = [
        adapter.map(resource, record).document
        for page in adapter.pages(resource, None)
        for record in page.records
    ]
    assert [document["internal_number"] for document in documents] == ["N-1", "N-2", "N-3"]
    assert documents[0] == {
        "id": schemas.ids.instrument_id("370000", "U1", "N-1"),
        "province": "370000",
        "unit": {"id": "U1", "name": "演示大学"},
        "internal_number": "N-1",
        "name_zh": "仪器1",
        "classification": {"scheme": "most-2006", "code": "010102"},
        "source_classification": {"scheme": "most-2006", "code": "010102"},
        "location": {"province": "370000", "city": "370100"},
        "running_state": "normal",
        "original_value_fen": 60_500_000,
    }


def test_shared_mappings_stand_beside_the_folder_or_with_the_project(tmp_path: Path) -> None:
    manifest = changed(MANIFEST, "resources.0.mapping", "_common:rows")
    mapping = {"mapping": 1, "version": 1, "resources": {}}
    folder = write_province(tmp_path, manifest, mapping)
    with pytest.raises(ManifestInvalid, match=r"_common/mapping\.yaml is missing"):
        load_province(folder)
    shared = {
        "mapping": 1,
        "version": 4,
        "resources": {"rows": MAPPING["resources"]["instruments"], "other": {"fields": {}}},
    }
    place = write_province(tmp_path / "made", mapping=shared)
    place.rename(tmp_path / "_common")
    (tmp_path / "_common" / "manifest.yaml").unlink()
    assert list(discover(tmp_path)) == ["370000"]
    adapter = adapter_of(folder, platform(row(1)))
    (resource,) = adapter.resources()
    assert adapter.mapping_version(resource).startswith("4-")
    survey = write_province(
        tmp_path / "more", changed(MANIFEST, "resources.0.mapping", "_survey:institutions"), mapping
    )
    with pytest.raises(ManifestInvalid, match="is no field of the document instrument"):
        load_province(survey)


def test_two_folders_may_not_claim_one_province(tmp_path: Path) -> None:
    write_province(tmp_path).rename(tmp_path / "elsewhere")
    write_province(tmp_path)
    with pytest.raises(ManifestInvalid, match="370000"):
        discover(tmp_path)


def test_a_fault_names_the_folder(tmp_path: Path) -> None:
    write_province(tmp_path, changed(MANIFEST, "icon", None))
    with pytest.raises(ManifestInvalid, match=r"370000: manifest\.icon is missing"):
        discover(tmp_path)
    folder = write_province(tmp_path / "second")
    (folder / "vocab.csv").unlink()
    with pytest.raises(ManifestInvalid, match=r"vocab\.csv is missing"):
        load_province(folder)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("resources.0.transport.kind", "file_drop", "unknown options|is missing"),
        ("resources.0.transport.kind", "telepathy", "must be one of"),
        ("resources.0.cursor", "timestamp", "does not fit the transport, which gives page"),
        ("resources.0.transport.paging", {"kind": "time", "since": "s", "size": 5}, "does not fit"),
        ("resources.0.key.unit", {"from": "u", "do": ["nonsense"]}, "key.unit.do"),
        ("resources.0.modified", {"from": "a["}, "modified.from"),
        ("resources.0.transport", {"kind": "push_in"}, "does not go with push_in"),
    ],
)
def test_what_does_not_go_together_is_refused_when_the_adapter_is_built(
    tmp_path: Path, path: str, value: Any, says: str
) -> None:
    folder = write_province(tmp_path, changed(MANIFEST, path, value))
    with pytest.raises(ManifestInvalid, match=says):
        adapter_of(folder)


def test_reading_by_time_needs_to_know_the_time(tmp_path: Path) -> None:
    manifest = changed(MANIFEST, "resources.0.transport.paging", {"kind": "time", "since": "s", "size": 5})
    manifest = changed(changed(manifest, "resources.0.cursor", "timestamp"), "resources.0.modified", None)
    with pytest.raises(ManifestInvalid, match="modified is needed"):
        adapter_of(write_province(tmp_path, manifest))


def test_a_province_without_a_connection_is_there_but_cannot_be_called(tmp_path: Path) -> None:
    manifest = changed(MANIFEST, "auth", {"kind": "basic"})
    write_province(tmp_path, manifest)
    (adapter,) = build_adapters({}, lambda **_: never, folder=tmp_path).values()  # type: ignore[arg-type, return-value]
    (resource,) = adapter.resources()
    assert isinstance(adapter.map(resource, NativeRecord(row(1), b"x")), Pulled)
    with pytest.raises(Unsupported, match="no platform address"):
        list(adapter.pages(resource, None))
    with pytest.raises(AuthRejected, match="username"):
        list(adapter_of(tmp_path / "370000").pages(resource, None))


def test_a_client_is_made_for_each_read_with_the_manifests_caps_and_closed_after(tmp_path: Path) -> None:
    manifest = changed(MANIFEST, "limits", {"request_seconds": 7, "page_bytes": 1000, "file_bytes": 2000})
    asked: list[dict[str, Any]] = []
    made: list[httpx.Client] = []

    def client(**wanted: Any) -> httpx.Client:
        asked.append(wanted)
        made.append(httpx.Client(transport=httpx.MockTransport(platform(row(1)))))
        return made[-1]

    adapter = build_adapter(load_province(write_province(tmp_path, manifest)), Connection(BASE), client)
    assert not asked
    (resource,) = adapter.resources()
    for _ in range(2):
        list(adapter.pages(resource, None))
    assert [wanted["timeout"] for wanted in asked] == [7, 7]
    assert asked[0]["max_bytes"] == 2000
    assert all(one.is_closed for one in made)


def test_probing_asks_the_named_path_or_the_first_page(tmp_path: Path) -> None:
    paths: list[str] = []

    def app(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(200, json={"rows": [], "total": 0})

    adapter_of(write_province(tmp_path / "a"), app).probe()
    adapter_of(write_province(tmp_path / "b", changed(MANIFEST, "probe", {"path": "/alive"})), app).probe()
    assert paths == ["/root/list", "/root/alive"]
    with pytest.raises(Unreachable):
        adapter_of(tmp_path / "b" / "370000", lambda _: httpx.Response(500)).probe()


class TestEngine:
    """One adapter, record by record."""

    @pytest.fixture
    def adapter(self, tmp_path: Path) -> Any:
        return adapter_of(write_province(tmp_path))

    def outcome(self, adapter: Any, **changes: Any) -> Any:
        (resource,) = adapter.resources()
        body = {name: value for name, value in row(1, **changes).items() if value is not ...}
        return adapter.map(resource, NativeRecord(body, b"raw"))

    def test_the_key_is_cleaned_like_every_value(self, adapter: Any) -> None:
        (resource,) = adapter.resources()
        assert adapter.key(resource, NativeRecord({"unitId": " Ｕ１ ", "no": 17.0}, b"")) == "U1|17"
        made = self.outcome(adapter, unitId=" Ｕ１ ", no="Ｎ－１")
        assert made.key == "U1|N-1"
        assert made.document["unit"]["id"] == "U1"
        assert made.document["internal_number"] == "N-1"
        assert made.raw_hash == NativeRecord({}, b"raw").raw_hash

    @pytest.mark.parametrize("number", [..., "", "无", None, "a|b", ["x"], {"a": 1}, True])
    def test_a_record_that_does_not_say_who_it_is_is_rejected_without_key(
        self, adapter: Any, number: Any
    ) -> None:
        made = self.outcome(adapter, no=number)
        assert isinstance(made, Rejected)
        assert made.key is None
        assert [(p.pointer, p.code) for p in made.problems] == [("/internal_number", "missing-key")]
        (resource,) = adapter.resources()
        assert adapter.key(resource, NativeRecord({"unitId": "U1"}, b"")) is None

    @pytest.mark.parametrize(
        ("changes", "pointer", "code"),
        [
            ({"class": "777777"}, "/classification", "unknown-class"),
            ({"state": "坏透了"}, "/running_state", "unmapped-code"),
            ({"value": "很贵"}, "/original_value_fen", "bad-number"),
            ({"value": 0}, "/original_value_fen", "too-small"),
            ({"city": "南京市"}, "/location", "bad-area"),
            ({"province": "江苏省"}, "/location", "outside-province"),
            ({"name": ...}, "/name_zh", "missing"),
        ],
    )
    def test_a_bad_record_says_which_field_and_why(
        self, adapter: Any, changes: dict[str, Any], pointer: str, code: str
    ) -> None:
        made = self.outcome(adapter, **changes)
        assert isinstance(made, Rejected)
        assert made.key == "U1|N-1"
        assert [(p.pointer, p.code) for p in made.problems] == [(pointer, code)]
        assert made.problems[0].zh
        assert made.problems[0].en

    def test_an_impossible_value_for_its_class_is_rejected(self, adapter: Any) -> None:
        made = self.outcome(adapter, value="99999999")
        assert isinstance(made, Rejected)
        assert made.problems[0].pointer == "/original_value_fen"

    def test_all_problems_are_told_at_once(self, adapter: Any) -> None:
        made = self.outcome(adapter, value="x", state="y", city="z")
        assert {p.pointer for p in made.problems} == {"/original_value_fen", "/running_state", "/location"}
        worklist = [p for p in made.problems if p.code == "unmapped-code"]
        assert [(p.table, p.value) for p in worklist] == [("zt", "y")]

    def test_the_province_is_known_even_when_the_place_is_not(self, adapter: Any) -> None:
        made = self.outcome(adapter, province=..., city=...)
        assert made.document["location"] == {"province": "370000"}

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"unitId": {}, "no": []},
            {"unitId": "U", "no": "1", "name": {"x": [1]}, "class": [1, 2, 3], "value": [], "city": 5},
        ],
    )
    def test_no_body_makes_mapping_raise(self, adapter: Any, body: dict[str, Any]) -> None:
        (resource,) = adapter.resources()
        assert isinstance(adapter.map(resource, NativeRecord(body, b"")), Rejected)

    def test_a_tombstone_has_a_key_and_no_document(self, tmp_path: Path) -> None:
        adapter = adapter_of(write_province(tmp_path / "t"), platform(row(1, gone=True), row(2)))
        (resource,) = adapter.resources()
        (page,) = adapter.pages(resource, None)
        assert [record.deleted for record in page.records] == [True, False]
        assert page.records[0].modified is not None
        assert adapter.key(resource, page.records[0]) == "U1|N-1"
        with pytest.raises(ValueError, match="tombstone"):
            adapter.map(resource, page.records[0])

    def test_what_is_no_record_is_damaged_and_the_rest_goes_on(self, tmp_path: Path) -> None:
        adapter = adapter_of(write_province(tmp_path / "t"), platform(row(1), "oops"))
        (resource,) = adapter.resources()
        (page,) = adapter.pages(resource, None)
        assert len(page.records) == 1
        assert isinstance(page.damaged[0], Damaged)

    def test_a_capability_that_is_not_declared_is_unsupported(self, adapter: Any) -> None:
        (resource,) = adapter.resources()
        with pytest.raises(Unsupported, match="takes no upload"):
            adapter.parse(resource, b"", "x")
        for call in (
            lambda r: adapter.key(r, NativeRecord({}, b"")),
            adapter.mapping_version,
            lambda r: adapter.pages(r, None),
        ):
            with pytest.raises(Unsupported, match="no resource"):
                call(replace(resource, name="unknown"))

    def test_the_version_changes_with_mapping_and_table(self, tmp_path: Path) -> None:
        versions = set()
        for number, (mapping, vocabulary) in enumerate(
            [
                (MAPPING, VOCABULARY),
                (changed(MAPPING, "version", 2), VOCABULARY),
                (MAPPING, VOCABULARY + "zt,坏,awaiting_repair,\n"),
            ]
        ):
            adapter = adapter_of(
                write_province(tmp_path / str(number), mapping=mapping, vocabulary=vocabulary)
            )
            versions.add(adapter.mapping_version(adapter.resources()[0]))
        assert len(versions) == 3
        assert {version[0] for version in versions} == {"1", "2"}


SERVICE_ITEM = {
    "mapping": 1,
    "version": 1,
    "resources": {"instruments": {"fields": {"name": "item", "fee_fen": {"from": "fee", "do": [{"number": {"unit": "元"}}]}, "charging_unit": {"const": "sample"}}}},
}  # fmt: skip


def test_service_items_and_institutions_know_who_they_are(tmp_path: Path) -> None:
    manifest = changed(MANIFEST, "resources.0.document", "service-item")
    manifest = changed(manifest, "resources.0.key", {"unit": "unitId", "number": "no", "item": "seq"})
    adapter = adapter_of(write_province(tmp_path / "s", manifest, SERVICE_ITEM, "table,native,code,note\n"))
    (resource,) = adapter.resources()
    made = adapter.map(
        resource, NativeRecord({"unitId": "U1", "no": "N-1", "seq": 3, "item": "拉伸", "fee": 300}, b"")
    )
    instrument = schemas.ids.instrument_id("370000", "U1", "N-1")
    assert made.key == "U1|N-1|3"
    assert made.document == {
        "id": f"{instrument}-3", "instrument_id": instrument, "institution_id": schemas.ids.institution_id("370000", "U1"),
        "province": "370000", "number": 3, "name": "拉伸", "fee_fen": 30_000, "charging_unit": "sample",
    }  # fmt: skip
    bad = adapter.map(resource, NativeRecord({"unitId": "U1", "no": "N-1", "seq": "三", "item": "拉伸"}, b""))
    assert isinstance(bad, Rejected)
    assert "/number" in {problem.pointer for problem in bad.problems}

    manifest = changed(
        changed(MANIFEST, "resources.0.document", "institution"), "resources.0.key", {"unit": "unitId"}
    )
    mapping = {"mapping": 1, "version": 1, "resources": {"instruments": {"fields": {"name_zh": "unitName"}}}}
    adapter = adapter_of(write_province(tmp_path / "i", manifest, mapping, "table,native,code,note\n"))
    made = adapter.map(adapter.resources()[0], NativeRecord(row(1), b""))
    assert made.key == "U1"
    assert made.document == {
        "id": schemas.ids.institution_id("370000", "U1"), "province": "370000", "unit_id": "U1",
        "name_zh": "演示大学", "location": {"province": "370000"},
    }  # fmt: skip
