"""hub-sign as an officer runs it: a process of its own, in a folder that is not the hub's, with `openssl` alone."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jwcrypto.jwk import JWK
from sqlalchemy import select

from hub import models, verify
from hub import sign as hub_sign
from hub.core.db import Database
from hub.core.errors import HubError
from hub.core.runtime import Runtime
from hub.settlement.service import bundles, officer_keys, signatures
from tests.hub.settlement.signing import papers
from tests.hub.settlement.signing.papers import FIRST, ZHEJIANG
from tests.virtual_clock import VirtualClock

PHRASE = "一句够长的口令 passphrase"


@dataclass
class Officer:
    """A machine with the program and a key folder."""

    folder: Path

    def run(self, *arguments: str, typed: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable,
            "-I",
            "-S",
            str(self.folder / "hub-sign.py"),
            *arguments,
            "--folder",
            str(self.folder / "keys"),
        ]
        return subprocess.run(
            command,
            input="".join(f"{line}\n" for line in typed),
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
        )

    def new_key(self) -> str:
        """Make a key; the PEM text that the program prints."""
        done = self.run("new-key", typed=(PHRASE, PHRASE))
        assert done.returncode == 0, done.stderr
        return done.stdout[done.stdout.index("-----BEGIN") :]

    def sign(self, *typed: str, side: str = ZHEJIANG) -> subprocess.CompletedProcess[str]:
        return self.run("sign", str(self.folder / "a.sign.json"), "--side", side, typed=typed)


@pytest.fixture
def officer(tmp_path: Path) -> Officer:
    folder = tmp_path / "officer"
    folder.mkdir()
    (folder / "hub-sign.py").write_bytes(Path(hub_sign.__file__).read_bytes())
    return Officer(folder)


@pytest.fixture
def hub(runtime: Runtime, tmp_path: Path) -> Runtime:
    """A hub of the present, since the officer's clock is this machine's."""
    now = datetime.now(UTC)
    held = replace(runtime, home=tmp_path / "home", clock=VirtualClock(now))
    with held.database.write() as session:
        papers.put_statement(session, now=now - timedelta(minutes=1))
    return held


def download(hub: Runtime, officer: Officer) -> dict[str, object]:
    told = bundles.package(hub, FIRST, now=hub.clock())
    (officer.folder / "a.sign.json").write_text(json.dumps(told), encoding="utf-8")
    return told


def fingerprint(told: dict[str, object]) -> str:
    """The first characters of the hub's key's fingerprint, as the document's page shows it."""
    key = told["keys"]["keys"][0]  # type: ignore[index]
    return JWK(**{name: key[name] for name in ("kty", "crv", "x", "y")}).thumbprint()[:8]


def enrol(hub: Runtime, pem: str) -> str:
    with hub.database.write() as session:
        made = officer_keys.propose(session, ZHEJIANG, pem, "财务处", actor="person:one", now=hub.clock())
        officer_keys.approve(session, made.kid, actor="person:two", now=hub.clock())
        return made.kid


def test_from_a_key_made_here_to_a_signature_that_the_hub_takes(hub: Runtime, officer: Officer) -> None:
    pem = officer.new_key()
    key = officer.folder / "keys" / "key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    kid = enrol(hub, pem)
    told = download(hub, officer)
    done = officer.sign(fingerprint(told), "签署", PHRASE)
    assert done.returncode == 0, done.stderr
    for words in (
        "结算对账单",
        FIRST,
        "310000 上海市",
        "330000 浙江省",
        "费用合计: ¥1,200.00",
        "明细行数: 2",
        "枢纽签名有效",
    ):
        assert words in done.stdout
    text = (officer.folder / f"a-{ZHEJIANG}.jws").read_text()
    with hub.database.write() as session:
        kept = signatures.sign(session, papers.signer(), FIRST, text, now=hub.clock())
        assert (kept.kid, kept.alg) == (kid, "EdDSA")
    again = officer.sign("签署", PHRASE)
    assert again.returncode == 0
    assert "公钥是您核对过的" in again.stdout
    receipt = officer.run(
        "receipt",
        str(officer.folder / "a.sign.json"),
        "--side",
        ZHEJIANG,
        "--lang",
        "en",
        typed=("sign", PHRASE),
    )
    assert receipt.returncode == 0, receipt.stderr
    with hub.database.write() as session:
        text = (officer.folder / f"a-{ZHEJIANG}.receipt.jws").read_text()
        assert (
            signatures.keep_receipt(session, papers.signer(), FIRST, text, now=hub.clock()).kind == "receipt"
        )


def test_the_downloaded_document_is_checked_by_the_verifier_too(hub: Runtime, officer: Officer) -> None:
    download(hub, officer)
    assert verify.main([str(officer.folder / "a.sign.json")]) == 0
    path = officer.folder / "a.sign.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('\\"own_fen\\":60000', '\\"own_fen\\":60001'),
        encoding="utf-8",
    )
    assert verify.main([str(path)]) == 1


def test_nothing_is_signed_by_mistake(hub: Runtime, officer: Officer) -> None:
    officer.new_key()
    told = download(hub, officer)
    right = fingerprint(told)
    for typed, side, words in (
        (("00000000", "签署", PHRASE), ZHEJIANG, "指纹未核对"),
        ((right, "是", PHRASE), ZHEJIANG, "未签署"),
        (("签署", "wrong passphrase"), ZHEJIANG, "口令不对"),
        (("签署", PHRASE), "340000", "不由「340000」签署"),
        ((), ZHEJIANG, "未签署"),
    ):
        done = officer.sign(*typed, side=side)
        assert (done.returncode, words in done.stderr) == (1, True), done
    assert not (officer.folder / f"a-{ZHEJIANG}.jws").exists()


