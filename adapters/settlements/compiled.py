"""`settlement.yaml` of one province, compiled once. Its format: docs/settlement-dialects.md."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

import httpx
import yaml

from adapters.bookings.calls import Call, SoapService, compile_rest, compile_soap, read_soap_service
from adapters.bookings.fields import Compiler
from adapters.bookings.operations import Operation
from adapters.bookings.outcomes import Outcome, compile_outcomes
from adapters.bookings.tables import Tables, compile_tables
from adapters.bookings.wire import Wire, WireLimits
from adapters.bookings.writing import Words
from adapters.contract import SettlementCapability, SettlementKind
from adapters.errors import ManifestInvalid
from adapters.mapping import Context
from adapters.mapping.paths import Getter, compile_getter
from adapters.mapping.text import DEFAULT_NULLS
from adapters.options import Options, fault
from adapters.settlements.files import PaperFiles, compile_files
from adapters.settlements.port import Asked, DeclarativeSettlement, Face, Results
from adapters.settlements.reading import ALLOTMENT, FIGURE, RECEIPT, REDEMPTION, compile_row
from adapters.transports import Site

FORMAT = 1
FILE = "settlement.yaml"


@dataclass(frozen=True, slots=True)
class CompiledSettlement:
    """What a province's `settlement.yaml` says. `simulated`: no published description of the interface was found."""

    version: str
    simulated: bool
    face: Face
    tables: Tables
    auth: Mapping[str, Any] | None
    limits: WireLimits

    def port(self, site: Site, auth: Callable[[], httpx.Auth]) -> DeclarativeSettlement:
        """The face over one connection."""
        return DeclarativeSettlement(self.face, site, Wire(site, auth, self.limits))


def compile_settlement(province: str, content: bytes) -> CompiledSettlement:
    """Compile `settlement.yaml`. Raises `ManifestInvalid` with the path of the first fault."""
    top = Options(_parse(content), "settlement")
    if top.integer("settlement", least=1) != FORMAT:
        raise fault(
            "settlement.settlement", f"只认识格式 {FORMAT}", f"must be format {FORMAT}", top.raw("settlement")
        )
    number = top.integer("version", least=1)
    tables = compile_tables(top.mapping("tables", {}), "settlement.tables", file=FILE)
    context = Context(province, nulls=top.texts("nulls", tuple(sorted(DEFAULT_NULLS))))
    builder = _Builder(province, tables, Words(tables, top.raw("nothing", None)), context)
    face = builder.build(top)
    limits = top.optional_section("limits")
    compiled = CompiledSettlement(
        version=f"{number}-{hashlib.sha256(content).hexdigest()[:8]}",
        simulated=top.flag("simulated", False),
        face=face,
        tables=tables,
        auth=top.mapping("auth") if "auth" in top else None,
        limits=WireLimits() if limits is None else _limits(limits),
    )
    top.finish()
    return compiled


def _limits(options: Options) -> WireLimits:
    usual = WireLimits()
    limits = WireLimits(
        request_seconds=options.number("request_seconds", usual.request_seconds),
        answer_bytes=options.integer("answer_bytes", usual.answer_bytes, least=1),
    )
    options.finish()
    return limits


