"""The schematic map: geometry only, no data source and no boundary line.

Eleven hexagons keep eighteen of the nineteen real neighbourhoods, and the Yangtze runs in the channels between them,
touching every one. Tiles come from the provinces' manifests, so a twelfth province is drawn where its manifest puts
it. The same scene is drawn lying (a desk) and turned by a quarter, west at the top (a phone held upright).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians, sin, sqrt

Point = tuple[float, float]

RADIUS = 88.0
GAP = 25.0
"""The channel between two tiles, in the units of the drawing."""
WIDTH = sqrt(3) * RADIUS
STEPS = (0.08, 0.2, 0.38, 0.6, 0.8)
"""Shares of the largest count at which the colour steps up; six levels."""
MARGIN = 16.0

# The river follows tile corners. A corner is (column, row, corner), corners counted clockwise from the top.
RIVER = (
    (0.5, 1, 5), (0.5, 1, 4), (0.5, 1, 3), (0.5, 1, 2), (1.5, 1, 3), (1.5, 1, 2), (2.5, 1, 3), (2.5, 1, 2),
    (3.5, 1, 3), (3.5, 1, 2), (3.5, 1, 1), (4.5, 1, 0), (4.5, 1, 1),
)  # fmt: skip
SPRING = ((-128.0, -92.0), (-66.0, -90.0), (-8.0, -46.0))
MOUTH = ((52.0, 6.0), (100.0, -12.0), (150.0, 4.0))


@dataclass(frozen=True, slots=True)
class Place:
    """What one tile shows: a six-digit code, its words, its number and where the manifest puts it."""

    code: str
    name: str
    short: str
    icon: str
    count: int
    col: float
    row: float
    state: str = "online"


@dataclass(frozen=True, slots=True)
class Tile:
    """A place with its outline: `x, y` is the centre, `level` 0 … 5 the colour."""

    place: Place
    x: float
    y: float
    outline: str
    level: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawing: `box` is the SVG view box, `ends` the two ends of the river's gradient along its run."""

    tiles: tuple[Tile, ...]
    river: str
    box: tuple[float, float, float, float]
    upright: bool

    @property
    def view_box(self) -> str:
        return " ".join(f"{value:.0f}" for value in self.box)


@dataclass(frozen=True, slots=True)
class Cell:
    """One city of a honeycomb."""

    code: str
    name: str
    count: int
    x: float
    y: float
    outline: str
    level: int


@dataclass(frozen=True, slots=True)
class Comb:
    cells: tuple[Cell, ...]
    box: tuple[float, float, float, float]

    @property
    def view_box(self) -> str:
        return " ".join(f"{value:.1f}" for value in self.box)


def level(count: int, largest: int) -> int:
    """Colour level 0 … 5 of a count; 0 when there is nothing at all."""
    if largest <= 0:
        return 0
    share = count / largest
    return sum(share >= step for step in STEPS)


def centre(col: float, row: float) -> Point:
    return col * WIDTH, row * 1.5 * RADIUS


def corners(x: float, y: float, radius: float) -> list[Point]:
    """The six corners of a hexagon that stands on its tip, clockwise from the top."""
    angles = [radians(60 * turn - 90) for turn in range(6)]
    return [(x + radius * cos(angle), y + radius * sin(angle)) for angle in angles]


