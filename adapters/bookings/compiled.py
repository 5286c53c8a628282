"""A province's booking dialect of one version: the manifest's `bookings` section and `bookings.yaml`, compiled once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args

import httpx
import yaml

from adapters.bookings.calendars import compile_calendar
from adapters.bookings.calls import Call, SoapService, compile_rest, compile_soap, read_soap_service
from adapters.bookings.feeds import compile_walk
from adapters.bookings.fields import Compiler
from adapters.bookings.operations import Operation
from adapters.bookings.outcomes import Outcome, compile_outcomes
from adapters.bookings.port import Calendar, Callback, DeclarativeBookings, Dialect, Lookup
from adapters.bookings.reading import AnswerReader, compile_answers
from adapters.bookings.sheets import BookingFiles, SheetForm, compile_form
from adapters.bookings.signatures import compile_signature
from adapters.bookings.tables import Tables, compile_tables
from adapters.bookings.wire import Wire, WireLimits
from adapters.bookings.writing import Words, compile_object
from adapters.contract import Command, StationCommand
from adapters.errors import ManifestInvalid
from adapters.manifest import BookingSpec
from adapters.mapping import Context
from adapters.mapping.paths import Getter, compile_getter
from adapters.mapping.text import DEFAULT_NULLS
from adapters.options import Options, fault
from adapters.transports import Site

FORMAT = 1
_COMMANDS: tuple[Command, ...] = get_args(Command)
_OF_STATION = frozenset(get_args(StationCommand))


@dataclass(frozen=True, slots=True)
class CompiledBookings:
    """What a province's booking files say. `dialect` is None for a province without an interface."""

    version: str
    spec: BookingSpec
    dialect: Dialect | None
    form: SheetForm | None
    tables: Tables

    def port(self, site: Site, auth: Callable[[], httpx.Auth]) -> DeclarativeBookings | None:
        """The interface over one connection; None where there is none."""
        if self.dialect is None:
            return None
        return DeclarativeBookings(self.dialect, site, Wire(site, auth, wire_limits(self.spec)))

    def files(self, province: str) -> BookingFiles:
        """The writer of sheets and calendars."""
        return BookingFiles(province, self.form)


def wire_limits(spec: BookingSpec) -> WireLimits:
    """Caps given in the manifest; the rest keep their defaults. Raises `ManifestInvalid`."""
    options, usual = Options(spec.limits, "manifest.bookings.limits"), WireLimits()
    limits = WireLimits(
        request_seconds=options.number("request_seconds", usual.request_seconds),
        answer_bytes=options.integer("answer_bytes", usual.answer_bytes, least=1),
        report_bytes=options.integer("report_bytes", usual.report_bytes, least=1),
        feed_pages=options.integer("feed_pages", usual.feed_pages, least=1),
    )
    options.finish()
    return limits


def compile_bookings(spec: BookingSpec, province: str, content: bytes) -> CompiledBookings:
    """Compile `bookings.yaml`. Raises `ManifestInvalid` with the path of the first fault."""
    wire_limits(spec)
    top = Options(_parse(content), "bookings")
    if top.integer("bookings", least=1) != FORMAT:
        raise fault(
            "bookings.bookings", f"只认识格式 {FORMAT}", f"must be format {FORMAT}", top.raw("bookings")
        )
    number = top.integer("version", least=1)
    tables = compile_tables(top.mapping("tables", {}), "bookings.tables")
    words = Words(tables, top.raw("nothing", None))
    context = Context(province, nulls=top.texts("nulls", tuple(sorted(DEFAULT_NULLS))))
    sheet = top.optional_section("sheet")
    form = None if sheet is None else compile_form(sheet, words)
    dialect = None
    if spec.kind == "sheet":
        if form is None:
            raise fault(
                "bookings.sheet",
                "没有接口的省要写明预约单的列",
                "must be given where there is no interface",
                None,
            )
    else:
        dialect = _Builder(spec, province, tables, words, context).build(top)
    top.finish()
    version = f"{number}-{hashlib.sha256(content).hexdigest()[:8]}"
    return CompiledBookings(version, spec, dialect, form, tables)


