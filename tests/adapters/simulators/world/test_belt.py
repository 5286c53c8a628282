"""The world holds exactly the belt of the study: every printed count, hour total and, to 0.2 亿元, value.

The figures are read from the reference tables the project publishes, not repeated here.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest

from adapters.simulators.world import World
from adapters.simulators.world.belt import PRICE_BANDS, joint_table, provinces, region_lots

TABLES = Path(__file__).parents[4] / "hub" / "catalog" / "reference"
REGION = {province.code: province.region for province in provinces()}
BELT = "长江经济带"
NAMED = {"US": "美国", "CN": "中国", "DE": "德国", "JP": "日本", "GB": "英国"}
PRINTED_FUNDING = {"单位自有资金": "自筹", "其他资金": "其他"}
CLASSES = {
    "01": "分析仪器", "02": "物理性能测试仪器", "12": "工艺试验设备", "03": "计量仪器", "04": "电子测量仪器",
    "09": "医学诊断仪器", "13": "计算机及其配套设备",
}  # fmt: skip
YI = 1_000_000


def table(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Sums:
    """Counts, values and hours over all good records, by every heading the study prints."""

    def __init__(self, world: World) -> None:
        self.count: Counter[tuple[str, ...]] = Counter()
        self.value: Counter[tuple[str, ...]] = Counter()
        self.hours: Counter[tuple[str, str]] = Counter()
        for code in world.provinces:
            for instrument, row in world.province(code).good():
                wan = instrument.value / 100
                band = (
                    "50-200" if wan < 200 else "200-500" if wan < 500 else "500-800" if wan < 800 else "800+"
                )
                headings = [
                    ("class", instrument.class_code[:2]),
                    ("country", NAMED.get(instrument.country, "其他")),
                    ("funding", PRINTED_FUNDING.get(row.funding, row.funding)),
                ]
                for area in (REGION[code], BELT):
                    headings += [(area, "合计"), (area, band), (area, row.sharing), (area, row.funding)]
                    self.hours[area, "effective"] += row.effective_hours
                    self.hours[area, "external"] += row.external_hours
                for heading in headings:
                    self.count[heading] += 1
                    self.value[heading] += instrument.value
                assert instrument.value >= 5_000

    def check(self, heading: tuple[str, ...], count: str, value: str) -> None:
        assert self.count[heading] == int(count), heading
        assert abs(self.value[heading] - float(value) * YI) <= 0.2 * YI, heading


@pytest.fixture(scope="module")
def sums(full_world: World) -> Sums:
    return Sums(full_world)


def test_organisations_of_each_kind(full_world: World) -> None:
    kinds = Counter(unit.kind for code in full_world.provinces for unit in full_world.province(code).units)
    printed = {row["type"]: int(row["units"]) for row in table("t0_orgs.csv")}
    assert kinds.total() == printed.pop("合计")
    assert kinds == printed


def test_every_organisation_owns_an_instrument(full_world: World) -> None:
    for code in full_world.provinces:
        province = full_world.province(code)
        assert {i.unit.id for i, _ in province.good()} == {unit.id for unit in province.units}


def test_categories(sums: Sums) -> None:
    printed = {row["category"]: row for row in table("t0_category.csv")}
    total = sums.count[BELT, "合计"]
    for code, name in CLASSES.items():
        row = printed[name]
        if row["count"]:
            sums.check(("class", code), row["count"], row["value_yi"])
        else:
            low, high = map(float, row["count_pct"].split("-"))
            assert low <= 100 * sums.count["class", code] / total <= high, name
    assert len({heading for heading in sums.count if heading[0] == "class"}) == 15


def test_price_bands(sums: Sums) -> None:
    for row in table("t1_price_band.csv"):
        if row["region"] != "全国":
            sums.check((row["region"], row["band_wan_yuan"]), row["count"], row["value_yi_yuan"])


def test_countries(sums: Sums) -> None:
    for row in table("t2_country.csv"):
        sums.check(("country", row["country"]), row["count"], row["value_yi"])


def test_funding(sums: Sums) -> None:
    for row in table("t3_funding.csv"):
        sums.check(("funding", row["source"]), row["count"], row["value_yi"])


def test_sharing_and_hours(sums: Sums) -> None:
    for row in table("t5_sharing.csv"):
        region = row["region"]
        for mode in ("外部共享", "内部共享", "不共享"):
            sums.check((region, mode), row[f"n_{mode}"], row[f"v_{mode}_yi"])
        assert sums.hours[region, "effective"] == round(float(row["年有效工作机时_wan_h"]) * 10_000)
        assert sums.hours[region, "external"] == round(float(row["年对外服务机时_wan_h"]) * 10_000)


def test_fiscal_funds_by_region(sums: Sums) -> None:
    for row in table("t6_fiscal.csv"):
        sums.check((row["region"], "中央财政资金"), row["central_count"], row["central_value_yi"])
        sums.check((row["region"], "地方财政资金"), row["local_count"], row["local_value_yi"])


def test_provinces_share_a_region_by_gdp(full_world: World) -> None:
    gdp = {row["province"]: float(row["gdp_wanyi"]) for row in table("t7_gdp_2018.csv")}
    sizes = {p.code: sum(1 for _ in full_world.province(p.code).good()) for p in provinces()}
    for region in set(REGION.values()):
        members = [p for p in provinces() if p.region == region]
        count = sum(sizes[p.code] for p in members)
        for p in members:
            assert p.gdp == round(gdp[p.name] * 100)
            assert abs(sizes[p.code] - count * gdp[p.name] / sum(gdp[m.name] for m in members)) < 1


def test_cells_are_split_evenly_and_whole() -> None:
    """Largest remainders also inside a region: no province is dealt another mix than its neighbours."""
    for region in ("长三角", "中部三省", "西部三省一市"):
        lots = region_lots(region, 7)
        dealt = Counter(number for lot in lots.values() for number in lot.cells)
        cells = {n: cell for n, cell in enumerate(joint_table()) if cell.region == region}
        assert dealt == {n: cell.count for n, cell in cells.items()}
        total = sum(len(lot) for lot in lots.values())
        for lot in lots.values():
            mine = Counter(lot.cells)
            for number, cell in cells.items():
                assert abs(mine[number] - cell.count * len(lot) / total) < 2


def test_values_of_a_cell_add_up_and_stay_in_the_band() -> None:
    lots = region_lots("中部三省", 7)
    value: Counter[int] = Counter()
    for lot in lots.values():
        for number, price in zip(lot.cells, lot.values, strict=True):
            low, high = PRICE_BANDS[joint_table()[number].band]
            assert low <= price <= high
            value[number] += price
    assert value == {n: cell.value for n, cell in enumerate(joint_table()) if cell.region == "中部三省"}
