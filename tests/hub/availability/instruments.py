"""A small catalogue for the tests of availability: instruments as rows, without a harvest."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

import schemas
from hub.availability.models import RulesRow
from hub.availability.rules import Slot
from hub.catalog.models import Institution, Instrument, ServiceItem
from hub.core.clock import SHANGHAI
from hub.core.db import Database

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 2026-03-02 09:00 in Shanghai."""

PROVINCE = "310000"
INSTITUTION = schemas.ids.institution_id(PROVINCE, "SIMM")
INSTRUMENT = schemas.ids.instrument_id(PROVINCE, "SIMM", "EM-001")
OTHER = schemas.ids.instrument_id(PROVINCE, "SIMM", "EM-002")


def at(text: str) -> datetime:
    """`03-09 09:00` of 2026 in Shanghai."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI).astimezone(UTC)


def slot(start: str, end: str) -> Slot:
    """`slot("03-09 09:00", "10:00")`: the end on the same day unless it names another."""
    return Slot(at(start), at(end if " " in end else f"{start[:5]} {end}"))


def document(instrument_id: str = INSTRUMENT, **fields: Any) -> dict[str, Any]:
    """An instrument document that anybody outside may book."""
    return {
        "id": instrument_id,
        "province": PROVINCE,
        "unit": {"id": "SIMM", "name": "上海材料研究所（虚构）"},
        "internal_number": "EM-001",
        "name_zh": "场发射扫描电子显微镜",
        "classification": {"scheme": "most-2006", "code": "010102"},
        "location": {"province": PROVINCE},
        "sharing_mode": "external",
        "running_state": "normal",
        **fields,
    }


def add_instrument(session: Session, instrument_id: str = INSTRUMENT, **fields: Any) -> None:
    """Put an instrument into the catalogue."""
    told = document(instrument_id, **fields)
    session.merge(
        Instrument(
            id=instrument_id,
            province=PROVINCE,
            is_listed=True,
            native_key=instrument_id,
            institution_id=INSTITUTION,
            sharing_mode=told.get("sharing_mode"),
            created_at=NOW,
            changed_at=NOW,
            document=told,
        )
    )


def add_items(session: Session, items: list[dict[str, Any]], instrument_id: str = INSTRUMENT) -> None:
    """Service items of an instrument, as the survey tells them."""
    for item in items:
        item_id = schemas.ids.service_item_id(instrument_id, item["number"])
        session.add(
            ServiceItem(
                id=item_id,
                instrument_id=instrument_id,
                institution_id=INSTITUTION,
                province=PROVINCE,
                name=item["name"],
                charging_unit=item.get("charging_unit"),
                fee_fen=item.get("fee_fen"),
                is_cma=False,
                is_cnas=False,
                document={"id": item_id, "instrument_id": instrument_id, "province": PROVINCE, **item},
            )
        )


def add_institution(session: Session) -> None:
    """The institution that owns the instruments."""
    session.add(
        Institution(
            id=INSTITUTION,
            province=PROVINCE,
            is_listed=True,
            native_key="SIMM",
            name_zh="上海材料研究所（虚构）",
            created_at=NOW,
            changed_at=NOW,
            content_hash="",
            document={
                "id": INSTITUTION,
                "province": PROVINCE,
                "unit_id": "SIMM",
                "name_zh": "上海材料研究所（虚构）",
            },
        )
    )


def rules_document(**changes: Any) -> dict[str, Any]:
    """Booking rules: every day round the clock, quarter hours, an hour's lead, two lanes; `changes` on top."""
    whole_day = [{"from": "00:00", "to": "24:00"}]
    return {
        "opening": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), whole_day),
        "open_on_holidays": True,
        "step_minutes": 15,
        "min_minutes": 15,
        "max_minutes": 8 * 60,
        "lead_minutes": 60,
        "horizon_days": 60,
        "cancel_minutes": 1440,
        "capacity": 1,
        **changes,
    }


def put_rules(session: Session, version: int = 1, instrument_id: str = INSTRUMENT, **changes: Any) -> None:
    """A version of the instrument's own rules, in force at once."""
    session.add(
        RulesRow(
            instrument_id=instrument_id,
            version=version,
            source="hub",
            valid_from=NOW,
            made_by="account:test",
            made_at=NOW,
            document=rules_document(**changes),
        )
    )


def catalogue(database: Database) -> None:
    """One institution with two instruments."""
    with database.write() as session:
        add_institution(session)
        add_instrument(session)
        add_instrument(session, OTHER)


LATER = NOW + timedelta(days=2)
"""Until when claims of the tests are held."""
