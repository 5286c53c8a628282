"""A worker process with a task of the tests' own: run as a program by `test_worker.py`.

The task appends a line to `HUB_HOME/noted` and, when told so, waits until the file it names is gone.
"""

import sys
import time
from pathlib import Path

from celery import shared_task

from hub import worker
from hub.core import jobs
from hub.core.db import Database
from hub.core.log import configure_logging
from hub.core.runtime import Runtime
from hub.core.settings import Settings


@shared_task(bind=True, name="test.note")
def note(self, row_id: int) -> str:  # type: ignore[no-untyped-def]
    runtime = self.app.runtime

    def act(job: jobs.Job) -> None:
        with (runtime.home / "noted").open("a") as held:
            held.write(f"{job.payload['text']}\n")
        while (wait_for := job.payload.get("wait_for")) and Path(wait_for).exists():
            time.sleep(0.02)
        with (runtime.home / "ended").open("a") as held:
            held.write(f"{job.payload['text']}\n")

    return jobs.perform(runtime.database, row_id, act, clock=runtime.clock)


def build(settings: Settings) -> Runtime:
    """A runtime without provinces and index: quicker, and nothing but the delivery is on trial."""
    return Runtime(home=settings.home, database=Database(settings.database, pool=4))


if __name__ == "__main__":
    configure_logging("INFO")
    run = worker.run_sync if sys.argv[1] == "sync" else worker.run_control
    run(Settings(), build)
