"""The control door of a desk, on loopback only: look at the orders, play the staff, let the platform misbehave.

GET  /_control/<code>/bookings            → {"orders": […]}
POST /_control/<code>/bookings            {"do": …, "order": <platform's number or our reference>, …}; see `ACTIONS`
PUT  /_control/<code>/bookings/mischief   {"twice": 1, …} (see `mischief`); GET tells, DELETE ends it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.simulators.desk.desk import Desk
from adapters.simulators.desk.mischief import MischiefInvalid
from adapters.simulators.desk.model import BY_PLATFORM, NO_OPERATOR, Declined, Order, Period
from adapters.simulators.desk.staff import Staff

Asked = Mapping[str, Any]


def _period(asked: Asked) -> Period:
    return Period(datetime.fromisoformat(asked["start"]), datetime.fromisoformat(asked["end"]))


def _number(desk: Desk, asked: Asked) -> str:
    """The order that is meant, by its number or by the newest one under our reference."""
    named = asked["order"]
    under = desk.under(named)
    return under[-1].number if under else str(named)


def _decide(desk: Desk, number: str, agrees: bool) -> Order:
    proposal = desk.order(number).proposal
    return desk.decide(number, proposal.number if proposal else "", BY_PLATFORM, agrees=agrees)


ACTIONS: Mapping[str, Callable[[Desk, str, Asked], Order]] = {
    "accept": lambda desk, number, _: desk.accept(number),
    "reject": lambda desk, number, asked: desk.reject(
        number, asked.get("reason", NO_OPERATOR), asked.get("words", "")
    ),
    "withdraw": lambda desk, number, asked: desk.withdraw(
        number, asked.get("reason", NO_OPERATOR), asked.get("words", "")
    ),
    "propose": lambda desk, number, asked: desk.propose(
        number, _period(asked), BY_PLATFORM, asked.get("words", "")
    ),
    "agree": lambda desk, number, _: _decide(desk, number, True),
    "decline": lambda desk, number, _: _decide(desk, number, False),
    "samples": lambda desk, number, _: desk.receive_samples(number),
    "begin": lambda desk, number, _: desk.begin(number),
    "no_show": lambda desk, number, _: desk.miss(number),
    "done": lambda desk, number, asked: desk.finish(number, asked.get("hours"), asked.get("fee_fen", 0)),
    "report": lambda desk, number, _: desk.deliver_report(number),
}


def act(desk: Desk, asked: Asked) -> Order | None:
    """Do what is asked. Raises `Declined`, KeyError, TypeError or ValueError."""
    what = asked["do"]
    if what == "reserve":
        desk.reserve(asked["instrument"], _period(asked))
    elif what == "close":
        desk.close(asked["instrument"], _period(asked), asked.get("words", ""))
    elif what == "staff":
        desk.staff = Staff(int(asked.get("seed", 0))) if asked.get("present", True) else None
    else:
        return ACTIONS[what](desk, _number(desk, asked), asked)
    return None


def control_routes(desks: Mapping[str, Desk]) -> list[Route]:
    """The doors of all desks."""

    def desk_for(request: Request) -> Desk | None:
        return desks.get(request.path_params["code"])

    async def bookings(request: Request) -> Response:
        desk = desk_for(request)
        if desk is None:
            return _problem(404, "没有这个省的模拟器")
        if request.method == "GET":
            desk.settle()
            return _json({"orders": desk.orders()})
        try:
            return _json({"order": act(desk, orjson.loads(await request.body()))})
        except Declined as declined:
            return _problem(409, f"{declined.reason}: {declined.words}")
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            return _problem(400, f"{type(error).__name__}: {error}")

    async def mischief(request: Request) -> Response:
        desk = desk_for(request)
        if desk is None:
            return _problem(404, "没有这个省的模拟器")
        try:
            if request.method == "DELETE":
                desk.mischief.clear()
            elif request.method == "PUT":
                desk.mischief.set(orjson.loads(await request.body()))
        except (orjson.JSONDecodeError, AttributeError, MischiefInvalid) as error:
            return _problem(400, str(error))
        return JSONResponse(desk.mischief.state())

    return [
        Route("/_control/{code}/bookings", bookings, methods=["GET", "POST"]),
        Route("/_control/{code}/bookings/mischief", mischief, methods=["GET", "PUT", "DELETE"]),
    ]


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


def _problem(status: int, words: str) -> Response:
    return JSONResponse({"error": words}, status)
