"""湖北: OAI-PMH 2.0, complete: six verbs, resumption tokens that expire, deleted records kept for ever (simulated).

Written from `dialects/hubei.md` and from the protocol (https://www.openarchives.org/OAI/openarchivesprotocol.html).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.simulators import hubei_records as records
from adapters.simulators.changelog import changes_since
from adapters.simulators.opaque import Tampered, seal, unseal
from adapters.simulators.simulator import Platform
from adapters.simulators.survey import survey_routes
from adapters.simulators.world.model import Change
from adapters.simulators.world.province import ProvinceWorld
from adapters.simulators.written import Written

PROVINCE = "420000"
PAGE_OF_RECORDS, PAGE_OF_HEADERS = 500, 1000
TOKEN_SECONDS = 600
SECONDS_PER_REQUEST = 5
COUNTED = 20_000  # a larger repository does not say how long its lists are: counting costs as much as reading
_KEY = b"token key of the simulated platform"
_OAI = "http://www.openarchives.org/OAI/2.0/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_LIST_ARGUMENTS = frozenset({"from", "until", "set", "metadataPrefix", "resumptionToken"})
ARGUMENTS: Mapping[str, frozenset[str]] = {
    "Identify": frozenset(),
    "ListMetadataFormats": frozenset({"identifier"}),
    "ListSets": frozenset({"resumptionToken"}),
    "ListIdentifiers": _LIST_ARGUMENTS,
    "ListRecords": _LIST_ARGUMENTS,
    "GetRecord": frozenset({"identifier", "metadataPrefix"}),
}


class OaiError(Exception):
    """One of the protocol's error conditions."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list request asks for; travels inside the resumption token."""

    verb: str
    prefix: str
    since: datetime | None
    until: datetime | None
    set_spec: str

    def holds(self, change: Change) -> bool:
        """Whether the change belongs to the set; the times are the walk's business."""
        return records.is_in_set(change, self.set_spec)


