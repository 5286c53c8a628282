"""What a test or a visitor of the demo has the staff of a voucher office do, over HTTP on loopback only.

GET  /_control/<code>/office                 → {"lists": [{"reference", "lines": [{"number", "fen"}]}], "allotments": [...]}
POST /_control/<code>/office  {"do": "pay_all"} · {"do": "pay", "reference", "line"} · {"do": "bounce", "reference", "line",
                              "reason"} · {"do": "allot", "id", "fen"} · {"do": "spend", "holder", "fen"} ·
                              {"do": "mischief", "plan": {"twice": 1}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.simulators.purse.office import MISCHIEF, Office
from adapters.simulators.purse.purse import PurseEmpty


def office_routes(offices: Mapping[str, Office]) -> list[Route]:
    """The doors of these offices."""

    async def serve(request: Request) -> Response:
        office = offices.get(request.path_params["code"])
        if office is None:
            return JSONResponse({"detail": "没有这个省的模拟器"}, 404)
        if request.method == "GET":
            return JSONResponse(_shown(office))
        try:
            _do(office, orjson.loads(await request.body()))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, StopIteration, PurseEmpty) as error:
            return JSONResponse({"detail": f"{type(error).__name__}: {error}"}, 400)
        return JSONResponse(_shown(office))

    return [Route("/_control/{code}/office", serve, methods=["GET", "POST"])]


def _do(office: Office, order: dict[str, Any]) -> None:
    what = order["do"]
    if what == "pay_all":
        office.pay_all()
    elif what == "pay":
        office.pay(order["reference"], order["line"])
    elif what == "bounce":
        office.bounce(order["reference"], order["line"], order["reason"])
    elif what == "allot":
        office.purse.allot(order["id"], int(order["fen"]))
    elif what == "spend":
        office.purse.spend(order["holder"], int(order["fen"]))
    elif what == "mischief":
        unknown = set(order["plan"]) - set(MISCHIEF)
        if unknown:
            raise ValueError(f"no such mischief: {sorted(unknown)}")
        office.mischief = {name: int(count) for name, count in order["plan"].items()}
    else:
        raise ValueError(f"cannot {what}")


def _shown(office: Office) -> dict[str, Any]:
    return {
        "lists": [
            {
                "number": each.number,
                "reference": each.reference,
                "fen": each.fen,
                "lines": [{"number": line.number, "fen": line.fen} for line in each.lines],
            }
            for each in office.lists
        ],
        "told": len(office.told),
        "allotments": [
            {"id": each.id, "asked": each.asked, "reserved": each.reserved, "revision": each.revision}
            for each in office.purse.allotments.values()
        ],
    }
