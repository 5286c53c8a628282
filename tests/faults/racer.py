"""One web process of the race: the whole application, and sixteen clients that go through their lists at once.

    python -m tests.faults.racer DATABASE_URL PLAN ANSWERS

Clients speak HTTP to the application in this process; the sockets between are not what is raced.
"""

import json
import sys
import threading
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


def main() -> None:
    """Wait for the word, then let everybody run."""
    url, plan_file, answers_file = sys.argv[1:4]
    plan = json.loads(Path(plan_file).read_text("utf-8"))
    database = Database(url, pool=16)
    app = create_app(Runtime(home=Path(plan_file).parent, database=database))
    clients = [Client(app, one, plan["people"]) for one in plan["clients"]]
    print("ready", flush=True)
    sys.stdin.readline()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    database.close()
    answers = [answer for client in clients for answer in client.answers]
    Path(answers_file).write_text(json.dumps(answers), "utf-8")


if __name__ == "__main__":
    main()
