"""Manifests: what they say, and every fault named by its path."""

from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Limits, Names, Tile
from adapters.errors import ManifestInvalid
from adapters.manifest import MappingName, load_manifest, parse_manifest
from tests.adapters.folders import MANIFEST, changed


def test_a_manifest_says_who_the_province_is() -> None:
    manifest = parse_manifest(changed(MANIFEST, "limits", {"page_records": 10, "run_seconds": 5}))
    assert (manifest.province, manifest.name, manifest.short) == ("370000", Names("山东省", "Shandong"), "鲁")
    assert manifest.tile == Tile(6.0, 0.0)
    assert manifest.limits == Limits(page_records=10, run_seconds=5.0)
    assert manifest.station.name.zh == "山东省大仪网服务驿站"
    resource = manifest.resources[0].resource
    assert (resource.name, resource.document_name, resource.schedule_seconds) == (
        "instruments",
        "instrument",
        3600,
    )
    assert manifest.resources[0].mapping == MappingName(None, "instruments")


def test_a_shared_section_is_named_with_its_folder() -> None:
    manifest = parse_manifest(changed(MANIFEST, "resources.0.mapping", "_survey:rows"))
    assert manifest.resources[0].mapping == MappingName("_survey", "rows")


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("province", "990000", "manifest.province"),
        ("province", 370000, "quote codes"),
        ("name.en", None, "manifest.name.en is missing"),
        ("name.fr", "x", "unknown options: fr"),
        ("tile.col", "6", "manifest.tile.col"),
        ("tile.row", -1, "manifest.tile.row"),
        ("platform.url", "ftp://x", "http"),
        ("dialect.kind", "guessed", "observed · simulated"),
        ("idempotency", "maybe", "native · lookup · none"),
        ("limits", {"page_byte": 1}, "unknown options: page_byte"),
        ("limits", {"page_bytes": 0}, "limits.page_bytes"),
        ("resources", [], "manifest.resources"),
        ("resources.0.document", "planet", "institution · instrument"),
        ("resources.0.direction", "sideways", "pull · push · drop · upload"),
        ("resources.0.direction", "push", "does not go with push"),
        ("resources.0.cursor", "none", "does not go with pull"),
        ("resources.0.schedule_seconds", None, "schedule_seconds is missing"),
        ("resources.0.schedule_seconds", True, "schedule_seconds"),
        ("resources.0.key", {"unit": "u"}, "key.number is missing"),
        ("resources.0.key.item", "i", "unknown options: item"),
        ("resources.0.deletes", "sometimes", "tombstone · absence · none"),
        ("resources.0.mapping", "survey:rows", "_folder:section"),
        ("resources.0.mapping", "_../../etc:rows", "_folder:section"),
        ("resources.0.transport", "rest", "transport"),
        ("resources.0.deleted", {"from": "x"}, "deleted.is is missing"),
        ("resources.0.simulated", "yes", "true or false"),
        ("surprise", 1, "unknown options: surprise"),
    ],
)
def test_a_fault_is_named_by_its_path(path: str, value: Any, says: str) -> None:
    with pytest.raises(ManifestInvalid) as refused:
        parse_manifest(changed(MANIFEST, path, value))
    assert says in refused.value.en
    assert refused.value.zh


def test_two_resources_of_one_name_are_refused() -> None:
    with pytest.raises(ManifestInvalid, match="same name"):
        parse_manifest(changed(MANIFEST, "resources", MANIFEST["resources"] * 2))


@pytest.mark.parametrize(
    "content", [b"", b"[1]", b"a: [", b"\xff\xfe", b"x: !!python/object/apply:os.system [id]"]
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "manifest.yaml").write_bytes(content)
    with pytest.raises(ManifestInvalid):
        load_manifest(tmp_path)


def test_a_missing_and_a_huge_file(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid, match="cannot read"):
        load_manifest(tmp_path)
    (tmp_path / "manifest.yaml").write_text("#" * 1_100_000)
    with pytest.raises(ManifestInvalid, match="larger"):
        load_manifest(tmp_path)
