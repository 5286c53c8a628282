"""浙江: REST/JSON with a login token and the 大仪平台 field names (observed), read by list endpoints (simulated).

Written from `dialects/zhejiang.md`: `pormat` is the model, `serviceDate` holds hours, 「无」 means nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import schemas.uscc
from adapters.simulators.desk import desk_of
from adapters.simulators.national import only_phone
from adapters.simulators.opaque import seal
from adapters.simulators.purse import office_of
from adapters.simulators.service_records import ServiceRecords
from adapters.simulators.survey import survey_routes
from adapters.simulators.world.dirt import Render
from adapters.simulators.world.model import Instrument
from adapters.simulators.world.province import ProvinceWorld
from adapters.simulators.written import Written, json_writer, with_list
from adapters.simulators.zhejiang_bookings import Appointments
from adapters.simulators.zhejiang_vouchers import Vouchers

PROVINCE = "330000"
USERNAME = "jiangyihui"
PASSWORD = "synthetic-password-of-the-simulated-zhejiang-platform"
TOKEN_SECONDS = 300
SECONDS_PER_REQUEST = 60
PAGE, LARGEST_PAGE = 100, 500
NOTHING = "无"
_KEY = b"token key of the simulated platform"

# The platform's own words for where a device comes from; the form has no word for 「赠送」 but 接收捐赠.
_SOURCES = {"购置": "新购", "研制": "研制", "赠送": "接收捐赠", "其他": "其他"}


class Refusal(Exception):
    """An answer whose code is not 200. The HTTP status stays 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Zhejiang:
    """The platform. What is pushed waits for approval (`waiting`) and never shows in lists."""

    province = PROVINCE
    folder: Path | None = None

    def __init__(self, world: ProvinceWorld) -> None:
        self._world = world
        self._tokens: dict[str, datetime] = {}
        self._issued = 0
        self._written = Written(json_writer(_row))
        self._records = ServiceRecords(world)
        self.waiting: list[dict[str, Any]] = []
        self.waiting_services: list[dict[str, Any]] = []
        self.credentials = {"username": USERNAME, "password": PASSWORD}
        manage, service = "/external-serve/manage/enterprise", "/external-serve/service"
        posts = {
            "/external-serve/authorization/getToken": self._login,
            "/external-serve/logout": self._logout,
            f"{manage}/school-instrument-list": self._instruments,
            f"{manage}/school-instrument-push": self._push,
            f"{service}/instrument-service-list": self._services,
            f"{service}/batch-push-instrument-service": self._push_services,
        }
        self.routes = (
            *(Route(path, endpoint, methods=["POST"]) for path, endpoint in posts.items()),
            *Appointments(desk_of(world), self._refused).routes,
            *Vouchers(office_of(world), self._refused).routes,
            *survey_routes(world),
        )

    async def _login(self, request: Request) -> Response:
        self._world.tick(SECONDS_PER_REQUEST)
        try:
            given = await _read_object(request)
        except Refusal as refusal:
            return _refuse(refusal)
        if (given.get("username"), given.get("password")) != (USERNAME, PASSWORD):
            return _refuse(Refusal(500, "用户名或密码错误"))
        self._issued += 1
        token = seal(_KEY, self._issued)
        self._tokens[token] = self._world.now + timedelta(seconds=TOKEN_SECONDS)
        return _json({"code": 200, "msg": "操作成功", "token": token})

    async def _logout(self, request: Request) -> Response:
        self._world.tick(SECONDS_PER_REQUEST)
        self._tokens.pop(request.headers.get("authorization", ""), None)
        return _json({"code": 200, "msg": "退出成功"})

    def _check(self, request: Request) -> None:
        self._world.tick(SECONDS_PER_REQUEST)
        token = request.headers.get("authorization", "")
        until = self._tokens.get(token)
        if until is None or until <= self._world.now:
            self._tokens.pop(token, None)
            raise Refusal(401, "认证失败，无法访问系统资源")

    def _refused(self, request: Request) -> Response | None:
        """The answer to a lapsed token; None lets the request pass."""
        try:
            self._check(request)
        except Refusal as refusal:
            return _refuse(refusal)
        return None

    async def _instruments(self, request: Request) -> Response:
        try:
            self._check(request)
            number, size = _paging(await _read_object(request))
        except Refusal as refusal:
            return _refuse(refusal)
        found = self._world.page((number - 1) * size, size)
        head = {"code": 200, "msg": "查询成功", "total": self._world.total}
        return Response(with_list(head, "rows", map(self._written, found)), media_type="application/json")

    async def _services(self, request: Request) -> Response:
        try:
            self._check(request)
            number, size = _paging(await _read_object(request))
        except Refusal as refusal:
            return _refuse(refusal)
        rows = self._records.page((number - 1) * size, size)
        return _json({"code": 200, "msg": "查询成功", "total": self._records.total(), "rows": rows})

    async def _push(self, request: Request) -> Response:
        try:
            self._check(request)
            batch = await _read_array(request)
            for place, record in enumerate(batch, 1):
                _check_pushed(place, record)
        except Refusal as refusal:
            return _refuse(refusal)
        self.waiting.extend(batch)
        return _json({"code": 200, "msg": "操作成功"})

    async def _push_services(self, request: Request) -> Response:
        try:
            self._check(request)
            batch = await _read_array(request)
            for place, record in enumerate(batch, 1):
                if not isinstance(record, dict) or not record.get("orderCode") or not record.get("assetCode"):
                    raise Refusal(500, f"第 {place} 条：orderCode、assetCode 不能为空")
        except Refusal as refusal:
            return _refuse(refusal)
        self.waiting_services.extend(batch)
        return _json({"code": 200, "msg": "操作成功"})


