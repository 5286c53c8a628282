"""Signatures of settlement against jose on Node: it accepts what the hub exports, and the hub what it signs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from hub.core.runtime import Runtime
from hub.identity.service.signing import current_key
from hub.settlement.models import Batch, Document
from hub.settlement.queries import signing as queries
from hub.settlement.rules import signing as rules
from hub.settlement.service import bundles, hub_receipts, officer_keys, signatures
from station_portal import assets
from tests.hub.settlement.signing import bundling, papers
from tests.hub.settlement.signing.bundling import LATER
from tests.hub.settlement.signing.papers import FIRST, NOW, ZHEJIANG

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).with_name("settlement_signatures.mjs")
CLIENTS = assets.TEST_TOOLS / "oauth-clients.mjs"


def jose(*arguments: str) -> dict[str, Any]:
    """What the script prints."""
    node = shutil.which("node", path=assets.find_node(os.environ, assets.wheel_folder()).environment["PATH"])
    assert node is not None
    assert CLIENTS.exists(), "run `python -m station_portal.assets --force` first"
    ran = subprocess.run(
        [node, str(SCRIPT), str(CLIENTS), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def test_jose_accepts_every_signature_of_a_bundle_and_no_edited_document(
    runtime: Runtime, tmp_path: Path
) -> None:
    held, ids, key = bundling.furnish(runtime)
    with held.database.write() as session:
        kid = rules.thumbprint(key.export_public(as_dict=True))
        receipt = papers.signed(session, key, ZHEJIANG, kid, ids[0], typ=rules.RECEIPT)
        signatures.keep_receipt(session, papers.signer(), ids[0], receipt, now=LATER)
    files = bundling.files_of(bundling.packed(held, ids))
    headers = jose("check", str(bundling.unpack(files, tmp_path / "bundle")))
    assert set(headers) == {name for name in files if name.endswith(".jws")}
    said = {(name.rpartition("/")[2], told["typ"], told["alg"]) for name, told in headers.items()}
    assert said >= {
        ("manifest.jws", "settlement-bundle+jws", "ES256"),
        ("0001-hub-signed.jws", rules.SIGNATURE, "ES256"),
        (f"0001-{ZHEJIANG}-signed.jws", rules.SIGNATURE, "EdDSA"),
        (f"0001-{ZHEJIANG}-receipt.jws", rules.RECEIPT, "EdDSA"),
        ("0004-hub-signed.jws", rules.SIGNATURE, "ES256"),
    }


def test_jose_accepts_the_hub_s_receipts_of_a_signature_and_of_a_seal(
    runtime: Runtime, tmp_path: Path
) -> None:
    held, ids, _ = bundling.furnish(runtime)
    key = current_key(held.database, held.home, "message", now=LATER)
    batch = Batch(id="2026-01.310000-330000", statement_id=ids[0], sealed_sha256="a" * 64, closed_at=LATER)
    with held.database.read() as session:
        row = hub_receipts.find_signature(session, ids[0], ZHEJIANG, "signed")
        texts = {"signature": hub_receipts.of_signature(key, row), "seal": hub_receipts.of_seal(key, batch)}
    keys = tmp_path / "keys.json"
    with held.database.read() as session:
        published = [bundles.key_document(each) for each in queries.hub_keys(session)]
    keys.write_text(json.dumps({"keys": published}))
    for what, text in texts.items():
        path = tmp_path / f"{what}.jws"
        path.write_text(text)
        told = jose("receipt", str(path), str(keys))
        assert (told["what"], told["document"], told["typ"]) == (what, ids[0], "hub-receipt+jws")


@pytest.mark.parametrize("alg", ["Ed25519", "ES256"])
def test_the_hub_accepts_what_jose_signs(runtime: Runtime, tmp_path: Path, alg: str) -> None:
    path = tmp_path / "statement.json"
    with runtime.database.write() as session:
        papers.put_statement(session)
        path.write_bytes(rfc8785.dumps(session.get_one(Document, FIRST).body))
    made = jose("sign", str(path), alg, json.dumps(papers.header(ZHEJIANG, "", alg=None)))
    with runtime.database.write() as session:
        held = officer_keys.propose(session, ZHEJIANG, made["jwk"], "jose", actor="person:one", now=NOW)
        officer_keys.approve(session, held.kid, actor="person:two", now=NOW)
        assert held.kid == made["kid"]
        kept = signatures.sign(session, papers.signer(), FIRST, made["jws"], now=LATER)
        assert (kept.kid, kept.alg) == (made["kid"], "EdDSA" if alg == "Ed25519" else "ES256")
        assert signatures.grades(session, FIRST, now=LATER)[ZHEJIANG] == "signed"
