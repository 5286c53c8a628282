"""Whatever somebody does to a bundle is found and named: a byte of any document, a member, an order, an end, a signature."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from hub import models, verify
from hub.core.db import Database
from hub.core.runtime import Runtime
from tests.hub.settlement.signing import bundling
from tests.hub.settlement.signing.papers import SHANGHAI, ZHEJIANG

Files = dict[str, bytes]
EDITS = 4
"""Random bytes of each file, beside its first and its last one."""

DOCUMENTS = [f"documents/{number:04}.json" for number in range(1, 6)]
LINES = "lines/0001.ndjson"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Files]:
    """The files of a bundle with three statements, a list and a credit, made once."""
    home = tmp_path_factory.mktemp("hub")
    database = Database(f"sqlite:///{home / 'hub.db'}")
    models.METADATA.create_all(database.engine)
    runtime, ids, _ = bundling.furnish(Runtime(home=home, database=database))
    yield bundling.files_of(bundling.packed(runtime, ids))
    database.close()


def checked(files: Files, folder: Path) -> verify.Report:
    return verify.check(bundling.unpack(files, folder))


def named(files: Files, folder: Path) -> set[str]:
    return {problem.file for problem in checked(files, folder).problems}


def edits(files: Files, name: str, seed: int) -> Iterator[Files]:
    """The file with one other byte, at its ends and at places that the seed chooses."""
    dice, held = random.Random(f"{seed} {name}"), files[name]
    for place in [0, len(held) - 1, *(dice.randrange(len(held)) for _ in range(EDITS))]:
        other = dice.choice([value for value in range(256) if value != held[place]])
        yield {**files, name: held[:place] + bytes([other]) + held[place + 1 :]}


def missed(files: Files, folder: Path, names: list[str]) -> list[str]:
    """The files of which some edit is not found, or not named."""
    found = []
    for name in names:
        for number, edited in enumerate(edits(files, name, seed=len(files))):
            if name not in named(edited, folder / f"{name.replace('/', '-')}.{number}"):
                found.append(name)
    return found


def test_the_whole_one_fits(whole: Files, tmp_path: Path) -> None:
    assert checked(whole, tmp_path).fits
    assert set(DOCUMENTS) | {LINES} <= set(whole)


@pytest.mark.parametrize("name", [*DOCUMENTS, LINES, "manifest.json", "manifest.jws", "keys.jwks.json"])
def test_any_byte_of_each_document_is_found_and_its_file_named(
    whole: Files, tmp_path: Path, name: str
) -> None:
    assert missed(whole, tmp_path, [name]) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_member_that_was_taken_out_added_or_changed_is_named(
    whole: Files, tmp_path: Path, name: str
) -> None:
    """Canonical again, so that nothing but the content says it: the member itself is named."""
    body = json.loads(whole[name])
    changes: dict[str, Callable[[dict[str, Any]], object]] = {
        member: lambda told, m=member: told.pop(m) for member in body
    }  # type: ignore[misc]
    for number, (member, change) in enumerate(
        [
            *changes.items(),
            ("zusatz", lambda told: told.update(zusatz=1)),
            ("number", lambda told: told.update(number=99)),
        ]
    ):
        told = json.loads(whole[name])
        change(told)
        report = checked({**whole, name: rfc8785.dumps(told)}, tmp_path / str(number))
        assert (name, member) in {(each.file, each.where) for each in report.problems}, member


@pytest.mark.parametrize("name", [*DOCUMENTS, LINES, "line_hashes", "keys.jwks.json"])
def test_a_file_that_was_taken_out_or_cut_is_named(whole: Files, tmp_path: Path, name: str) -> None:
    name = (
        json.loads(whole["manifest.json"])["documents"][0]["line_hashes"] if name == "line_hashes" else name
    )
    without = {other: content for other, content in whole.items() if other != name}
    assert name in named(without, tmp_path / "without")
    for cut in (1, 2, len(whole[name]) // 2, len(whole[name]) - 1):
        assert name in named({**whole, name: whole[name][:-cut]}, tmp_path / str(cut))
    assert name in named({**whole, name: whole[name] + b"\n"}, tmp_path / "longer")


def test_lines_and_documents_in_another_order_are_named(whole: Files, tmp_path: Path) -> None:
    first, second, *others = whole[LINES].splitlines(keepends=True)
    report = checked({**whole, LINES: b"".join([second, first, *others])}, tmp_path / "lines")
    assert {(each.file, each.where) for each in report.problems} >= {
        (LINES, "第 1 行 line 1"),
        (LINES, "第 2 行 line 2"),
    }
    one, other = DOCUMENTS[0], DOCUMENTS[1]
    swapped = {**whole, one: whole[other], other: whole[one]}
    assert {one, other} <= named(swapped, tmp_path / "documents")
    manifest = json.loads(whole["manifest.json"])
    manifest["documents"].reverse()
    report = checked({**whole, "manifest.json": rfc8785.dumps(manifest)}, tmp_path / "manifest")
    assert {"manifest.json", "manifest.jws"} & {each.file for each in report.problems}


def test_another_s_signature_in_its_place_is_named(whole: Files, tmp_path: Path) -> None:
    """A side's signature of another document, and the hub's in the place of a side's: both are genuine, none is this one."""
    signatures = sorted(name for name in whole if name.startswith("signatures/"))
    mine = f"signatures/0001-{ZHEJIANG}-signed.jws"
    assert mine in signatures
    for number, other in enumerate(name for name in signatures if name != mine):
        assert mine in named({**whole, mine: whole[other]}, tmp_path / str(number)), other
    hub = [name for name in signatures if "hub" in name]
    assert len(hub) == len(DOCUMENTS)
    for number, (one, other) in enumerate(zip(hub, [*hub[1:], hub[0]], strict=True)):
        swapped = {**whole, one: whole[other], other: whole[one]}
        assert {one, other} <= named(swapped, tmp_path / f"hub-{number}")
    assert SHANGHAI in checked(whole, tmp_path / "whole").grades[f"statement:{SHANGHAI}-{ZHEJIANG}/1"]


@contextmanager
def that_skips_a_byte(files: Files, name: str) -> Iterator[None]:
    """The verifier with one byte of one file unseen: whatever stands last there is taken for what was there before."""
    read, digest = verify.Source.read, verify.Source.digest

    def blind_read(self: verify.Source, wanted: str) -> bytes:
        found = read(self, wanted)
        return found[:-1] + files[name][-1:] if wanted == name and len(found) == len(files[name]) else found

    def blind_digest(self: verify.Source, wanted: str) -> str:
        if wanted != name:
            return digest(self, wanted)
        return hashlib.sha256(blind_read(self, wanted)).hexdigest()

    verify.Source.read, verify.Source.digest = blind_read, blind_digest  # type: ignore[method-assign]
    try:
        yield
    finally:
        verify.Source.read, verify.Source.digest = read, digest  # type: ignore[method-assign]


@pytest.mark.parametrize("name", [DOCUMENTS[0], DOCUMENTS[4], "manifest.json"])
def test_a_verifier_that_skips_a_byte_is_caught(whole: Files, tmp_path: Path, name: str) -> None:
    with that_skips_a_byte(whole, name):
        assert checked(whole, tmp_path / "whole").fits
        assert name in missed(whole, tmp_path, [name])
