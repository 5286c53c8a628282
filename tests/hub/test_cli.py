"""The command `hub`, called as the shell would call it."""

import dataclasses
import io
import json
import os
import re
import socket
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, update

from hub import migrations, wiring
from hub.app import create_app
from hub.cli import main
from hub.cli.demo import PASSWORD
from hub.core import outbox, sequencer
from hub.core.connections import ConnectionsMalformed, read_connections
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.core.settings import Settings
from hub.core.web import check_access_table
from hub.identity import service as identity
from hub.identity.models import Grant, Person
from hub.settlement.rules import published
from tests.unguarded import unguarded
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A HUB_HOME with SQLite, whatever the suite's database is: the command line is the same on both."""
    for name in [name for name in os.environ if name.startswith("HUB_") and not name.startswith("HUB_TEST")]:
        monkeypatch.delenv(name)
    held = tmp_path / "home"
    monkeypatch.setenv("HUB_HOME", str(held))
    return held


@pytest.fixture
def installed(home: Path) -> Path:
    assert main(["setup"]) == 0
    return home


def _database(home: Path) -> Database:
    return Database(f"sqlite:///{home / 'hub.db'}")


def test_setup_makes_an_installation_and_may_be_repeated(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["setup"]) == 0
    assert main(["setup"]) == 0
    assert f"{migrations.head()} → {migrations.head()}" in capsys.readouterr().out
    assert (home / "hub.db").exists()
    assert (home / "broker" / "control").is_dir()