def test_a_document_that_was_changed_or_that_the_hub_did_not_sign_is_not_signed(
    hub: Runtime, officer: Officer
) -> None:
    officer.new_key()
    told = download(hub, officer)
    path = officer.folder / "a.sign.json"
    payload = str(told["payload"])
    forged = payload.replace('"own_fen":60000', '"own_fen":60001')
    digest = hashlib.sha256(forged.encode()).hexdigest()
    stranger = JWK.generate(kty="EC", crv="P-256")
    other = papers.detached(
        stranger,
        payload.encode(),
        {"alg": "ES256", "kid": "hub-x", "typ": "settlement-signature+jws", "document": FIRST, "side": "hub"},
    )
    for change, words in (
        ({"payload": forged}, "与其摘要不符"),
        ({"payload": forged, "sha256": digest}, "枢纽的签名无效"),
        ({"id": f"{papers.STATEMENT}/2"}, "编号与内容不符"),
        ({"hub_jws": other}, "枢纽的签名无效"),
        ({"hub_jws": "x"}, "枢纽的签名无效"),
    ):
        path.write_text(json.dumps({**told, **change}), encoding="utf-8")
        done = officer.sign(fingerprint(told), "签署", PHRASE)
        assert (done.returncode, words in done.stderr) == (1, True), done
    path.write_text("{", encoding="utf-8")
    assert officer.sign().returncode == 2


def test_a_key_is_not_overwritten_and_needs_a_passphrase(officer: Officer) -> None:
    assert officer.run("public").returncode == 2
    assert officer.run("new-key", typed=("short", "short")).returncode == 1
    assert officer.run("new-key", typed=(PHRASE, PHRASE + "x")).returncode == 1
    officer.new_key()
    before = (officer.folder / "keys" / "key.pem").read_bytes()
    assert officer.run("new-key", typed=(PHRASE, PHRASE)).returncode == 1
    assert (officer.folder / "keys" / "key.pem").read_bytes() == before


def test_the_hub_holds_no_private_key_of_a_side(hub: Runtime, officer: Officer) -> None:
    """After everything a side does, neither the database nor the hub's folder holds its private key in any spelling."""
    enrol(hub, officer.new_key())
    told = download(hub, officer)
    officer.sign(fingerprint(told), "签署", PHRASE)
    text = (officer.folder / f"a-{ZHEJIANG}.jws").read_text()
    sent = papers.officer_key()
    with hub.database.write() as session:
        signatures.sign(session, papers.signer(), FIRST, text, now=hub.clock())
    for given in (
        sent.export_private(as_dict=True),
        sent.export_to_pem(private_key=True, password=None).decode(),
    ):
        with pytest.raises(HubError), hub.database.write() as session:
            officer_keys.propose(session, ZHEJIANG, given, "误传私钥", actor="person:one", now=hub.clock())
    plain = hub_sign.openssl(
        "pkey",
        "-in",
        str(officer.folder / "keys" / "key.pem"),
        "-passin",
        "env:HUB_SIGN_PASS",
        "-outform",
        "DER",
        passphrase=PHRASE,
    )
    assert plain is not None
    secrets = [plain[-32:], hub_sign.octets(sent.export_private(as_dict=True)["d"])]
    spelled = {spelling for secret in secrets for spelling in _spellings(secret)}
    places = {str(path): path.read_bytes() for path in hub.home.rglob("*") if path.is_file()}
    places |= _rows(hub.database)
    if hub.database.is_sqlite:
        database = Path(hub.database.url.removeprefix("sqlite:///"))
        with sqlite3.connect(database) as connection:
            dump = "\n".join(connection.iterdump()).encode()
        places |= {"database": database.read_bytes(), "dump": dump}
    assert any(name.endswith(".json") for name in places), "the hub's own keys are there"
    for name, content in places.items():
        assert not [each for each in spelled if each in content], name
        assert b"PRIVATE KEY" not in content, name
        if b'"d":' in content:  # the hub's own keys, and nobody else's
            assert (Path(name).parent, Path(name).name[:4]) == (hub.home / "keys", "hub-"), name


def _rows(database: Database) -> dict[str, bytes]:
    """Every table's rows, each value as it is kept: bytes as they are, documents as JSON, the rest as text."""
    found = {}
    with database.read() as session:
        for table in models.METADATA.sorted_tables:
            values = [value for row in session.execute(select(table)) for value in row]
            found[table.name] = b"\n".join(
                value
                if isinstance(value, bytes)
                else json.dumps(value, default=str, ensure_ascii=False).encode()
                for value in values
            )
    assert found["settlement_signature"], "there is something to look into"
    return found


def _spellings(secret: bytes) -> set[bytes]:
    import base64

    return {secret, secret.hex().encode(), secret.hex().upper().encode(), base64.b64encode(secret), base64.urlsafe_b64encode(secret).rstrip(b"="), base64.b32encode(secret)}  # fmt: skip


def test_no_code_of_the_hub_makes_a_side_s_key() -> None:
    """Only the hub's own signing makes private keys; the officer's program is imported by nobody."""
    root = Path(hub_sign.__file__).parent
    making = ("generate_key(", "genpkey", "private_bytes(", "Ed25519PrivateKey", "generate_private_key")
    found = {
        path.relative_to(root.parent).as_posix()
        for folder in (root, root.parent / "station_portal", root.parent / "adapters")
        for path in folder.rglob("*.py")
        if "simulators" not in path.parts
        and any(words in path.read_text(encoding="utf-8") for words in making)
    }
    assert found == {"hub/identity/service/signing.py", "hub/sign.py"}
