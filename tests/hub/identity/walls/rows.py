"""The rows of the world of walls: one of everything that a path can name, of one enterprise, institution and province."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, get_args, get_origin, get_type_hints

import sqlalchemy as sa
from sqlalchemy.orm import Session

import schemas
from hub.availability import models as availability
from hub.availability.service import Asker, read_offer
from hub.bookings import models as bookings
from hub.bookings.service import submitting
from hub.bookings.service.acting import Actor
from hub.bookings.service.submitting import Order, Party, Station
from hub.catalog import models as catalog
from hub.core.db import Base
from hub.exchange import models as exchange
from hub.federation import models as federation
from hub.identity import models as identity
from hub.identity import rules
from hub.identity.service import platforms
from hub.notices import models as notices
from hub.settlement import models as settlement
from tests.hub.bookings.world import RULES, TARIFF
from tests.hub.identity.conftest import CODE
from tests.hub.identity.walls.paying import put_paying
from tests.hub.identity.walls.programmes import put_programme_objects
from tests.hub.identity.walls.redeeming import put_redeeming
from tests.hub.identity.walls.settling import put_settling
from tests.hub.identity.walls.using import put_usage

HERE, ELSEWHERE = "330000", "340000"
INSTITUTION, OTHER_INSTITUTION = "33-u-" + "a" * 12, "33-u-" + "b" * 12
INSTRUMENT = "33-" + "a" * 12
OPERATOR_CODE = schemas.uscc.complete("91310000MA2026003")
ACTOR = "system:test"


def put_objects(session: Session, known: dict[str, Any], now: datetime) -> None:
    """One of everything; `known` names the parties and people, and the objects afterwards."""
    enterprise, member = known["enterprise_id"], "account:own-enterprise_member"
    later = now + timedelta(days=3)
    span = {"starts_at": later, "ends_at": later + timedelta(hours=1)}
    instrument = {
        "id": INSTRUMENT,
        "province": HERE,
        "unit": {"id": "U1", "name": "研究所"},
        "internal_number": "N1",
        "name_zh": "扫描电镜",
        "classification": {"scheme": "most-2006", "code": "010102"},
        "location": {"province": HERE},
        "sharing_mode": "external",
    }

    def put(table: type[Base], **values: Any) -> Any:
        return _put(session, table, now, **values)

    institution = {"id": INSTITUTION, "province": HERE, "name_zh": "研究所（合成）"}
    put(catalog.Institution, id=INSTITUTION, province=HERE, is_listed=True, document=institution)
    put(
        catalog.Instrument,
        id=INSTRUMENT,
        province=HERE,
        institution_id=INSTITUTION,
        is_listed=True,
        document=instrument,
    )
    kept = {"instrument_id": INSTRUMENT, "version": 1, "document": RULES}
    put(availability.RulesRow, **kept)
    put(availability.TariffRow, **{**kept, "document": TARIFF})
    booking = _put_booking(session, known, member, now).id
    put(exchange.Conversation, subject=booking, province=HERE)
    put(exchange.SealedMessage, id="m-1", subject=booking, province=HERE)
    party = {"province": HERE, "booking_id": booking}
    run = put(federation.Run, province=HERE, state="succeeded").id
    put(federation.Raw, run_id=run, first=1, province=HERE, content=zlib.compress(b"[2]\n{}"))
    hold = put(federation.Hold, province=HERE, run_id=run, state="open").id
    case = put(
        identity.Case,
        id="case-1",
        kind="verification",
        state="open",
        to_area="330402",
        person_id=known["own.auditor"],
        credit_code=CODE,
    ).id
    known |= {
        "booking_id": booking,
        "number": session.get_one(bookings.Booking, booking).number,
        "instrument_id": INSTRUMENT,
        "institution_id": INSTITUTION,
        "version": put(
            bookings.Report, booking_id=booking, version=1, scan="clean", delivered_at=now
        ).version,
        "upload_id": put(
            bookings.Upload,
            id="up-" + "a" * 24,
            booking_id=booking,
            made_by="account:own-station_staff",
            size=8,
            expires_at=later,
        ).id,
        "booking_case": put(bookings.Case, **party, state="open", kind="stuck").id,
        "delivery_id": put(bookings.Delivery, **party, message_id="m-1", state="dead").id,
        "wish_id": put(
            bookings.Wish,
            instrument_id=INSTRUMENT,
            enterprise_id=enterprise,
            state="waiting",
            applicant=member,
        ).id,
        "quote_id": put(
            availability.QuoteRow, id="qt-" + "a" * 26, party_id=enterprise, made_by=member, expires_at=later
        ).id,
        "closure_id": put(availability.ClosureRow, subject=INSTRUMENT, **span).id,
        "institution_closure": put(availability.ClosureRow, subject=INSTITUTION, **span).id,
        "claim_id": put(
            availability.Claim,
            id="ext-" + "a" * 26,
            instrument_id=INSTRUMENT,
            state="external",
            source="local",
            is_guarded=True,
            **span,
        ).id,
        "holder": put(
            availability.TrainingRow, institution_id=INSTITUTION, code="sem", holder=enterprise
        ).holder,
        "notice_id": put(notices.Notice, recipient=member).id,
        "webhook_id": put(notices.Webhook, id="wh-" + "a" * 16, owner="account:own-enterprise_manager").id,
        "hold_id": hold,
        "item_id": put(federation.Quarantined, province=HERE, raw_run=run, state="open").id,
        "case_id": case,
        "document": put(
            identity.CaseDocument, case_id=case, media_type="application/pdf", content=b"%PDF"
        ).id,
        "party_invitation": put(
            identity.Invitation,
            role=rules.ENTERPRISE_MEMBER,
            party_id=enterprise,
            expires_at=later,
            token_hash=rules.token_hash("t" * 43),
        ).id,
        "office_invitation": put(
            identity.Invitation, role=rules.BUREAU_STAFF, area="3304", province=HERE, expires_at=later
        ).id,
        "invitation_id": platforms.invite_platform(session, HERE, actor=ACTOR, now=now).token.split(".")[1],
        "token": "t" * 43,
    }
    paper = put(
        settlement.Document,
        id="payment-list:330400/1",
        kind="payment-list",
        series="payment-list:330400",
        number=1,
        sha256="0" * 64,
        body={"number": 1, "payer_area": "330400", "programme_id": "p", "lines": [], "total_fen": 0},
        issued_at=now,
    )
    put(
        settlement.OfficerKey,
        kid="k" * 43,
        side="330400",
        algorithm="EdDSA",
        jwk={"kty": "OKP", "crv": "Ed25519", "x": "A" * 43},
        proposed_by="person:nobody-here",
    )
    known |= {"document_series": paper.series, "document_number": paper.number, "officer_kid": "k" * 43}
    known |= put_settling(put, now)
    known |= put_paying(put, known, HERE, now)
    known["conflict_id"] = put(
        availability.Conflict, instrument_id=INSTRUMENT, claim_id=known["claim_id"], state="open"
    ).id
    known |= put_usage(
        put,
        province=HERE,
        booking=known["booking_id"],
        enterprise=enterprise,
        institution=INSTITUTION,
        operator=known["operator_id"],
        arbiter=known["own.province_staff"],
    )
    known |= put_redeeming(
        put, province=HERE, booking=known["booking_id"], enterprise=enterprise, institution=INSTITUTION
    )
    put_programme_objects(session, known, now)


def _put_booking(session: Session, known: Mapping[str, Any], member: str, now: datetime) -> bookings.Booking:
    """The enterprise's booking at the station, as a draft that has come to the end of its service."""
    asker = Asker(member, enterprise_id=known["enterprise_id"], is_verified=True)
    order = Order(
        {
            "instrument_id": INSTRUMENT,
            "service_mode": "consultation",
            "purpose": {"direction": "technology_development", "is_statutory": False},
            "contact": {"name": "李（合成）", "mobile": "13900000000"},
        },
        Party(known["enterprise_id"], "嘉兴企业（合成）", CODE, "330402"),
        asker,
        member,
        known["own.enterprise_member"],
        Station(known["operator_id"], "服务驿站（合成）", "portal"),
        read_offer(session, asker, INSTRUMENT, now=now),
    )
    booking = submitting.save_draft(session, order, Actor("enterprise", member, "enterprise_member"), now=now)
    booking.state, booking.resume_state, booking.revision = "service_done", "submitted", 1
    session.flush()
    return booking


_BARE: Mapping[type, Any] = {str: "x", int: 1, bool: False, dict: {}, list: [], bytes: b"x"}


def _put(session: Session, table: type[Base], now: datetime, **values: Any) -> Any:
    """A row; what it must have and is not given is filled with something of its type."""
    hints = get_type_hints(table)
    for name, column in sa.inspect(table).columns.items():
        (kind,) = get_args(hints[name])
        if name in values or column.nullable or column.default is not None:
            continue
        if column.primary_key and kind is int:
            continue
        values[name] = now if kind is datetime else _BARE[get_origin(kind) or kind]
    row = table(**values)
    session.add(row)
    session.flush()
    return row
