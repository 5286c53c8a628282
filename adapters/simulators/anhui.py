"""安徽: the platform pushes NDJSON batches to the hub, then a period digest. Written from `dialects/anhui.md`; synthetic."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import orjson
from starlette.routing import BaseRoute

from adapters.simulators.anhui_bookings import Courier
from adapters.simulators.desk import desk_of
from adapters.simulators.enrolment import Enrolment
from adapters.simulators.simulator import Hub
from adapters.simulators.survey import survey_routes
from adapters.simulators.world import Instrument
from adapters.simulators.world.dirt import VALUE_FULL_WIDTH, VALUE_UNIT, Render
from adapters.simulators.world.model import Change
from adapters.simulators.world.province import ProvinceWorld

PROVINCE = "340000"
BATCH_ROWS = 500
TRIES = 5
SOURCES = {"购置": "1", "研制": "2", "赠送": "3", "其他": "9"}
KINDS = {"通用": "TY", "专用": "ZY"}


class Anhui:
    """The platform that pushes: what it sent and had acknowledged is its state."""

    province = PROVINCE
    credentials: dict[str, str] = {}  # noqa: RUF012 - the hub hands out the key here
    folder: Path | None = None

    def __init__(self, world: ProvinceWorld, folder: Path) -> None:
        self._world = world
        self.routes: list[BaseRoute] = list(survey_routes(world))
        self._enrolment = Enrolment(folder)
        self._courier = Courier(desk_of(world), self._enrolment)
        self._acknowledged = 0
        self._full_sent = False

    def play(self, hub: Hub) -> None:
        """Push what the hub has not acknowledged, then the digest; push everything again when the hub misses records.

        An unanswered batch goes again under the same `batch_id`. Raises `httpx.HTTPStatusError` for a refusal.
        """
        with httpx.Client(
            base_url=hub.url, auth=self._enrolment.at(hub), timeout=60, trust_env=False
        ) as client:
            self._push(client)
            if self._digest(client)["missing"]:
                self._full_sent = False
                self._push(client)
                self._digest(client)

    def attend(self, hub: Hub) -> None:
        """See `Attendant.attend`."""
        self._courier.attend(hub)

    def _push(self, client: httpx.Client) -> None:
        lines = self._changed_lines() if self._full_sent else self._all_lines()
        reached = self._world.last_sequence
        while batch := list(islice(lines, BATCH_ROWS)):
            self._send(client, b"\n".join(batch))
        self._full_sent, self._acknowledged = True, reached

    def _all_lines(self) -> Iterator[bytes]:
        for number, instrument in enumerate(self._world.instruments(), start=1):
            yield line("U", number, instrument.modified.strftime("%Y-%m-%d %H:%M:%S"), record(instrument))

    def _changed_lines(self) -> Iterator[bytes]:
        after = self._acknowledged
        while changes := self._world.changes(after, BATCH_ROWS):
            for change in changes:
                yield _changed(change)
            after = changes[-1].sequence

    def _send(self, client: httpx.Client, body: bytes) -> None:
        batch = str(uuid.uuid4())
        for attempt in range(TRIES):
            try:
                answer = client.post(
                    f"/api/v1/sync/{PROVINCE}/batches",
                    params={"resource": "instruments", "batch_id": batch},
                    content=body,
                    headers={"Content-Type": "application/x-ndjson"},
                )
            except httpx.TransportError:
                time.sleep(0.2 * 2**attempt)
                continue
            if answer.status_code in (409, 429, 503):
                time.sleep(min(float(answer.headers.get("Retry-After", "1")), 5))
                continue
            answer.raise_for_status()
            return
        raise httpx.ConnectError(f"batch {batch} was not answered in {TRIES} tries")

    def _digest(self, client: httpx.Client) -> dict[str, Any]:
        """The digest covers every numbered record the platform holds, the hopeless ones too."""
        held = self._world.expected_keys() | self._world.hopeless_keys()
        keys = sorted(key for key in held if not key.endswith("|"))
        answer = client.post(
            f"/api/v1/sync/{PROVINCE}/digests",
            json={
                "resource": "instruments",
                "period": f"{self._world.now:%Y-%m}",
                "count": len(keys),
                "sha256": hashlib.sha256("\n".join(keys).encode()).hexdigest(),
                "keys": keys,
            },
        )
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told


def build(world: ProvinceWorld, base_url: str, folder: Path) -> Anhui:
    """The platform over its world; `folder` keeps its standing at the hub."""
    return Anhui(world, folder)


def line(kind: str, sequence: int, moment: str, body: dict[str, Any]) -> bytes:
    """One line of a batch."""
    return orjson.dumps({"czlx": kind, "xh": sequence, "sj": moment, "yq": body})


def _changed(change: Change) -> bytes:
    moment = f"{change.modified:%Y-%m-%d %H:%M:%S}"
    if change.instrument is None:
        unit, _, number = change.key.partition("|")
        return line("D", change.sequence, moment, {"dwbs": unit, "yqbm": number})
    return line("U", change.sequence, moment, record(change.instrument))


def record(it: Instrument) -> dict[str, Any]:
    """The `yq` object of one instrument."""
    ink = Render(it)
    plain = not {VALUE_UNIT, VALUE_FULL_WIDTH} & set(it.dirt)
    body: dict[str, Any] = {
        "dwbs": it.unit.id,
        "dwmc": it.unit.name,
        "yqbm": it.internal_number,
        "yqmc": ink.text(it.name),
        "yqywm": it.name_en,
        "bm": list(it.aliases),
        "flm": ink.class_code(),
        "flmc": ink.class_text(it.class_name),
        "cs": ink.text(it.manufacturer),
        "xh": ink.text(it.model),
        "gb": it.country,
        "ly": SOURCES[it.acquisition],
        "lb": KINDS[it.equipment_type],
        "yz": it.value / 100 if plain else ink.value(),
        "qyrq": ink.date(it.commissioned_on),
        "zt": it.running_state,
        "zb": it.indicators,
        "gn": it.functions,
        "fwnr": it.service_content,
        "xz": it.user_notice,
        "sf": it.fee_text,
        "cg": it.achievements,
        "xk": [item.code for item in it.disciplines],
        "bmks": ink.text(it.department),
        "szd": {
            "shi": it.place.city_name,
            "xian": it.place.county_name,
            "jd": it.place.street,
            "yb": it.place.postcode,
            "jdzb": it.place.lon,
            "wdzb": it.place.lat,
        },
        "lxr": {
            "xm": it.contact.name,
            "dh": it.contact.office_phone,
            "sj": it.contact.mobile,
            "yx": it.contact.email,
        },
        "wz": it.service_url,
        "tp": it.image_url,
        "gxsj": f"{it.modified:%Y-%m-%d %H:%M:%S}",
    }
    if it.customs is not None:
        body["hg"] = {
            "jg": int(it.customs.supervised),
            "jz": it.customs.until.isoformat(),
            "bgd": it.customs.declaration_number,
            "xh": it.customs.item_number,
            "yt": list(it.customs.permitted_purposes),
        }
    return body
