"""江苏: REST/JSON, every request signed with HMAC-SHA256 over its sorted parameters (simulated).

Written from `dialects/jiangsu.md`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators.changelog import changes_since
from adapters.simulators.desk import desk_of
from adapters.simulators.jiangsu_bookings import Bookings
from adapters.simulators.national import CARRIER_NUMBERS
from adapters.simulators.simulator import Hub
from adapters.simulators.survey import survey_routes
from adapters.simulators.world.dirt import Render
from adapters.simulators.world.model import Change, Instrument
from adapters.simulators.world.province import ProvinceWorld
from adapters.simulators.written import Written, json_writer, with_list

PROVINCE = "320000"
APP_KEY = "jyh-hub-320000"
APP_SECRET = "synthetic-secret-of-the-simulated-jiangsu-platform"
SKEW_SECONDS = 300
NONCE_SECONDS = 600
PAGE, LARGEST_PAGE = 100, 500
TIME = "%Y-%m-%d %H:%M:%S"
JSON = "application/json"

OK, BAD_PARAMETER, NO_SUCH_KEY, BAD_SIGN, BAD_TIME, USED_NONCE = 0, 40001, 40101, 40102, 40103, 40104
_NONCE = re.compile(r"[0-9A-Za-z]{8,64}")

_SOURCES = {"购置": "1", "研制": "2", "赠送": "3", "其他": "9"}
_KINDS = {"通用": "1", "专用": "2"}
_STATES = {
    "正常": "1",
    "待机": "2",
    "远程服务中": "3",
    "偶有故障": "4",
    "故障频繁": "5",
    "待修": "6",
    "待报废": "7",
}


class Refusal(Exception):
    """A request the platform answers with another code than 0."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def sign(parameters: Mapping[str, str], secret: str) -> str:
    """The signature of section 1: sorted by name, empty values and `sign` left out, no URL encoding."""
    named = sorted((name, value) for name, value in parameters.items() if name != "sign" and value)
    text = "&".join(f"{name}={value}" for name, value in named)
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Gate:
    """Who may ask. `clock` is the platform's wall clock in seconds; used nonces are kept as long as they count."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._used: dict[str, float] = {}

    def check(self, parameters: Mapping[str, str]) -> None:
        """Raises `Refusal`; a nonce counts as used only when everything else was right."""
        if parameters.get("appKey") != APP_KEY:
            raise Refusal(NO_SUCH_KEY, "appKey 不存在")
        if not hmac.compare_digest(
            parameters.get("sign", "").encode(), sign(parameters, APP_SECRET).encode()
        ):
            raise Refusal(BAD_SIGN, "签名不正确")
        now, sent = self._clock(), parameters.get("timestamp", "")
        if not (sent.isascii() and sent.isdigit()) or abs(now - int(sent) / 1000) > SKEW_SECONDS:
            raise Refusal(BAD_TIME, f"时间戳超出允许范围（{SKEW_SECONDS} 秒），请校准时钟")
        nonce = parameters.get("nonce", "")
        if _NONCE.fullmatch(nonce) is None:
            raise Refusal(BAD_PARAMETER, "nonce 应为 8—64 个字母或数字")
        self._forget(now)
        if nonce in self._used:
            raise Refusal(USED_NONCE, "nonce 已使用")
        self._used[nonce] = now

    def _forget(self, now: float) -> None:
        """Nonces stand in the order of their use; those that no longer count stand first."""
        old = [nonce for nonce, used in islice(self._used.items(), 100) if now - used > NONCE_SECONDS]
        for nonce in old:
            del self._used[nonce]


class Jiangsu:
    """The platform."""

    province = PROVINCE
    folder: Path | None = None

    def __init__(self, world: ProvinceWorld, clock: Callable[[], float] = time.time) -> None:
        self._world = world
        self._gate = Gate(clock)
        self._written = Written(json_writer(_row))
        self._remembered: tuple[object, list[Change]] | None = None
        self._credit_codes = {unit.id: unit.credit_code for unit in world.units}
        self._bookings = Bookings(desk_of(world), self._refused)
        self.credentials = {"app_key": APP_KEY, "app_secret": APP_SECRET}
        self.routes = (
            Route("/openapi/v1/yq/list", self._list, methods=["GET"]),
            *self._bookings.routes,
            *survey_routes(world),
        )

    def attend(self, hub: Hub) -> None:
        """See `Attendant.attend`: only the hub's keys are fetched; what happens is told by the feed."""
        self._bookings.hub_keys.visit(hub)

    async def _list(self, request: Request) -> Response:
        self._world.tick()
        parameters = dict(request.query_params)
        try:
            self._gate.check(parameters)
            number = _whole(parameters, "pageNo", 1, 10**9)
            size = _whole(parameters, "pageSize", PAGE, LARGEST_PAGE)
            since = _since(parameters.get("updateTimeStart", ""))
        except Refusal as refusal:
            body = orjson.dumps({"code": refusal.code, "message": refusal.message, "data": None})
            return Response(body, media_type=JSON)
        start = (number - 1) * size
        if since is None:
            total, rows = (
                self._world.total,
                [self._written(record) for record in self._world.page(start, size)],
            )
        else:
            changes = self._changes(since)
            total, rows = len(changes), [self._changed(change) for change in changes[start : start + size]]
        data = with_list({"pageNo": number, "pageSize": size, "total": total}, "rows", rows)
        return Response(
            b'{"code":%d,"message":"%b","data":%b}' % (OK, "成功".encode(), data), media_type=JSON
        )

    def _refused(self, parameters: Mapping[str, str]) -> Response | None:
        """The answer to a request that is not signed as it should be; None lets it pass."""
        try:
            self._gate.check(parameters)
        except Refusal as refusal:
            body = orjson.dumps({"code": refusal.code, "message": refusal.message, "data": None})
            return Response(body, media_type=JSON)
        return None

    def _changes(self, since: datetime) -> list[Change]:
        """Everything changed since; the last question's answer is kept while nothing moves, for its next pages."""
        question = (since, self._world.last_sequence, self._world.total)
        if self._remembered is None or self._remembered[0] != question:
            self._remembered = (question, list(changes_since(self._world, since)))
        return self._remembered[1]

    def _changed(self, change: Change) -> bytes:
        if change.instrument is not None:
            return self._written(change.instrument)
        unit, _, number = change.key.partition("|")
        row = {
            "tyshxydm": self._credit_codes[unit],
            "yqbh": number,
            "gxsj": _time(change.modified),
            "sfcx": "1",
        }
        return orjson.dumps(row)


