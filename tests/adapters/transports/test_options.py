"""What no platform may be asked with: foreign cursors, faulty options."""

from typing import Any

import pytest

from adapters.errors import Malformed, ManifestInvalid
from tests.adapters.platforms import site, transport

FEED = {
    "kind": "rest_json", "path": "/changes", "records": "items", "total": "total", "params": {"limit": 3},
    "paging": {"kind": "token", "param": "cursor", "next": "next", "more": "more"},
}  # fmt: skip


@pytest.mark.parametrize(
    "cursor", ["", "x", "{}", '{"kind":"oai"}', "[]", "9" * 10_000, '{"kind":"number"}x']
)
def test_a_foreign_cursor_is_malformed(cursor: str) -> None:
    with pytest.raises(Malformed, match="cursor"):
        list(transport(FEED, site()).pages(cursor))


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "rest_json"},
        {"kind": "rest_json", "path": "/x", "metod": "GET"},
        {"kind": "rest_json", "path": "/x", "method": "DELETE"},
        {"kind": "rest_json", "path": "/x", "paging": {"kind": "token", "param": "c"}},
        {"kind": "rest_json", "path": "/x", "paging": {"kind": "page", "param": "p", "size_param": "s"}},
        {"kind": "rest_json", "path": "/x", "paging": {"kind": "time", "since": "s", "size": 5, "format": "unix"}},
        {"kind": "rest_json", "path": "/x", "paging": {"kind": "time", "since": "s", "size": 5, "order": "other"}},
        {"kind": "rest_json", "path": "/x", "paging": {"kind": "time", "since": "s", "size": 5, "timezone": "Mars"}},
        {"kind": "rest_json", "path": "/x", "answer": {"code": "c"}},
        {"kind": "rest_json", "path": "/x", "answer": {"code": "c", "ok": [1], "busy": [1]}},
        {"kind": "carrier_pigeon"},
    ],
)  # fmt: skip
def test_faulty_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ManifestInvalid) as refused:
        transport(options, site())
    assert "transport" in refused.value.en
