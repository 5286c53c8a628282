"""The offline verifier: a whole bundle fits; every edited byte is found, and what was edited is named."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from hub import models, verify
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.identity.service import signing as hub_signing
from tests.hub.settlement.signing import bundling
from tests.hub.settlement.signing.authority import Authority
from tests.hub.settlement.signing.bundling import LATER
from tests.hub.settlement.signing.papers import JIAXING, SHANGHAI, ZHEJIANG

Made = tuple[Runtime, list[str], bytes]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, _authority_folder: Path) -> Iterator[Made]:
    """A bundle with everything in it, made once."""
    home = tmp_path_factory.mktemp("hub")
    database = Database(f"sqlite:///{home / 'hub.db'}")
    models.METADATA.create_all(database.engine)
    authority = Authority(_authority_folder)
    authority.start()
    runtime, ids, _ = bundling.furnish(Runtime(home=home, database=database), authority)
    authority.stop()
    yield runtime, ids, bundling.packed(runtime, ids)
    database.close()


@pytest.fixture(scope="module")
def bundle(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "bundle.zip"
    path.write_bytes(made[2])
    return path


def named(report: verify.Report) -> set[str]:
    return {problem.file for problem in report.problems}


def test_a_bundle_fits_zipped_and_unpacked_and_says_what_was_checked(
    bundle: Path, made: Made, tmp_path: Path
) -> None:
    report = verify.check(bundle)
    assert list(verify.say(report))[-1] == "✓ 全部相符", list(verify.say(report))
    ids = made[1]
    assert report.grades[ids[0]] == {SHANGHAI: "acknowledged", ZHEJIANG: "signed"}
    assert report.grades[ids[1]] == {SHANGHAI: "waiting", ZHEJIANG: "signed"}
    assert report.grades[ids[3]] == {JIAXING: "acknowledged"}
    said = "\n".join(verify.say(report, "en"))
    assert "acknowledged, not signed" in said
    assert "carries a time-stamp" in said
    assert "each fits its statement's line" in said
    assert verify.check(bundling.unpack(bundling.files_of(made[2]), tmp_path)).fits


def test_a_document_without_a_time_stamp_is_said_to_have_none(made: Made, tmp_path: Path) -> None:
    files = bundling.files_of(made[2])
    manifest = json.loads(files["manifest.json"])
    del manifest["documents"][0]["time_stamp"]
    files["manifest.json"] = rfc8785.dumps(manifest)
    facts = [en for _, en in verify.check(bundling.unpack(files, tmp_path)).facts]
    assert f"{made[1][0]} carries no time-stamp" in facts


def test_the_same_bundle_is_the_same_bytes(made: Made) -> None:
    runtime, ids, before = made
    files, again = bundling.files_of(before), bundling.files_of(bundling.packed(runtime, ids))
    assert {name: files[name] for name in files if name != "manifest.jws"} == {
        name: again[name] for name in again if name != "manifest.jws"
    }


def test_it_runs_alone_with_the_standard_library_only(bundle: Path, tmp_path: Path) -> None:
    """A copy somewhere else, isolated from every installed package."""
    alone = tmp_path / "verify.py"
    alone.write_bytes(Path(verify.__file__).read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(alone), str(bundle), "--lang", "en"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().endswith("Everything fits\n")


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_any_edited_byte_of_any_file_is_found_and_its_file_named(made: Made, data: st.DataObject) -> None:
    files = bundling.files_of(made[2])
    name = data.draw(st.sampled_from(sorted(name for name, content in files.items() if content)))
    place = data.draw(st.integers(0, len(files[name]) - 1))
    held = files[name]
    other = data.draw(st.integers(0, 255).filter(lambda value: value != held[place]))
    files[name] = held[:place] + bytes([other]) + held[place + 1 :]
    with tempfile.TemporaryDirectory() as folder:
        report = verify.check(bundling.unpack(files, Path(folder)))
    assert name in named(report)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_edited_byte_of_the_zip_itself_is_found(made: Made, data: st.DataObject) -> None:
    whole = made[2]
    place = data.draw(st.integers(0, len(whole) - 1))
    bit = data.draw(st.integers(0, 7))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "b.zip"
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
        assert verify.main([str(path)]) in (1, 2)


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -30])
def test_a_cut_or_longer_zip_is_found(made: Made, tmp_path: Path, cut: int) -> None:
    (tmp_path / "b.zip").write_bytes(made[2][:cut] if cut <= 0 or cut > 1 else made[2] + b"x")
    assert verify.main([str(tmp_path / "b.zip")]) in (1, 2)


def changed(files: dict[str, bytes], name: str, change: Callable[[Any], None]) -> None:
    body = json.loads(files[name])
    change(body)
    files[name] = rfc8785.dumps(body)


def test_the_field_and_the_line_are_named(made: Made, tmp_path: Path) -> None:
    files = bundling.files_of(made[2])
    changed(files, "documents/0001.json", lambda body: body["totals"].update(fee_fen=1))
    files["lines/0001.ndjson"] = files["lines/0001.ndjson"].replace(b'"own_fen":15000', b'"own_fen":15001')
    found = {(each.file, each.where) for each in verify.check(bundling.unpack(files, tmp_path)).problems}
    assert ("documents/0001.json", "totals") in found
    assert ("documents/0001.json", "totals.fee_fen") in found
    assert ("lines/0001.ndjson", "第 2 行 line 2") in found


def resigned(made: Made, folder: Path, change: Callable[[dict[str, bytes]], None]) -> verify.Report:
    """A bundle that whoever holds the hub's key has made wrong: digests and the hub's signatures fit again."""
    runtime = made[0]
    files = bundling.files_of(made[2])
    change(files)
    manifest = json.loads(files["manifest.json"])
    key = hub_signing.current_key(runtime.database, runtime.home, "message", now=LATER)
    for each in manifest["documents"]:
        if each["file"] not in files:
            continue
        body = json.loads(files[each["file"]])
        each["sha256"] = hashlib.sha256(files[each["file"]]).hexdigest()
        each["members"] = {
            name: hashlib.sha256(rfc8785.dumps(value)).hexdigest() for name, value in body.items()
        }
        if "lines" in each:
            lines = files[each["lines"]].splitlines()
            files[each["line_hashes"]] = b"".join(
                hashlib.sha256(line).hexdigest().encode() + b"\n" for line in lines
            )
    manifest["documents"] = [each for each in manifest["documents"] if each["file"] in files]
    manifest["files"] = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if not name.startswith("manifest")
    }
    files["manifest.json"] = rfc8785.dumps(manifest)
    files["manifest.jws"] = key.sign_detached(
        files["manifest.json"], {"side": "hub", "iat": 1}, verify.BUNDLE
    ).encode()
    return verify.check(bundling.unpack(files, folder))


def places(report: verify.Report) -> set[tuple[str, str]]:
    return {(each.file, each.where) for each in report.problems}


WRONG: dict[str, tuple[Callable[[dict[str, bytes]], None], tuple[str, str]]] = {
    "a total": (
        lambda files: changed(files, "documents/0001.json", lambda body: body["totals"].update(own_fen=1)),
        ("documents/0001.json", "totals.own_fen"),
    ),
    "a programme's share": (
        lambda files: changed(files, "documents/0001.json", lambda body: body["programmes"][0].update(voucher_fen=1)),
        ("documents/0001.json", "programmes.demo-330400-voucher"),
    ),
    "a line's fee": (
        lambda files: files.update({"lines/0001.ndjson": files["lines/0001.ndjson"].replace(b'"fee_fen":35000', b'"fee_fen":36000')}),
        ("lines/0001.ndjson", "第 2 行 line 2"),
    ),
    "a line twice": (
        lambda files: files.update({"lines/0001.ndjson": files["lines/0001.ndjson"].splitlines(True)[0] + files["lines/0001.ndjson"]}),
        ("lines/0001.ndjson", "第 2 行 line 2"),
    ),
    "a line left out": (
        lambda files: files.update({"lines/0001.ndjson": b"".join(files["lines/0001.ndjson"].splitlines(True)[1:])}),
        ("documents/0001.json", "lines_sha256"),
    ),
    "a number left out": (lambda files: files.pop("documents/0002.json") and None, ("documents/0003.json", "number")),
    "the hash before": (
        lambda files: changed(files, "documents/0002.json", lambda body: body.update(previous_sha256="0" * 64)),
        ("documents/0002.json", "previous_sha256"),
    ),
    "the sum of a list": (
        lambda files: changed(files, "documents/0004.json", lambda body: body.update(total_fen=1)),
        ("documents/0004.json", "total_fen"),
    ),
    "an order of a list": (
        lambda files: changed(files, "documents/0004.json", lambda body: body["lines"][0]["orders"][0].update(order_number="31-1")),
        ("documents/0004.json", "lines[0].orders[0]"),
    ),
    "an order twice": (
        lambda files: changed(files, "documents/0004.json", lambda body: body["lines"][0]["orders"].append(body["lines"][0]["orders"][0])),
        ("documents/0004.json", "lines[0].orders[2].source"),
    ),
    "a credit of another line": (
        lambda files: changed(files, "documents/0005.json", lambda body: body["line"].update(usage_version=2)),
        ("documents/0005.json", "line"),
    ),
    "a credit of another sum": (
        lambda files: changed(files, "documents/0005.json", lambda body: body["totals"].update(fee_fen=-1)),
        ("documents/0005.json", "totals.fee_fen"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_itself_is_named_even_under_the_hub_s_signature(
    made: Made, tmp_path: Path, name: str
) -> None:
    change, place = WRONG[name]
    assert place in places(resigned(made, tmp_path, change))


def test_the_side_s_own_signature_does_not_move_to_another_content(made: Made, tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        changed(files, "documents/0002.json", lambda body: body.update(period="2026-12"))

    report = resigned(made, tmp_path, change)
    assert (f"signatures/0002-{ZHEJIANG}-signed.jws", f"{made[1][1]} · {ZHEJIANG}") in places(report)
    assert report.grades[made[1][1]][ZHEJIANG] == "waiting"


def test_a_key_signs_nothing_after_its_end_and_nothing_for_another_side(made: Made, tmp_path: Path) -> None:
    def ended(files: dict[str, bytes]) -> None:
        keys = json.loads(files["keys.jwks.json"])
        for key in keys["keys"]:
            if key["side"] == ZHEJIANG:
                key["until"] = key["since"]
        files["keys.jwks.json"] = rfc8785.dumps(keys)

    def foreign(files: dict[str, bytes]) -> None:
        keys = json.loads(files["keys.jwks.json"])
        for key in keys["keys"]:
            if key["side"] == ZHEJIANG:
                key["side"] = SHANGHAI
        files["keys.jwks.json"] = rfc8785.dumps(keys)

    for number, change in enumerate((ended, foreign)):
        report = resigned(made, tmp_path / str(number), change)
        assert f"signatures/0001-{ZHEJIANG}-signed.jws" in named(report)


def test_keys_of_one_s_own_are_what_counts(made: Made, bundle: Path, tmp_path: Path) -> None:
    """A forger who makes everything anew, with keys of his own, is found by who has the keys from elsewhere."""
    trusted = tmp_path / "trusted.json"
    trusted.write_bytes(bundling.files_of(made[2])["keys.jwks.json"])
    assert verify.check(bundle, keys=trusted).fits
    stranger = JWK.generate(kty="EC", crv="P-256").export_public(as_dict=True)
    trusted.write_text(json.dumps({"keys": [{**stranger, "side": "hub", "kid": "hub-1", "alg": "ES256"}]}))
    assert named(verify.check(bundle, keys=trusted)) == {"keys.jwks.json"}


def test_an_independent_library_accepts_the_same_signatures(made: Made) -> None:
    files = bundling.files_of(made[2])
    keys = {(key["side"], key["kid"]): key for key in json.loads(files["keys.jwks.json"])["keys"]}
    checked = 0
    for document in json.loads(files["manifest.json"])["documents"]:
        payload = base64.urlsafe_b64encode(files[document["file"]]).rstrip(b"=").decode()
        for told in document["signatures"]:
            if "file" in told:
                protected, _, signature = files[told["file"]].decode().split(".")
                key = keys[told["side"], told["kid"]]
                whole = JWS()
                whole.deserialize(
                    f"{protected}.{payload}.{signature}",
                    key=JWK(**{name: key[name] for name in ("kty", "crv", "x", "y") if name in key}),
                )
                checked += 1
    assert checked == 7


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-0.0, "0"), (1.5, "1.5"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1e-7, "1e-7"), (0.000001, "0.000001"),
     (123456789.125, "123456789.125"), (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"), (-12.5e-9, "-1.25e-8")],
)  # fmt: skip
def test_numbers_are_written_as_the_canonical_form_wants(value: float, text: str) -> None:
    assert verify.canonical(value).decode() == text == rfc8785.dumps(value).decode()


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_the_canonical_form_is_that_of_another_library(value: Any) -> None:
    assert verify.canonical(value) == rfc8785.dumps(value)
    assert verify.canonical(verify.parse(rfc8785.dumps(value))) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "content",
    [b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'{"a": 1}', b'{"a":1.0}', b'{"a":NaN}', b"\xff", b"[" * 100_000, b'{"a":1}\n', b'{"\\u0061":1}', b'{"a":1e5}', b'{"a":"\\u4e2d"}', b"[1e400]"],
)  # fmt: skip
def test_only_the_canonical_form_is_read(content: bytes) -> None:
    with pytest.raises(ValueError):
        verify.parse(content)


def test_what_is_no_bundle_is_said_with_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundle: Path
) -> None:
    (tmp_path / "a.zip").write_bytes(b"no zip")
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.json").write_text("{}")
    for name in ("a.zip", "empty", "a.json", "missing.zip"):
        assert verify.main([str(tmp_path / name)]) == 2
    monkeypatch.setenv("PATH", os.devnull)
    verify._openssl_says.cache_clear()
    assert verify.main([str(bundle)]) == 3