def build(world: ProvinceWorld, base_url: str, folder: Path) -> Jiangsu:
    """The platform over this world. It needs neither its address nor a folder."""
    del base_url, folder
    return Jiangsu(world)


def _whole(parameters: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = parameters.get(name, "") or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise Refusal(BAD_PARAMETER, f"{name} 应为 1—{most} 的整数")
    return int(text)


def _since(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(f"{text}+0800", f"{TIME}%z")
    except ValueError:
        raise Refusal(BAD_PARAMETER, "updateTimeStart 应为 yyyy-MM-dd HH:mm:ss") from None


def _time(instant: datetime) -> str:
    return instant.strftime(TIME)


def _row(instrument: Instrument) -> dict[str, Any]:
    """One instrument in the columns of section 4; what has no value is an empty text."""
    ink = Render(instrument)
    place, contact, customs = instrument.place, instrument.contact, instrument.customs
    supervised = customs if customs is not None and customs.supervised else None
    return {
        "tyshxydm": instrument.unit.credit_code,
        "dwmc": instrument.unit.name,
        "yqbh": instrument.internal_number,
        "yqmc": ink.text(instrument.name),
        "ywmc": ink.text(instrument.name_en),
        "yqbm": "；".join(instrument.aliases),
        "flbm": ink.class_code(),
        "flmc": ink.class_text(instrument.class_name),
        "sccj": ink.text(instrument.manufacturer),
        "ggxh": ink.text(instrument.model),
        "cdgb": instrument.country_name,
        "sbly": _SOURCES[instrument.acquisition],
        "sblb": _KINDS[instrument.equipment_type],
        "yz": ink.value(),
        "qyrq": ink.date(instrument.commissioned_on),
        "yxzt": _STATES[instrument.running_state],
        "jszb": instrument.indicators,
        "zygn": instrument.functions,
        "fwnr": instrument.service_content,
        "yhxz": instrument.user_notice,
        "sfbz": instrument.fee_text,
        "dxcg": instrument.achievements,
        "xkly": ",".join(discipline.name for discipline in instrument.disciplines),
        "ssbm": ink.text(instrument.department),
        "ztlx": CARRIER_NUMBERS.get(instrument.carrier_kind, ""),
        "ztmc": instrument.carrier_name,
        "szs": place.city_name,
        "szx": place.county_name,
        "xxdz": ink.text(place.address),
        "yzbm": place.postcode,
        "jd": f"{place.lon:.5f}",
        "wd": f"{place.lat:.5f}",
        "lxr": contact.name,
        "lxdh": contact.office_phone,
        "sjhm": contact.mobile,
        "dzyx": contact.email,
        "fwwz": instrument.service_url,
        "tpdz": instrument.image_url,
        "hgjg": "1" if supervised else "0",
        "jgjzrq": supervised.until.isoformat() if supervised else "",
        "bgdh": supervised.declaration_number if supervised else "",
        "spxh": supervised.item_number if supervised else "",
        "zxyt": ",".join(supervised.permitted_purposes) if supervised else "",
        "gxsj": _time(instrument.modified),
        "sfcx": "0",
    }
