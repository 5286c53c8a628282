"""All simulators as one application: found by listing this package, built over one world, mounted by province code.

Besides the provinces there are three control doors, for loopback only (`serve` binds to nothing else):

    GET    /_control/cpu                → {"cpu_seconds", "requests", "bytes_received", "bytes_sent"} since the start
    PUT    /_control/<code>/failures    {"unavailable": 3, …} makes the platform fail (see `failures`); GET tells, DELETE ends it
    POST   /_control/<code>/world       {"do": "touch" | "vanish" | "restore", "key": …}, {"do": "go_empty" | "come_back"},
                                        {"do": "tick", "seconds": …}: moves the province's world
    PUT    /_control/cashier/mischief        ["lose_notification", …] makes the payment provider misbehave (see `cashier`)
    PUT    /_control/identity/<id>/mischief  ["other_nonce", …] makes an identity provider forge (see `identity_provider`)

those of the booking desks (see `desk.control`) and those of the voucher offices (see `purse.control`).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from adapters.simulators.cashier import MISCHIEF, Cashier
from adapters.simulators.desk import Desk, Staff, desk_of
from adapters.simulators.desk.control import control_routes
from adapters.simulators.desk.journal import keep_orders
from adapters.simulators.failures import Failures, FailuresInvalid, failures_of
from adapters.simulators.metering import Meter
from adapters.simulators.partners import Partners
from adapters.simulators.purse import Office, clerk, office_of
from adapters.simulators.purse.control import office_routes
from adapters.simulators.purse.demo import open_purse
from adapters.simulators.purse.keeping import keep_office
from adapters.simulators.simulator import Actor, Attendant, Build, Hub, Simulator
from adapters.simulators.world import ProvinceWorld, World

_PACKAGE = "adapters.simulators"


def discover() -> dict[str, Build]:
    """Province code → `build`, from every module of this package that has `PROVINCE` and `build`."""
    found: dict[str, Build] = {}
    for module in pkgutil.iter_modules(importlib.import_module(_PACKAGE).__path__):
        if module.ispkg or module.name in ("fleet", "serve"):
            continue
        loaded = importlib.import_module(f"{_PACKAGE}.{module.name}")
        code, build = getattr(loaded, "PROVINCE", None), getattr(loaded, "build", None)
        if code is None or build is None:
            continue
        if code in found:
            raise ValueError(f"two simulators for {code}")
        found[code] = build
    return dict(sorted(found.items()))


class Fleet:
    """The running simulators of one process. `provinces` None means all that have a module."""

    def __init__(
        self, world: World, base_url: str, folder: Path, provinces: Iterable[str] | None = None
    ) -> None:
        builds = discover()
        self.world = world
        self.failures: dict[str, Failures] = {}
        self.simulators: dict[str, Simulator] = {}
        self._addresses: dict[str, str] = {}
        self._open: dict[str, Office] = {}
        self._meter = Meter()
        for code in builds if provinces is None else provinces:
            own = folder / code
            own.mkdir(parents=True, exist_ok=True)
            self._addresses[code] = f"{base_url.rstrip('/')}/{code}"
            self.simulators[code] = builds[code](world.province(code), self._addresses[code], own)
            self.failures[code] = failures_of(world.province(code))
        self.partners = Partners(base_url, self.simulators)
        self.cashier = Cashier(f"{base_url.rstrip('/')}/cashier", folder)
        self.app = Starlette(
            routes=[
                Mount("/cashier", routes=self.cashier.routes),
                *self.partners.routes,
                *self._control(),
                *map(self._mount, self.simulators),
            ]
        )

    def connections(self) -> dict[str, dict[str, Any]]:
        """What the hub must know to reach each province: base address, credentials, drop folder."""
        return {
            code: {
                "base_url": self._addresses[code],
                "credentials": dict(simulator.credentials),
                "folder": None if simulator.folder is None else str(simulator.folder.resolve()),
            }
            for code, simulator in self.simulators.items()
        }

    def actors(self) -> dict[str, Actor]:
        """The simulators that act by themselves."""
        return {
            code: simulator for code, simulator in self.simulators.items() if isinstance(simulator, Actor)
        }

    def desks(self) -> dict[str, Desk]:
        """The order books of the platforms that run here."""
        return {code: desk_of(self.world.province(code)) for code in self.simulators}

    def offices(self) -> dict[str, Office]:
        """The voucher offices of the provinces that run here."""
        return {code: office_of(self.world.province(code)) for code in self.simulators}

    def open_offices(self, folder: Path) -> None:
        """From now on offices outlive the process, in `folder`, and pay by themselves; 浙江's begins with the demo's voucher."""
        self._open = self.offices()
        for code, office in self._open.items():
            if not keep_office(office, folder / code) and code == "330000":
                open_purse(office)

    def open_desks(self, folder: Path, seed: int = 0) -> None:
        """From now on orders outlive the process, in `folder`, and staff answer by themselves."""
        for code, desk in self.desks().items():
            keep_orders(desk, folder / code)
            desk.staff = Staff(seed)

    def attend(self, hubs: Mapping[str, Hub]) -> dict[str, Exception]:
        """Let every platform that talks to the hub by itself do one round, and the staff of open offices pay. Returns who
        failed and why.
        """
        failed: dict[str, Exception] = {}
        for office in self._open.values():
            clerk.work(office)
        for code, simulator in self.simulators.items():
            if isinstance(simulator, Attendant) and code in hubs:
                try:
                    simulator.attend(hubs[code])
                except Exception as error:
                    failed[code] = error
        return failed

    def play(self, hubs: Mapping[str, Hub]) -> dict[str, Exception]:
        """Let every actor with a hub act once. Returns who failed and why; the others are done."""
        failed: dict[str, Exception] = {}
        for code, actor in self.actors().items():
            if code not in hubs:
                continue
            try:
                actor.play(hubs[code])
            except Exception as error:
                failed[code] = error
        return failed

    def _mount(self, code: str) -> Mount:
        platform = Starlette(routes=list(self.simulators[code].routes))
        return Mount(f"/{code}", app=self._meter.wrap(self.failures[code].wrap(platform)))

    def _control(self) -> list[Route]:
        return [
            Route("/_control/cpu", self._cost, methods=["GET"]),
            Route("/_control/cashier/mischief", self._misbehave_paying, methods=["PUT", "DELETE"]),
            Route("/_control/{code}/failures", self._fail, methods=["GET", "PUT", "DELETE"]),
            Route("/_control/{code}/world", self._move, methods=["POST"]),
            *control_routes(self.desks()),
            *office_routes(self.offices()),
        ]

    async def _fail(self, request: Request) -> Response:
        failures = self.failures.get(request.path_params["code"])
        if failures is None:
            return _problem(404, "没有这个省的模拟器")
        try:
            if request.method == "DELETE":
                failures.clear()
            elif request.method == "PUT":
                failures.set(orjson.loads(await request.body()))
        except (orjson.JSONDecodeError, AttributeError, FailuresInvalid) as error:
            return _problem(400, str(error))
        return JSONResponse(failures.state())

    async def _misbehave_paying(self, request: Request) -> Response:
        wanted = [] if request.method == "DELETE" else orjson.loads(await request.body())
        if not isinstance(wanted, list) or not set(wanted) <= set(MISCHIEF):
            return _problem(400, f"可取：{', '.join(MISCHIEF)}")
        self.cashier.mischief = set(wanted)
        return JSONResponse(sorted(self.cashier.mischief))

    async def _cost(self, _request: Request) -> Response:
        return JSONResponse(self._meter.reading())

    async def _move(self, request: Request) -> Response:
        code = request.path_params["code"]
        if code not in self.simulators:
            return _problem(404, "没有这个省的模拟器")
        try:
            order = orjson.loads(await request.body())
            return JSONResponse(_move(self.world.province(code), order))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            return _problem(400, f"{type(error).__name__}: {error}")


_MOVES: Mapping[str, Callable[[ProvinceWorld, dict[str, Any]], object]] = {
    "touch": lambda world, order: world.touch(order["key"]),
    "vanish": lambda world, order: world.vanish(order["key"]),
    "restore": lambda world, order: world.restore(order["key"]),
    "go_empty": lambda world, _: world.go_empty(),
    "come_back": lambda world, _: world.come_back(),
    "tick": lambda world, order: world.tick(int(order.get("seconds", 1))),
}


def _move(world: ProvinceWorld, order: dict[str, Any]) -> dict[str, Any]:
    _MOVES[order["do"]](world, order)
    return {"total": world.total, "last_sequence": world.last_sequence, "now": world.now.isoformat()}


def _problem(status: int, words: str) -> Response:
    return JSONResponse({"error": words}, status)