class Repository:
    """The OAI-PMH face of the platform."""

    def __init__(
        self,
        world: ProvinceWorld,
        address: str,
        page_of_records: int = PAGE_OF_RECORDS,
        page_of_headers: int = PAGE_OF_HEADERS,
    ) -> None:
        self._world = world
        self._address = address
        self._pages = {"ListRecords": page_of_records, "ListIdentifiers": page_of_headers}
        self._written = {
            prefix: Written(partial(records.write_record, prefix=prefix)) for prefix in records.FORMATS
        }
        self._verbs = {
            "Identify": self._identify,
            "ListMetadataFormats": self._formats,
            "ListSets": self._sets,
            "ListIdentifiers": self._list,
            "ListRecords": self._list,
            "GetRecord": self._get,
        }

    async def answer(self, request: Request) -> Response:
        """GET or POST with the arguments of the protocol."""
        self._world.tick(SECONDS_PER_REQUEST)
        pairs = list(request.query_params.multi_items())
        if request.method == "POST":
            pairs += parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        arguments = dict(pairs)
        try:
            _check_arguments(pairs, arguments)
            verb = arguments.pop("verb")
            body = f"<{verb}>{self._verbs[verb](verb, arguments)}</{verb}>"
            shown = "".join(
                f" {name}={quoteattr(value)}" for name, value in {"verb": verb, **arguments}.items()
            )
        except OaiError as error:
            body = f"<error code={quoteattr(error.code)}>{escape(error.words)}</error>"
            shown = ""
        return Response(self._document(shown, body).encode(), media_type="text/xml; charset=utf-8")

    def _document(self, arguments: str, body: str) -> str:
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="{_OAI}" xmlns:xsi="{_XSI}" '
            f'xsi:schemaLocation="{_OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">'
            f"<responseDate>{_utc(self._world.now)}</responseDate>"
            f"<request{arguments}>{escape(self._address)}</request>{body}</OAI-PMH>"
        )

    def _identify(self, _verb: str, _arguments: Mapping[str, str]) -> str:
        first = self._world.changes(0, 1)
        earliest = first[0].modified if first else self._world.now
        return (
            "<repositoryName>湖北省科研仪器元数据收割接口（模拟，合成数据）</repositoryName>"
            f"<baseURL>{escape(self._address)}</baseURL><protocolVersion>2.0</protocolVersion>"
            f"<adminEmail>oai@instru.hubei.example.com</adminEmail>"
            f"<earliestDatestamp>{_utc(earliest)}</earliestDatestamp>"
            "<deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DDThh:mm:ssZ</granularity>"
        )

    def _formats(self, _verb: str, arguments: Mapping[str, str]) -> str:
        if "identifier" in arguments:
            self._find(arguments["identifier"])
        return "".join(
            f"<metadataFormat><metadataPrefix>{prefix}</metadataPrefix><schema>{schema}</schema>"
            f"<metadataNamespace>{namespace}</metadataNamespace></metadataFormat>"
            for prefix, (schema, namespace) in records.FORMATS.items()
        )

    def _sets(self, _verb: str, arguments: Mapping[str, str]) -> str:
        if "resumptionToken" in arguments:
            raise OaiError("badResumptionToken", "集合列表不分页")
        return "".join(
            f"<set><setSpec>{spec}</setSpec><setName>{escape(name)}</setName></set>"
            for spec, name in records.set_names().items()
        )

    def _get(self, _verb: str, arguments: Mapping[str, str]) -> str:
        for name in ("identifier", "metadataPrefix"):
            if name not in arguments:
                raise OaiError("badArgument", f"缺少 {name}")
        change = self._find(arguments["identifier"])
        return self._record(change, _prefix(arguments)).decode()

    def _record(self, change: Change, prefix: str) -> bytes:
        if change.instrument is None:
            return records.write_deleted(change)
        return self._written[prefix](change.instrument)

    def _find(self, identifier: str) -> Change:
        """The record or tombstone of an identifier. Raises `idDoesNotExist`."""
        key = records.key_of(identifier)
        instrument = None if key is None else self._world.get(key)
        if instrument is not None:
            return Change(0, instrument.modified, instrument.key, instrument)
        gone = (change for change in changes_since(self._world, None) if change.instrument is None)
        for change in gone if key is not None else ():
            if change.key == key:
                return change
        raise OaiError("idDoesNotExist", "没有这个标识的记录")

    def _list(self, verb: str, arguments: Mapping[str, str]) -> str:
        if "resumptionToken" in arguments:
            if len(arguments) > 1:
                raise OaiError("badArgument", "resumptionToken 不能与其他参数同时使用")
            return self._page(*self._resume(verb, arguments["resumptionToken"]))
        selection = _selection(verb, arguments)
        is_small = self._world.total <= COUNTED
        size = sum(1 for _ in islice(self._walk(selection, 0), None if is_small else 1))
        if not size:
            raise OaiError("noRecordsMatch", "没有符合条件的记录")
        return self._page(selection, 0, 0, size if is_small else 0)

    def _walk(self, selection: Selection, after: int) -> Iterator[Change]:
        for change in changes_since(self._world, selection.since, after):
            if selection.until is not None and change.modified > selection.until:
                return
            if selection.holds(change):
                yield change

    def _page(self, selection: Selection, after: int, done: int, size: int) -> str:
        most = self._pages[selection.verb]
        found = list(islice(self._walk(selection, after), most + 1))
        page, more = found[:most], len(found) > most
        if selection.verb == "ListRecords":
            body = b"".join(self._record(change, selection.prefix) for change in page).decode()
        else:
            body = "".join(records.write_header(change) for change in page)
        if not more and done == 0:
            return body
        counted = f' completeListSize="{size}"' if size else ""
        if not more:
            return f'{body}<resumptionToken{counted} cursor="{done}"/>'
        expires = self._world.now + timedelta(seconds=TOKEN_SECONDS)
        token = seal(
            _KEY,
            selection.verb,
            selection.prefix,
            _stamp(selection.since),
            _stamp(selection.until),
            selection.set_spec,
            page[-1].sequence,
            done + len(page),
            size,
            _stamp(expires),
        )
        return f'{body}<resumptionToken expirationDate="{_utc(expires)}"{counted} cursor="{done}">{token}</resumptionToken>'

    def _resume(self, verb: str, token: str) -> tuple[Selection, int, int, int]:
        try:
            made_for, prefix, since, until, set_spec, after, done, size, expires = unseal(_KEY, token)
        except (Tampered, ValueError):
            raise OaiError("badResumptionToken", "令牌不是本平台发出的") from None
        if made_for != verb or int(expires) < self._world.now.timestamp():
            raise OaiError("badResumptionToken", "令牌已过期或属于另一个动词，请重新开始")
        selection = Selection(verb, str(prefix), _instant(since), _instant(until), str(set_spec))
        return selection, int(after), int(done), int(size)


