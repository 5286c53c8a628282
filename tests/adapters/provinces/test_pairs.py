"""Recorded answers and what becomes of them: `native/` → `expected/` in every province's folder, and for the survey.

A native file is one whole answer of the platform; the expected file lists, in order, what each record of it becomes:
a document, a tombstone, or the problems that send it to quarantine.
"""

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from adapters.contract import Connection, Pulled
from adapters.registry import PROVINCES, build_adapter, load_province
from adapters.transports import Pacing

SURVEYED = "330000"  # whose manifest reads the shared survey's pairs
PAIRS = [
    *((code, "instruments") for code in ("310000", "320000", "330000", "360000", "420000", "510000")),
    (SURVEYED, "institutions"),
    (SURVEYED, "survey"),
]
CREDENTIALS = dict.fromkeys(
    ("client_id", "client_secret", "app_key", "app_secret", "username", "password", "ins_code", "token"), "x"
)


def folder_of(code: str, name: str) -> Path:
    return PROVINCES / (code if name == "instruments" else "_survey")


def outcomes(code: str, name: str) -> list[dict[str, Any]]:
    """What the engine makes of the recorded answer, which stands in for the platform."""
    native = next((folder_of(code, name) / "native").glob(f"{name}.*"))

    def platform(request: httpx.Request) -> httpx.Response:
        if "oken" in request.url.path:
            return httpx.Response(
                200, json={"code": 200, "token": "t", "access_token": "t", "expires_in": 600}
            )
        return httpx.Response(200, content=native.read_bytes())

    adapter = build_adapter(
        load_province(PROVINCES / code),
        Connection("http://platform.test", CREDENTIALS),
        lambda **_: httpx.Client(transport=httpx.MockTransport(platform)),
        Pacing(),
    )
    resource = next(resource for resource in adapter.resources() if resource.name == name)
    page = next(adapter.pages(resource, None))
    assert not page.damaged
    found: list[dict[str, Any]] = []
    for record in page.records:
        key = adapter.key(resource, record)
        if record.deleted:
            found.append({"key": key, "deleted": True})
            continue
        outcome = adapter.map(resource, record)
        if isinstance(outcome, Pulled):
            found.append({"key": key, "document": outcome.document})
        else:
            problems = [{"pointer": p.pointer, "code": p.code, "value": p.value} for p in outcome.problems]
            found.append({"key": key, "problems": problems})
    return found


@pytest.mark.parametrize(("code", "name"), PAIRS)
def test_a_recorded_answer_becomes_what_is_expected(code: str, name: str) -> None:
    expected = orjson.loads((folder_of(code, name) / "expected" / f"{name}.json").read_bytes())
    assert outcomes(code, name) == expected
    assert len(expected) >= 2
