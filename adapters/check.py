"""`python -m adapters.check [folder]`: every province's files held against the specification.

One line a province, its faults below it; exit 1 when there are any. Nothing is called and nothing is written.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

import schemas
from adapters.auth import CREDENTIALS, build_auth
from adapters.contract import Connection
from adapters.errors import AdapterError
from adapters.manifest import KEY_PARTS, MANIFEST_FILE, ResourceSpec, load_yaml
from adapters.mapping import CompiledMapping
from adapters.registry import (
    BOOKINGS_FILE,
    PROVINCES,
    VOCABULARY_FILE,
    Province,
    build_adapter,
    folders,
    load_province,
)
from adapters.settlements.compiled import FILE as SETTLEMENT_FILE

README_FILE = "README.md"
_FILLED_BY_ENGINE = frozenset(
    {"id", "province", "unit", "unit_id", "internal_number", "location", "instrument_id"}
) | {
    "institution_id",
    "number",
}


@dataclass(slots=True)
class Report:
    """What was found in one folder."""

    folder: Path
    province: Province | None = None
    faults: list[str] = field(default_factory=list)


def check_folder(folder: Path) -> Report:
    """Hold one province's folder against the specification; never raises for what is in it."""
    report = Report(folder)
    try:
        report.province = load_province(folder)
        connection = _pretended(report.province, folder)
        build_adapter(report.province, connection, _no_client)
        build_auth(report.province.manifest.auth, connection, time.monotonic)
    except AdapterError as error:
        report.faults.append(f"{error.zh} / {error.en}")
        if report.province is None:
            return report
    for check in (
        _schema_faults,
        _facts_faults,
        _readme_faults,
        _vocabulary_faults,
        _coverage_faults,
        _booking_faults,
        _settlement_faults,
    ):
        report.faults.extend(check(report.province, folder))
    return report


def check_all(folder: Path = PROVINCES) -> list[Report]:
    """All provinces below a folder, and what only shows between them."""
    reports = [check_folder(path) for path in folders(folder)]
    for what, of in (("省级代码 / province code", _code_of), ("地图位置 / map tile", _tile_of)):
        _refuse_doubles(reports, what, of)
    return reports


def _code_of(province: Province) -> object:
    return province.code


def _tile_of(province: Province) -> object:
    return province.manifest.tile


def _refuse_doubles(reports: list[Report], what: str, of: Callable[[Province], object]) -> None:
    seen: dict[object, Report] = {}
    for report in reports:
        if report.province is None:
            continue
        first = seen.setdefault(of(report.province), report)
        if first is not report:
            report.faults.append(f"{what}：与 {first.folder.name} 相同 / same as {first.folder.name}")


def _no_client(**_: object) -> httpx.Client:
    raise AssertionError("the check calls nobody")


def _pretended(province: Province, folder: Path) -> Connection:
    """A connection with every credential the manifest may ask for, so that its options can be compiled."""
    kind = str(province.manifest.auth.get("kind"))
    return Connection("https://check.invalid", dict.fromkeys(CREDENTIALS.get(kind, ()), "check"), folder)


def _schema_faults(province: Province, folder: Path) -> Iterator[str]:
    if province.manifest.specification != schemas.VERSION:
        zh, en = "规范版本应为", "specification must be"
        yield f"manifest.specification {zh} {schemas.VERSION} / {en} {schemas.VERSION}"
    for document_name, file in (("adapter-manifest", MANIFEST_FILE), ("adapter-mapping", "mapping.yaml")):
        if document_name not in schemas.document_names():
            continue
        for problem in schemas.problems(document_name, load_yaml(folder / file)):
            yield f"{file}{problem.pointer} {problem.zh} / {problem.en}"


def _facts_faults(province: Province, folder: Path) -> Iterator[str]:
    manifest = province.manifest
    entry = schemas.codes("province")[province.code]
    if folder.name != province.code:
        yield f"文件夹名应为 {province.code} / the folder must be named {province.code}"
    if manifest.name.zh != entry.zh:
        yield f"manifest.name.zh 应为 {entry.zh} / must be {entry.zh}"
    if (
        not manifest.station.name.zh.endswith("大仪网服务驿站")
        or manifest.station.name.zh[:2] != entry.zh[:2]
    ):
        wanted = f"{entry.zh}大仪网服务驿站"
        yield f"manifest.station.name.zh 应为 {wanted} / must be {wanted}"
    for lon, lat in [(manifest.station.lon, manifest.station.lat)]:
        if not (73 <= lon <= 136 and 3 <= lat <= 54):
            yield "manifest.station 的经纬度不在中国境内 / lies outside China"


def _readme_faults(province: Province, folder: Path) -> Iterator[str]:
    readme = folder / README_FILE
    if not readme.is_file():
        yield "缺少 README.md / README.md is missing"
        return
    text = readme.read_text(encoding="utf-8")
    words = {"observed": ("observed", "见于"), "simulated": ("simulated", "模拟")}[
        province.manifest.dialect.kind
    ]
    if not any(word in text.lower() for word in words):
        kind = province.manifest.dialect.kind
        yield f"README.md 应写明 {kind}（{words[1]}） / must say {kind}"
    simulated = any(spec.resource.simulated for spec in province.manifest.resources)
    if simulated and "simulated" not in text.lower() and "模拟" not in text:
        yield "README.md 应写明模拟的资源 / must say which resource is simulated"


def _vocabulary_faults(province: Province, _: Path) -> Iterator[str]:
    yield from _table_faults(province.mapping, VOCABULARY_FILE)
    for name, shared in province.shared.items():
        yield from _table_faults(shared, f"{name}/{VOCABULARY_FILE}")


