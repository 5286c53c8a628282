"""How Celery is set up: queues, broker, and the folders of the broker that needs nothing installed.

The broker only carries hints: every message names one outbox row, and losing all of them loses nothing.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery import Celery
from kombu.entity import Queue

from hub.core import folders
from hub.core.outbox import CONTROL, QUEUES, Message

POLLING_SECONDS = 0.1
"""The broker of folders looks for messages this often; kombu's default of a second is a second of latency."""


def new_celery(
    broker_url: str, home: Path, *, schedule: Mapping[str, tuple[str, timedelta]] | None = None
) -> Celery:
    """A Celery application without resources: `runtime` is put on it in the process that runs tasks.

    `schedule` maps a name to (task, period); such tasks get no argument and go to `control`.
    """
    app = Celery("hub", broker=broker_url, set_as_current=False)
    app.conf.update(
        task_queues=[Queue(name) for name in QUEUES],  # type: ignore[no-untyped-call]
        task_default_queue=CONTROL,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=False,  # the outbox's lease, not the broker, brings work back
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=4,
        broker_transport_options=transport_options(broker_url, home),
        beat_scheduler="celery.beat:Scheduler",  # in memory: running a period twice is harmless, a broken file is not
        beat_schedule={
            name: {
                "task": task,
                "schedule": period,
                "options": {"queue": CONTROL, "expires": period.total_seconds() * 6},
            }
            for name, (task, period) in (schedule or {}).items()
        },
        timezone="Asia/Shanghai",
        enable_utc=True,
    )
    return app


def transport_options(broker_url: str, home: Path) -> dict[str, Any]:
    """What the broker's transport needs: absolute folders, fast polling, or confirmed publishing."""
    if broker_url.startswith(folders.SCHEME):
        folder = home / "broker"
        return {
            "data_folder_in": str(folder / "messages"),
            "data_folder_out": str(folder / "messages"),
            "control_folder": str(folder / "control"),
            "processed_folder": str(folder / "processed"),
            "store_processed": False,
            "polling_interval": POLLING_SECONDS,
        }
    # Publishing gives up quickly: the relay comes again by itself.
    quick = {"max_retries": 1, "interval_start": 0.1, "interval_step": 0.0, "interval_max": 0.1}
    if broker_url.startswith(("amqp", "pyamqp")):
        return {"confirm_publish": True, **quick}
    return quick


def declare(app: Celery) -> None:
    """Make the folders and declare every queue, before a second process starts: simultaneous first starts
    corrupted kombu's control folder. Safe to repeat.
    """
    options = app.conf.broker_transport_options
    for key in ("data_folder_in", "control_folder", "processed_folder"):
        if key in options:
            Path(options[key]).mkdir(parents=True, exist_ok=True)
    with app.connection_for_write() as connection:
        for queue in app.conf.task_queues:
            queue(connection.default_channel).declare()


def send_message(app: Celery, message: Message) -> None:
    """Tell the broker about one outbox row: its id and nothing else. Does not try twice: the relay does."""
    app.send_task(message.task_name, args=[message.id], queue=message.queue, ignore_result=True, retry=False)


def perform_message(app: Celery, message: Message) -> None:
    """Run the row's task in this process, without a broker."""
    app.tasks[message.task_name].apply(args=[message.id], throw=True)