def _parse(content: bytes) -> Any:
    try:
        return yaml.load(content.decode("utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = str(error).replace("\n", " ")[:200]
        raise ManifestInvalid(f"{FILE} 不是有效的 YAML：{line}", f"{FILE} is not YAML: {line}") from error


class _Builder:
    """Compiles the parts of one dialect."""

    def __init__(self, province: str, tables: Tables, words: Words, context: Context) -> None:
        self._province = province
        self._tables = tables
        self._words = words
        self._context = context
        self._compiler = Compiler(context, tables)
        self._soap: SoapService | None = None
        self._outcomes: Mapping[str, Outcome] = {}

    def build(self, top: Options) -> Face:
        """The face. Raises `ManifestInvalid`, also when it can do more or less than it declares."""
        kind = cast(SettlementKind, top.choice("kind", get_args(SettlementKind)))
        if kind == "soap":
            self._soap = read_soap_service(top.section("soap"))
        self._outcomes = compile_outcomes(
            top.mapping("outcomes", {}), "settlement.outcomes", self._context, self._tables, file=FILE
        )
        hand_over = {
            paper: self._asked(section, "receipt", RECEIPT)
            for paper, name in (("payment-list", "hand_over"), ("statement", "statement"))
            if (section := top.optional_section(name)) is not None
        }
        files = top.optional_section("files")
        reply = top.optional_section("reply")
        face = Face(
            province=self._province,
            kind=kind,
            capabilities=_declared(top),
            settle_seconds=top.number("settle_seconds", 0.0),
            idempotent=top.flag("idempotent", False),
            programmes=_names(top),
            hand_over=hand_over,
            lookup=self._optional(top, "lookup", "receipt", RECEIPT),
            results=self._results(top.optional_section("results")),
            files=None if files is None else self._files(files),
            allotments=self._optional(top, "allotments", "allotment", ALLOTMENT),
            reply=None if reply is None else self._operation(reply, None),
            figures=self._optional(top, "figures", "figure", FIGURE),
            signature=top.text("signature") if "signature" in top else None,
        )
        _check(face)
        return face

    def _files(self, options: Options) -> PaperFiles:
        return compile_files(options, self._province, self._words, self._compiler)

    def _optional(self, top: Options, name: str, row: str, kinds: Mapping[str, str]) -> Asked | None:
        section = top.optional_section(name)
        return None if section is None else self._asked(section, row, kinds)

    def _asked(self, options: Options, row: str, kinds: Mapping[str, str]) -> Asked:
        reader = compile_row(options.raw(row), f"{options.path}.{row}", self._province, self._compiler, kinds)
        return Asked(self._operation(options, self._rows(options)), reader)

    def _results(self, options: Options | None) -> Results | None:
        if options is None:
            return None
        cursor = options.section("cursor")
        reader = compile_row(
            options.raw("redemption"),
            f"{options.path}.redemption",
            self._province,
            self._compiler,
            REDEMPTION,
        )
        results = Results(
            reader=reader,
            param=cursor.text("param"),
            position=compile_getter(cursor.text("position"), f"{cursor.path}.position"),
            size_param=cursor.text("size_param"),
            size=cursor.integer("size", least=1),
            operation=self._operation(options, self._rows(options)),
        )
        cursor.finish()
        return results

    def _rows(self, options: Options) -> Getter | None:
        rows = options.raw("rows", None)
        return None if rows is None else compile_getter(rows, f"{options.path}.rows")

    def _operation(self, options: Options, rows: Getter | None) -> Operation:
        call: Call
        if self._soap is not None:
            call = compile_soap(options, self._words, self._soap)
        else:
            call = compile_rest(options, self._words)
        wanted = options.text("outcome")
        if wanted not in self._outcomes:
            known = " · ".join(self._outcomes)
            raise fault(
                f"{options.path}.outcome",
                f"没有这一节；有：{known}",
                f"is no section; there are {known}",
                wanted,
            )
        operation = Operation(call, self._outcomes[wanted], None, rows, ())
        options.finish()
        return operation


def _declared(top: Options) -> frozenset[SettlementCapability]:
    told = top.texts("capabilities", ())
    unknown = sorted(set(told) - set(get_args(SettlementCapability)))
    if unknown:
        raise fault("settlement.capabilities", "没有这样的能力", "has unknown capabilities", unknown)
    return frozenset(cast(tuple[SettlementCapability, ...], told))


def _names(top: Options) -> Mapping[str, str]:
    names = top.mapping("programmes", {})
    for native, ours in names.items():
        if not isinstance(native, str) or not isinstance(ours, str):
            raise fault(f"settlement.programmes.{native}", "两边都应为文字", "both sides must be text", ours)
    if len(set(names.values())) != len(names):
        raise fault("settlement.programmes", "同一政策写了两次", "names one programme twice", dict(names))
    return dict(names)


def _check(face: Face) -> None:
    """What is declared must be what the sections can do."""
    found: set[str] = set()
    if "payment-list" in face.hand_over or face.files is not None:
        found.add("hand_over")
    if "statement" in face.hand_over or face.files is not None:
        found.add("statement")
    parts: Mapping[str, object | None] = {
        "lookup": face.lookup or face.files,
        "results": face.results or face.files,
        "files": face.files,
        "allotments": face.allotments,
        "reply": face.reply,
        "figures": face.figures,
    }
    found |= {name for name, part in parts.items() if part is not None}
    if found != face.capabilities:
        differing = " · ".join(sorted(found ^ set(face.capabilities)))
        raise fault(
            "settlement.capabilities",
            f"与本文件的各节不符：{differing}",
            f"does not fit the sections: {differing}",
            None,
        )
    if (face.kind == "api") == bool(found & {"hand_over", "files"}):
        raise fault(
            "settlement.kind",
            "api 由平台来取，不写交付方式；其余要写",
            "api is read by the platform and hands nothing over; the others do",
            face.kind,
        )
    if (face.kind == "drop") != (face.files is not None):
        raise fault(
            "settlement.files",
            "drop 要写文件格式，其余不写",
            "goes with the kind drop, and only with it",
            face.kind,
        )
    if ("allotments" in found) != ("reply" in found):
        raise fault(
            "settlement.reply", "取划拨就要答复", "goes with allotments: what is taken is answered", None
        )
