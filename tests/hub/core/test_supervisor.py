"""The supervisor: restarts what dies, stops everything in time, leaves nothing behind."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.core.locking import FolderInUse, lock_folder
from hub.core.supervisor import Child, ChildDied, Supervisor

SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
WITH_CHILD = """
import subprocess, sys, time
held = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(held.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def supervisor(told: list[str]) -> Iterator[Supervisor]:
    held = Supervisor(lambda zh, _en: told.append(zh))
    yield held
    held.stop(0.1)


@pytest.fixture
def child(tmp_path: Path) -> Callable[..., Child]:
    def make(code: str, name: str = "child") -> Child:
        return Child(name, lambda: [sys.executable, "-c", code], os.environ, tmp_path / f"{name}.log")

    return make


def _wait(what: Callable[[], object], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.01)


def _is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def test_a_killed_child_is_started_again(
    supervisor: Supervisor, child: Callable[..., Child], told: list[str]
) -> None:
    held = child(SLEEP)
    supervisor.start(held)
    first = held.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    _wait(lambda: supervisor.revive() or held.pid not in (None, first))
    assert told == ["进程 child 意外结束，0.5 秒后重启。"]


def test_pauses_grow_while_a_child_keeps_dying(child: Callable[..., Child]) -> None:
    held = child("")
    pauses = []
    for _ in range(8):
        held.start()
        held.wait(5)
        pauses.append(held.plan_restart())
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_a_child_that_cannot_start_is_told_with_its_log(
    supervisor: Supervisor, child: Callable[..., Child]
) -> None:
    held = child("raise SystemExit('port 8000 is taken')")
    supervisor.start(held)
    held.restarts = 2
    with pytest.raises(ChildDied, match="port 8000 is taken"):
        supervisor.wait_until(lambda: False, held, seconds=20)


def test_what_never_gets_ready_ends_with_the_time(
    supervisor: Supervisor, child: Callable[..., Child]
) -> None:
    held = child("print('waiting for something', flush=True)\n" + SLEEP)
    supervisor.start(held)
    _wait(held.last_lines)
    with pytest.raises(ChildDied, match="waiting for something"):
        supervisor.wait_until(lambda: False, held, seconds=0.1)


def test_stopping_asks_first_and_then_kills(supervisor: Supervisor, child: Callable[..., Child]) -> None:
    willing, stubborn = child(SLEEP, "willing"), child(STUBBORN)
    supervisor.start(willing)
    supervisor.start(stubborn)
    _wait(lambda: "up" in stubborn.last_lines())
    begun = time.monotonic()
    assert supervisor.stop(0.5) == ["child"]
    assert time.monotonic() - begun < 3
    assert not willing.is_alive
    assert not stubborn.is_alive


def test_grandchildren_do_not_stay(supervisor: Supervisor, child: Callable[..., Child]) -> None:
    held = child(WITH_CHILD)
    supervisor.start(held)
    _wait(lambda: held.last_lines().strip())
    grandchild = int(held.last_lines())
    assert supervisor.stop(3) == []
    _wait(lambda: not _is_alive(grandchild))


def test_children_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    code = f"""
import os, sys, time
from pathlib import Path
from hub.core.supervisor import Child
held = Child("x", lambda: [sys.executable, "-c", {SLEEP!r}], os.environ, Path({str(tmp_path / "x.log")!r}))
held.start()
print(held.pid, flush=True)
time.sleep(60)
"""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    outer = Child("outer", lambda: [sys.executable, "-c", code], env, tmp_path / "outer.log")
    outer.start()
    _wait(lambda: outer.last_lines().strip(), 20)
    inner = int(outer.last_lines())
    assert outer.pid is not None
    os.kill(outer.pid, signal.SIGKILL)
    outer.wait(5)
    _wait(lambda: not _is_alive(inner))


def test_a_signal_ends_the_watch(supervisor: Supervisor) -> None:
    rounds = []
    held = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    try:
        supervisor.install_signals()
        supervisor.watch(lambda: rounds.append(os.kill(os.getpid(), signal.SIGTERM)), seconds=0.01)
    finally:
        for number, handler in held:
            signal.signal(number, handler)
    assert len(rounds) == 1


def test_one_process_per_folder(tmp_path: Path) -> None:
    with lock_folder(tmp_path, "demo"), pytest.raises(FolderInUse):
        lock_folder(tmp_path, "demo")
    lock_folder(tmp_path, "demo").close()
