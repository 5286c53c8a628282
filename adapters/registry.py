"""Finds the provinces by their folders' manifests and builds their adapters. Nothing else lists provinces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import httpx

from adapters import provinces
from adapters.auth import build_auth
from adapters.bookings.compiled import CompiledBookings, compile_bookings
from adapters.contract import Connection, SettlementPort
from adapters.engine import Channel, DeclarativeAdapter, KeyPart
from adapters.errors import ManifestInvalid
from adapters.manifest import MANIFEST_FILE, MAX_FILE_BYTES, Manifest, ResourceSpec, load_manifest
from adapters.mapping import CompiledMapping, compile_mapping, compile_reader
from adapters.options import fault
from adapters.settlements.compiled import FILE as SETTLEMENT_FILE
from adapters.settlements.compiled import CompiledSettlement, compile_settlement
from adapters.transports import (
    KINDS,
    Fetches,
    Pacing,
    Parses,
    RecordMaker,
    Site,
    Transport,
    build_transport,
    kind_of,
)

MAPPING_FILE = "mapping.yaml"
VOCABULARY_FILE = "vocab.csv"
BOOKINGS_FILE = "bookings.yaml"
PROVINCES = Path(provinces.__file__).parent

ClientFactory = Callable[..., httpx.Client]


@dataclass(frozen=True, slots=True)
class Province:
    """One province's folder, read and compiled; an adapter for any connection can be built from it.

    `shared` holds the mappings it shares with others, by folder name; `bookings` is None where the manifest has no
    section for them, `settlement` None where the folder has no `settlement.yaml`.
    """

    folder: Path
    manifest: Manifest
    mapping: CompiledMapping
    shared: Mapping[str, CompiledMapping] = field(default_factory=dict)
    bookings: CompiledBookings | None = None
    settlement: CompiledSettlement | None = None

    @property
    def code(self) -> str:
        """Six-digit code."""
        return self.manifest.province

    def mapping_of(self, spec: ResourceSpec) -> CompiledMapping:
        """The mapping that holds a resource's section."""
        return self.mapping if spec.mapping.shared is None else self.shared[spec.mapping.shared]


def folders(folder: Path = PROVINCES) -> list[Path]:
    """The province folders below `folder`; a name that begins with `_` is shared material, not a province."""
    found = (path.parent for path in folder.glob(f"*/{MANIFEST_FILE}"))
    return sorted(path for path in found if not path.name.startswith("_"))


def discover(folder: Path = PROVINCES) -> Mapping[str, Province]:
    """Every province below `folder` by its code, in the order of codes.

    Raises `ManifestInvalid` for a folder that does not hold together or two that claim one code.
    """
    found: dict[str, Province] = {}
    for path in folders(folder):
        province = load_province(path)
        if province.code in found:
            raise ManifestInvalid(
                f"省级代码 {province.code} 出现在两个文件夹中",
                f"two folders claim the province {province.code}",
            )
        found[province.code] = province
    return dict(sorted(found.items()))


def load_province(folder: Path) -> Province:
    """Read and compile one folder; unchanged contents are compiled once in a process.

    Raises `ManifestInvalid` with the folder's name.
    """
    return _compiled(folder, tuple(_written(folder)))


