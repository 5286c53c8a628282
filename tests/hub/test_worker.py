"""Real worker processes over the outbox: delivery, take-over after kill -9, stopping, on every broker."""

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from queue import Empty

import pytest
from kombu.exceptions import OperationalError

from hub import worker
from hub.core import broker, outbox, relay
from hub.core.clock import utc_now
from hub.core.db import Database
from hub.core.settings import Settings
from tests.virtual_clock import VirtualClock

pytestmark = [pytest.mark.long, pytest.mark.database]

PROGRAM = Path(__file__).with_name("worker_process.py")
ROOT = PROGRAM.parents[2]
Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture(params=["embedded", pytest.param("service", marks=pytest.mark.services)])
def settings(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Settings:
    """The embedded broker, or the one that HUB_TEST_BROKER_URL names."""
    broker_url = os.environ["HUB_TEST_BROKER_URL"] if request.param == "service" else ""
    return Settings(home=tmp_path, database_url=database_url, broker_url=broker_url, sync_concurrency=2)


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """Starts a worker process of this test; all are killed at the end."""
    running: list[subprocess.Popen[bytes]] = []
    broker.declare(worker.create_celery(settings))

    def run(queue: str) -> subprocess.Popen[bytes]:
        env = {
            **os.environ,
            "HUB_HOME": str(settings.home),
            "HUB_DATABASE_URL": settings.database_url,
            "HUB_BROKER_URL": settings.broker_url,
            "HUB_SYNC_CONCURRENCY": str(settings.sync_concurrency),
            "PYTHONPATH": str(ROOT),
        }
        with (settings.home / f"{queue}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, str(PROGRAM), queue],
                env=env,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=ROOT,
            )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None or process.returncode:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait()


def _lines(settings: Settings, name: str) -> list[str]:
    path = settings.home / name
    return sorted(path.read_text().split()) if path.exists() else []


def _wait(settings: Settings, what: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            logs = "\n".join(path.read_text() for path in settings.home.glob("*.log"))
            raise AssertionError(f"not within {seconds} s\n{logs}")
        time.sleep(0.02)


def _enqueue(
    database: Database, text: str, queue: str, *, now: datetime | None = None, wait_for: str = ""
) -> None:
    with database.write() as session:
        outbox.enqueue(session, "test.note", {"text": text, "wait_for": wait_for}, queue=queue, now=now)


def _is_alive(pid: int) -> bool:
    path = Path(f"/proc/{pid}/stat")
    return path.exists() and path.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def _children(process: subprocess.Popen[bytes]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def test_a_workers_life(settings: Settings, database: Database, start: Start) -> None:
    """One story, because starting workers is what costs: busy, killed, taken over, asked to end while busy."""
    gate = settings.home / "gate"
    gate.touch()
    control, sync = start("control"), start("sync")
    for text in ("a", "b", "c"):
        _enqueue(database, text, outbox.SYNC, wait_for=str(gate))
    _wait(settings, lambda: len(_lines(settings, "noted")) == 2)  # both processes of sync are busy
    _enqueue(database, "quick", outbox.CONTROL)
    _wait(settings, lambda: _lines(settings, "ended") == ["quick"], seconds=5)  # and hold up nothing else

    os.killpg(sync.pid, signal.SIGKILL)
    sync.wait()
    gate.unlink()
    with database.write() as session:  # as the supervisor does, which knows that everybody is dead
        outbox.release_all(session)
    sync = start("sync")
    _wait(settings, lambda: _lines(settings, "ended") == ["a", "b", "c", "quick"])
    _wait(
        settings, lambda: _backlog(database) == outbox.Backlog(0, 0, 0.0)
    )  # recorded just after it was done

    gate.touch()
    _enqueue(database, "d", outbox.SYNC, wait_for=str(gate))
    _wait(settings, lambda: "d" in _lines(settings, "noted"))
    family = _children(sync)
    assert family
    for process in (sync, control):
        process.terminate()
    assert [process.wait(8) for process in (sync, control)] == [0, 0]
    _wait(settings, lambda: not any(map(_is_alive, family)))
    assert "d" not in _lines(settings, "ended")
    assert _backlog(database).open == 1  # nothing is lost


def _backlog(database: Database) -> outbox.Backlog:
    with database.read() as session:
        return outbox.backlog(session, utc_now())


def test_a_broker_that_is_down_loses_nothing(database: Database, clock: VirtualClock, tmp_path: Path) -> None:
    """The relay's claim comes back by itself, and the message is sent when the broker is there again."""
    _enqueue(database, "a", outbox.CONTROL, now=clock())
    app = worker.create_celery(Settings(home=tmp_path, broker_url="redis://127.0.0.1:1/0"))
    with pytest.raises(OperationalError):
        relay.relay_once(database, lambda message: broker.send_message(app, message), clock=clock)
    sent: list[outbox.Message] = []
    assert relay.relay_once(database, sent.append, clock=clock) == 0
    clock.advance(outbox.RESEND_SECONDS)
    assert relay.relay_once(database, sent.append, clock=clock) == 1
    assert [message.task_name for message in sent] == ["test.note"]


def test_the_file_system_broker_lives_under_home(tmp_path: Path) -> None:
    app = worker.create_celery(Settings(home=tmp_path))
    broker.declare(app)
    broker.declare(app)
    options = app.conf.broker_transport_options
    folders = [
        options[key] for key in ("data_folder_in", "data_folder_out", "control_folder", "processed_folder")
    ]
    assert all(Path(folder).is_absolute() and Path(folder).is_dir() for folder in folders)
    assert all(Path(folder).is_relative_to(tmp_path) for folder in folders)
    assert options["polling_interval"] == 0.1
    assert not app.conf.worker_enable_remote_control


def test_messages_appear_whole_or_not_at_all(tmp_path: Path) -> None:
    """A consumer that looks while others write gets every message once and never half of one."""
    app = worker.create_celery(Settings(home=tmp_path))
    broker.declare(app)
    sent = 4 * 100

    def send(first: int) -> None:
        for n in range(first, first + 100):
            broker.send_message(app, outbox.Message(n, "test.note", outbox.SYNC))

    threads = [threading.Thread(target=send, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    got: list[int] = []
    until = time.monotonic() + 20
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        while len(got) < sent and time.monotonic() < until:
            with contextlib.suppress(Empty):
                message = channel._get(outbox.SYNC)
                got.append(json.loads(base64.b64decode(message["body"]))[0][0])
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(sent))


def test_an_unreadable_message_is_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = worker.create_celery(Settings(home=tmp_path))
    broker.declare(app)
    (tmp_path / "broker" / "messages" / "0.sync.msg").write_bytes(b"")
    broker.send_message(app, outbox.Message(7, "test.note", outbox.SYNC))
    with app.connection_for_read() as connection:
        message = connection.default_channel._get(outbox.SYNC)
        with pytest.raises(Empty):
            connection.default_channel._get(outbox.SYNC)
    assert json.loads(base64.b64decode(message["body"]))[0] == [7]
    assert "could not be read" in caplog.text


def test_building_the_celery_application_opens_nothing(tmp_path: Path) -> None:
    home = tmp_path / "untouched"
    app = worker.create_celery(Settings(home=home))
    assert not home.exists()
    assert not hasattr(app, "runtime")


def test_every_scheduled_task_exists(tmp_path: Path) -> None:
    app = worker.create_celery(Settings(home=tmp_path))
    app.finalize()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
