"""Reference data: the study's tables as they were printed, with their source. Dated files, read once per process."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import schemas

SOURCE = {
    "zh": "《长江经济带大型科研仪器设备共享融合发展》，《中国科技资源导刊》51(6)，2019-11；除注明者外为 2016 年数据",
    "en": "Sharing of large research instruments in the Yangtze River Economic Belt, China Science & Technology "
    "Resources Review 51(6), 2019-11; figures of 2016 unless noted",
}
NATIONAL = "全国"
SERVED = {
    "t1_price_band": {"zh": "各原值区间的数量与原值（全国）", "en": "Instruments by price band (national)"},
    "t7_gdp_2018": {"zh": "各省市 GDP（2018 年，万亿元）", "en": "GDP of 2018 (10^12 CNY)"},
    "t8_technicians": {"zh": "实验技术人员（2016 年，人）", "en": "Laboratory technicians (2016)"},
}
"""Tables that the catalogue cannot count itself."""


@cache
def rows(table: str) -> tuple[Mapping[str, str], ...]:
    """The rows of a reference table, words as printed. Raises FileNotFoundError for a table that is not carried."""
    file = resources.files("hub.catalog") / "reference" / f"{table}.csv"
    return tuple(csv.DictReader(file.read_text("utf-8").splitlines(), strict=True))


@cache
def named_countries() -> tuple[str, ...]:
    """The countries that the study names, as codes in its order; all others are counted together."""
    by_name = {code.zh: code.code for code in schemas.codes("country").values()}
    return tuple(by_name[row["country"]] for row in rows("t2_country") if row["country"] in by_name)


def served_tables() -> list[dict[str, Any]]:
    """The reference tables of `/statistics`, each with title, source and rows."""
    tables = []
    for name, title in SERVED.items():
        held: list[dict[str, Any]] = [
            {key: _number(value) for key, value in row.items()}
            for row in rows(name)
            if name != "t1_price_band" or row["region"] == NATIONAL
        ]
        tables.append({"table": name, "title": title, "source": SOURCE, "rows": held})
    return tables


def _number(text: str) -> str | float | int:
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text
