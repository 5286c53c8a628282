"""四川: REST/JSON with the national field names and a one-second timestamp to read changes by (simulated).

Written from `dialects/sichuan.md`.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators.desk import desk_of
from adapters.simulators.national import national_fields
from adapters.simulators.sichuan_bookings import OrderService
from adapters.simulators.simulator import Hub
from adapters.simulators.survey import survey_routes
from adapters.simulators.world.model import Instrument
from adapters.simulators.world.province import ProvinceWorld
from adapters.simulators.written import Written, json_writer, with_list

PROVINCE = "510000"
API_KEY = "synthetic-key-of-the-simulated-sichuan-platform"
PAGE, LARGEST_PAGE = 200, 2000
TIME = "%Y-%m-%d %H:%M:%S"


class Service:
    """The data service. Rows come by time and, inside a second, in the order of the list."""

    def __init__(self, world: ProvinceWorld) -> None:
        self._world = world
        self._written = Written(json_writer(row))

    async def instruments(self, request: Request) -> Response:
        """`GET /data/v1/instruments`"""
        refused = self.refused(request)
        if refused is not None:
            return refused
        text = request.query_params.get("limit", str(PAGE))
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LARGEST_PAGE):
            return _refuse(400, "BAD_LIMIT", f"limit 应为 1—{LARGEST_PAGE} 的整数")
        limit, since = int(text), request.query_params.get("updatedSince", "")
        try:
            instant = datetime.strptime(f"{since}+0800", f"{TIME}%z") if since else None
        except ValueError:
            return _refuse(400, "BAD_TIME", "updatedSince 应为 yyyy-MM-dd HH:mm:ss")
        return self._answer(instant, limit)

    def refused(self, request: Request) -> Response | None:
        """The answer to a wrong key; None lets a request pass."""
        self._world.tick()
        if hmac.compare_digest(request.headers.get("x-api-key", "").encode(), API_KEY.encode()):
            return None
        return _refuse(401, "INVALID_KEY", "接入密钥缺失或不正确")

    def _answer(self, instant: datetime | None, limit: int) -> Response:
        earliest = datetime.fromisoformat("2000-01-01T00:00:00+08:00")
        found = self._world.modified_since(instant or earliest, limit)
        answer: dict[str, Any] = {"count": len(found), "serverTime": self._world.now.strftime(TIME)}
        if instant is None:
            answer["total"] = self._world.total
        return Response(
            with_list(answer, "instruments", map(self._written, found)), media_type="application/json"
        )


class Sichuan:
    """The platform."""

    province = PROVINCE
    folder: Path | None = None

    def __init__(self, world: ProvinceWorld) -> None:
        service = Service(world)
        self._orders = OrderService(desk_of(world), service.refused)
        self.credentials = {"token": API_KEY}
        self.routes = (
            Route("/data/v1/instruments", service.instruments, methods=["GET"]),
            *self._orders.routes,
            *survey_routes(world),
        )

    def attend(self, hub: Hub) -> None:
        """See `Attendant.attend`: only the hub's keys are fetched; what happens is told by the feed."""
        self._orders.hub_keys.visit(hub)


def build(world: ProvinceWorld, base_url: str, folder: Path) -> Sichuan:
    """The platform over this world. It needs neither its address nor a folder."""
    del base_url, folder
    return Sichuan(world)


def row(instrument: Instrument) -> dict[str, Any]:
    """One instrument under the national keys; keys without a value are left out."""
    fields: dict[str, Any] = {key: value for key, value in national_fields(instrument).items() if value}
    customs = instrument.customs
    if customs is not None and customs.supervised:
        fields["customsInfo"] = {
            "declarationNumber": customs.declaration_number,
            "itemNumber": customs.item_number,
            "importDate": customs.imported_on.isoformat(),
        }
    fields["updateTime"] = instrument.modified.strftime(TIME)
    return fields


def _refuse(status: int, error: str, message: str) -> Response:
    return Response(orjson.dumps({"error": error, "message": message}), status, media_type="application/json")