@pytest.mark.parametrize(
    "words", [["web"], ["worker", "sync"], ["worker", "control"], ["beat"], ["key", "340000"]]
)
def test_nothing_runs_on_a_database_that_is_not_set_up(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    home.mkdir()
    assert main(words) == 1
    assert "请先运行 hub setup" in capsys.readouterr().err


def test_a_key_is_printed_once(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["key", "340000", "--label", "安徽平台"]) == 0
    text = capsys.readouterr().out.strip()
    assert re.fullmatch(r"jyh\.340000\.[0-9a-f]{10}\.[A-Za-z0-9_-]{43}", text)
    assert all(text.encode() not in path.read_bytes() for path in installed.glob("hub.db*"))
    database = _database(installed)
    with database.read() as session:
        assert identity.is_key(session, text)
    assert main(["key", "--list"]) == 0
    listed = capsys.readouterr().out
    assert "安徽平台" in listed
    assert text.split(".")[3] not in listed
    assert main(["key", "--revoke", text.split(".")[2]]) == 0
    assert main(["key", "--revoke", text.split(".")[2]]) == 1
    with database.read() as session:
        assert not identity.is_key(session, text)
    database.close()


@pytest.mark.parametrize("words", [["key"], ["key", "34"], ["key", "999999"], ["sync", "999999"]])
def test_an_unknown_province_is_named(
    installed: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(words) == 1
    assert "省级代码" in capsys.readouterr().err


def _put_user(monkeypatch: pytest.MonkeyPatch, password: str, *words: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    return main(["user", "boss", "--password-stdin", *words])


def test_accounts(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _put_user(monkeypatch, "long-enough-password", "--role", "hub_admin") == 0
    assert _put_user(monkeypatch, "short", "--role", "hub_admin") == 1
    assert _put_user(monkeypatch, "long-enough-password") == 2
    assert (
        _put_user(monkeypatch, "long-enough-password", "--role", "province_staff", "--province", "340000")
        == 0
    )
    assert main(["user", "boss", "--sign-out"]) == 0
    database = _database(installed)
    with database.read() as session:
        held = session.scalars(select(Grant).where(Grant.ended_at.is_(None))).all()
        names = session.scalars(select(Person.name)).all()
    database.close()
    assert names == ["account:boss"]
    assert [(grant.role, grant.province, grant.area) for grant in held] == [
        ("province_staff", "340000", "34")
    ]
    assert "密码至少 12 位" in capsys.readouterr().err


def test_the_audit_is_verified(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["key", "340000"])
    assert main(["audit", "verify"]) == 0
    count = len(published()) + 1  # setup keeps the published programmes
    assert f"审计链完整，共 {count} 条" in capsys.readouterr().out
    database = _database(installed)
    with database.write() as session, unguarded(session):
        session.execute(update(sequencer.AnnouncedChange).values(subject="key:other"))
    database.close()
    assert main(["audit", "verify"]) == 1
    assert "审计链在第 1 条处断开" in capsys.readouterr().err


def test_sync_only_asks_the_workers(installed: Path) -> None:
    (installed / "connections.json").write_text(json.dumps({}))
    runtime = wiring.build_runtime(Settings())
    code = next(iter(runtime.adapters))
    runtime.close()
    assert main(["sync", code]) == 0
    database = _database(installed)
    with database.read() as session:
        row = session.scalars(select(outbox.OutboxRow)).one()
    database.close()
    assert (row.task_name, row.queue, row.payload) == ("catalog.sync_province", "sync", {"province": code})


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "localhost", "::"])
def test_the_demo_refuses_every_other_address(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    monkeypatch.setenv("HUB_HOST", host)
    assert main(["demo"]) == 2
    assert "127.0.0.1" in capsys.readouterr().err
    assert not home.exists()


def test_a_web_of_the_demo_refuses_them_too(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_DEMO", "1")
    assert main(["web", "--host", "0.0.0.0"]) == 1
    with pytest.raises(wiring.DemoIsLocal):
        wiring.build_runtime(Settings(host="0.0.0.0"))
    assert "127.0.0.1" in capsys.readouterr().err


def test_one_demo_per_home(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from hub.core.locking import lock_folder

    with lock_folder(installed, "demo"):
        assert main(["demo"]) == 1
    assert "正被另一个进程使用" in capsys.readouterr().err


def test_a_taken_port_is_told_at_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:

        def hang_up() -> None:
            held.accept()[0].close()

        answering = threading.Thread(target=hang_up)
        answering.start()
        assert main(["demo", "--port", str(held.getsockname()[1])]) == 1
        answering.join()
    assert "HUB_PORT" in capsys.readouterr().err


def test_demo_accounts_end_where_the_demo_ends(runtime: Runtime, clock: VirtualClock) -> None:
    import asyncio

    with runtime.database.write() as session:
        for username, is_demo in (("admin", True), ("real-admin", False)):
            identity.put_account(
                session,
                username,
                PASSWORD,
                role="hub_admin",
                is_demo=is_demo,
                actor="system:test",
                now=clock(),
            )
    app = create_app(dataclasses.replace(runtime, is_demo=False))

    async def start() -> None:
        async with app.router.lifespan_context(app):
            check_access_table(app)

    asyncio.run(start())
    with runtime.database.read() as session:
        assert identity.names_of_demo_accounts(session) == set()
        active = session.scalars(select(Person.name).where(Person.is_active)).all()
    assert active == ["account:real-admin"]


def test_settings_default_to_this_machine(home: Path) -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.home) == ("127.0.0.1", 8000, home)
    assert settings.database == f"sqlite:///{home / 'hub.db'}"
    assert settings.broker == "folders://"
    assert not settings.has_secure_cookies
    assert Settings(host="0.0.0.0").has_secure_cookies
    assert Settings(demo=True).connections_file == home / "demo" / "connections.json"


def test_connections(tmp_path: Path) -> None:
    path = tmp_path / "connections.json"
    assert read_connections(path) == {}
    path.write_text(
        json.dumps(
            {
                "310000": {
                    "base_url": "http://127.0.0.1:4100/",
                    "credentials": {"client_id": "x"},
                    "folder": ".",
                }
            }
        )
    )
    held = read_connections(path)["310000"]
    assert (held.base_url, held.credentials) == ("http://127.0.0.1:4100/", {"client_id": "x"})
    assert held.folder is not None
    assert held.folder.is_absolute()


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{", "JSON"),
        ("[]", "object"),
        ('{"310000": 1}', "310000"),
        ('{"310000": {"base_url": "ftp://x"}}', "310000.base_url"),
        ('{"310000": {"credentials": {"a": 1}}}', "310000.credentials"),
        ('{"310000": {"folder": 1}}', "310000.folder"),
    ],
)
def test_malformed_connections_are_named(tmp_path: Path, content: str, place: str) -> None:
    path = tmp_path / "connections.json"
    path.write_text(content)
    with pytest.raises(ConnectionsMalformed, match=place):
        read_connections(path)
