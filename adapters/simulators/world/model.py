"""What is true in the synthetic world, in natural terms and in no dialect.

All data here is synthetic: invented units, invented instruments, invented people (surname + 老师) with
telephone numbers from ranges kept free for the purpose. Only the counts and totals of the belt are real.

Units: money of instruments in 0.01 万元 (= 100 yuan) as an integer, fees in fen as an integer, hours as whole
hours, dates as `date`, instants as aware `datetime` (+08:00) at one-second granularity.
Text values (funding, sharing, kinds …) are the Chinese words of the national forms; the `*_CODES` tables give the
specification's code for each, for tests that compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

SHARING_CODES = {"外部共享": "external", "内部共享": "internal", "不共享": "none"}
FUNDING_CODES = {
    "中央财政资金": "central_fiscal",
    "地方财政资金": "local_fiscal",
    "单位自有资金": "own",
    "其他资金": "other",
}
UNIT_KIND_CODES = {"高校": "university", "科研院所": "research_institute", "企业": "enterprise"}
RUNNING_STATE_CODES = {
    "正常": "normal",
    "待机": "standby",
    "远程服务中": "remote_service",
    "偶有故障": "occasional_fault",
    "故障频繁": "frequent_fault",
    "待修": "awaiting_repair",
    "待报废": "awaiting_scrap",
}
ACQUISITION_CODES = {"购置": "purchased", "研制": "self_developed", "赠送": "donated", "其他": "other"}
EQUIPMENT_TYPE_CODES = {"通用": "general", "专用": "special"}
CHARGING_UNIT_CODES = {
    "机时": "hour",
    "样品": "sample",
    "项目": "item",
    "次": "time",
    "套餐": "package",
    "天": "day",
}
SERVICE_MODE_CODES = {"自主上机": "machine_time", "委托检测": "entrusted_test", "技术咨询": "consultation"}
CARRIER_KIND_CODES = {
    "科学仪器中心": "instrument_centre",
    "重大科研基础设施": "facility",
    "国家重点实验室": "state_key_laboratory",
    "国家工程技术研究中心": "national_engineering_centre",
    "生物种质资源库馆": "germplasm_bank",
}
CUSTOMS_PURPOSE_CODES = {
    "科学研究": "scientific_research",
    "科技开发": "technology_development",
    "教学": "teaching",
    "经海关批准的对外开放服务": "approved_external_service",
}

UNKNOWN_CLASS = "unknown_class"
MISSING_NUMBER = "missing_number"
IMPOSSIBLE_VALUE = "impossible_value"
DUPLICATE_NUMBER = "duplicate_number"
HOPELESS_REASONS = (UNKNOWN_CLASS, MISSING_NUMBER, IMPOSSIBLE_VALUE, DUPLICATE_NUMBER)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands. Codes are GB/T 2260, six digits; coordinates are degrees (WGS 84).

    In 上海 and 重庆 the city is the district (as in the specification's `area` list) and the county is empty; it is
    also empty where the list names no county of a city.
    """

    province: str
    province_name: str
    city: str
    city_name: str
    county: str
    county_name: str
    street: str
    postcode: str
    lon: float
    lat: float

    @property
    def address(self) -> str:
        """The postal address in one line."""
        return f"{self.province_name}{self.city_name}{self.county_name}{self.street}"


@dataclass(frozen=True, slots=True)
class Contact:
    """A fictitious person. `mobile` (1390000xxxx) and `email` are personal: never public."""

    name: str
    office_phone: str
    mobile: str
    email: str


@dataclass(frozen=True, slots=True)
class Discipline:
    """GB/T 13745, level 1: three digits."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation that owns instruments.

    The same unit has three identifiers because the dialects use different ones: `id` (32 hexadecimal
    characters, 所属单位标识), `credit_code` (统一社会信用代码, valid) and `short_code` (five digits, unique in
    the province).
    """

    id: str
    credit_code: str
    short_code: str
    name: str
    name_en: str
    kind: str
    place: Place
    contact: Contact
    website: str
    cma_certificate: str
    cnas_certificate: str


@dataclass(frozen=True, slots=True)
class Customs:
    """Duty-free import under customs supervision. Declaration number: 18 digits; item number: two digits."""

    supervised: bool
    until: date
    declaration_number: str
    item_number: str
    imported_on: date
    permitted_purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """检测服务项目: what is measured, how, under which condition, charged by which unit at which fee (fen).

    `number` counts from one inside the instrument.
    """

    number: int
    name: str
    method: str
    standards: tuple[str, ...]
    condition: str
    charging_unit: str
    fee_fen: int
    turnaround_days: int
    cma: bool
    cnas: bool
    service_mode: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument as its province knows it. What only the yearly survey tells is in `SurveyRow`.

    `internal_number` is unique inside the unit; empty only in hopeless records. `value` is the 原值 in 0.01 万元.
    `class_code` is most-2006 (six digits). `dirt` names the mendable styles its native rendering shall use
    (see `world.dirt`); it is empty for a clean record. `modified` rises along the province's list and is shared
    by many records.
    """

    unit: Unit
    internal_number: str
    name: str
    name_en: str
    aliases: tuple[str, ...]
    class_code: str
    class_name: str
    manufacturer: str
    model: str
    country: str
    country_name: str
    acquisition: str
    equipment_type: str
    value: int
    commissioned_on: date
    running_state: str
    indicators: str
    functions: str
    service_content: str
    user_notice: str
    fee_text: str
    achievements: str
    disciplines: tuple[Discipline, ...]
    department: str
    carrier_kind: str
    carrier_name: str
    place: Place
    contact: Contact
    service_url: str
    image_url: str
    customs: Customs | None
    modified: datetime
    dirt: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`unit id|internal number`: the name under which the world keeps it."""
        return f"{self.unit.id}|{self.internal_number}"


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """One instrument's row of the yearly 国家科技基础条件资源调查.

    Sharing mode, funding, effective hours and priced service items are told to the hub by the survey only. Service
    items exist exactly when the instrument is shared externally (one to four).
    """

    unit: Unit
    internal_number: str
    year: int
    funding: str
    sharing: str
    service_modes: tuple[str, ...]
    effective_hours: int
    external_hours: int
    service_items: tuple[ServiceItem, ...]

    @property
    def key(self) -> str:
        """Same key as the instrument's."""
        return f"{self.unit.id}|{self.internal_number}"


@dataclass(frozen=True, slots=True)
class Hopeless:
    """A record that no rule can mend, in addition to the belt.

    `marker` is a text that occurs in the model field of this record and nowhere else in its province, so that a
    test finds the record in quarantine whatever its key is. A duplicate carries the key of a good record and
    follows directly after it, in the same second.
    """

    reason: str
    instrument: Instrument
    marker: str

    @property
    def key(self) -> str:
        """`unit id|internal number`; ends in `|` when the number is what is missing."""
        return self.instrument.key


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a province's change log; `instrument` is None when the record was removed (tombstone)."""

    sequence: int
    modified: datetime
    key: str
    instrument: Instrument | None
