"""A platform that answers in the order of change, to the second, and the walk that reads it."""

from datetime import datetime, timedelta, timezone
from typing import Any

import httpx

from adapters.contract import NativePage
from tests.adapters.platforms import maker, site, transport

CHINA = timezone(timedelta(hours=8))
ORIGIN = datetime(2026, 1, 1, tzinfo=CHINA)


class Rows:
    """Rows with a time of change of one-second granularity, answered in the order of change."""

    def __init__(
        self, seconds: list[int], cap: int = 10**6, *, numbered: bool = False, totals: bool = False
    ) -> None:
        self.rows = [{"id": n, "at": at} for n, at in enumerate(sorted(seconds))]
        self.cap, self.numbered, self.totals = cap, numbered, totals
        self.asked: list[dict[str, str]] = []

    def touch(self, number: int, at: int) -> None:
        row = next(row for row in self.rows if row["id"] == number)
        row["at"], row["rev"] = at, row.get("rev", 0) + 1

    def __call__(self, request: httpx.Request) -> httpx.Response:
        params = dict(request.url.params)
        self.asked.append(params)
        rows = sorted(self.rows, key=lambda row: row["at"])
        if "since" in params:
            since = datetime.strptime(params["since"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
            rows = [row for row in rows if ORIGIN + timedelta(seconds=row["at"]) >= since]
        size = min(int(params["limit"]), self.cap)
        start = (int(params.get("page", "1")) - 1) * size if self.numbered else 0
        told = [
            {**row, "updated": f"{ORIGIN + timedelta(seconds=row['at']):%Y-%m-%d %H:%M:%S}"}
            for row in rows[start : start + size]
        ]
        return httpx.Response(200, json={"rows": told} | ({"total": len(rows)} if self.totals else {}))


def options(size: int, *, numbered: bool = False, **more: Any) -> dict[str, Any]:
    paging = {
        "kind": "time",
        "since": "since",
        "format": "%Y-%m-%d %H:%M:%S",
        "size_param": "limit",
        "size": size,
        "overlap_seconds": 3,
        **more,
    }
    if numbered:
        paging["page"] = {"param": "page", "first": 1}
    return {"kind": "rest_json", "path": "/rows", "records": "rows", "total": "total", "paging": paging}


def read(rows: Rows, size: int, cursor: str | None = None, **more: Any) -> list[NativePage]:
    return list(
        transport(options(size, numbered=rows.numbered, **more), site(rows), maker("updated")).pages(cursor)
    )