def build(world: ProvinceWorld, base_url: str, folder: Path) -> Platform:
    """The platform over this world; answers name its address."""
    del folder
    repository = Repository(world, base_url.rstrip("/") + "/oai")
    routes = (Route("/oai", repository.answer, methods=["GET", "POST"]), *survey_routes(world))
    return Platform(PROVINCE, routes, {})


def _check_arguments(pairs: list[tuple[str, str]], arguments: Mapping[str, str]) -> None:
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in ARGUMENTS:
        raise OaiError("badVerb", f"verb 应为其中之一：{'、'.join(ARGUMENTS)}")
    if len(pairs) != len(arguments):
        raise OaiError("badArgument", "参数重复")
    unknown = sorted(set(arguments) - ARGUMENTS[verbs[0]] - {"verb"})
    if unknown:
        raise OaiError("badArgument", f"没有这样的参数：{'、'.join(unknown)}")


def _selection(verb: str, arguments: Mapping[str, str]) -> Selection:
    if "metadataPrefix" not in arguments:
        raise OaiError("badArgument", "缺少 metadataPrefix")
    since, until = arguments.get("from", ""), arguments.get("until", "")
    if since and until and len(since) != len(until):
        raise OaiError("badArgument", "from 与 until 的粒度不同")
    selection = Selection(
        verb,
        _prefix(arguments),
        _read_time(since, end=False),
        _read_time(until, end=True),
        arguments.get("set", ""),
    )
    if selection.set_spec and selection.set_spec not in records.set_names():
        raise OaiError("noRecordsMatch", "没有这个集合")
    if selection.since and selection.until and selection.since > selection.until:
        raise OaiError("badArgument", "from 晚于 until")
    return selection


def _prefix(arguments: Mapping[str, str]) -> str:
    prefix = arguments["metadataPrefix"]
    if prefix not in records.FORMATS:
        raise OaiError("cannotDisseminateFormat", f"格式只有：{'、'.join(records.FORMATS)}")
    return prefix


def _read_time(text: str, *, end: bool) -> datetime | None:
    """A UTC datestamp of either granularity; a day given as the end is its last second."""
    if not text:
        return None
    for form, rest in (
        ("%Y-%m-%dT%H:%M:%SZ", timedelta()),
        ("%Y-%m-%d", timedelta(hours=23, minutes=59, seconds=59)),
    ):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC) + (rest if end else timedelta())
        except ValueError:
            continue
    raise OaiError("badArgument", f"时间应为 YYYY-MM-DDThh:mm:ssZ 或 YYYY-MM-DD：{text[:40]}")


def _stamp(instant: datetime | None) -> int:
    return 0 if instant is None else int(instant.timestamp())


def _instant(stamp: int | str) -> datetime | None:
    return datetime.fromtimestamp(int(stamp), UTC) if int(stamp) else None


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
