"""A province's manifest: who it is and how its platform speaks. YAML → `Manifest`, refused with the path of the fault.

What a transport, an auth scheme or a mapping rule means is not known here: their options are kept as written and
compiled by the modules that own them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, cast, get_args

import yaml

import schemas
from adapters.contract import (
    Capability,
    CursorFamily,
    Deletes,
    Dialect,
    DialectKind,
    Direction,
    Idempotency,
    Limits,
    Names,
    PlatformFacts,
    Resource,
    StationFacts,
    Tile,
)
from adapters.errors import ManifestInvalid
from adapters.options import MISSING, Options, fault

BookingKind = Literal["rest", "soap", "fetch", "sheet"]

MANIFEST_FILE = "manifest.yaml"
MAX_FILE_BYTES = 1_000_000

KEY_PARTS: Mapping[str, tuple[str, ...]] = {
    "institution": ("unit",),
    "instrument": ("unit", "number"),
    "instrument-survey": ("unit", "number"),
    "service-item": ("unit", "number", "item"),
}

_SHARED = re.compile(r"_[a-z0-9_]+")
_CURSOR_OF_DIRECTION: Mapping[str, frozenset[str]] = {
    "pull": frozenset({"change_feed", "timestamp", "page", "whole_file"}),
    "drop": frozenset({"whole_file"}),
    "push": frozenset({"none"}),
    "upload": frozenset({"none", "whole_file"}),
}


@dataclass(frozen=True, slots=True)
class DeletedRule:
    """Which values of which native field mean that the record is a tombstone."""

    rule: Any
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class MappingName:
    """A section of the province's own mapping, or of a shared one: a sibling folder whose name begins with `_`."""

    shared: str | None
    section: str


@dataclass(frozen=True, slots=True)
class ResourceSpec:
    """One resource with everything the engine compiles for it; rules and options are still as written."""

    resource: Resource
    key: Mapping[str, Any]
    modified: Any
    deleted: DeletedRule | None
    mapping: MappingName
    transport: Mapping[str, Any]
    path: str


