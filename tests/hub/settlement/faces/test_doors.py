"""The doors for provinces' systems: their own papers, their own lines, their own programmes; nobody else's."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import rfc8785
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS

from adapters.simulators.purse import Purse
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.identity.service import platforms
from hub.settlement.models import PaymentLine
from tests.hub.identity.oauth.platform_client import PlatformClient, new_key, public_half
from tests.hub.settlement.faces.homes import CODE, UNTIL
from tests.hub.settlement.faces.homes import furnish as furnish_homes
from tests.hub.settlement.faces.stage import Stage, stage
from tests.hub.settlement.periods.world import ANHUI, Usage, furnish, posted
from tests.hub.settlement.vouchers import capture, hold
from tests.in_process import InProcess

pytestmark = pytest.mark.database


@pytest.fixture
def held(database: Database, tmp_path: Path) -> Iterator[Stage]:
    furnish_homes(database)
    furnish(database)
    posted(database, Usage("u1"))
    with stage(database, tmp_path, "310000", "330000") as made:
        made.run()
        yield made


@pytest.fixture
def http(held: Stage) -> Iterator[httpx.Client]:
    from hub.app import create_app

    runtime: Runtime = held.runtime
    with httpx.Client(transport=InProcess(create_app(runtime)), base_url="http://127.0.0.1:8000") as client:
        yield client


def bearer(held: Stage, http: httpx.Client, province: str) -> dict[str, str]:
    """The header of a province's enrolled platform."""
    key = new_key()
    with held.database.write() as session:
        invited = platforms.invite_platform(session, province, actor="system:test", now=held.now())
    answer = http.post("/api/v1/platforms", json={"token": invited.token, "public_key": public_half(key)})
    assert answer.status_code == 201, answer.text
    return PlatformClient(http, held.runtime.clock, answer.json()["client_id"], key).bearer()  # type: ignore[arg-type]


def papers(http: httpx.Client, head: dict[str, str]) -> list[dict[str, Any]]:
    answer = http.get("/api/v1/settlement/papers", headers=head)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["papers"]
    return found


def test_a_platform_reads_its_papers_verifies_them_and_sends_a_receipt(
    held: Stage, http: httpx.Client
) -> None:
    head = bearer(held, http, "310000")
    (paper,) = papers(http, head)
    assert (paper["kind"], paper["document"]["home"]) == ("statement", "330000")
    keys = {one["kid"]: one for one in http.get("/api/v1/booking-messages/keys").json()["keys"]}
    protected, _, signature = paper["signature"].partition("..")
    jws = JWS()
    jws.deserialize(f"{protected}..{signature}")
    from jwcrypto.jwk import JWK

    kid = orjson.loads(jws.objects["protected"])["kid"]
    jws.verify(JWK(**keys[kid]), detached_payload=rfc8785.dumps(paper["document"]))
    told = {"message_id": paper["message_id"], "sha256": paper["sha256"], "remote_id": "SH-1"}
    for _ in range(2):
        answer = http.post("/api/v1/settlement/receipts", headers=head, json=told)
        assert (answer.status_code, answer.json()["message_id"]) == (200, paper["message_id"])
        receipt = JWS()
        receipt.deserialize(answer.json()["hub_receipt"])
        receipt.verify(JWKSet.from_json(http.get("/api/v1/document-keys").text))
        said = orjson.loads(receipt.payload)
        assert (said["what"], said["province"], said["remote_id"]) == ("paper_receipt", "310000", "SH-1")
        assert (said["document"], said["document_sha256"]) == (paper["document_id"], paper["sha256"])
    assert papers(http, head) == []
    assert held.paper("statement", "310000").remote_id == "SH-1"


def test_a_receipt_of_another_content_is_refused_and_looked_into(held: Stage, http: httpx.Client) -> None:
    head = bearer(held, http, "310000")
    (paper,) = papers(http, head)
    told = {"message_id": paper["message_id"], "sha256": "0" * 64}
    answer = http.post("/api/v1/settlement/receipts", headers=head, json=told)
    assert (answer.status_code, answer.json()["code"]) == (409, "paper_mismatch")
    assert held.cases() == ["paper_mismatch"]
    assert len(papers(http, head)) == 1


def test_another_province_s_paper_does_not_exist(held: Stage, http: httpx.Client) -> None:
    mine, others = bearer(held, http, "310000"), bearer(held, http, ANHUI)
    (paper,) = papers(http, mine)
    assert papers(http, others) == []
    told = {"message_id": paper["message_id"], "sha256": paper["sha256"]}
    assert http.post("/api/v1/settlement/receipts", headers=others, json=told).status_code == 404