def toward(start: Point, end: Point, distance: float) -> Point:
    """The point `distance` from `start` on the way to `end`, never past the middle."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    share = min(distance, length / 2) / length
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def rounded(points: Sequence[Point], radius: float, *, closed: bool) -> str:
    """SVG path through the points with rounded corners."""
    count = len(points)
    bends = range(count) if closed else range(1, count - 1)
    parts = [] if closed else [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for index in bends:
        here = points[index]
        before, after = (
            toward(here, points[index - 1], radius),
            toward(here, points[(index + 1) % count], radius),
        )
        pen = "M" if closed and index == 0 else "L"
        parts.append(
            f"{pen}{before[0]:.1f} {before[1]:.1f}Q{here[0]:.1f} {here[1]:.1f} {after[0]:.1f} {after[1]:.1f}"
        )
    parts.append("Z" if closed else f"L{points[-1][0]:.1f} {points[-1][1]:.1f}")
    return "".join(parts)


def river_points() -> list[Point]:
    """The river from its spring in the west to the sea."""
    course = [corners(*centre(col, row), RADIUS)[corner] for col, row, corner in RIVER]
    first, last = course[0], course[-1]
    spring = [(first[0] + dx, first[1] + dy) for dx, dy in SPRING]
    mouth = [(last[0] + dx, last[1] + dy) for dx, dy in MOUTH]
    return [*spring, *course, *mouth]


def turned(points: Iterable[Point], *, upright: bool) -> list[Point]:
    """The points as they are, or turned clockwise by a quarter (west at the top, north on the right)."""
    return [(-y, x) for x, y in points] if upright else list(points)


def scene(places: Sequence[Place], *, upright: bool = False) -> Scene:
    """The whole drawing; tiles come in reading order from west to east, so that Tab follows the river."""
    largest = max((place.count for place in places), default=0)
    tiles, extent = [], turned(river_points()[1:-1], upright=upright)
    for place in places:
        at = centre(place.col, place.row)
        outline = turned(corners(*at, RADIUS - GAP / 2), upright=upright)
        ((x, y),) = turned([at], upright=upright)
        extent += outline
        colour = level(place.count, largest)
        tiles.append(Tile(place, round(x, 1), round(y, 1), rounded(outline, 17, closed=True), colour))
    tiles.sort(key=lambda tile: (tile.place.col, tile.place.row))
    river = rounded(turned(river_points(), upright=upright), 30, closed=False)
    return Scene(tuple(tiles), river, bounds(extent, MARGIN), upright)


def bounds(points: Sequence[Point], margin: float) -> tuple[float, float, float, float]:
    """View box around the points: left, top, width, height."""
    if not points:
        return 0.0, 0.0, 1.0, 1.0
    left, top = min(x for x, _ in points) - margin, min(y for _, y in points) - margin
    right, bottom = max(x for x, _ in points) + margin, max(y for _, y in points) + margin
    return left, top, right - left, bottom - top


def honeycomb(cities: Sequence[tuple[str, str, int]], radius: float = 36.0) -> Comb:
    """Cities as a honeycomb, (code, name, count), largest first: the first in the middle, then spiralling out.

    A ring that cannot be filled is filled from its flat sides, so the comb stays wider than high.
    """
    places = [(0, 0)]
    ring = 1
    while len(places) < len(cities):
        cells = ring_cells(ring)
        missing = len(cities) - len(places)
        if missing < len(cells):
            cells = sorted(cells, key=lambda cell: (abs(cell[1]), -cell[0]))[:missing]
        places += cells
        ring += 1
    largest = max((count for _, _, count in cities), default=0)
    drawn = []
    extent: list[Point] = []
    for (code, name, count), (q, r) in zip(cities, places, strict=False):
        x, y = radius * sqrt(3) * (q + r / 2), radius * 1.5 * r
        outline = corners(x, y, radius - 2.4)
        extent += outline
        drawn.append(Cell(code, name, count, x, y, rounded(outline, 7, closed=True), level(count, largest)))
    return Comb(tuple(drawn), bounds(extent, 3.0))


def ring_cells(ring: int) -> list[tuple[int, int]]:
    """Axial coordinates of the cells `ring` steps from the middle, once around."""
    steps = ((1, 0), (1, -1), (0, -1), (-1, 0), (-1, 1), (0, 1))
    q, r = -ring, ring
    cells = []
    for dq, dr in steps:
        for _ in range(ring):
            cells.append((q, r))
            q, r = q + dq, r + dr
    return cells
