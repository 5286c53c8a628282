"""湖北 as OAI-PMH 2.0, harvested by Sickle, a client nobody here wrote, over a real connection."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree
from sickle import Sickle
from sickle.oaiexceptions import BadResumptionToken, CannotDisseminateFormat, IdDoesNotExist, NoRecordsMatch
from starlette.applications import Starlette
from starlette.routing import Route

from adapters.simulators import hubei
from adapters.simulators.hubei import Repository
from adapters.simulators.hubei_records import NRII
from adapters.simulators.serve import address, listen, running, serving
from adapters.simulators.simulator import Platform
from adapters.simulators.world import ProvinceWorld, World
from tests.adapters.simulators.asking import client_of

OAI = "{http://www.openarchives.org/OAI/2.0/}"
LARGE = World(records=8000)  # more than one page of 湖北


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(LARGE, tmp_path_factory.mktemp("hubei"), ["420000"]) as fleet:
        yield fleet.connections()["420000"]["base_url"] + "/oai"


@pytest.fixture(scope="module")
def sickle(base_url: str) -> Sickle:
    return Sickle(base_url)


@pytest.fixture(scope="module")
def large() -> ProvinceWorld:
    return LARGE.province("420000")


@pytest.fixture
def world() -> ProvinceWorld:
    return World(records=600).province("420000")


@pytest.fixture
def client(world: ProvinceWorld) -> Iterator[httpx.Client]:
    """A world that may be moved, with pages of ten so that it has some."""
    repository = Repository(world, "http://platform.test/oai", page_of_records=10, page_of_headers=20)
    platform = Platform("420000", (Route("/oai", repository.answer, methods=["GET", "POST"]),), {})
    with client_of(platform) as held:
        yield held


def ask(client: httpx.Client, **arguments: str) -> Any:
    if "since" in arguments:
        arguments["from"] = arguments.pop("since")
    answer = client.get("/oai", params=arguments)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    return etree.fromstring(answer.content)


def error_of(root: Any) -> str | None:
    found = root.find(f"{OAI}error")
    return None if found is None else str(found.get("code"))


def token_of(root: Any) -> Any:
    return root.find(f".//{OAI}resumptionToken")


def headers_of(root: Any) -> list[Any]:
    found: list[Any] = root.findall(f".//{OAI}header")
    return found


def test_sickle_harvests_every_record_through_resumption_tokens(sickle: Sickle, large: ProvinceWorld) -> None:
    records = list(sickle.ListRecords(metadataPrefix="nrii", set="instrument"))
    assert len(records) == large.total > hubei.PAGE_OF_RECORDS
    keys = set()
    for record in records:
        root = record.xml.find(f".//{{{NRII}}}instrument")
        keys.add(f"{root.findtext(f'{{{NRII}}}insCode')}|{root.findtext(f'{{{NRII}}}innerId') or ''}")
    assert keys == large.expected_keys() | large.hopeless_keys()


def test_sickle_lists_headers_formats_sets_and_identity(sickle: Sickle, large: ProvinceWorld) -> None:
    headers = list(sickle.ListIdentifiers(metadataPrefix="oai_dc"))
    assert len(headers) == large.total
    assert {f.metadataPrefix for f in sickle.ListMetadataFormats()} == {"nrii", "oai_dc"}
    sets = {s.setSpec for s in sickle.ListSets()}
    assert {"instrument", "instrument:01", "instrument:12"} <= sets
    identity = sickle.Identify()
    assert identity.deletedRecord == "persistent"
    assert identity.granularity == "YYYY-MM-DDThh:mm:ssZ"
    assert identity.protocolVersion == "2.0"
    assert identity.earliestDatestamp == min(header.datestamp for header in headers)


def test_sickle_gets_one_record_in_both_formats(sickle: Sickle, large: ProvinceWorld) -> None:
    instrument = large.page(4, 1)[0]
    identifier = f"oai:instru.hubei.example:{instrument.unit.id}/{instrument.internal_number}"
    assert sickle.GetRecord(identifier=identifier, metadataPrefix="oai_dc").metadata["title"] == [
        instrument.name
    ]
    raw = sickle.GetRecord(identifier=identifier, metadataPrefix="nrii").raw
    assert instrument.unit.id in raw
    with pytest.raises(IdDoesNotExist):
        sickle.GetRecord(identifier=identifier + "x", metadataPrefix="nrii")
    with pytest.raises(IdDoesNotExist):
        sickle.GetRecord(identifier="oai:elsewhere:1", metadataPrefix="nrii")
    with pytest.raises(CannotDisseminateFormat):
        sickle.GetRecord(identifier=identifier, metadataPrefix="marc")


def test_sickle_reads_a_set_and_a_stretch_of_time(sickle: Sickle, large: ProvinceWorld) -> None:
    in_set = list(sickle.ListIdentifiers(metadataPrefix="nrii", set="instrument:01"))
    assert len(in_set) == sum(i.class_code.startswith("01") for i in large.instruments())
    times = sorted(instrument.modified for instrument in large.instruments())
    begin, end = times[100], times[200]
    inside = sum(begin <= time <= end for time in times)
    stamps = {"from": _utc(begin), "until": _utc(end)}
    assert len(list(sickle.ListIdentifiers(metadataPrefix="nrii", **stamps))) == inside
    with pytest.raises(NoRecordsMatch):
        sickle.ListRecords(metadataPrefix="nrii", **{"from": _utc(times[-1] + timedelta(days=1))})
    with pytest.raises(NoRecordsMatch):
        sickle.ListRecords(metadataPrefix="nrii", set="instrument:77")


def test_sickle_sees_deleted_records(tmp_path: Path) -> None:
    small = World(records=600)
    world = small.province("420000")
    gone = world.page(0, 1)[0]
    with running(small, tmp_path, ["420000"]) as fleet:
        sickle = Sickle(fleet.connections()["420000"]["base_url"] + "/oai")
        world.vanish(gone.key)
        deleted = [r for r in sickle.ListRecords(metadataPrefix="nrii") if r.deleted]
        alive = list(sickle.ListRecords(metadataPrefix="nrii", ignore_deleted=True))
        again = sickle.GetRecord(identifier=deleted[0].header.identifier, metadataPrefix="nrii")
    assert [record.header.identifier for record in deleted] == [
        f"oai:instru.hubei.example:{gone.unit.id}/{gone.internal_number}"
    ]
    assert again.deleted
    assert len(alive) == world.total


def test_sickle_meets_an_expired_token(world: ProvinceWorld) -> None:
    held = listen()
    repository = Repository(world, f"{address(held)}/oai", page_of_records=10, page_of_headers=20)
    app = Starlette(routes=[Route("/oai", repository.answer, methods=["GET", "POST"])])
    with serving(app, held):
        sickle = Sickle(f"{address(held)}/oai", http_method="POST")
        records = sickle.ListRecords(metadataPrefix="nrii")
        for _ in range(10):
            next(records)
        world.tick(hubei.TOKEN_SECONDS)
        with pytest.raises(BadResumptionToken):
            next(records)


def test_a_token_tells_size_position_and_end(client: httpx.Client, world: ProvinceWorld) -> None:
    root = ask(client, verb="ListRecords", metadataPrefix="nrii")
    positions, seen = [], len(headers_of(root))
    while (token := token_of(root)) is not None:
        positions.append(int(token.get("cursor")))
        assert token.get("completeListSize") == str(world.total)
        if not token.text:
            assert token.get("expirationDate") is None
            break
        assert token.get("expirationDate") > root.findtext(f"{OAI}responseDate")
        root = ask(client, verb="ListRecords", resumptionToken=token.text)
        seen += len(headers_of(root))
    assert positions == list(range(0, world.total, 10))
    assert seen == world.total


def test_a_token_may_be_used_again_and_stays_in_its_verb(client: httpx.Client) -> None:
    token = token_of(ask(client, verb="ListRecords", metadataPrefix="nrii")).text
    first = ask(client, verb="ListRecords", resumptionToken=token)
    again = ask(client, verb="ListRecords", resumptionToken=token)
    ids = [[h.findtext(f"{OAI}identifier") for h in headers_of(root)] for root in (first, again)]
    assert ids[0] == ids[1]
    assert error_of(ask(client, verb="ListIdentifiers", resumptionToken=token)) == "badResumptionToken"
    altered = ("A" if token[0] != "A" else "B") + token[1:]
    assert error_of(ask(client, verb="ListRecords", resumptionToken=altered)) == "badResumptionToken"


def test_a_record_edited_while_a_list_is_read_comes_later_not_never(
    client: httpx.Client, world: ProvinceWorld
) -> None:
    root = ask(client, verb="ListIdentifiers", metadataPrefix="nrii")
    last = world.page(world.total - 1, 1)[0]
    found = headers_of(root)
    world.touch(last.key)
    while (token := token_of(root)) is not None and token.text:
        root = ask(client, verb="ListIdentifiers", resumptionToken=token.text)
        found += headers_of(root)
    assert len({h.findtext(f"{OAI}identifier") for h in found}) == len(
        {(i.unit.id, i.internal_number, i.internal_number or i.model) for i in world.instruments()}
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "Harvest"}, "badVerb"),
        ({"verb": "Identify", "set": "x"}, "badArgument"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "marc"}, "cannotDisseminateFormat"),
        ({"verb": "ListRecords", "metadataPrefix": "nrii", "since": "2026"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "nrii", "since": "2026-01-01", "until": "2026-01-02T00:00:00Z"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "nrii", "since": "2026-02-01", "until": "2026-01-01"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "nrii", "until": "2001-01-01"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "resumptionToken": "x"}, "badResumptionToken"),
        ({"verb": "ListRecords", "resumptionToken": "x", "metadataPrefix": "nrii"}, "badArgument"),
        ({"verb": "ListSets", "resumptionToken": "x"}, "badResumptionToken"),
        ({"verb": "GetRecord", "identifier": "x"}, "badArgument"),
        ({"verb": "GetRecord", "identifier": "x", "metadataPrefix": "nrii"}, "idDoesNotExist"),
        ({"verb": "ListMetadataFormats", "identifier": "x"}, "idDoesNotExist"),
    ],
)  # fmt: skip
def test_every_error_of_the_protocol(client: httpx.Client, arguments: dict[str, str], code: str) -> None:
    root = ask(client, **arguments)
    assert error_of(root) == code
    assert root.find(f"{OAI}request").attrib == {}


def test_a_repeated_argument_is_refused(client: httpx.Client) -> None:
    answer = client.get("/oai?verb=ListRecords&metadataPrefix=nrii&metadataPrefix=nrii")
    assert error_of(etree.fromstring(answer.content)) == "badArgument"
    answer = client.get("/oai?verb=Identify&verb=Identify")
    assert error_of(etree.fromstring(answer.content)) == "badVerb"


def test_a_day_as_the_end_means_its_last_second(client: httpx.Client, world: ProvinceWorld) -> None:
    day = max(i.modified for i in world.instruments()).astimezone(UTC).date().isoformat()
    root = ask(client, verb="ListRecords", metadataPrefix="nrii", until=day)
    assert token_of(root).get("completeListSize") == str(world.total)


def _utc(instant: Any) -> str:
    return str(instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
