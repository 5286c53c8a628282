"""A simulator never opens a file under `adapters/provinces/`: it would share the mapping's mistakes.

Run in a process of its own, because a module that had read such a file while it was imported would not read it again.
Every simulator is built and every one of its routes is asked; an audit hook writes down what is opened or listed.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

WATCH = """
import sys, tempfile
from pathlib import Path

forbidden = str(Path("adapters/provinces").resolve())
touched = []

def watch(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and arguments and isinstance(arguments[0], (str, bytes)):
        name = arguments[0] if isinstance(arguments[0], str) else arguments[0].decode()
        if str(Path(name).absolute()).startswith(forbidden):
            touched.append((event, name))

sys.addaudithook(watch)
"""

ASK = """
import httpx
from adapters.simulators.serve import running
from adapters.simulators.simulator import Hub
from adapters.simulators.world import World

asked = 0
with tempfile.TemporaryDirectory() as folder, running(World(records=150), Path(folder)) as fleet:
    connections = fleet.connections()
    with httpx.Client(trust_env=False, verify=False) as client:
        for code, simulator in fleet.simulators.items():
            base = connections[code]["base_url"]
            for route in simulator.routes:
                path = route.path.replace("{year}", "latest").replace("{school}", "x")
                for method in ("GET", "POST"):
                    client.request(method, base + path, content=b"{}" if method == "POST" else None)
                    asked += 1
    # A hub that knows no door: whoever pushes, drops or uploads prepares what it sends and is refused.
    fleet.play({code: Hub(connections["510000"]["base_url"], "key", "name", "password") for code in fleet.actors()})
print(len(fleet.simulators), asked, touched)
"""


def run(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", WATCH + program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout


def test_no_simulator_opens_a_province_folder() -> None:
    simulators, asked, touched = run(ASK).split(maxsplit=2)
    assert int(simulators) >= 6
    assert int(asked) >= 2 * int(simulators)
    assert touched.strip() == "[]"


def test_the_watch_would_notice() -> None:
    program = "Path('adapters/provinces/310000/mapping.yaml').read_bytes(); print(touched)"
    assert "mapping.yaml" in run(program)
    assert "os.scandir" in run("import os; list(os.scandir('adapters/provinces/310000')); print(touched)")
