"""A bundle with everything in it, as bytes and as files that a test may change."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from jwcrypto.jwk import JWK
from sqlalchemy.orm import Session

from hub.core.runtime import Runtime
from hub.settlement.models import Document
from hub.settlement.service import bundles, officer_keys, signatures, timestamps
from hub.settlement.service.signatures import Signer
from tests.hub.settlement.signing import papers
from tests.hub.settlement.signing.authority import Authority
from tests.hub.settlement.signing.papers import JIAXING, NOW, SHANGHAI, ZHEJIANG
from tests.virtual_clock import VirtualClock

LATER = NOW + timedelta(minutes=5)
LINES = {
    "2026-01": [papers.line(1), papers.line(2, 20_000, 15_000), papers.line(3, 0, 5_000)],
    "2026-02": [papers.line(4)],
    "2026-03": [],
}


def list_file(_: Session, batch_id: str) -> list[bytes]:
    """The lines of a batch."""
    return papers.ndjson(LINES[batch_id.partition(".")[0]])


def furnish(runtime: Runtime, authority: Authority | None = None) -> tuple[Runtime, list[str], JWK]:
    """Three statements, a payment list and a credit document with signatures of every grade; Zhejiang's officer's key."""
    held = replace(runtime, clock=VirtualClock(LATER))
    if authority is not None:
        held = replace(held, tsa_url=authority.url, tsa_ca=authority.roots)
    key, older = papers.officer_key(), papers.officer_key()
    with held.database.write() as session:
        ids = [
            papers.put(session, "statement", papers.STATEMENT, papers.statement(lines, period))
            for period, lines in LINES.items()
        ]
        first = session.get_one(Document, ids[0])
        january = LINES["2026-01"]
        ids.append(papers.put(session, "payment-list", papers.LIST, papers.payment_list(ids[0], january)))
        ids.append(
            papers.put(session, "credit", papers.CREDIT, papers.credit(ids[0], first.sha256, january[1]))
        )
        old = papers.enrol(session, ZHEJIANG, older)
        kid = papers.enrol(session, ZHEJIANG, key)
        text = papers.signed(session, older, ZHEJIANG, old, ids[0])
        signatures.sign(session, papers.signer(), ids[0], text, now=NOW + timedelta(minutes=2))
        officer_keys.revoke(session, old, actor="person:one", now=NOW + timedelta(minutes=3))
        text = papers.signed(session, key, ZHEJIANG, kid, ids[1])
        signatures.sign(session, papers.signer(), ids[1], text, now=LATER)
        signatures.acknowledge(session, Signer(SHANGHAI, "person:p-1"), ids[0], first.sha256, now=LATER)
        signatures.acknowledge(
            session,
            Signer(JIAXING, "person:p-2"),
            ids[3],
            session.get_one(Document, ids[3]).sha256,
            now=LATER,
        )
    if authority is not None:
        while timestamps.stamp_due(held):
            pass
    return held, ids, key


def packed(runtime: Runtime, ids: list[str]) -> bytes:
    made = io.BytesIO()
    bundles.make_bundle(runtime, ids, made, list_file=list_file, now=LATER)
    return made.getvalue()


def files_of(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def unpack(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
