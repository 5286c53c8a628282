"""Asking a simulator in process, by hand, the way its own description says."""

from collections.abc import Mapping
from typing import Any

import httpx
from starlette.applications import Starlette

from adapters.simulators.simulator import Simulator
from tests.in_process import InProcess


def client_of(simulator: Simulator) -> httpx.Client:
    """A plain client; the caller closes it."""
    app = Starlette(routes=list(simulator.routes))
    return httpx.Client(transport=InProcess(app), base_url="http://platform.test")


def listed(answers: list[Mapping[str, Any]], name: str) -> list[Any]:
    """The records of several answers, in order."""
    return [record for answer in answers for record in answer[name]]
