"""The command: a process that says where it answers, waits for the hub, and stops when told."""

import contextlib
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import orjson

from adapters.simulators import serve
from adapters.simulators.fleet import Fleet
from adapters.simulators.simulator import Hub
from adapters.simulators.world import World

ROOT = Path(__file__).parents[3]


def wait_for(path: Path, process: "subprocess.Popen[str]") -> dict[str, dict[str, object]]:
    ends = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < ends
        time.sleep(0.02)
    found: dict[str, dict[str, object]] = orjson.loads(path.read_bytes())
    return found


def start(state: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "adapters.simulators.serve", "--state", str(state), *arguments],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_the_process_writes_its_connections_answers_and_stops_on_sigterm(tmp_path: Path) -> None:
    process = start(tmp_path, "--records", "150")
    try:
        connections = wait_for(tmp_path / "connections.json", process)
        assert stat.S_IMODE((tmp_path / "connections.json").stat().st_mode) == 0o600
        port = str(connections["510000"]["base_url"]).split(":")[2].split("/")[0]
        units = httpx.get(f"{connections['510000']['base_url']}/survey/latest/units.json", verify=False)
        assert units.json()["总数"] > 0
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=10)
    assert "simulators" in output
    assert list(tmp_path.glob("connections.json*")) == [tmp_path / "connections.json"]

    (tmp_path / "connections.json").unlink()
    again = start(tmp_path, "--records", "150", "--port", port)  # the same port at once: nothing lingers
    try:
        assert wait_for(tmp_path / "connections.json", again) == connections
    finally:
        again.send_signal(signal.SIGTERM)
        again.communicate(timeout=10)


def test_hubs_are_read_from_the_supervisors_file(tmp_path: Path) -> None:
    path = tmp_path / "hub.json"
    assert serve.read_hubs(path) == {}
    path.write_bytes(b'{"url": ')
    assert serve.read_hubs(path) == {}
    keys = {"platform_key": "jyh.340000.1.x", "username": "staff", "password": "secret"}
    path.write_bytes(
        orjson.dumps({"url": "http://127.0.0.1:8000", "provinces": {"340000": keys, "530000": {}}})
    )
    hubs = serve.read_hubs(path)
    assert hubs["340000"] == Hub("http://127.0.0.1:8000", "jyh.340000.1.x", "staff", "secret")
    assert hubs["530000"] == Hub("http://127.0.0.1:8000")
    assert "secret" not in repr(hubs)


class _Shy:
    """Acts, but fails the first time: the hub was not ready."""

    province, routes, folder = "340000", (), None
    credentials: dict[str, str] = {}  # noqa: RUF012 - it has none

    def __init__(self) -> None:
        self.tries = 0

    def play(self, hub: Hub) -> None:
        self.tries += 1
        if self.tries == 1:
            raise ConnectionError(hub.url)


def test_actors_wait_for_the_hub_and_try_again(tmp_path: Path) -> None:
    fleet = Fleet(World(records=150), "http://127.0.0.1:1", tmp_path, [])
    shy = _Shy()
    fleet.simulators = {"340000": shy}
    path, stop = tmp_path / "hub.json", threading.Event()
    player = threading.Thread(target=serve.play_when_ready, args=(fleet, path, stop, 0.01, 0.01))
    player.start()
    time.sleep(0.05)
    assert shy.tries == 0
    serve.write_atomically(path, {"url": "http://127.0.0.1:8000", "provinces": {"340000": {}}})
    player.join(10)
    assert not player.is_alive()
    assert shy.tries == 2


def test_a_player_stops_when_told(tmp_path: Path) -> None:
    fleet = Fleet(World(records=150), "http://127.0.0.1:1", tmp_path, [])
    fleet.simulators = {"340000": _Shy()}
    stop = threading.Event()
    player = threading.Thread(
        target=serve.play_when_ready, args=(fleet, tmp_path / "never.json", stop, 0.01, 0.01)
    )
    player.start()
    stop.set()
    player.join(10)
    assert not player.is_alive()


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x.json"
    serve.write_atomically(path, {"a": 1})
    before = path.stat().st_ino
    with contextlib.suppress(TypeError):
        serve.write_atomically(path, {"a": object()})
    assert path.stat().st_ino == before
    assert orjson.loads(path.read_bytes()) == {"a": 1}
    assert list(path.parent.iterdir()) == [path]


def test_the_socket_answers_without_waiting_for_more(tmp_path: Path) -> None:
    """Made with IPPROTO_TCP: otherwise Nagle's algorithm stays on and each call on loopback costs 40 ms more."""
    held = serve.listen()
    assert held.proto != 0
    assert serve.address(held).startswith("http://127.0.0.1:")
    held.close()
