"""Somebody at the API of bookings, and a submit with its quote."""

from typing import Any

import httpx

import schemas
from hub.availability import service as availability
from hub.availability.service import Asker, Slot
from tests.hub.bookings.people import Cast, Person
from tests.hub.bookings.world import World, request

API = "/api/v1"


class Desk:
    """Somebody at the API: each command with a key and the revision that was read last."""

    def __init__(self, http: httpx.Client) -> None:
        self.http, self.count = http, 0

    def key(self) -> str:
        self.count += 1
        return f"key-of-this-test-{self.count:04}"

    def submit(self, who: Person, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        headers = {**who.headers(), "Idempotency-Key": key or self.key()}
        return self.http.post(f"{API}/bookings", json=body, headers=headers)

    def command(
        self,
        who: Person,
        booking: str,
        command: str,
        revision: int | None = None,
        key: str | None = None,
        **body: Any,
    ) -> httpx.Response:
        if revision is None:
            revision = self.read(who, booking)["revision"]
        headers = {**who.headers(), "Idempotency-Key": key or self.key(), "If-Match": f'"{revision}"'}
        told = {"command": command, **body}
        return self.http.post(f"{API}/bookings/{booking}/commands/{command}", json=told, headers=headers)

    def read(self, who: Person, booking: str) -> dict[str, Any]:
        answer = self.http.get(f"{API}/bookings/{booking}", headers=who.headers())
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        assert schemas.problems("booking", document) == []
        return document


def quoted(world: World, cast: Cast, province: str = "310000", slot: Slot | None = None) -> dict[str, Any]:
    asked = request(province, slot or world.slot())
    principal = cast.li.principal
    asker = Asker(
        principal.name,
        enterprise_id=principal.party_id,
        is_verified=True,
        holders=frozenset({principal.party_id or ""}),
    )
    with world.database.write() as session:
        quote = availability.quote(session, asker, asked["instrument_id"], asked, now=world.clock())
    return {"command": "submit", "request": {**asked, "quote_id": quote.id}}
