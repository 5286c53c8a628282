"""The study's tables beside the live catalogue: which printed figure stands beside which counted one.

A count must agree exactly; a value may differ by 0.2 亿元, because the study prints rounded sums. Rows and words of the
study are shown as printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import schemas
from hub.catalog.service import reference
from station_portal.i18n import Language

TOTAL = "合计"
SPELLINGS = {"工艺试验设备": "工艺实验设备"}
"""The study's word for a class where the class list spells it otherwise."""
ROUNDING = 0.2
"""亿元 by which printed and counted values may differ."""

Named = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """A printed figure and the counted one; `same` is None where nothing can be compared."""

    study: str
    live: str = ""
    same: bool | None = None


@dataclass(frozen=True, slots=True)
class Row:
    head: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """One table; without `has_live` it is reference data that the catalogue cannot count."""

    id: str
    title: str
    unit: str
    head: str
    columns: Sequence[str]
    rows: Sequence[Row]
    has_live: bool = True
    note: str = ""


def compared(printed: str | None, live: float | None, *, tolerance: float = 0.0, digits: int = 0) -> Cell:
    """A printed figure beside a counted one."""
    shown = "—" if live is None else f"{live:,.{digits}f}"
    try:
        study = float(printed or "")
    except ValueError:
        return Cell(printed or "—", shown)
    text = f"{study:,.{digits}f}" if digits or study.is_integer() else f"{study:,}"
    return Cell(text, shown, None if live is None else abs(study - live) <= tolerance + 1e-9)


def amounts(count: str | None, value: str | None, held: Named) -> list[Cell]:
    """Two cells: number of instruments, and value in 亿元. `held` is empty where the catalogue cannot count."""
    return [
        compared(count, held.get("count")),
        compared(value, held.get("value_yi"), tolerance=ROUNDING, digits=1),
    ]


def all_tables(counted: Mapping[str, Any], language: Language) -> list[Table]:
    """Every table, in the order of the study."""
    makers: Sequence[Callable[[Mapping[str, Any], Language], Table]] = (
        _organisations, _categories, _bands, _countries, _funding, _sharing, _fiscal, _gdp, _technicians,
    )  # fmt: skip
    return [make(counted, language) for make in makers]


NOTHING: Named = {"count": 0, "value_yi": 0.0, "units": 0}
"""What the catalogue counts where it holds nothing of a kind."""


def translated(printed: str, list_name: str, language: Language) -> str:
    """A word of the study in the reader's language: by the code list, else as the study's own frame words."""
    for entry in schemas.codes(list_name).values():
        if entry.zh == printed:
            return language.pick(entry.zh, entry.en)
    words = {
        "长江经济带": language("长江经济带"),
        "全国": language("全国"),
        "合计": language("合计"),
        "其他": language("其他"),
    }
    return words.get(printed, printed)


def _count_columns(language: Language) -> list[str]:
    return [language("数量"), language("原值（亿元）")]


def _by_zh(entries: Sequence[Named]) -> dict[str, Named]:
    return {entry["zh"]: entry for entry in entries}


def _regions(entries: Sequence[Named]) -> dict[str, Named]:
    return {entry["region"]["zh"]: entry for entry in entries}


def _organisations(counted: Mapping[str, Any], language: Language) -> Table:
    live = _by_zh(counted["organisations"])
    rows = [
        Row(
            translated(row["type"], "institution_kind", language),
            [compared(row["units"], live.get(row["type"], NOTHING)["units"])],
        )
        for row in reference.rows("t0_orgs")
    ]
    title, unit = language("管理单位"), language("家")
    return Table("organisations", title, unit, language("单位类型"), [language("数量")], rows)


def _categories(counted: Mapping[str, Any], language: Language) -> Table:
    live = _by_zh(counted["categories"])
    printed = {SPELLINGS.get(row["category"], row["category"]): row for row in reference.rows("t0_category")}
    rows = []
    for name, row in printed.items():
        held = live.get(name, NOTHING)
        cells = amounts(row["count"], row["value_yi"], held) if row["count"] else _within(row, held)
        rows.append(Row(translated(name, "instrument_class", language), cells))
    rows += [
        Row(
            language.pick(entry["zh"], entry["en"]),
            [_only_live(entry["count"]), _only_live(entry["value_yi"], digits=1)],
        )
        for name, entry in live.items()
        if name not in printed
    ]
    return Table("categories", language("仪器类别"), "", language("类别"), _count_columns(language), rows)


def _within(row: Mapping[str, str], held: Named) -> list[Cell]:
    """A category that the study gives only as a range of per cent of the number of instruments."""
    least, _, most = row["count_pct"].partition("-")
    share = held.get("count_pct", 0.0)
    shown = f"{held['count']:,} · {share}%"
    return [
        Cell(f"{least}–{most}%", shown, float(least) <= share <= float(most)),
        _only_live(held["value_yi"], digits=1),
    ]


def _only_live(value: float, digits: int = 0) -> Cell:
    return Cell("—", f"{value:,.{digits}f}")