def build(world: ProvinceWorld, base_url: str, folder: Path) -> Zhejiang:
    """The platform over this world. It needs neither its address nor a folder."""
    del base_url, folder
    return Zhejiang(world)


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


def _refuse(refusal: Refusal) -> Response:
    return _json({"code": refusal.code, "msg": refusal.message})


async def _read_object(request: Request) -> dict[str, Any]:
    content = await _read(request)
    if not isinstance(content, dict):
        raise Refusal(400, "请求体应为 JSON 对象")
    return content


async def _read_array(request: Request) -> list[Any]:
    content = await _read(request)
    if not isinstance(content, list):
        raise Refusal(400, "请求体应为 JSON 数组")
    return content


async def _read(request: Request) -> Any:
    try:
        return orjson.loads(await request.body() or b"{}")
    except orjson.JSONDecodeError:
        raise Refusal(400, "请求体不是 JSON") from None


def _paging(given: dict[str, Any]) -> tuple[int, int]:
    number, size = given.get("pageNum", 1), given.get("pageSize", PAGE)
    if type(number) is not int or type(size) is not int or number < 1 or not 1 <= size <= LARGEST_PAGE:
        raise Refusal(400, f"pageNum 从 1 开始，pageSize 应为 1—{LARGEST_PAGE}")
    return number, size


def _check_pushed(place: int, record: Any) -> None:
    if not isinstance(record, dict):
        raise Refusal(500, f"第 {place} 条：应为对象")
    if not schemas.uscc.is_valid(str(record.get("companyId") or "")):
        raise Refusal(500, f"第 {place} 条：companyId 不是有效的统一社会信用代码")
    for key in ("instruId", "name"):
        if not record.get(key):
            raise Refusal(500, f"第 {place} 条：{key} 不能为空")


def _row(instrument: Instrument) -> dict[str, Any]:
    """One instrument in the fields of section 3; what has no value is 「无」."""
    ink = Render(instrument)
    spot, contact, customs = instrument.place, instrument.contact, instrument.customs
    row = {
        "id": str(crc32(f"{instrument.key}|{instrument.model}".encode())),
        "name": ink.text(instrument.name),
        "ename": ink.text(instrument.name_en),
        "companyId": instrument.unit.credit_code,
        "companyName": instrument.unit.name,
        "code": instrument.carrier_name,
        "instruId": instrument.internal_number,
        "typeCode": ink.class_code(),
        "source": _SOURCES[instrument.acquisition],
        "customs": "否" if customs is None else "是",
        "price": ink.value(),
        "country": instrument.country_name,
        "buildCompany": ink.text(instrument.manufacturer),
        "startDate": ink.date(instrument.commissioned_on),
        "pormat": ink.text(instrument.model),
        "technology": instrument.indicators,
        "functionField": instrument.functions,
        "purpose": instrument.service_content,
        "applicationArea": "",
        "subjectAreas": ",".join(discipline.name for discipline in instrument.disciplines),
        "share": instrument.user_notice,
        "province": spot.province_name,
        "city": spot.city_name,
        "county": spot.county_name,
        "street": ink.text(spot.street),
        "sContact": contact.name,
        "sPhone": only_phone(instrument),
        "sEmail": contact.email,
        "imgurl": instrument.image_url,
        "funds": "",
        "running": instrument.running_state,
        "gs1Code": f"GS1{PROVINCE}{instrument.unit.short_code}{instrument.internal_number}",
    }
    return {key: value or NOTHING for key, value in row.items()}
