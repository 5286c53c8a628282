"""`hub user` for every role, and `hub audit verify` against heads that somebody kept."""

from __future__ import annotations

import io
from base64 import b64encode
from pathlib import Path

import orjson
import pytest
from sqlalchemy import delete, select

from hub.cli import main
from hub.core import sequencer
from hub.core.clock import utc_now
from hub.core.db import Database
from hub.core.sealing import FILE, SealingKeys, SealingKeysMalformed
from hub.core.sequencer import AnnouncedChange
from hub.core.settings import Settings
from hub.identity import queries
from hub.identity.models import AuditHead, HeadDelivery, SecondFactor
from hub.identity.service import audit_heads, signing
from hub.wiring import build_runtime
from tests.hub.core.test_audit import rewrite_from
from tests.second_factor import set_up

PASSWORD = "long-enough-password"
Output = pytest.CaptureFixture[str]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    assert main(["setup"]) == 0
    return tmp_path / "home"


def database_of(home: Path) -> Database:
    return Database(f"sqlite:///{home / 'hub.db'}", pool=1)


def put(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    return main(["user", "--password-stdin", *words])


def test_accounts_of_offices(installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    assert put(monkeypatch, "jiaxing", "--role", "bureau_staff", "--area", "3304") == 0
    assert put(monkeypatch, "audit", "--role", "auditor", "--area", "33") == 0
    assert put(monkeypatch, "wrong", "--role", "city_finance", "--area", "33") == 1
    assert put(monkeypatch, "wrong", "--role", "station_staff", "--province", "310000") == 1
    database = database_of(installed)
    with database.read() as session:
        account = queries.account_named(session, "jiaxing")
        assert account is not None
        grant = queries.grants_of(session, account.person_id)[0]
        assert queries.account_named(session, "wrong") is None
    database.close()
    assert (grant.role, grant.province, grant.area) == ("bureau_staff", "330000", "3304")
    assert "动态验证码" in capsys.readouterr().out


def test_a_lost_second_factor_is_forgotten(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    put(monkeypatch, "boss", "--role", "hub_admin")
    database = database_of(installed)
    set_up(database, SealingKeys(installed / FILE), "boss", now=utc_now())
    assert main(["user", "boss", "--lost-second-factor"]) == 0
    assert main(["user", "nobody", "--lost-second-factor"]) == 1
    with database.read() as session:
        assert session.scalars(select(SecondFactor)).all() == []
    database.close()
    assert "没有账号 nobody" in capsys.readouterr().err


def test_sealing_keys_are_renewed_and_missed(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    assert main(["sealing", "status"]) == 0
    put(monkeypatch, "boss", "--role", "hub_admin")
    database, keys = database_of(installed), SealingKeys(installed / FILE)
    set_up(database, keys, "boss", now=utc_now())
    (old,) = keys.ids()
    assert main(["sealing", "renew"]) == 0
    new = keys.ids()[0]
    with database.read() as session:
        assert session.scalars(select(SecondFactor.sealing_key)).all() == [new]
    assert main(["sealing", "status"]) == 0
    told = capsys.readouterr().out
    assert f"{new}（用于密封 seals）：1 个" in told
    assert f"{old}：0 个" in told
    (installed / FILE).unlink()
    assert main(["sealing", "status"]) == 1
    assert f"缺少密钥 {new}" in capsys.readouterr().err
    assert main(["sealing", "renew"]) == 1
    assert main(["sealing", "renew", "--forget-unreadable"]) == 0
    with database.read() as session:
        assert session.scalars(select(SecondFactor)).all() == []
    database.close()


def test_sealing_keys_of_the_environment_are_the_operators(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    put(monkeypatch, "boss", "--role", "hub_admin")
    database = database_of(installed)
    one, two = (f"{name}:{b64encode(name.encode() * 16).decode()}" for name in ("aa", "bb"))
    set_up(database, SealingKeys(installed, one), "boss", now=utc_now())
    monkeypatch.setenv("HUB_SEALING_KEYS", f"{two},{one}")
    assert main(["sealing", "renew"]) == 0
    with database.read() as session:
        assert session.scalars(select(SecondFactor.sealing_key)).all() == ["bb"]
    database.close()
    assert not (installed / FILE).exists()
    monkeypatch.setenv("HUB_SEALING_KEYS", "nonsense")
    assert main(["sealing", "status"]) == 1
    assert "HUB_SEALING_KEYS 有误" in capsys.readouterr().err
    with pytest.raises(SealingKeysMalformed):
        build_runtime(Settings())


@pytest.fixture
def kept(installed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Path, Path]:
    """An installation with a signed head; the files of head and keys that a province kept."""
    put(monkeypatch, "boss", "--role", "hub_admin")
    runtime = build_runtime(Settings())
    while sequencer.number_once(runtime.database):
        pass
    audit_heads.sign_due_head(runtime)
    heads, keys = tmp_path / "heads.txt", tmp_path / "keys.json"
    with runtime.database.read() as session:
        heads.write_text(session.scalars(select(AuditHead.jws)).one() + "\n")
        rows = queries.published_keys(session, "audit", runtime.clock())
        keys.write_bytes(orjson.dumps({"keys": [signing.public_jwk(row) for row in rows]}))
    runtime.close()
    return heads, keys


def test_the_audit_agrees_with_what_a_province_kept(kept: tuple[Path, Path], capsys: Output) -> None:
    heads, keys = kept
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "verify", "--heads", str(heads), "--keys", str(keys)]) == 0
    assert "与留存的 1 个链头一致" in capsys.readouterr().out


def test_a_rewritten_audit_does_not(installed: Path, kept: tuple[Path, Path], capsys: Output) -> None:
    heads, keys = kept
    database = database_of(installed)
    rewrite_from(database, 1)
    with database.write() as session:
        for table in (HeadDelivery, AuditHead):
            session.execute(delete(table))
        assert session.scalars(select(AnnouncedChange.number)).all()
    database.close()
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "verify", "--heads", str(heads), "--keys", str(keys)]) == 1
    assert "此前的链被整体改写" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["not a head", "{}", ""])
def test_files_that_are_none_are_named(kept: tuple[Path, Path], tmp_path: Path, content: str) -> None:
    broken = tmp_path / "broken"
    broken.write_text(content)
    expected = 0 if not content else 2
    assert main(["audit", "verify", "--heads", str(broken)]) == expected
    assert main(["audit", "verify", "--keys", str(broken)]) == 2
    assert main(["audit", "verify", "--heads", str(tmp_path / "nowhere")]) == 2
