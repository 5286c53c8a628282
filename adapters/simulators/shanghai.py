"""上海: REST/JSON, OAuth 2.0 client credentials, a change feed with tombstones and an opaque cursor (simulated).

Written from `dialects/shanghai.md`.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators.desk import desk_of
from adapters.simulators.enrolment import Enrolment
from adapters.simulators.national import CARRIER_NUMBERS
from adapters.simulators.opaque import Tampered, seal, unseal
from adapters.simulators.purse import office_of
from adapters.simulators.shanghai_bookings import Orders
from adapters.simulators.shanghai_vouchers import Errands, quota_rows
from adapters.simulators.simulator import Hub
from adapters.simulators.survey import survey_routes
from adapters.simulators.world.dirt import VALUE_FULL_WIDTH, VALUE_UNIT, Render, full_width
from adapters.simulators.world.model import Change, Instrument
from adapters.simulators.world.province import ProvinceWorld
from adapters.simulators.written import Written, json_writer, with_list

PROVINCE = "310000"
CLIENT_ID = "jiangyihui-hub"
CLIENT_SECRET = "synthetic-secret-of-the-simulated-shanghai-platform"
SCOPE, ORDER_SCOPE = "resource.read", "order.write"
TOKEN_SECONDS = 600
SECONDS_PER_REQUEST = 5
PAGE, LARGEST_PAGE = 500, 1000
_KEY = b"cursor key of the simulated platform"

_ACQUIRE_WAYS = {"购置": "PURCHASE", "研制": "SELF_MADE", "赠送": "DONATION", "其他": "OTHER"}
_GENERALITY = {"通用": "G", "专用": "S"}
_STATES = {
    "正常": "10",
    "待机": "20",
    "远程服务中": "30",
    "偶有故障": "40",
    "故障频繁": "50",
    "待修": "60",
    "待报废": "70",
}


class Refusal(Exception):
    """A request the platform refuses, in the words of its error table."""

    def __init__(self, status: int, error: str, description: str, challenge: str = "") -> None:
        super().__init__(error)
        self.status, self.error, self.description, self.challenge = status, error, description, challenge

    def answer(self) -> Response:
        headers = {"WWW-Authenticate": self.challenge} if self.challenge else {}
        return _json({"error": self.error, "error_description": self.description}, self.status, headers)


class Shanghai:
    """The platform. `rebuild_feed` makes every cursor handed out so far worthless, as a real rebuild does."""

    province = PROVINCE
    folder: Path | None = None

    def __init__(self, world: ProvinceWorld, folder: Path) -> None:
        self._world = world
        self._errands = Errands(office_of(world), Enrolment(folder, can_sign=False))
        self._tokens: dict[str, tuple[datetime, frozenset[str]]] = {}
        self._issued = 0
        self._generation = 1
        self._written = Written(json_writer(_upsert))
        self._orders = Orders(desk_of(world), self._refused_order)
        self.credentials = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "callback_jwks": orjson.dumps({"keys": [self._orders.signer.public()]}).decode(),
        }
        self.routes = (
            Route("/oauth2/token", self._token, methods=["POST"]),
            Route("/api/v2/instruments/changes", self._changes, methods=["GET"]),
            *self._orders.routes,
            Route("/api/v2/vouchers/quota-figures", self._quota_figures, methods=["GET"]),
            *survey_routes(world),
        )

    def rebuild_feed(self) -> None:
        """Start a new change feed: older cursors are answered with 410."""
        self._generation += 1

    def attend(self, hub: Hub) -> None:
        """See `Attendant.attend`."""
        self._orders.attend(hub)
        self._errands.attend(hub)

    async def _quota_figures(self, request: Request) -> Response:
        refused = self._refused_order(request)
        if refused is not None:
            return refused
        office = office_of(self._world)
        return _json({"items": quota_rows(office)})

    async def _token(self, request: Request) -> Response:
        self._world.tick(SECONDS_PER_REQUEST)
        form = await request.form()
        try:
            _check_client(request, form)
            if form.get("grant_type") != "client_credentials":
                raise Refusal(400, "unsupported_grant_type", "只支持 client_credentials")
            scope = str(form.get("scope", SCOPE))
            if not scope.split() or not set(scope.split()) <= {SCOPE, ORDER_SCOPE}:
                raise Refusal(400, "invalid_scope", f"只有 {SCOPE} 和 {ORDER_SCOPE}")
        except Refusal as refusal:
            return refusal.answer()
        self._issued += 1
        token = seal(_KEY, "token", self._issued)
        until = self._world.now + timedelta(seconds=TOKEN_SECONDS)
        self._tokens[token] = (until, frozenset(scope.split()))
        return _json(
            {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": scope},
            headers={"Cache-Control": "no-store"},
        )

    async def _changes(self, request: Request) -> Response:
        self._world.tick(SECONDS_PER_REQUEST)
        try:
            self._check_token(request)
            return self._page(self._position(request), _limit(request))
        except Refusal as refusal:
            return refusal.answer()

    def _check_token(self, request: Request, scope: str = SCOPE) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until, scopes = self._tokens.get(token, (self._world.now, frozenset()))
        if scheme.lower() != "bearer" or until <= self._world.now:
            self._tokens.pop(token, None)
            raise Refusal(
                401, "invalid_token", "令牌缺失或已失效，请重新申请", 'Bearer error="invalid_token"'
            )
        if scope not in scopes:
            raise Refusal(403, "insufficient_scope", f"令牌没有 {scope}")

    def _refused_order(self, request: Request) -> Response | None:
        """Orders need a token of their own scope; None lets the request pass."""
        self._world.tick(SECONDS_PER_REQUEST)
        try:
            self._check_token(request, ORDER_SCOPE)
        except Refusal as refusal:
            return refusal.answer()
        return None

    def _position(self, request: Request) -> int:
        cursor = request.query_params.get("cursor", "")
        if not cursor:
            return 0
        try:
            name, generation, position = unseal(_KEY, cursor)
        except (Tampered, ValueError):
            raise Refusal(400, "invalid_cursor", "cursor 不是本平台发出的，请原样带回或从头读") from None
        if name != "cursor" or not isinstance(position, int):
            raise Refusal(400, "invalid_cursor", "cursor 不是本平台发出的，请原样带回或从头读")
        if generation != self._generation:
            raise Refusal(410, "cursor_gone", "变更流已重建，请不带 cursor 从头读")
        return position

    def _page(self, after: int, limit: int) -> Response:
        found = self._world.changes(after, limit + 1)
        changes = found[:limit]
        position = changes[-1].sequence if changes else after
        head = {
            "next_cursor": seal(_KEY, "cursor", self._generation, position),
            "has_more": len(found) > limit,
            "total": self._world.total,
        }
        return Response(with_list(head, "items", map(self._item, changes)), media_type="application/json")

    def _item(self, change: Change) -> bytes:
        if change.instrument is not None:
            return self._written(change.instrument)
        return orjson.dumps(_entry("remove", change.key, change.modified))


def build(world: ProvinceWorld, base_url: str, folder: Path) -> Shanghai:
    """The platform over this world; `folder` keeps its standing at the hub. It needs no address."""
    del base_url
    return Shanghai(world, folder)


def _json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, "application/json")


def _check_client(request: Request, form: Any) -> None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    given = (form.get("client_id", ""), form.get("client_secret", ""))
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name, secret = "", ""
        given = (name, secret)
    if given != (CLIENT_ID, CLIENT_SECRET):
        raise Refusal(401, "invalid_client", "client_id 或 client_secret 不对", "Basic")


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(PAGE))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LARGEST_PAGE):
        raise Refusal(400, "invalid_limit", f"limit 应为 1—{LARGEST_PAGE} 的整数")
    return int(text)


def _entry(op: str, key: str, modified: datetime) -> dict[str, Any]:
    return {"op": op, "resourceKey": key.replace("|", ":"), "updatedAt": modified.isoformat()}


def _upsert(instrument: Instrument) -> dict[str, Any]:
    entry = _entry("upsert", instrument.key, instrument.modified)
    entry["resource"] = _resource(instrument)
    return entry


def _resource(instrument: Instrument) -> dict[str, Any]:
    """One instrument in the fields of section 3; what has no value is left out."""
    ink = Render(instrument)
    place, contact = instrument.place, instrument.contact
    written = {
        "ownerId": instrument.unit.id,
        "ownerName": instrument.unit.name,
        "innerNo": instrument.internal_number,
        "nameCn": ink.text(instrument.name),
        "nameEn": ink.text(instrument.name_en),
        "otherNames": instrument.aliases,
        "category": {"code": ink.class_code(), "title": ink.class_text(instrument.class_name)},
        "producer": ink.text(instrument.manufacturer),
        "spec": ink.text(instrument.model),
        "originCountry": instrument.country_name,
        "acquireWay": _ACQUIRE_WAYS[instrument.acquisition],
        "generality": _GENERALITY[instrument.equipment_type],
        "originalValue": _yuan(instrument, ink),
        "enabledOn": ink.date(instrument.commissioned_on),
        "state": _STATES[instrument.running_state],
        "indicators": instrument.indicators,
        "abilities": instrument.functions,
        "service": _filled(
            content=instrument.service_content,
            notice=instrument.user_notice,
            priceNote=instrument.fee_text,
            url=instrument.service_url,
        ),
        "results": instrument.achievements,
        "subjects": [discipline.code for discipline in instrument.disciplines],
        "dept": ink.text(instrument.department),
        "place": {
            "district": place.city_name,
            "address": ink.text(place.address),
            "zip": place.postcode,
            "lng": place.lon,
            "lat": place.lat,
        },
        "contact": _filled(
            person=contact.name, tel=contact.office_phone, mobile=contact.mobile, mail=contact.email
        ),
        "photo": instrument.image_url,
    }
    if instrument.carrier_kind:
        written["carrier"] = {
            "kind": CARRIER_NUMBERS[instrument.carrier_kind],
            "title": instrument.carrier_name,
        }
    if instrument.customs is not None:
        customs = instrument.customs
        written["customs"] = {
            "supervised": customs.supervised,
            "releaseOn": customs.until.isoformat(),
            "declarationNo": customs.declaration_number,
            "itemNo": customs.item_number,
            "purposes": customs.permitted_purposes,
        }
    return _filled(**written)


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", ())}


def _yuan(instrument: Instrument, ink: Render) -> str:
    """The original value in 元, unless the unit wrote 万元 behind it."""
    if VALUE_UNIT in instrument.dirt:
        return ink.value()
    text = f"{instrument.value * 100}.00"
    return full_width(text) if VALUE_FULL_WIDTH in instrument.dirt else text
