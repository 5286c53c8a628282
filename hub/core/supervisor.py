"""Keeping a few processes alive on one machine: start, watch, restart with growing pauses, stop all in time."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

STOP_SECONDS = 6.0
"""How long processes may take to end by themselves; then they are killed. All of it stays under 10 s."""

STEADY_SECONDS = 60.0
"""A process that lived this long is restarted at once again."""

_MAX_LOG = 10_000_000
_PR_SET_PDEATHSIG = 1


class ChildDied(RuntimeError):
    """A process ended before it was ready; the text holds the end of its log."""


class Child:
    """One supervised process with its own process group and log file."""

    def __init__(
        self, name: str, command: Callable[[], Sequence[str]], env: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.restarts = 0
        self.next_start = 0.0
        self._command = command
        self._env = dict(env)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self.is_alive else None

    @property
    def is_alive(self) -> bool:
        """Whether the process runs now."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process. It gets SIGTERM when the supervisor dies, however it dies (Linux)."""
        self._started = time.monotonic()
        with self._open_log() as log:
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                list(self._command()),
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor only, which stops all in order
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread
            )

    def plan_restart(self) -> float:
        """Decide when to start again after a death; seconds from now."""
        lived = time.monotonic() - self._started
        self.restarts = 0 if lived > STEADY_SECONDS else self.restarts + 1
        pause = min(0.5 * 2.0 ** max(0, self.restarts - 1), 30.0)
        self.next_start = time.monotonic() + pause
        return pause

    def terminate(self) -> None:
        """Ask the process to end. Safe when it is gone."""
        if self._process is not None:
            self._process.terminate()

    def kill_group(self) -> None:
        """End the process and everything it started, at once. Safe when they are gone."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
                return

    def wait(self, seconds: float) -> bool:
        """Whether the process ended within `seconds`."""
        if self._process is None:
            return True
        try:
            self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def last_lines(self, count: int = 15) -> str:
        """The end of the process's log."""
        try:
            with self._log.open("rb") as held:
                held.seek(max(0, self._log.stat().st_size - 8000))
                return b"\n".join(held.read().splitlines()[-count:]).decode(errors="replace")
        except FileNotFoundError:
            return ""

    def _open_log(self) -> IO[bytes]:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if self._log.exists() and self._log.stat().st_size > _MAX_LOG:
            self._log.replace(self._log.with_suffix(".old.log"))
        return self._log.open("ab")


class Supervisor:
    """A set of children that live and end together."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self.is_stopping = False
        self._tell = tell
        self._children: list[Child] = []

    def install_signals(self) -> None:
        """Let SIGTERM and Ctrl-C ask for the end."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)

    def start(self, child: Child) -> None:
        """Start a child and keep it from now on."""
        self._children.append(child)
        child.start()

    def wait_until(self, is_ready: Callable[[], bool], *children: Child, seconds: float) -> bool:
        """Wait until `is_ready()`; False when asked to stop meanwhile.

        Raises `ChildDied` when one of `children` ends three times before, or the time is up.
        """
        until = time.monotonic() + seconds
        while not self.is_stopping:
            if is_ready():
                return True
            self.revive()
            for child in children:
                if child.restarts >= 3:
                    raise ChildDied(f"{child.name}:\n{child.last_lines()}")
            if time.monotonic() > until:
                raise ChildDied(
                    f"{children[0].name if children else 'hub'}: {seconds:.0f} s\n"
                    + "\n".join(child.last_lines() for child in children)
                )
            time.sleep(0.05)
        return False

    def watch(self, on_round: Callable[[], None], *, seconds: float = 0.2) -> None:
        """Keep the children alive until asked to stop."""
        while not self.is_stopping:
            self.revive()
            on_round()
            time.sleep(seconds)

    def revive(self) -> None:
        """Start dead children again when their pause is over."""
        for child in self._children:
            if child.is_alive or self.is_stopping:
                continue
            if child.next_start == 0.0:
                pause = child.plan_restart()
                self._tell(
                    f"进程 {child.name} 意外结束，{pause:.1f} 秒后重启。",
                    f"{child.name} ended unexpectedly; it is started again in {pause:.1f} s.",
                )
            elif time.monotonic() >= child.next_start:
                child.next_start = 0.0
                child.start()

    def stop(self, seconds: float = STOP_SECONDS) -> list[str]:
        """End every child, last started first: SIGTERM, then SIGKILL to what is left of its group. The names of
        those that had to be killed.

        SIGTERM goes to the leaders only: a pool whose processes die with it waits for their answers for ever.
        """
        self.is_stopping = True
        until = time.monotonic() + seconds
        for child in reversed(self._children):
            child.terminate()
        slow = [child for child in reversed(self._children) if not child.wait(until - time.monotonic())]
        for child in self._children:
            child.kill_group()  # also what a leader that ended left behind
            child.wait(2.0)
        return [child.name for child in slow]

    def _ask_to_stop(self, _number: int, _frame: object) -> None:
        self.is_stopping = True


def _die_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
