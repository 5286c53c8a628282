"""Which side of a booking somebody acts for."""

from hub.identity import rules as identity
from hub.identity.rules import Principal

_SIDES = {
    **dict.fromkeys(identity.ENTERPRISE_ROLES, "enterprise"),
    **dict.fromkeys(identity.INSTITUTION_ROLES, "provider"),
    identity.STATION_STAFF: "provider",
    identity.PROVINCE_STAFF: "province_staff",
    identity.HUB_ADMIN: "hub_admin",
}


def side_of(principal: Principal) -> str | None:
    """A side of the machine, or None for who only reads (bureaus, finance, auditors, keys)."""
    if principal.kind == "platform":
        return "platform"
    return _SIDES.get(principal.role) if principal.kind == "account" else None


def acting_as(principal: Principal) -> str | None:
    """For the provider's side: `station` or `institution`."""
    if principal.role == identity.STATION_STAFF:
        return "station"
    return "institution" if principal.role in identity.INSTITUTION_ROLES else None
