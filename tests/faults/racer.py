"""The web processes of the race: in each the whole application, and clients that go through their lists at once.

    python -m tests.faults.racer DATABASE_URL FOLDER PROCESSES

The modules are imported once, then a process is forked for each `plan-N.json`, before anything is opened or built; it
leaves `answers-N.json`. Clients speak HTTP to the application in their process; the sockets between are not what is raced.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from hub import models  # noqa: F401 - every table must be known
from hub.app import create_app
from hub.core.db import Database
from hub.core.runtime import Runtime
from tests.in_process import InProcess

API = "http://hub.test/api/v1"


class Client(threading.Thread):
    """One client: its list of steps, and every status it got."""

    def __init__(self, app: Any, plan: dict[str, Any], people: dict[str, dict[str, str]]) -> None:
        super().__init__()
        self._http = httpx.Client(transport=InProcess(app))
        self._steps, self._people = plan["steps"], people
        self._name = plan["name"]
        self._count = 0
        self.answers: list[dict[str, Any]] = []

    def run(self) -> None:
        for step in self._steps:
            answer = self._post("li", "bookings", step["body"], step.get("key"))
            self._note(step, answer, "submit")
            if answer.status_code == 201:
                booking = answer.json()
                for command, who, body in step["then"]:
                    booking = self._command(step, booking, command, who, body)
        self._http.close()

    def _command(self, step: Any, booking: Any, command: str, who: str, body: dict[str, Any]) -> Any:
        told = {"command": command, **body}
        address = f"bookings/{booking['id']}/commands/{command}"
        answer = self._post(who, address, told, None, booking["revision"])
        self._note(step, answer, command)
        return answer.json() if answer.status_code == 200 else booking

    def _post(
        self, who: str, address: str, body: Any, key: str | None, revision: int | None = None
    ) -> httpx.Response:
        self._count += 1
        headers = {**self._people[who], "Idempotency-Key": key or f"race-{self._name}-{self._count:05}-key"}
        if revision is not None:
            headers["If-Match"] = f'"{revision}"'
        return self._http.post(f"{API}/{address}", json=body, headers=headers)

    def _note(self, step: Any, answer: httpx.Response, command: str) -> None:
        told = answer.json()
        self.answers.append(
            {
                "group": step["group"],
                "command": command,
                "status": answer.status_code,
                "code": told.get("code"),
                "id": told.get("id"),
                "replayed": answer.headers.get("idempotency-replayed"),
            }
        )


def main() -> int:
    """Fork the processes, let all of them run at one word, and wait for their ends."""
    url, folder, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    children, words = [], []
    for number in range(count):
        told, word = os.pipe()
        ready, say = os.pipe()
        child = os.fork()
        if child == 0:
            run(url, folder, number, told, say)
            os._exit(0)
        os.close(told)
        os.close(say)
        assert os.read(ready, 1) == b"r", "a process died before the race"
        children.append(child)
        words.append(word)
    for word in words:
        os.write(word, b"g")
    return max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)


def run(url: str, folder: Path, number: int, told: int, say: int) -> None:
    """One web process: ready, wait for the word, then let everybody run."""
    plan = json.loads((folder / f"plan-{number}.json").read_text("utf-8"))
    database = Database(url, pool=16)
    app = create_app(Runtime(home=folder, database=database))
    clients = [Client(app, one, plan["people"]) for one in plan["clients"]]
    os.write(say, b"r")
    os.read(told, 1)
    begun = time.monotonic()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    database.close()
    answers = [answer for client in clients for answer in client.answers]
    left = {"begun": begun, "ended": time.monotonic(), "answers": answers}
    (folder / f"answers-{number}.json").write_text(json.dumps(left), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
