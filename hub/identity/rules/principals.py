"""Who asks, in which role and for whom, and what an action is done to."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

ENTERPRISE_MEMBER, ENTERPRISE_MANAGER = "enterprise_member", "enterprise_manager"
INSTITUTION_MANAGER, INSTRUMENT_OPERATOR = "institution_manager", "instrument_operator"
STATION_STAFF, BUREAU_STAFF = "station_staff", "bureau_staff"
PROVINCE_STAFF, PROVINCE_FINANCE, CITY_FINANCE = "province_staff", "province_finance", "city_finance"
HUB_ADMIN, AUDITOR = "hub_admin", "auditor"

ENTERPRISE_ROLES = (ENTERPRISE_MEMBER, ENTERPRISE_MANAGER)
INSTITUTION_ROLES = (INSTITUTION_MANAGER, INSTRUMENT_OPERATOR)
AREA_ROLES = (BUREAU_STAFF, PROVINCE_STAFF, PROVINCE_FINANCE, CITY_FINANCE)
ROLES = (*ENTERPRISE_ROLES, *INSTITUTION_ROLES, STATION_STAFF, *AREA_ROLES, HUB_ADMIN, AUDITOR)
"""What a grant may be. Somebody without any has the role `person`: signed in, and nothing more."""

PERSON = "person"
KEY_SCOPES = ("sync",)

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
PROVINCE = re.compile(r"[1-9][0-9]0000")
AREA = re.compile(r"(?:[1-9][0-9](?:[0-9]{2}){0,2})?")
"""The prefix of an area code: empty (the belt), province, city or county."""
MIN_PASSWORD = 12


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a person under one grant, a platform key, or a province's platform with a token.

    `name` identifies it in the audit (`account:admin`, `person:p-…`, `key:340000.k3f9`). A person acts under one grant:
    `party_id` is the enterprise, institution or station operator acted for, `province` the province whose station,
    platform or offices the role belongs to (None for enterprises, institutions, the hub and its auditors), `area` the
    prefix of an area code (`33`, `3304`, `330402`; empty for the whole belt) of bureaus, provinces, finance and
    auditors. `scopes` are those of a key or token.
    """

    kind: Literal["account", "key", "platform"]
    name: str
    display_name: str
    role: str
    province: str | None
    person_id: str | None = None
    party_id: str | None = None
    area: str | None = None
    scopes: tuple[str, ...] = ()

    @property
    def matrix_roles(self) -> tuple[str, ...]:
        """The values of the access matrix's column `role` that stand for this principal."""
        if self.kind == "account":
            return (self.role, "*")
        return tuple(f"{self.kind}:{scope}" for scope in self.scopes)

    @property
    def entry(self) -> str:
        """The line of the access table that this principal satisfies."""
        return f"session:{self.role}" if self.kind == "account" else f"key:{self.role}"

    @property
    def is_hub_admin(self) -> bool:
        """Whether this is an administrator of the whole hub."""
        return self.kind == "account" and self.role == HUB_ADMIN

    def may_act_for(self, province: str) -> bool:
        """Whether this principal is of the province's offices or platform, or administers the hub.

        Not true of a station's staff: the operator of a station may be a third party.
        """
        is_office = self.kind != "account" or self.role == PROVINCE_STAFF
        return self.is_hub_admin or (is_office and self.province == province)

    def may_pass(self, entries: Collection[str]) -> bool:
        """Whether one of the entries of an access table line lets this principal pass."""
        return self.entry in entries or (self.kind == "account" and "session" in entries)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an action is done to, as far as the access matrix must know it. What does not apply is None.

    A booking names both sides: `enterprise_id`, `home_area` (the enterprise's area, six digits) and `person_ids` are
    who asks; `institution_id`, `station_province` and `operator_id` are who serves. `state` is the state that the
    matrix's column `states` speaks of, `name` what the audit calls the object (`booking:bk-…`).
    """

    enterprise_id: str | None = None
    institution_id: str | None = None
    station_province: str | None = None
    operator_id: str | None = None
    home_area: str | None = None
    person_ids: frozenset[str] = field(default_factory=frozenset)
    state: str | None = None
    name: str = "-"
