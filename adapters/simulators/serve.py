"""`python -m adapters.simulators.serve --port N --state DIR`: every simulator in one process on loopback.

When everything listens, DIR/connections.json appears (written beside and renamed): province code → base address,
credentials, drop folder. When DIR/hub.json appears (the demo's supervisor writes it), the simulators that push,
drop or upload do so through the hub's own doors, and are tried again while the hub is not there yet. From then on the
platforms also answer bookings by themselves; their orders are kept in DIR.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import uvicorn

from adapters.simulators.fleet import Fleet
from adapters.simulators.simulator import Hub
from adapters.simulators.world import World

HOST = "127.0.0.1"
CONNECTIONS, PARTNERS, HUB = "connections.json", "partners.json", "hub.json"
PAYMENTS = "payments.json"
_POLL_SECONDS = 0.2
_AGAIN_SECONDS = 2.0
_ATTEND_SECONDS = 1.0
_STOP_SECONDS = 2


def listen(port: int = 0) -> socket.socket:
    """A bound loopback socket. Made with IPPROTO_TCP: without, uvicorn leaves Nagle on and each call costs 40 ms more."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((HOST, port))
    return held


def address(held: socket.socket) -> str:
    """The base address of a bound socket."""
    return f"http://{HOST}:{held.getsockname()[1]}"


class Server(uvicorn.Server):
    """Calls `ready` once it answers."""

    def __init__(self, app: Any, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            log_level="warning",
            lifespan="off",
            access_log=False,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, then tells."""
        await super().startup(sockets)
        self._ready()


@contextmanager
def running(world: World, folder: Path, provinces: Iterable[str] | None = None) -> Iterator[Fleet]:
    """A fleet that answers on a port of its own while the block runs; for tests."""
    held = listen()
    fleet = Fleet(world, address(held), folder, provinces)
    with serving(fleet.app, held):
        yield fleet


@contextmanager
def serving(app: Any, held: socket.socket) -> Iterator[None]:
    """An application that answers on this socket, from a thread, while the block runs."""
    started = threading.Event()
    server = Server(app, started.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [held]}, daemon=True)
    thread.start()
    try:
        if not started.wait(10):
            raise RuntimeError("the simulators did not start")
        yield
    finally:
        server.should_exit = True
        thread.join(5)
        held.close()


def write_atomically(path: Path, content: Any) -> None:
    """JSON at `path`, whole or not at all, readable by its owner only (it holds credentials)."""
    written = orjson.dumps(content, option=orjson.OPT_INDENT_2)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    with os.fdopen(handle, "wb") as file:
        file.write(written)
    Path(name).replace(path)


def read_hubs(path: Path) -> dict[str, Hub]:
    """Province code → the hub's doors, from the supervisor's file; empty while there is none."""
    try:
        content = orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}
    return {
        code: Hub(
            content["url"],
            keys.get("platform_key", ""),
            keys.get("username", ""),
            keys.get("password", ""),
            keys.get("invitation", ""),
        )
        for code, keys in content["provinces"].items()
    }


def play_when_ready(
    fleet: Fleet,
    path: Path,
    stop: threading.Event,
    poll_seconds: float = _POLL_SECONDS,
    again_seconds: float = _AGAIN_SECONDS,
) -> None:
    """Wait for the hub's file, then let every actor act until each has succeeded once."""
    waiting = set(fleet.actors())
    while waiting and not stop.wait(poll_seconds):
        hubs = {code: hub for code, hub in read_hubs(path).items() if code in waiting}
        if not hubs:
            continue
        failed = fleet.play(hubs)
        waiting -= set(hubs) - set(failed)
        for code, error in failed.items():
            print(f"{code}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        if failed:
            stop.wait(again_seconds)


def attend_always(
    fleet: Fleet, path: Path, stop: threading.Event, every_seconds: float = _ATTEND_SECONDS
) -> None:
    """Bookings: platforms that fetch and platforms that call back do so again and again. Failures are said once."""
    said: dict[str, str] = {}
    while not stop.wait(every_seconds):
        fleet.cashier.deliver_late()
        failed = {code: f"{type(e).__name__}: {e}" for code, e in fleet.attend(read_hubs(path)).items()}
        for code, words in failed.items():
            if said.get(code) != words:
                print(f"{code}: {words}", file=sys.stderr, flush=True)
        said = failed


def serve(held: socket.socket, state: Path, world: World) -> None:
    """Run until SIGTERM or Ctrl-C. The address in `connections.json` is true as long as the process lives."""
    began = time.monotonic()
    fleet = Fleet(world, address(held), state / "simulators")
    fleet.open_offices(state / "simulators")
    stop = threading.Event()

    def ready() -> None:
        write_atomically(state / PARTNERS, fleet.partners.document())
        write_atomically(state / PAYMENTS, {"online": fleet.cashier.terms()})
        write_atomically(state / CONNECTIONS, fleet.connections())  # last: it says that all is ready
        print(
            f"{len(fleet.simulators)} simulators, {address(held)}, {time.monotonic() - began:.1f} s",
            flush=True,
        )

    player = threading.Thread(target=play_when_ready, args=(fleet, state / HUB, stop), daemon=True)
    player.start()
    fleet.open_desks(state / "simulators")
    attendant = threading.Thread(target=attend_always, args=(fleet, state / HUB, stop), daemon=True)
    attendant.start()
    try:
        Server(fleet.app, ready).run(sockets=[held])
    finally:
        stop.set()
        held.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m adapters.simulators.serve", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port (default)")
    parser.add_argument(
        "--state", type=Path, required=True, help="folder for connections.json and the drop folders"
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--records", type=int, help="a small world of about so many records")
    size.add_argument(
        "--scale", type=int, default=1, help="the exact belt so many times over (30 is about a million)"
    )
    given = parser.parse_args(arguments)
    world = World(scale=given.scale) if given.records is None else World(records=given.records)
    serve(listen(given.port), given.state.resolve(), world)


if __name__ == "__main__":
    main()