@dataclass(frozen=True, slots=True)
class BookingSpec:
    """How bookings go to the province: its interface's kind, what it can do, and how it proves who asks.

    `sheet` is a province without an interface. `auth` is None where bookings use the scheme of the catalogue.
    `settle_seconds`: see `BookingPort.settle_seconds`. `limits` are as written; `adapters.bookings` compiles them.
    """

    kind: BookingKind
    capabilities: frozenset[Capability]
    simulated: bool
    settle_seconds: float
    auth: Mapping[str, Any] | None
    limits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One province as its folder describes it; satisfies `contract.ManifestLike`."""

    specification: str
    province: str
    name: Names
    short: str
    tile: Tile
    icon: str
    platform: PlatformFacts
    station: StationFacts
    dialect: Dialect
    limits: Limits
    idempotency: Idempotency
    auth: Mapping[str, Any]
    probe_path: str | None
    bookings: BookingSpec | None
    resources: tuple[ResourceSpec, ...]


def load_yaml(path: Path) -> Any:
    """The content of one YAML file. Raises `ManifestInvalid` when it is missing, too large or not YAML."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise fault(
                path.name, f"超过 {MAX_FILE_BYTES} 字节", f"is larger than {MAX_FILE_BYTES} bytes", None
            )
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise ManifestInvalid(f"读不到 {path.name}", f"cannot read {path.name}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = str(error).replace("\n", " ")[:200]
        raise ManifestInvalid(
            f"{path.name} 不是有效的 YAML：{line}", f"{path.name} is not YAML: {line}"
        ) from error


def load_manifest(folder: Path) -> Manifest:
    """Read `manifest.yaml` of a province's folder. Raises `ManifestInvalid`."""
    return parse_manifest(load_yaml(folder / MANIFEST_FILE))


def parse_manifest(values: Any) -> Manifest:
    """A manifest from its parsed YAML. Raises `ManifestInvalid` with the path of the first fault."""
    top = Options(values, "manifest")
    province = top.text("province")
    if province not in schemas.codes("province"):
        raise fault(
            "manifest.province", "不是规范中的省级代码", "is no province code of the specification", province
        )
    manifest = Manifest(
        specification=top.text("specification"),
        province=province,
        name=_names(top.section("name")),
        short=top.text("short"),
        tile=_tile(top.section("tile")),
        icon=top.text("icon"),
        platform=_platform(top.section("platform")),
        station=_station(top.section("station")),
        dialect=_dialect(top.section("dialect")),
        limits=parse_limits(top.raw("limits", {})),
        idempotency=cast(Idempotency, top.choice("idempotency", get_args(Idempotency))),
        auth=top.mapping("auth", {"kind": "none"}),
        probe_path=_probe_path(top.optional_section("probe")),
        bookings=_bookings(top.optional_section("bookings")),
        resources=_resources(top.raw("resources")),
    )
    top.finish()
    return manifest


def parse_limits(values: Any) -> Limits:
    """Caps given in the manifest; the rest keep the defaults of `contract.Limits`."""
    options = Options(values, "manifest.limits")
    given: dict[str, Any] = {}
    for item in fields(Limits):
        if item.name not in options:
            continue
        if isinstance(item.default, float):
            given[item.name] = options.number(item.name)
        else:
            given[item.name] = options.integer(item.name, least=1)
    options.finish()
    return Limits(**given)


def _names(options: Options) -> Names:
    names = Names(zh=options.text("zh"), en=options.text("en"))
    options.finish()
    return names


def _tile(options: Options) -> Tile:
    tile = Tile(col=options.number("col"), row=options.number("row"))
    options.finish()
    return tile


def _platform(options: Options) -> PlatformFacts:
    url = options.text("url")
    if not url.startswith(("http://", "https://")):
        raise fault(f"{options.path}.url", "应为 http(s) 网址", "must be an http(s) address", url)
    facts = PlatformFacts(
        name=_names(options.section("name")), url=url, operator=_names(options.section("operator"))
    )
    options.finish()
    return facts


def _station(options: Options) -> StationFacts:
    facts = StationFacts(
        name=_names(options.section("name")),
        operator=_names(options.section("operator")),
        address=options.text("address"),
        lon=options.number("lon"),
        lat=options.number("lat"),
        phone=options.text("phone"),
        hours=options.text("hours"),
    )
    options.finish()
    return facts


def _dialect(options: Options) -> Dialect:
    dialect = Dialect(
        kind=cast(DialectKind, options.choice("kind", get_args(DialectKind))),
        zh=options.text("zh"),
        en=options.text("en"),
    )
    options.finish()
    return dialect


def _probe_path(options: Options | None) -> str | None:
    if options is None:
        return None
    path = options.text("path")
    options.finish()
    return path


def _bookings(options: Options | None) -> BookingSpec | None:
    if options is None:
        return None
    capabilities = options.texts("capabilities", ())
    unknown = sorted(set(capabilities) - set(get_args(Capability)))
    if unknown:
        raise fault(f"{options.path}.capabilities", "没有这样的能力", "has unknown capabilities", unknown)
    spec = BookingSpec(
        kind=cast(BookingKind, options.choice("kind", get_args(BookingKind))),
        capabilities=frozenset(cast(tuple[Capability, ...], capabilities)),
        simulated=options.flag("simulated", False),
        settle_seconds=options.number("settle_seconds", 0.0),
        auth=options.mapping("auth") if "auth" in options else None,
        limits=options.mapping("limits", {}),
    )
    options.finish()
    if (spec.kind == "sheet") == bool(spec.capabilities):
        zh, en = "有接口的省写明能力，没有接口的省不写", "are given exactly where there is an interface"
        raise fault(f"{options.path}.capabilities", zh, en, list(capabilities))
    return spec


def _resources(values: Any) -> tuple[ResourceSpec, ...]:
    if not isinstance(values, list) or not values:
        raise fault("manifest.resources", "应为非空列表", "must be a list that is not empty", values)
    specs = tuple(_resource(Options(value, f"manifest.resources[{i}]")) for i, value in enumerate(values))
    names = [spec.resource.name for spec in specs]
    if len(set(names)) != len(names):
        raise fault("manifest.resources", "资源名称重复", "has two resources of the same name", names)
    return specs


def _resource(options: Options) -> ResourceSpec:
    name = options.text("name")
    document = options.choice("document", tuple(KEY_PARTS))
    direction = options.choice("direction", get_args(Direction))
    cursor = options.choice("cursor", get_args(CursorFamily))
    if cursor not in _CURSOR_OF_DIRECTION[direction]:
        raise fault(
            f"{options.path}.cursor", f"与 {direction} 不相配", f"does not go with {direction}", cursor
        )
    scheduled = direction in ("pull", "drop")
    title = options.optional_section("title")
    resource = Resource(
        name=name,
        document_name=document,
        direction=cast(Direction, direction),
        cursor_family=cast(CursorFamily, cursor),
        schedule_seconds=options.integer("schedule_seconds", MISSING, least=1) if scheduled else None,
        deletes=cast(Deletes, options.choice("deletes", get_args(Deletes))),
        title=Names(name, name) if title is None else _names(title),
        accepts=options.texts("accepts", ()),
        simulated=options.flag("simulated", False),
    )
    spec = ResourceSpec(
        resource=resource,
        key=_key(options.section("key"), document),
        modified=options.raw("modified", None),
        deleted=_deleted(options.optional_section("deleted")),
        mapping=_mapping_name(options.text("mapping", name), options.path),
        transport=options.mapping("transport"),
        path=options.path,
    )
    options.finish()
    return spec


def _mapping_name(written: str, path: str) -> MappingName:
    shared, colon, section = written.rpartition(":")
    if not colon:
        return MappingName(None, section)
    if _SHARED.fullmatch(shared) is None or not section:
        raise fault(
            f"{path}.mapping", "共用映射应写成 _文件夹:节名", "must be written _folder:section", written
        )
    return MappingName(shared, section)


def _key(options: Options, document: str) -> Mapping[str, Any]:
    parts = {part: options.raw(part) for part in KEY_PARTS[document]}
    options.finish()
    return parts


def _deleted(options: Options | None) -> DeletedRule | None:
    if options is None:
        return None
    rule: dict[str, Any] = {"from": options.raw("from")}
    if "do" in options:
        rule["do"] = options.raw("do")
    deleted = DeletedRule(rule=rule, values=options.values("is"))
    options.finish()
    return deleted