def _bands(counted: Mapping[str, Any], language: Language) -> Table:
    live = {(entry["region"]["zh"], entry["band"]["code"]): entry for entry in counted["price_bands"]}
    rows = []
    for row in reference.rows("t1_price_band"):
        code = "total" if row["band_wan_yuan"] == TOTAL else row["band_wan_yuan"]
        # Whole-country rows are the study's alone; inside the belt nothing found is a count of nothing.
        held = {} if row["region"] == reference.NATIONAL else live.get((row["region"], code), NOTHING)
        head = f"{translated(row['region'], 'region', language)} · {_band(row['band_wan_yuan'], language)}"
        rows.append(Row(head, amounts(row["count"], row["value_yi_yuan"], held)))
    title, head = language("原值区间"), language("区域与区间")
    return Table(
        "price-bands", title, language("全国为研究数据，仅供参照"), head, _count_columns(language), rows
    )


def _band(printed: str, language: Language) -> str:
    entry = schemas.codes("value_band").get(printed)
    return language("合计") if entry is None else language.pick(entry.zh, entry.en)


def _countries(counted: Mapping[str, Any], language: Language) -> Table:
    live = _by_zh(counted["countries"])
    rows = [
        Row(
            translated(row["country"], "country", language),
            amounts(row["count"], row["value_yi"], live.get(row["country"], NOTHING)),
        )
        for row in reference.rows("t2_country")
    ]
    return Table("countries", language("产地国别"), "", language("国别"), _count_columns(language), rows)


def _funding(counted: Mapping[str, Any], language: Language) -> Table:
    live = {entry["code"]: entry for entry in counted["funding"]}
    # The study's words are shorter than the code list's; the order is the same.
    pairs = zip(schemas.codes("funding_source").values(), reference.rows("t3_funding"), strict=False)
    rows = [
        Row(
            language.pick(code.zh, code.en),
            amounts(row["count"], row["value_yi"], live.get(code.code, NOTHING)),
        )
        for code, row in pairs
    ]
    title = language("主要购置经费来源")
    return Table("funding", title, "", language("来源"), _count_columns(language), rows)


def _sharing(counted: Mapping[str, Any], language: Language) -> Table:
    live = _regions(counted["sharing"])
    modes = [(code.code, code.zh) for code in schemas.codes("sharing_mode").values()]
    hours = (("年有效工作机时_wan_h", "effective_hours"), ("年对外服务机时_wan_h", "external_hours"))
    rows = []
    for row in reference.rows("t5_sharing"):
        held = live.get(row["region"], {})
        cells = [
            cell
            for code, word in modes
            for cell in amounts(row[f"n_{word}"], row[f"v_{word}_yi"], held.get(code, NOTHING))
        ]
        cells += [
            compared(row[printed], held.get(code, 0) / 10_000, tolerance=0.05, digits=1)
            for printed, code in hours
        ]
        rows.append(Row(translated(row["region"], "region", language), cells))
    columns = []
    for code in schemas.codes("sharing_mode").values():
        word = language.pick(code.zh, code.en)
        columns += [word, language("%(name)s（亿元）", name=word)]
    columns += [language("年有效工作机时（万小时）"), language("年对外服务机时（万小时）")]
    return Table("sharing", language("共享模式与机时"), "", language("区域"), columns, rows)


def _fiscal(counted: Mapping[str, Any], language: Language) -> Table:
    live = _regions(counted["fiscal"])
    rows = []
    for row in reference.rows("t6_fiscal"):
        held = live.get(row["region"], {})
        cells = [
            *amounts(row["central_count"], row["central_value_yi"], held.get("central_fiscal", NOTHING)),
            *amounts(row["local_count"], row["local_value_yi"], held.get("local_fiscal", NOTHING)),
        ]
        rows.append(Row(translated(row["region"], "region", language), cells))
    columns = [
        language("中央财政"),
        language("中央财政（亿元）"),
        language("地方财政"),
        language("地方财政（亿元）"),
    ]
    return Table("fiscal", language("财政资金购置"), "", language("区域"), columns, rows)


def _plain(
    id_: str, table: str, title: str, *, head: str, columns: Mapping[str, str], language: Language
) -> Table:
    held = reference.rows(table)
    first = next(iter(held[0]))
    rows = [
        Row(translated(row[first], first, language), [Cell(_figure(row[name])) for name in columns])
        for row in held
    ]
    return Table(id_, title, language("研究数据"), head, list(columns.values()), rows, has_live=False)


def _figure(printed: str) -> str:
    try:
        value = float(printed)
    except ValueError:
        return printed or "—"
    return f"{value:,.0f}" if value >= 1000 else printed


def _gdp(_: Mapping[str, Any], language: Language) -> Table:
    columns = {
        "gdp_wanyi": language("地区生产总值（万亿元）"),
        "growth_pct": language("增速（%）"),
        "rank": language("全国位次"),
    }
    return _plain(
        "gdp",
        "t7_gdp_2018",
        language("2018 年地区生产总值"),
        head=language("省市"),
        columns=columns,
        language=language,
    )


def _technicians(_: Mapping[str, Any], language: Language) -> Table:
    columns = {
        "技术人员": language("技术人员"),
        "正高级": language("正高级"),
        "副高级": language("副高级"),
        "博士": language("博士"),
    }
    return _plain(
        "technicians",
        "t8_technicians",
        language("实验技术人员（人）"),
        head=language("区域"),
        columns=columns,
        language=language,
    )