def _parse(content: bytes) -> Any:
    try:
        return yaml.load(content.decode("utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = str(error).replace("\n", " ")[:200]
        raise ManifestInvalid(
            f"bookings.yaml 不是有效的 YAML：{line}", f"bookings.yaml is not YAML: {line}"
        ) from error


class _Builder:
    """Compiles the parts of one dialect; each is found under the name of what it does."""

    def __init__(
        self, spec: BookingSpec, province: str, tables: Tables, words: Words, context: Context
    ) -> None:
        self._spec = spec
        self._province = province
        self._tables = tables
        self._words = words
        self._compiler = Compiler(context, tables)
        self._context = context
        self._soap: SoapService | None = None
        self._outcomes: Mapping[str, Outcome] = {}
        self._answers: Mapping[str, AnswerReader] = {}

    def build(self, top: Options) -> Dialect:
        """The dialect. Raises `ManifestInvalid`, also when it can do more or less than the manifest declares."""
        if self._spec.kind == "soap":
            self._soap = read_soap_service(top.section("soap"))
        outcomes, answers = top.mapping("outcomes", {}), top.mapping("answers")
        self._outcomes = compile_outcomes(outcomes, "bookings.outcomes", self._context, self._tables)
        self._answers = compile_answers(answers, "bookings.answers", self._province, self._compiler)
        is_fetched = self._spec.kind == "fetch"
        commands = (
            {}
            if is_fetched
            else {name: self._operation(top.section(name)) for name in _COMMANDS if name in top}
        )
        written = (
            {
                name: compile_object(top.mapping(name), f"bookings.{name}", self._words)
                for name in _COMMANDS
                if name in top
            }
            if is_fetched
            else {}
        )
        lookup, feed = top.optional_section("lookup"), top.optional_section("feed")
        callback, calendar = top.optional_section("callback"), top.optional_section("availability")
        report = top.optional_section("report")
        dialect = Dialect(
            province=self._province,
            capabilities=self._spec.capabilities,
            settle_seconds=self._spec.settle_seconds,
            commands=commands,
            written=written,
            lookup=None if lookup is None else self._lookup(lookup),
            feed=None if feed is None else self._feed(feed),
            callback=None if callback is None else self._callback(callback),
            calendar=None if calendar is None else self._calendar(calendar),
            report=None if report is None else self._operation(report, needs_answer=False),
            signature=_signature_header(top.optional_section("signature")),
        )
        _check_capabilities(dialect)
        return dialect

    def _operation(
        self, options: Options, *, needs_answer: bool = True, rows: Getter | None = None
    ) -> Operation:
        """Call, return codes and rows of one operation; whatever else the section holds was read before."""
        call: Call
        if self._soap is not None:
            call = compile_soap(options, self._words, self._soap)
        else:
            call = compile_rest(options, self._words)
        answer = self._named(self._answers, options, "answer") if needs_answer else None
        needs = tuple(
            (name, compile_getter(name, f"{options.path}.needs")) for name in options.texts("needs", ())
        )
        names_order = options.flag("names_order", any(name == "order.remote_id" for name, _ in needs))
        outcome = self._named(self._outcomes, options, "outcome")
        operation = Operation(call, outcome, answer, rows, needs, names_order)
        options.finish()
        return operation

    def _named(self, of: Mapping[str, Any], options: Options, name: str) -> Any:
        wanted = options.text(name)
        if wanted not in of:
            known = " · ".join(of)
            raise fault(
                f"{options.path}.{name}",
                f"没有这一节；有：{known}",
                f"is no section; there are {known}",
                wanted,
            )
        return of[wanted]

    def _rows(self, options: Options) -> Getter:
        return compile_getter(options.raw("rows"), f"{options.path}.rows")

    def _lookup(self, options: Options) -> Lookup:
        pages = options.optional_section("pages")
        names = None
        if pages is not None:
            names = (pages.text("page_param"), pages.text("size_param"), pages.integer("size", least=1))
            pages.finish()
        pending = options.raw("pending", None)
        return Lookup(
            by_reference=options.flag("by_reference", True),
            proves_absence=options.flag("proves_absence", True),
            pending=None if pending is None else compile_getter(pending, f"{options.path}.pending"),
            pages=names,
            operation=self._operation(options, rows=self._rows(options)),
        )

    def _feed(self, options: Options) -> Any:
        walk = compile_walk(options.section("cursor"))
        return self._operation(options, rows=self._rows(options)), walk

    def _callback(self, options: Options) -> Callback:
        signature, rows = options.optional_section("signature"), options.raw("rows", None)
        callback = Callback(
            reader=self._named(self._answers, options, "answer"),
            rows=None if rows is None else compile_getter(rows, f"{options.path}.rows"),
            signature=None if signature is None else compile_signature(signature, self._province),
        )
        options.finish()
        return callback

    def _calendar(self, options: Options) -> Calendar:
        reader = compile_calendar(options.raw("reads"), f"{options.path}.reads", self._compiler)
        longest = timedelta(days=options.integer("longest_days", 62, least=1))
        return Calendar(self._operation(options, needs_answer=False), reader, longest)


def _signature_header(options: Options | None) -> str | None:
    """The header that carries the hub's signature over a request's content; "" where the hub's envelope holds it."""
    if options is None:
        return None
    header = options.text("header") if options.choice("kind", ("header", "envelope")) == "header" else ""
    options.finish()
    return header


def _check_capabilities(dialect: Dialect) -> None:
    """What the manifest tells everybody must be what the dialect can do."""
    found: set[str] = {name for name in ("submit", "cancel", "propose") if name in dialect.commands}
    if {"agree", "decline"} <= set(dialect.commands):
        found.add("reply")
    found |= _OF_STATION & (dialect.commands.keys() | dialect.written.keys())
    if dialect.signature is not None:
        found.add("signed")
    parts: Mapping[str, object | None] = {
        "lookup": dialect.lookup,
        "feed": dialect.feed,
        "callback": dialect.callback,
        "availability": dialect.calendar,
        "report": dialect.report,
        "fetch": dialect.written or None,
    }
    found |= {name for name, part in parts.items() if part is not None}
    if found != dialect.capabilities:
        differing = " · ".join(sorted(found ^ set(dialect.capabilities)))
        raise fault(
            "manifest.bookings.capabilities",
            f"与 bookings.yaml 不符：{differing}",
            f"does not fit bookings.yaml: {differing}",
            None,
        )