def _table_faults(mapping: CompiledMapping, file: str) -> Iterator[str]:
    used = mapping.context.used_tables
    for row in mapping.vocabulary.rows:
        list_name = used.get(row.table)
        if list_name is None:
            yield f"{file}:{row.line} 没有规则使用表 {row.table} / no rule uses the table {row.table}"
        elif list_name != "area" and row.code not in schemas.codes(list_name):
            yield f"{file}:{row.line} {list_name} 中没有代码 {row.code} / has no code {row.code}"


def _booking_faults(province: Province, folder: Path) -> Iterator[str]:
    """What the manifest says of bookings must hold together: the interface, the promise about repeats, the words."""
    bookings, manifest = province.bookings, province.manifest
    if bookings is None:
        yield "manifest.bookings 缺少此节 / is missing"
        return
    spec, path = bookings.spec, "manifest.idempotency"
    if spec.kind == "sheet" and manifest.idempotency != "none":
        yield f"{path} 没有接口的省应为 none / must be none without an interface"
    if manifest.idempotency == "lookup":
        if bookings.dialect is None or bookings.dialect.lookup is None:
            yield f"{path} 为 lookup 就要有 lookup / lookup needs a look-up"
        elif not bookings.dialect.lookup.proves_absence:
            yield f"{path} 查询不能证明没有，应为 none / must be none: the look-up cannot prove absence"
        if not spec.settle_seconds:
            yield "manifest.bookings.settle_seconds 要写明 / must be given where idempotency is lookup"
    for name in sorted(set(bookings.tables) - bookings.tables.used):
        yield f"{BOOKINGS_FILE} 没有规则使用表 {name} / no rule uses the table {name}"
    readme = folder / README_FILE
    if readme.exists() and "预约" not in readme.read_text(encoding="utf-8"):
        yield f"{README_FILE} 应写明预约怎么走 / must say how bookings go (预约)"


def _settlement_faults(province: Province, folder: Path) -> Iterator[str]:
    """How the province receives its settlement: said in its folder, every table used, every credential known."""
    held = province.settlement
    if held is None:
        yield f"缺少 {SETTLEMENT_FILE}：结算怎么到这个省 / {SETTLEMENT_FILE} is missing"
        return
    if held.auth is not None:
        kind = str(held.auth.get("kind"))
        pretended = Connection(
            "https://check.invalid", dict.fromkeys(CREDENTIALS.get(kind, ()), "check"), folder
        )
        try:
            build_auth(held.auth, pretended, time.monotonic)
        except AdapterError as error:
            yield f"{SETTLEMENT_FILE} auth: {error.zh} / {error.en}"
    for name in sorted(set(held.tables) - held.tables.used):
        yield f"{SETTLEMENT_FILE} 没有规则使用表 {name} / no rule uses the table {name}"
    readme = folder / README_FILE
    if readme.exists() and "结算" not in readme.read_text(encoding="utf-8"):
        yield f"{README_FILE} 应写明结算怎么走 / must say how settlement goes (结算)"


def _targets(province: Province, spec: ResourceSpec) -> set[str]:
    """Top-level fields a resource's rules write."""
    section = province.mapping_of(spec).sections[spec.mapping.section]
    return {target.partition(".")[0] for target in section.targets}


def _coverage_faults(province: Province, _: Path) -> Iterator[str]:
    for spec in province.manifest.resources:
        for name in schemas.document(spec.resource.document_name).get("required", ()):
            if name not in _targets(province, spec) and name not in _FILLED_BY_ENGINE:
                zh, en = f"规范要求的 {name} 没有规则", f"the required field {name} has no rule"
                yield f"mapping.resources.{spec.mapping.section} {zh} / {en}"


def coverage(province: Province) -> Mapping[str, tuple[int, int]]:
    """Top-level fields written and known, by resource: how much of the specification a province can tell."""
    counts = {}
    for spec in province.manifest.resources:
        document_name = spec.resource.document_name
        known = set(schemas.document(document_name).get("properties", {}))
        filled = {"id", "province"} | ({"unit_id"} if KEY_PARTS[document_name] == ("unit",) else {"unit"})
        counts[spec.resource.name] = (len((_targets(province, spec) | filled) & known), len(known))
    return counts


def line_of(report: Report) -> str:
    """The report's line."""
    verdict = "ok" if not report.faults else f"{len(report.faults)} 处错误 / faults"
    province = report.province
    if province is None:
        return f"{report.folder.name} · {verdict}"
    fields = " · ".join(f"{name} {have}/{of}" for name, (have, of) in coverage(province).items())
    parts = (
        province.code,
        province.manifest.name.zh,
        province.manifest.dialect.kind,
        fields,
        f"vocab {len(province.mapping.vocabulary.rows)}",
        f"bookings {'–' if province.bookings is None else province.bookings.spec.kind}",
        f"settlement {'–' if province.settlement is None else province.settlement.face.kind}",
        province.mapping.version,
        verdict,
    )
    return " · ".join(parts)


def main(arguments: list[str]) -> int:
    """Print the reports; 1 when there are faults or no provinces at all."""
    folder = Path(arguments[0]) if arguments else PROVINCES
    reports = check_all(folder)
    for report in reports:
        print(line_of(report))
        for fault in report.faults:
            print(f"    {fault}")
    if not reports:
        print(f"没有找到省份文件夹 / no province folders in {folder}")
    return 1 if not reports or any(report.faults for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
