"""Solve the belt's joint table again: `python -m adapters.simulators.world.solve` writes `data/belt_cells.csv`.

The study prints margins only. This finds one table region × price band × sharing × funding × country × class with
integer counts that meets every printed count exactly and every printed value to 0.2 亿元:

1. the maximum-entropy table under all count margins and, through the mean value of each region's band, the value
   margins (a convex dual with about seventy multipliers), so that cells look mixed and not like corners of a polytope;
2. its controlled rounding to integers (a 0-1 programme with the count margins as equalities);
3. cell values drawn around the band means and moved by weighted least squares under the value margins.

The counts of the classes the study does not print are set in `OTHER_CLASSES` (four of them within 3–5 % each, as the
study says; the rest invented). Needs the optional extra `belt` (scipy); the result is committed as data.
Money in 0.01 万元.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp, minimize
from scipy.sparse import csr_array, diags_array

HERE = Path(__file__).parent
TABLES = HERE.parents[2] / "hub" / "catalog" / "reference"
OUTPUT = HERE / "data" / "belt_cells.csv"

YI = 1_000_000  # 亿元 in 0.01 万元
TOLERANCE = YI // 5  # 0.2 亿元
SEED = 20191115

REGIONS = ("长三角", "中部三省", "西部三省一市")
BANDS = {
    "50-200": (5_000, 20_000),
    "200-500": (20_000, 50_000),
    "500-800": (50_000, 80_000),
    "800+": (80_000, 600_000),
}
SHARING = ("外部共享", "内部共享", "不共享")
FUNDING = {
    "中央财政资金": "中央财政资金",
    "地方财政资金": "地方财政资金",
    "自筹": "单位自有资金",
    "其他": "其他资金",
}  # printed → national form
COUNTRIES = ("美国", "中国", "德国", "日本", "英国", "其他")
PRINTED_CLASSES = {"010000": "分析仪器", "020000": "物理性能测试仪器", "120000": "工艺试验设备"}
OTHER_CLASSES = {
    "030000": 1_150,  # 计量仪器 3.4 %
    "040000": 1_590,  # 电子测量仪器 4.7 %
    "050000": 420,
    "060000": 640,
    "070000": 510,
    "080000": 150,
    "090000": 1_488,  # 医学诊断仪器 4.4 %
    "100000": 380,
    "110000": 1_250,
    "130000": 1_420,  # 计算机及其配套设备 4.2 %
    "140000": 930,
    "990000": 1_829,
}
CLASSES = tuple(sorted(PRINTED_CLASSES | OTHER_CLASSES))
# Which makers a class is bought from: only the shape of the start, the margins decide.
LEANING = {
    ("120000", "中国"): 1.6, ("120000", "德国"): 1.3, ("130000", "中国"): 2.0, ("130000", "美国"): 1.4,
    ("110000", "中国"): 1.4, ("990000", "中国"): 1.5, ("070000", "中国"): 1.4, ("040000", "美国"): 1.5,
    ("090000", "德国"): 1.5, ("090000", "美国"): 1.3, ("010000", "日本"): 1.2, ("010000", "中国"): 0.7,
    ("020000", "英国"): 1.3, ("060000", "其他"): 1.4,
}  # fmt: skip

Cell = tuple[str, str, str, str, str, str]
PLACES = {"region": 0, "band": 1, "sharing": 2, "funding": 3, "country": 4, "class_code": 5}


@dataclass(frozen=True)
class Margin:
    """One figure: the cells it sums over, their count and, where it is printed, their value."""

    name: str
    cells: list[int]
    count: int
    value: int | None


def rows(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def yi(text: str) -> int:
    return round(float(text) * YI)


def margins(cells: list[Cell]) -> list[Margin]:
    """Every figure that a cell can meet."""

    def add(name: str, count: str | int, value: str | None, **where: tuple[str, ...]) -> None:
        wanted = [(PLACES[place], names) for place, names in where.items()]
        members = [n for n, cell in enumerate(cells) if all(cell[place] in names for place, names in wanted)]
        found.append(Margin(name, members, int(count), None if value is None else yi(value)))

    found: list[Margin] = []
    for row in rows("t1_price_band.csv"):
        region, band = row["region"], row["band_wan_yuan"]
        if region != "全国":
            bands = tuple(BANDS) if band == "合计" else (band,)
            add(
                f"t1 {region} {band}", row["count"], row["value_yi_yuan"], region=_regions(region), band=bands
            )
    for row in rows("t2_country.csv"):
        add(f"t2 {row['country']}", row["count"], row["value_yi"], country=(row["country"],))
    for row in rows("t3_funding.csv"):
        add(f"t3 {row['source']}", row["count"], row["value_yi"], funding=(FUNDING[row["source"]],))
    for row in rows("t5_sharing.csv"):
        region = row["region"]
        for mode in SHARING:
            add(
                f"t5 {region} {mode}",
                row[f"n_{mode}"],
                row[f"v_{mode}_yi"],
                region=_regions(region),
                sharing=(mode,),
            )
    for row in rows("t6_fiscal.csv"):
        for key, source in (("central", "中央财政资金"), ("local", "地方财政资金")):
            figures = row[f"{key}_count"], row[f"{key}_value_yi"]
            add(f"t6 {row['region']} {source}", *figures, region=(row["region"],), funding=(source,))
    printed = {row["category"]: row for row in rows("t0_category.csv")}
    for code, name in PRINTED_CLASSES.items():
        add(f"t0 {name}", printed[name]["count"], printed[name]["value_yi"], class_code=(code,))
    for code, count in OTHER_CLASSES.items():
        add(f"class {code}", count, None, class_code=(code,))
    return found


def _regions(name: str) -> tuple[str, ...]:
    return REGIONS if name == "长江经济带" else (name,)


def incidence(found: list[Margin], width: int) -> csr_array:
    row_of = [number for number, margin in enumerate(found) for _ in margin.cells]
    column = [cell for margin in found for cell in margin.cells]
    return csr_array((np.ones(len(column)), (row_of, column)), shape=(len(found), width))


def mean_values(cells: list[Cell]) -> np.ndarray:
    """Mean value of the region's price band, for each cell, in 0.01 万元."""
    printed = {
        (row["region"], row["band_wan_yuan"]): yi(row["value_yi_yuan"]) / int(row["count"])
        for row in rows("t1_price_band.csv")
    }
    return np.array([printed[cell[0], cell[1]] for cell in cells])


