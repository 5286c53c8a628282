"""The synthetic world behind the eleven provincial simulators: one truth, told in eleven dialects.

Everything in it is synthetic. Counts and totals over the belt are those of the study 长江经济带大型科研仪器设备共享
融合发展 (中国科技资源导刊 51(6), 2019-11, figures of 2016); the split over provinces, the units, the instruments,
people and dates are invented (dates are moved so that the world looks like the end of 2026).

    from adapters.simulators.world import World

    world = World()                        # the exact belt: 33,817 good records and about 1 % hopeless in addition
    world = World(records=2000)            # a small world, same shape, every province present
    world = World(scale=30)                # about a million records, made on the fly
    world.provinces                        # ("310000", "320000", …) eleven codes
    p = world.province("310000")           # ProvinceWorld, made at first use and kept (state lives in it)

Reading a province, in the stable order of its list (good and hopeless records as the platform would serve them):

    p.code, p.name                         # "310000", "上海市"
    p.units                                # tuple[Unit, …]
    p.total                                # records the platform now serves (good + hopeless − vanished)
    p.page(offset, limit)                  # list[Instrument], O(limit)
    p.instruments()                        # iterator over all of them
    p.get(key)                             # Instrument | None, key = "unit id|internal number"
    p.modified_since(instant, limit=None)  # instruments with modified >= instant, by (modified, list order)
    p.changes(after=0, limit=500)          # list[Change]: every record once, at its latest position, tombstones too
    p.last_sequence
    p.survey_rows(offset, limit), p.survey_total, p.survey_row(key)

What a test compares with:

    p.expected_keys(), p.hopeless_keys()   # sets of "unit id|internal number"; unit_key="credit_code" or "short_code"
    p.hopeless                             # tuple[Hopeless, …]: reason, instrument, marker
    p.good()                               # iterator over (Instrument, SurveyRow) of the good records

Moving the world (every call advances the logical clock and is deterministic; nothing reads the real time):

    p.now                                  # the logical clock
    p.tick(seconds=1)
    p.touch(key, **changes)                # edits a record; without changes its 用户须知 gets a revision number
    p.vanish(key), p.restore(key)          # gone without / back with a trace in the change log (a tombstone)
    p.go_empty(), p.come_back()            # the source suddenly serves nothing; no tombstones

Mendable dirt: a record's `dirt` names styles; `world.dirt.Render(instrument)` writes fields in them (see `dirt`).
Simulators may be written against `World(records=200)`; all calls are the same at every size.
"""

from adapters.simulators.world.atlas import World
from adapters.simulators.world.model import (
    Change,
    Contact,
    Customs,
    Discipline,
    Hopeless,
    Instrument,
    Place,
    ServiceItem,
    SurveyRow,
    Unit,
)
from adapters.simulators.world.province import ProvinceWorld

__all__ = [
    "Change",
    "Contact",
    "Customs",
    "Discipline",
    "Hopeless",
    "Instrument",
    "Place",
    "ProvinceWorld",
    "ServiceItem",
    "SurveyRow",
    "Unit",
    "World",
]
