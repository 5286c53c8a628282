"""The invented organisations: names, credit codes, addresses, people. Exactly as many of each kind as the study counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from random import Random
from typing import NamedTuple

from adapters.simulators.world.apportion import allocate
from adapters.simulators.world.belt import Province, provinces, read_table
from adapters.simulators.world.credit_codes import ALPHABET, make_credit_code
from adapters.simulators.world.model import Contact, Unit
from adapters.simulators.world.places import Area, Map

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
AUTHORITIES = {"高校": "12", "科研院所": "12", "企业": "91"}
WEBSITES = {"高校": "edu", "科研院所": "org", "企业": "com"}
AREA_CALLING_CODES = {
    "310000": "021", "320000": "025", "330000": "0571", "340000": "0551", "360000": "0791", "420000": "027",
    "430000": "0731", "500000": "023", "510000": "028", "520000": "0851", "530000": "0871",
}  # fmt: skip
OTHER_CALLING_CODE = "0371"  # a province beyond the eleven, where a test adds one
CONTACTS_OF_A_UNIT = 3
_ETHNIC = re.compile("([土家苗布依侗彝哈尼壮傣白景颇傈僳藏羌]+族)+自治[州县]$")


def unit_counts(province: str, share: float) -> dict[str, int]:
    """How many units of each kind a province has: the belt's counts by GDP, or that share of them, at least one each."""
    codes = [member.code for member in provinces()]
    weights = [member.gdp for member in provinces()]
    counts = {}
    for row in read_table("unit_kinds.csv"):
        total = max(len(codes), round(int(row["units"]) * share))
        counts[row["kind"]] = allocate(total, weights, least=1)[codes.index(province)]
    return counts


@lru_cache(maxsize=1)
def _words() -> dict[str, list[tuple[str, str]]]:
    words: dict[str, list[tuple[str, str]]] = {}
    for row in read_table("unit_names.csv"):
        words.setdefault(row["kind"], []).append((row["zh"], row["en"]))
    return words


def make_units(province: Province, counts: dict[str, int], seed: int) -> tuple[Unit, ...]:
    """The province's units, kinds mixed; names, identifiers and credit codes are unique."""
    rng = Random(f"{seed}|units|{province.code}")
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    rng.shuffle(kinds)
    making = _Making(province, Map(province), set(), rng)
    return tuple(_make_unit(making, number, kind) for number, kind in enumerate(kinds))


class _Making(NamedTuple):
    """What the units of one province are made from; `taken` are the names given so far."""

    province: Province
    area_map: Map
    taken: set[str]
    rng: Random


def _make_unit(making: _Making, number: int, kind: str) -> Unit:
    province, rng = making.province, making.rng
    city, place = making.area_map.pick(rng)
    name, name_en = _name(city, kind, making.taken, rng)
    digest = sha256(f"{province.code}|{name}".encode()).hexdigest()
    # The body carries the number, so no two units of a province share it; the region digits differ between provinces.
    body = (
        ("MA" if kind == "企业" else "4" + rng.choice("012356"))
        + f"{number:03d}"
        + "".join(rng.choice(ALPHABET[:10] if kind != "企业" else ALPHABET) for _ in range(3))
    )
    short_code = f"{province.code[:2]}{number + 1:03d}"
    certified = rng.random()
    return Unit(
        id=digest[:32],
        credit_code=make_credit_code(AUTHORITIES[kind], place.county or place.city, body),
        short_code=short_code,
        name=name,
        name_en=name_en,
        kind=kind,
        place=place,
        contact=make_contact(province.code, short_code, number * (CONTACTS_OF_A_UNIT + 1), rng),
        website=f"https://u{short_code}.{WEBSITES[kind]}.example/",
        cma_certificate=f"{province.code[:2]}{rng.randrange(20, 26)}{rng.randrange(10**8):08d}"
        if certified < 0.45
        else "",
        cnas_certificate=f"L{rng.randrange(10_000, 23_000)}" if certified < 0.3 else "",
    )


def _name(city: Area, kind: str, taken: set[str], rng: Random) -> tuple[str, str]:
    """City + invented word + kind, not given before in this province."""
    place = _ETHNIC.sub("", city.name)
    place = re.sub("(新区|林区|市|区|县)$", "", place) if len(place) > 2 else place
    place_en = city.name_en.split(" (", maxsplit=1)[0]
    words = _words()
    while True:
        (word, word_en), (suffix, suffix_en) = rng.choice(words["word"]), rng.choice(words[kind])
        name = f"{place}{word}{suffix}"
        if name not in taken:
            taken.add(name)
            return name, f"{place_en} {word_en} {suffix_en}"


def make_contact(province: str, short_code: str, number: int, rng: Random) -> Contact:
    """A fictitious person: surname + 老师, a telephone of zeros, a mobile of the 1390000 range, a reserved domain."""
    serial = (int(province[:2]) * 331 + number) % 10_000
    return Contact(
        name=f"{rng.choice(SURNAMES)}老师",
        office_phone=f"{AREA_CALLING_CODES.get(province, OTHER_CALLING_CODE)}-5550{serial:04d}",
        mobile=f"1390000{serial:04d}",
        email=f"contact{serial:04d}@u{short_code}.example.com",
    )


def people(unit: Unit, number: int, seed: int) -> Sequence[Contact]:
    """The unit's contact persons; the first is the unit's own."""
    rng = Random(f"{seed}|people|{unit.id}")
    province = unit.place.province
    more = (
        make_contact(province, unit.short_code, number * (CONTACTS_OF_A_UNIT + 1) + extra, rng)
        for extra in range(1, CONTACTS_OF_A_UNIT + 1)
    )
    return (unit.contact, *more)