def mixed_table(cells: list[Cell], found: list[Margin]) -> np.ndarray:
    """The maximum-entropy table: fractional counts that meet all count margins and nearly all value margins."""
    mean = mean_values(cells) / 10_000  # 百万元, of the order of one
    prior = np.array([LEANING.get((cell[5], cell[4]), 1.0) for cell in cells])
    values = [margin for margin in found if margin.value is not None and not margin.name.startswith("t1")]
    share = incidence(found, len(cells))
    weighted = incidence(values, len(cells)) @ diags_array(mean)
    total = sum(margin.count for margin in found if margin.name.startswith(("class", "t0")))
    printed = [m.value / 10_000 for m in values if m.value is not None]
    target = np.concatenate([[m.count for m in found], printed]) / total
    both = csr_array(np.vstack([share.toarray(), weighted.toarray()]))
    prior = prior / prior.sum()

    def dual(theta: np.ndarray) -> tuple[float, np.ndarray]:
        table = prior * np.exp(np.clip(both.T @ theta, -60, 60))
        # A trace of curvature keeps the multipliers of figures that disagree in the last digit from running away.
        return table.sum() - target @ theta + 1e-7 * theta @ theta, both @ table - target + 2e-7 * theta

    best = minimize(dual, np.zeros(both.shape[0]), jac=True, method="L-BFGS-B",
                    options={"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-9})  # fmt: skip
    return total * prior * np.exp(np.clip(both.T @ best.x, -60, 60))


def whole_counts(table: np.ndarray, found: list[Margin]) -> np.ndarray:
    """Round every cell down or up so that each count margin holds exactly."""
    share = incidence(found, len(table))
    floor = np.floor(table)
    wanted = np.array([margin.count for margin in found]) - share @ floor
    answer = milp(
        c=1 - 2 * (table - floor),
        constraints=LinearConstraint(share, wanted, wanted),
        integrality=np.ones(len(table)),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.02, "time_limit": 300},
    )
    if answer.x is None:
        raise SystemExit(f"no rounding meets the counts: {answer.message}")
    return (floor + np.round(answer.x)).astype(int)


def cell_values(cells: list[Cell], count: np.ndarray, found: list[Margin]) -> np.ndarray:
    """Value totals scattered around the band means that meet the value margins; strictly inside the price bands.

    A cell's total is drawn as the sum of its instruments' prices (otherwise every lone instrument would cost the mean
    of its band), then moved by least squares, where a total near the edge of its band moves least.
    """
    values = [margin for margin in found if margin.value is not None]
    share = incidence(values, len(cells))
    target = np.array([margin.value for margin in values])
    low = np.array([BANDS[cell[1]][0] for cell in cells], dtype=float)
    high = np.array([BANDS[cell[1]][1] for cell in cells], dtype=float)
    place = (mean_values(cells) - low) / (high - low)
    rng = np.random.default_rng(SEED)
    drawn = np.array(
        [rng.beta(1.2, 1.2 * (1 - p) / p, size=n).sum() for p, n in zip(place, count, strict=True)]
    )
    value = count * low + drawn * (high - low)
    for _ in range(5):
        room = np.maximum(value - count * low, 0) * np.maximum(count * high - value, 0) / np.maximum(count, 1)
        normal = (share @ diags_array(room) @ share.T).toarray()
        multiplier, *_ = np.linalg.lstsq(normal, target - share @ value, rcond=1e-9)
        value += np.clip(
            room * (share.T @ multiplier), 0.8 * (count * low - value), 0.8 * (count * high - value)
        )
    value = np.round(value).astype(int)
    if not ((value >= count * low) & (value <= count * (high - 1))).all():
        raise SystemExit("a cell's mean value leaves its price band")
    return value


def deviations(count: np.ndarray, value: np.ndarray, found: list[Margin]) -> Iterator[tuple[str, int, int]]:
    """(figure, count − printed, value − printed) for every margin."""
    for margin in found:
        counted = int(count[margin.cells].sum()) - margin.count
        summed = int(value[margin.cells].sum()) - margin.value if margin.value is not None else 0
        yield margin.name, counted, summed


def main() -> None:
    cells: list[Cell] = list(itertools.product(REGIONS, BANDS, SHARING, FUNDING.values(), COUNTRIES, CLASSES))
    found = margins(cells)
    count = whole_counts(mixed_table(cells, found), found)
    value = cell_values(cells, count, found)
    for name, counted, summed in deviations(count, value, found):
        if counted or abs(summed) > TOLERANCE:
            raise SystemExit(f"{name}: count off by {counted}, value off by {summed / YI:.2f} 亿元")
        print(f"{name}: {summed / YI:+.3f} 亿元")
    OUTPUT.parent.mkdir(exist_ok=True)
    with OUTPUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("region", "band", "sharing", "funding", "country", "class", "count", "value"))
        for cell, number, total in zip(cells, count, value, strict=True):
            if number:
                writer.writerow((*cell, int(number), int(total)))
    print(
        f"{OUTPUT.name}: {int((count > 0).sum())} cells, {int(count.sum())} instruments, {value.sum() / YI:.2f} 亿元"
    )


if __name__ == "__main__":
    main()