def result(held: Stage, **changes: Any) -> dict[str, Any]:
    (line,) = held.lines()
    return {
        "id": "zj-1", "payer_area": "330400", "line": line.id, "outcome": "paid", "amount_fen": line.fen,
        "on": "2026-04-10", "bank_reference": "B-1", **changes,
    }  # fmt: skip


def test_a_result_counts_once_and_only_from_the_province_that_pays(held: Stage, http: httpx.Client) -> None:
    zhejiang, shanghai = bearer(held, http, "330000"), bearer(held, http, "310000")

    def send(head: dict[str, str], **changes: Any) -> str:
        answer = http.post("/api/v1/settlement/redemptions", headers=head, json=result(held, **changes))
        assert answer.status_code == 200, answer.text
        jws = JWS()
        jws.deserialize(answer.json()["hub_receipt"])
        jws.verify(JWKSet.from_json(http.get("/api/v1/document-keys").text))
        told = orjson.loads(jws.payload)
        sent = rfc8785.dumps(result(held, **changes))
        assert (told["what"], told["line"]) == ("redemption_result", held.lines()[0].id)
        assert told["handed_in_sha256"] == sha256(sent).hexdigest()
        receipts.append(told["verdict"])
        return str(answer.json()["verdict"])

    receipts: list[str] = []
    assert send(shanghai) == "refused"
    assert send(zhejiang) == "applied"
    assert send(zhejiang) == "repeated"
    assert send(zhejiang, amount_fen=1) == "contradictory"
    assert receipts == ["refused", "applied", "applied", "contradictory"], "the same again, the same receipt"
    with held.database.read() as session:
        assert session.get_one(PaymentLine, held.lines()[0].id).state == "paid"


def test_a_malformed_result_names_what_is_wrong(held: Stage, http: httpx.Client) -> None:
    answer = http.post(
        "/api/v1/settlement/redemptions",
        headers=bearer(held, http, "330000"),
        json=result(held, outcome="maybe"),
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/outcome"


def allotment(fen: int, revision: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": "ED-7", "programme_id": "demo-330400-voucher", "holder": CODE, "fen": fen,
        "valid_until": UNTIL.isoformat(), "revision": revision, **changes,
    }  # fmt: skip


def test_a_home_authority_pushes_allotments_and_is_answered_from_the_ledger(
    held: Stage, http: httpx.Client
) -> None:
    head = bearer(held, http, "330000")
    purse = Purse()
    purse.grant(CODE, 900_000)

    def tell(fen: int) -> dict[str, Any]:
        told = purse.allot("ED-7", fen, holder=CODE)
        answer = http.post("/api/v1/allotments", headers=head, json=allotment(told.asked, told.revision))
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        assert purse.answer("ED-7", document["revision"], document["answer"]["allotted_fen"])
        return dict(document["answer"])

    assert tell(500_000)["left_fen"] == 500_000
    holder = furnish_homes(held.database)
    hold(held.database, "bk-7", 60_000, holder=holder)
    hold(held.database, "bk-8", 10_000, holder=holder)
    capture(held.database, "bk-8", 5_000)
    answer = tell(0)
    assert (answer["allotted_fen"], answer["held_fen"], answer["captured_fen"]) == (35_000, 30_000, 5_000)
    assert purse.left(CODE) == 865_000
    (row,) = http.get("/api/v1/allotments", headers=head).json()["items"]
    assert (row["id"], row["revision"], row["allotted_fen"], row["redeemed_fen"]) == ("ED-7", 2, 35_000, 0)
    late = http.post("/api/v1/allotments", headers=head, json=allotment(500_000, 1)).json()
    assert (late["answer"]["is_stale"], late["revision"]) == (True, 2)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"programme_id": "demo-310000-voucher"}, 403, "allotment_foreign"),
        ({"holder": "91330400MA0000000X"}, 422, "allotment_holder_unknown"),
        ({"programme_id": "no-such"}, 404, "programme_unknown"),
        ({"fen": -1}, 422, "body_invalid"),
    ],
)
def test_an_allotment_that_cannot_be_made_is_refused_by_name(
    held: Stage, http: httpx.Client, changes: dict[str, Any], status: int, code: str
) -> None:
    head = bearer(held, http, "330000")
    answer = http.post("/api/v1/allotments", headers=head, json=allotment(5, 1) | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nobody_without_a_token_comes_in(held: Stage, http: httpx.Client) -> None:
    assert http.get("/api/v1/settlement/papers").status_code == 401
    assert http.post("/api/v1/allotments", json=allotment(5, 1)).status_code == 401
    assert http.post("/api/v1/settlement/redemptions", json={}).status_code == 401