def _written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file that may decide what a folder compiles to: its own and those that provinces share."""
    for place in sorted({folder, *folder.parent.glob("_*"), *PROVINCES.glob("_*")}):
        for name in (MANIFEST_FILE, MAPPING_FILE, VOCABULARY_FILE, BOOKINGS_FILE, SETTLEMENT_FILE):
            path = place / name
            if path.is_file() and path.stat().st_size <= MAX_FILE_BYTES:
                yield path, path.read_bytes()


@lru_cache(maxsize=64)
def _compiled(folder: Path, _contents: tuple[tuple[Path, bytes], ...]) -> Province:
    try:
        manifest = load_manifest(folder)
        own = compile_files(manifest, _content(folder / MAPPING_FILE), _content(folder / VOCABULARY_FILE))
        names = {spec.mapping.shared for spec in manifest.resources} - {None}
        shared = {name: _compile_shared(manifest, folder, name) for name in names if name is not None}
        bookings = None
        if manifest.bookings is not None:
            content = _content(folder / BOOKINGS_FILE)
            bookings = compile_bookings(manifest.bookings, manifest.province, content)
        settlement = None
        if (folder / SETTLEMENT_FILE).is_file():
            settlement = compile_settlement(manifest.province, _content(folder / SETTLEMENT_FILE))
    except ManifestInvalid as error:
        raise ManifestInvalid(f"{folder.name}: {error.zh}", f"{folder.name}: {error.en}") from error
    return Province(folder, manifest, own, shared, bookings, settlement)


def compile_files(
    manifest: Manifest, mapping: bytes, vocabulary: bytes, shared: str | None = None
) -> CompiledMapping:
    """Compile a version of a province's mapping, from its folder or from a store of versions.

    `shared` names the shared mapping these are the files of. Raises `ManifestInvalid`.
    """
    documents = {
        spec.mapping.section: spec.resource.document_name
        for spec in manifest.resources
        if spec.mapping.shared == shared
    }
    return compile_mapping(
        mapping, vocabulary, province=manifest.province, documents=documents, is_shared=shared is not None
    )


def _compile_shared(manifest: Manifest, folder: Path, name: str) -> CompiledMapping:
    """A shared mapping stands beside the province's folder, or else beside the project's own provinces."""
    place = folder.parent / name if (folder.parent / name).is_dir() else PROVINCES / name
    return compile_files(manifest, _content(place / MAPPING_FILE), _content(place / VOCABULARY_FILE), name)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise fault(
                path.name, f"超过 {MAX_FILE_BYTES} 字节", f"is larger than {MAX_FILE_BYTES} bytes", None
            )
        return path.read_bytes()
    except OSError as error:
        name = f"{path.parent.name}/{path.name}"
        raise ManifestInvalid(f"缺少文件 {name}", f"the file {name} is missing") from error


def build_adapters(
    connections: Mapping[str, Connection],
    new_client: ClientFactory,
    *,
    folder: Path = PROVINCES,
    pacing: Pacing | None = None,
) -> Mapping[str, DeclarativeAdapter]:
    """Adapters of all provinces that have a manifest, also of those without a connection, by code.

    `new_client(timeout=, max_seconds=, max_bytes=)` makes the HTTP client of one read, which closes it; the hub's
    outbound guard is the one to hand in. Nothing is called here. Raises `ManifestInvalid`.
    """
    return {
        code: build_adapter(province, connections.get(code, Connection()), new_client, pacing)
        for code, province in discover(folder).items()
    }


def build_adapter(
    province: Province, connection: Connection, new_client: ClientFactory, pacing: Pacing | None = None
) -> DeclarativeAdapter:
    """The adapter of one province over one connection; see `build_adapters`."""
    pace = pacing or Pacing()
    manifest = province.manifest
    site = Site(
        base_url=connection.base_url,
        client=new_client,
        auth=cache(lambda: build_auth(manifest.auth, connection, pace.clock)),
        folder=connection.folder,
        credentials=connection.credentials,
        limits=manifest.limits,
        pacing=pace,
    )
    channels = tuple(_channel(spec, site, province) for spec in manifest.resources)
    probe, bookings = _probe(manifest, site, channels), province.bookings
    settlement = _settlement(province, connection, site, pace)
    if bookings is None:
        return DeclarativeAdapter(manifest, channels, probe, settlement=settlement)
    spec = bookings.spec
    auth = site.auth if spec.auth is None else _auth_of(spec.auth, connection, pace)
    return DeclarativeAdapter(
        manifest,
        channels,
        probe,
        bookings.port(site, auth),
        bookings.files(manifest.province),
        settlement=settlement,
    )


def _settlement(
    province: Province, connection: Connection, site: Site, pacing: Pacing
) -> SettlementPort | None:
    held = province.settlement
    if held is None:
        return None
    return held.port(site, site.auth if held.auth is None else _auth_of(held.auth, connection, pacing))


def _auth_of(written: Mapping[str, Any], connection: Connection, pacing: Pacing) -> Callable[[], httpx.Auth]:
    """A scheme of the bookings' or the settlement's own, made at the first call and kept with its token."""
    return cache(lambda: build_auth(written, connection, pacing.clock))


def _channel(spec: ResourceSpec, site: Site, province: Province) -> Channel:
    transport = build_transport(spec.transport, f"{spec.path}.transport", site, _maker(spec, province, site))
    check_fit(spec, transport)
    mapping = province.mapping_of(spec)
    return Channel(
        resource=spec.resource,
        key=tuple(
            KeyPart(name, compile_reader(rule, f"{spec.path}.key.{name}", mapping.context, many_lines=False))
            for name, rule in spec.key.items()
        ),
        section=mapping.sections[spec.mapping.section],
        version=mapping.version,
        fetch=transport if isinstance(transport, Fetches) else None,
        parse=transport if isinstance(transport, Parses) else None,
    )


def _maker(spec: ResourceSpec, province: Province, site: Site) -> RecordMaker:
    context = province.mapping_of(spec).context
    modified, deleted = None, None
    if spec.modified is not None:
        rule = {"from": spec.modified} if isinstance(spec.modified, str) else dict(spec.modified)
        rule.setdefault("do", ["instant"])
        modified = compile_reader(rule, f"{spec.path}.modified", context)
    if spec.deleted is not None:
        deleted = compile_reader(spec.deleted.rule, f"{spec.path}.deleted", context)
    return RecordMaker(
        modified=modified,
        deleted=deleted,
        deleted_values=() if spec.deleted is None else spec.deleted.values,
        depth=site.limits.depth,
    )


def check_fit(spec: ResourceSpec, transport: Transport) -> None:
    """Raise `ManifestInvalid` when direction, cursor family and transport do not go together."""
    resource = spec.resource
    kind = kind_of(spec.transport, f"{spec.path}.transport")
    if resource.direction not in KINDS[kind][1]:
        raise fault(
            f"{spec.path}.direction", f"{kind} 不支持", f"does not go with {kind}", resource.direction
        )
    if resource.cursor_family not in transport.families:
        words = " · ".join(sorted(transport.families))
        raise fault(
            f"{spec.path}.cursor",
            f"与传输不符，应为 {words}",
            f"does not fit the transport, which gives {words}",
            resource.cursor_family,
        )
    if resource.cursor_family == "timestamp" and spec.modified is None and kind != "oai_pmh":
        raise fault(f"{spec.path}.modified", "按时间读取时必须写明", "is needed to read by time", None)


def _probe(manifest: Manifest, site: Site, channels: tuple[Channel, ...]) -> Callable[[], None] | None:
    """A GET of the manifest's probe path; otherwise the first page of the first resource that is fetched."""
    if manifest.probe_path is not None:
        path = manifest.probe_path
        return lambda: site.probe(path)
    fetch = next((channel.fetch for channel in channels if channel.fetch is not None), None)
    if fetch is None:
        return None

    def first_page() -> None:
        for _ in fetch.pages(None):
            break

    return first_page
