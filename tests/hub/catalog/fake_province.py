"""A province that holds its own state: it implements the adapter contract, without dialect and without network.

All data is synthetic. It can be told to fail: `fail_on_page` raises once before a page, `fail_always` every time;
`forgets_its_place_after` so many rows it begins once more from the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

import schemas
from adapters.contract import (
    INCREMENTAL_FAMILIES,
    Damaged,
    Dialect,
    Limits,
    Names,
    NativePage,
    NativeRecord,
    PlatformFacts,
    Pulled,
    RecordProblem,
    Rejected,
    Resource,
    StationFacts,
    Tile,
)
from adapters.errors import AdapterError, Malformed, Unsupported

PROVINCE = "310000"

INSTITUTIONS = Resource("institutions", "institution", "pull", "whole_file", 3600, "absence")
SURVEY = Resource("survey", "instrument-survey", "pull", "whole_file", 86400, "absence")
INSTRUMENTS = Resource("instruments", "instrument", "pull", "change_feed", 600, "tombstone")
PAGED = Resource("instruments", "instrument", "pull", "page", 600, "absence")
PUSHED = Resource("instruments", "instrument", "push", "none", None, "absence")
UPLOADED = Resource("instruments", "instrument", "upload", "whole_file", None, "absence", accepts=(".xlsx",))


NAME = Names("上海市", "Shanghai")
OPERATOR = Names("合成单位", "Synthetic operator")
PLATFORM = PlatformFacts(Names("合成平台", "Synthetic platform"), "https://platform.example/", OPERATOR)
STATION = StationFacts(
    Names("上海市大仪网服务驿站", "Shanghai station"),
    OPERATOR,
    "合成路 1 号",
    121.47,
    31.23,
    "021-00000000",
    "周一至周五 9:00–17:00",
)
DIALECT = Dialect("simulated", "测试用", "for tests")
TILE = Tile(4.5, 1)
LIMITS = Limits()


@dataclass(frozen=True)
class Manifest:
    """The facts of the fake province."""

    province: str = PROVINCE
    name: Names = NAME
    short: str = "沪"
    tile: Tile = TILE
    icon: str = "pearl-tower"
    platform: PlatformFacts = PLATFORM
    station: StationFacts = STATION
    dialect: Dialect = DIALECT
    limits: Limits = LIMITS
    idempotency: Any = "none"


@dataclass
class Holdings:
    """What the province holds of one resource: rows in order, and everything that ever changed."""

    rows: list[NativeRecord] = field(default_factory=list)
    changes: list[NativeRecord] = field(default_factory=list)
    damaged: list[Damaged] = field(default_factory=list)


@dataclass
class FakeProvince:
    """A stateful `ProvinceAdapter` without a booking interface."""

    bookings: None = None
    settlement: None = None
    resource_list: tuple[Resource, ...] = (INSTITUTIONS, SURVEY, INSTRUMENTS)
    page_size: int = 4
    manifest: Manifest = field(default_factory=Manifest)
    version: str = "1-aaaaaaaa"
    declares: int | None = None
    does_declare: bool = True
    fail_on_page: dict[int, BaseException] = field(default_factory=dict)
    fail_always: AdapterError | None = None
    probe_error: AdapterError | None = None
    refuses_cursor: bool = False
    repeats_for_ever: bool = False
    forgets_its_place_after: int = 0
    is_empty: bool = False
    mapped: int = 0
    served: int = 0
    held: dict[str, Holdings] = field(default_factory=dict)

    @property
    def province(self) -> str:
        return self.manifest.province

    def holdings(self, resource: str = "instruments") -> Holdings:
        return self.held.setdefault(resource, Holdings())

    # --- what happens at the province ---

    def put(
        self, body: dict[str, Any], *, resource: str = "instruments", modified: datetime | None = None
    ) -> None:
        """Add or change a record; its place in the list stays."""
        record = native(body, modified=modified)
        held = self.holdings(resource)
        names = [identity(row.body) for row in held.rows]
        if identity(body) in names:
            held.rows[names.index(identity(body))] = record
        else:
            held.rows.append(record)
        held.changes.append(record)

    def append(
        self, body: dict[str, Any], *, resource: str = "instruments", modified: datetime | None = None
    ) -> None:
        """Add a row whatever is there: a duplicate, or one that is wrong."""
        record = native(body, modified=modified)
        self.holdings(resource).rows.append(record)
        self.holdings(resource).changes.append(record)

    def remove(self, number: str, *, resource: str = "instruments", unit: str = "U1") -> None:
        """Take a record away and leave a tombstone."""
        held = self.holdings(resource)
        held.rows = [row for row in held.rows if identity(row.body) != (unit, number)]
        held.changes.append(native({"unit": unit, "number": number}, deleted=True))

    def vanish(self, *numbers: str, resource: str = "instruments") -> None:
        """Lose records without a word."""
        held = self.holdings(resource)
        held.rows = [row for row in held.rows if row.body.get("number") not in numbers]

    # --- the contract ---

    def resources(self) -> tuple[Resource, ...]:
        return self.resource_list

    def pages(self, resource: Resource, cursor: str | None) -> Iterator[NativePage]:
        if resource.direction not in {"pull", "drop"}:
            raise Unsupported("不支持", "not supported")
        if cursor is not None and self.refuses_cursor:
            raise Malformed("游标已过期", "the cursor has expired")
        mode, offset, upto = (cursor or f"full:0:{len(self.holdings(resource.name).changes)}").split(":")
        start = int(offset)
        while True:
            rows = self._rows(resource, mode, int(upto))
            self._stumble()
            piece = tuple(rows[start : start + self.page_size])
            start += 0 if self.repeats_for_ever else len(piece)
            if piece and start == self.forgets_its_place_after:
                start, self.forgets_its_place_after = 0, 0
            is_last = start >= len(rows) and not self.repeats_for_ever
            following = (
                f"{mode}:{start}:{upto}" if not is_last else f"since:{self._after(mode, start, upto)}:0"
            )
            yield NativePage(
                piece,
                following,
                is_last,
                mode == "full",
                self._declared(rows),
                tuple(self.holdings(resource.name).damaged) if is_last and mode == "full" else (),
            )
            if is_last:
                return

    def parse(self, resource: Resource, content: bytes, filename: str) -> Iterator[NativePage]:
        if content.startswith(b"PK"):
            raise Malformed("不是可读的工作簿", "not a readable workbook")
        records: list[NativeRecord] = []
        damaged: list[Damaged] = []
        for number, line in enumerate(content.split(b"\n"), start=1):
            if not line.strip():
                continue
            try:
                body = orjson.loads(line)
                records.append(native(body, deleted=bool(body.pop("gone", False))))
            except orjson.JSONDecodeError:
                where = f"{filename} 第 {number} 行"
                damaged.append(Damaged(where, line, "bad-json", "不是 JSON", "is not JSON"))
        is_full = resource.direction == "upload"
        yield NativePage(tuple(records), "done", True, is_full, None, tuple(damaged))

    def key(self, resource: Resource, record: NativeRecord) -> str | None:
        unit, number = record.body.get("unit"), record.body.get("number")
        if resource.document_name == "institution":
            return unit or None
        return f"{unit}|{number}" if unit and number else None

    def map(self, resource: Resource, record: NativeRecord) -> Pulled | Rejected:
        self.mapped += 1
        body = record.body
        if body.get("boom"):
            raise ZeroDivisionError
        key = self.key(resource, record)
        if key is None:
            return Rejected(None, record.raw_hash, (problem("/internal_number", "missing"),))
        if body.get("bad"):
            return Rejected(
                key, record.raw_hash, (problem("/classification", "unmapped-code", body["bad"], "class"),)
            )
        notes = (problem("/running_state", "unmapped-code", body["odd"], "state"),) if "odd" in body else ()
        document = _MAKERS[resource.document_name](self.province, dict(body))
        return Pulled(key, resource.document_name, document, record.raw_hash, record.modified, notes)

    def mapping_version(self, resource: Resource) -> str:
        return self.version

    def probe(self) -> None:
        if self.probe_error is not None:
            raise self.probe_error

    # --- inside ---

    def _rows(self, resource: Resource, mode: str, upto: int) -> list[NativeRecord]:
        if self.is_empty:
            return []
        held = self.holdings(resource.name)
        if mode == "full" or resource.cursor_family not in INCREMENTAL_FAMILIES:
            return held.rows
        return held.changes

    def _after(self, mode: str, start: int, upto: str) -> str:
        return upto if mode == "full" else str(start)

    def _declared(self, rows: list[NativeRecord]) -> int | None:
        if not self.does_declare:
            return None
        return self.declares if self.declares is not None else len(rows)

    def _stumble(self) -> None:
        self.served += 1
        if self.fail_always is not None:
            raise self.fail_always
        fault = self.fail_on_page.pop(self.served, None)
        if fault is not None:
            raise fault


def native(body: dict[str, Any], *, deleted: bool = False, modified: datetime | None = None) -> NativeRecord:
    """A native record as an adapter gives it."""
    return NativeRecord(body, orjson.dumps(body, option=orjson.OPT_SORT_KEYS), deleted, modified)


def identity(body: Any) -> tuple[Any, Any]:
    """Unit and number of a native body."""
    return body.get("unit"), body.get("number")


def problem(pointer: str, code: str, value: Any = None, table: str | None = None) -> RecordProblem:
    """A mapping problem."""
    return RecordProblem(pointer, code, f"{pointer} 有误", f"{pointer} is wrong", value, table)


def instrument_body(number: str, unit: str = "U1", **more: Any) -> dict[str, Any]:
    """A native instrument."""
    return {"unit": unit, "number": number, "name": f"扫描电镜 {number}", "yuan": 1_000_000, **more}


def survey_body(number: str, unit: str = "U1", year: int = 2025, **more: Any) -> dict[str, Any]:
    """A native survey row with one priced service."""
    told = {"sharing": "external", "funds": "own", "effective": 1400, "external": 200}
    return {"unit": unit, "number": number, "year": year, **told, **more}


def institution_body(unit: str = "U1", **more: Any) -> dict[str, Any]:
    """A native institution."""
    return {"unit": unit, "name": f"合成大学 {unit}", "kind": "university", **more}


def _instrument(province: str, body: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": schemas.ids.instrument_id(province, body["unit"], body["number"]),
        "province": province,
        "unit": {"id": body["unit"], "name": f"合成大学 {body['unit']}"},
        "internal_number": body["number"],
        "name_zh": body["name"],
        "classification": {"scheme": "most-2006", "code": body.get("class", "010102")},
        "location": {"province": province},
    }
    if "yuan" in body:
        document["original_value_fen"] = body["yuan"] * 100
    document |= body.get("extra", {})
    return document


def _survey(province: str, body: dict[str, Any]) -> dict[str, Any]:
    items = body.get(
        "items", [{"number": 1, "name": "形貌观察", "charging_unit": "sample", "fee_fen": 20_000}]
    )
    document = {
        "id": schemas.ids.instrument_id(province, body["unit"], body["number"]),
        "province": province,
        "unit": {"id": body["unit"]},
        "internal_number": body["number"],
        "year": body["year"],
        "sharing_mode": body["sharing"],
        "funding_source": body["funds"],
        "annual": {
            "year": body["year"],
            "effective_hours": body["effective"],
            "external_hours": body["external"],
        },
    }
    return document | ({"service_items": items} if items else {})


def _institution(province: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": schemas.ids.institution_id(province, body["unit"]),
        "province": province,
        "unit_id": body["unit"],
        "name_zh": body["name"],
        "kind": body["kind"],
    }


_MAKERS = {"instrument": _instrument, "instrument-survey": _survey, "institution": _institution}
