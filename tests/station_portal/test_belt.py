"""The schematic map: neighbours stay neighbours, nothing overlaps, everything lies inside the drawing."""

from itertools import combinations
from math import hypot, sqrt

import pytest

from station_portal import belt

TILES = {
    "320000": (4.0, 0), "510000": (0.5, 1), "500000": (1.5, 1), "420000": (2.5, 1), "340000": (3.5, 1),
    "310000": (4.5, 1), "530000": (0.0, 2), "520000": (1.0, 2), "430000": (2.0, 2), "360000": (3.0, 2),
    "330000": (4.0, 2),
}  # fmt: skip


def places(count: int = 100) -> list[belt.Place]:
    return [belt.Place(code, code, "", "compass", count, col, row) for code, (col, row) in TILES.items()]


def test_hexagons_never_overlap() -> None:
    scene = belt.scene(places())
    for one, other in combinations(scene.tiles, 2):
        assert hypot(one.x - other.x, one.y - other.y) >= sqrt(3) * (belt.RADIUS - belt.GAP / 2)


def test_river_touches_every_province() -> None:
    river = belt.river_points()
    for col, row in TILES.values():
        corners = belt.corners(*belt.centre(col, row), belt.RADIUS)
        assert any(hypot(x - cx, y - cy) < 1 for x, y in river for cx, cy in corners), (col, row)


@pytest.mark.parametrize("upright", [False, True])
def test_every_tile_is_inside_the_view_box(upright: bool) -> None:
    scene = belt.scene(places(), upright=upright)
    left, top, width, height = scene.box
    for tile in scene.tiles:
        assert left + belt.RADIUS / 2 < tile.x < left + width - belt.RADIUS / 2
        assert top + belt.RADIUS / 2 < tile.y < top + height - belt.RADIUS / 2


def test_upright_is_a_quarter_turn_with_the_west_on_top() -> None:
    lying, upright = belt.scene(places()), belt.scene(places(), upright=True)
    turned = {tile.place.code: (tile.x, tile.y) for tile in upright.tiles}
    for tile in lying.tiles:
        assert turned[tile.place.code] == pytest.approx((-tile.y, tile.x), abs=0.2)
    assert turned["530000"][1] < turned["310000"][1]


def test_a_twelfth_province_widens_the_drawing() -> None:
    twelfth = belt.Place("410000", "河南", "豫", "compass", 5, 3.0, 0)
    far = belt.Place("370000", "山东", "鲁", "compass", 5, 6.0, 0)
    assert belt.scene([*places(), twelfth]).box == belt.scene(places()).box
    assert belt.scene([*places(), far]).box[2] > belt.scene(places()).box[2]


def test_no_province_at_all_is_still_a_drawing() -> None:
    assert belt.scene([]).tiles == ()


@pytest.mark.parametrize(
    ("count", "largest", "expected"),
    [
        (0, 0, 0),
        (0, 100, 0),
        (7, 100, 0),
        (8, 100, 1),
        (20, 100, 2),
        (79, 100, 4),
        (80, 100, 5),
        (100, 100, 5),
    ],
)
def test_levels(count: int, largest: int, expected: int) -> None:
    assert belt.level(count, largest) == expected


@pytest.mark.parametrize("size", [0, 1, 2, 7, 8, 13, 19, 21])
def test_honeycomb_gives_every_city_its_own_cell(size: int) -> None:
    comb = belt.honeycomb([(str(number), f"城{number}", 100 - number) for number in range(size)])
    assert [cell.code for cell in comb.cells] == [str(number) for number in range(size)]
    assert len({(round(cell.x), round(cell.y)) for cell in comb.cells}) == size
    if comb.cells:
        assert (comb.cells[0].x, comb.cells[0].y) == (0, 0)
