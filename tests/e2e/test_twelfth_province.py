"""A twelfth province is a folder: a copy of one that speaks the same dialect, with another manifest, and no code.

The test writes 河南's folder from 四川's, lets a simulator of that dialect answer over a synthetic 河南, and finds its
instruments in the catalogue, in search, on the map and on the pages.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from adapters import check, registry
from adapters.contract import Connection
from adapters.registry import PROVINCES
from adapters.simulators import serve, sichuan
from adapters.simulators.world import ProvinceWorld
from adapters.simulators.world.atlas import sample
from adapters.simulators.world.belt import Province, region_lots
from adapters.simulators.world.roster import Roster
from adapters.simulators.world.units import make_units
from hub.core import outbound
from hub.core.addresses import host_and_port
from tests.e2e import expected
from tests.e2e.federation import migrated_database, over, settings_of

pytestmark = pytest.mark.database

TWELFTH, COPIED = "410000", "510000"
MANIFEST = {
    "province": '"410000"',
    "name": "{zh: 河南省, en: Henan}",
    "short": "豫",
    "tile": "{col: 3, row: 0}",
    "icon": "a-landmark-nobody-has-drawn",
}


def write_folder(folder: Path) -> Path:
    """The twelfth province's folder: 四川's files, five lines of the manifest changed, and its names."""
    shutil.copytree(PROVINCES / COPIED, folder / TWELFTH)
    path = folder / TWELFTH / "manifest.yaml"
    text = path.read_text("utf-8").replace("四川", "河南").replace("Sichuan", "Henan")
    for name, value in MANIFEST.items():
        text, changed = re.subn(rf"(?m)^{name}: .*$", f"{name}: {value}", text)
        assert changed == 1, name
    path.write_text(text, "utf-8")
    return folder


def henan() -> ProvinceWorld:
    """A synthetic 河南: sixty instruments of the middle region's kinds in invented units of 郑州."""
    place = Province(TWELFTH, "河南省", "中部三省", 480, "45", "410100")
    units = make_units(place, {"高校": 2, "科研院所": 3, "企业": 3}, seed=12)
    lot = sample(region_lots("中部三省", 2019)["420000"], 60)
    return ProvinceWorld(Roster(place, lot, units, 1, 12))


@contextmanager
def answering(world: ProvinceWorld, folder: Path) -> Iterator[Connection]:
    """四川's simulator over this world, and how to reach it."""
    held = serve.listen()
    base_url = f"{serve.address(held)}/{TWELFTH}"
    platform = sichuan.build(world, base_url, folder)
    app = Starlette(routes=[Mount(f"/{TWELFTH}", routes=list(platform.routes))])
    with serve.serving(app, held):
        yield Connection(base_url, platform.credentials)


def test_one_folder_and_no_code_adds_a_province(tmp_path: Path) -> None:
    folder, world = write_folder(tmp_path / "provinces"), henan()
    assert [path.name for path in (folder / TWELFTH).iterdir() if path.suffix == ".py"] == []
    assert check.main([str(folder)]) == 0
    own = registry.discover(folder)
    assert list(own) == [TWELFTH]
    with answering(world, tmp_path) as connection, migrated_database(tmp_path) as url:
        client = partial(outbound.client, allow={host_and_port(connection.base_url)})
        twelve = registry.discover() | own
        adapters = {
            code: registry.build_adapter(province, connection if code == TWELFTH else Connection(), client)
            for code, province in twelve.items()
        }
        with over(settings_of(tmp_path, url, tmp_path / "none.json"), adapters=adapters) as hub:
            ends = hub.sync(TWELFTH)
            assert [end.verdict for end in ends] == ["complete"] * 3
            hub.settle()
            good = list(world.good())
            listed = hub.every("/api/v1/instruments", open="any", sort="newest", province=TWELFTH, limit=100)
            wanted = {_id(instrument): (instrument, row) for instrument, row in good}
            assert {item["id"] for item in listed} == wanted.keys()
            for identifier, (instrument, row) in wanted.items():
                shown = hub.get(f"/api/v1/instruments/{identifier}")["instrument"]
                assert expected.said(shown) == expected.facts_of(instrument, row)
            provinces = {item["code"]: item for item in hub.get("/api/v1/provinces")["items"]}
            assert len(provinces) == 12
            assert provinces[TWELFTH]["counts"]["any"] == len(good)
            assert provinces[TWELFTH]["counts"]["quarantined"] == len(world.hopeless)
            assert "41-station" in {s["id"] for s in hub.get("/api/v1/stations")["items"]}
            places = hub.get("/api/v1/map", open="any")["provinces"]
            assert {p["code"]: p["count"] for p in places if p["count"]} == {TWELFTH: len(good)}
            for page in (
                "/",
                "/provinces",
                f"/provinces/{TWELFTH}",
                f"/stations/{TWELFTH}",
                "/search?open=any",
            ):
                answer = hub.client.get(page)
                assert answer.status_code == 200, page
                assert "河南" in answer.text, page


def _id(instrument: object) -> str:
    return expected.schemas.ids.instrument_id(TWELFTH, instrument.unit.id, instrument.internal_number)  # type: ignore[attr-defined]
