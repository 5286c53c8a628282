"""The demo's programmes and vouchers: what was found published beside complete invented ones, and what home systems allot."""

import logging

from adapters.errors import AdapterError
from hub.cli.demo_people import ACTOR
from hub.core.clock import Clock
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.settlement import rules
from hub.settlement import service as settlement
from hub.settlement.service.faces import reading

log = logging.getLogger(__name__)


def put_programmes(database: Database, *, clock: Clock) -> None:
    """Every programme. Safe to repeat: what is there stays as it is."""
    with database.write() as session:
        for documents in (rules.published(), rules.demo()):
            settlement.load_programmes(session, documents, actor=ACTOR, now=clock())


def take_allotments(runtime: Runtime) -> int:
    """What the home systems hand over through their adapters, so that the demo's enterprise can spend it at once.

    How many words that were. Safe to repeat; a system that does not answer is asked again by the worker.
    """
    count = 0
    for province, adapter in runtime.adapters.items():
        port = adapter.settlement
        if port is None or "allotments" not in port.capabilities:
            continue
        try:
            count += reading.pull_allotments(runtime, province, port)
        except AdapterError as fault:
            log.warning("%s hands over no allotments yet: %s", province, fault.en)
    return count
