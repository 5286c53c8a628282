"""`hub platform …`: what an administrator does at the machine."""

import json
import re
from pathlib import Path

import httpx
import pytest

from hub.app import create_app
from hub.cli import main
from hub.core.db import Database
from hub.core.runtime import Runtime
from tests.hub.identity.oauth.platform_client import new_key, public_half
from tests.in_process import InProcess

TOKEN = re.compile(r"jyi\.[0-9a-f]{12}\.[A-Za-z0-9_-]{43}")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation on SQLite, whatever database the other tests use."""
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HUB_DATABASE_URL", raising=False)
    assert main(["setup"]) == 0
    return tmp_path / "home"


def _told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(["platform", *words]) == 0
    return capsys.readouterr().out


def _enrol(home: Path, token: str, kid: str) -> str:
    database = Database(f"sqlite:///{home / 'hub.db'}")
    runtime = Runtime(home=home, database=database)
    body = {"token": token, "public_key": public_half(new_key(kid=kid))}
    with httpx.Client(transport=InProcess(create_app(runtime)), base_url="http://hub.test") as client:
        answer = client.post("/api/v1/platforms", json=body)
    database.close()
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["client_id"]
    return name


def test_a_platform_from_invitation_to_its_end(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = _told(
        capsys, "invite", "310000", "--name", "上海平台", "--scopes", "catalogue,keys", "--hours", "1"
    ).strip()
    assert TOKEN.fullmatch(token)
    assert all(token.split(".")[2].encode() not in path.read_bytes() for path in installed.glob("hub.db*"))
    assert token.split(".")[1] in _told(capsys, "list")
    name = _enrol(installed, token, "k1")
    listed = _told(capsys, "list", "310000")
    assert name in listed
    assert "catalogue:310000 keys:310000" in listed
    assert "k1  ES256  在用" in listed
    assert token.split(".")[1] not in listed  # exchanged: nothing is open any more
    assert name not in _told(capsys, "list", "340000")
    again = _told(capsys, "invite", "310000", "--platform", name).strip()
    assert _enrol(installed, again, "k2") == name
    _told(capsys, "revoke", name, "--key", "k1")
    assert "k1  ES256  停用" in _told(capsys)
    _told(capsys, "revoke", name)
    assert f"{name}  停用" in _told(capsys)


def test_an_invitation_is_withdrawn(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    invitation = _told(capsys, "invite", "340000").split(".")[1]
    _told(capsys, "withdraw", invitation)
    assert _told(capsys, "list") == ""


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["invite", "999999"], "省级代码"),
        (["invite", "310000", "--scopes", "everything"], "授权范围"),
        (["invite", "310000", "--hours", "0"], "有效期"),
        (["invite", "310000", "--platform", "pf-310000-0000000000"], "pf-310000-0000000000"),
        (["revoke", "pf-310000-0000000000"], "pf-310000-0000000000"),
        (["revoke", "pf-310000-0000000000", "--key", "k1"], "pf-310000-0000000000"),
        (["withdraw", "000000000000"], "000000000000"),
    ],
)
def test_what_cannot_be_is_told_in_words(
    installed: Path, capsys: pytest.CaptureFixture[str], words: list[str], named: str
) -> None:
    assert main(["platform", *words]) == 1
    assert named in capsys.readouterr().err


def test_the_hubs_key_is_renewed(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = _told(capsys, "renew-hub-key")
    second = _told(capsys, "renew-hub-key", "--compromised")
    assert first != second
    files = sorted((installed / "keys").glob("*.json"))
    assert len(files) == 2
    assert all(json.loads(file.read_text())["d"] for file in files)
