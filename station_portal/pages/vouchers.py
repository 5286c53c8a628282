"""The enterprise's vouchers: what it was granted, what is held and used, for which orders, and what its area offers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

import schemas
from hub.bookings import queries as bookings
from hub.core.clock import SHANGHAI
from hub.core.web import ReadSession
from hub.identity import access
from hub.identity import queries as identity
from hub.settlement import queries, rules
from hub.settlement.rules import Programme
from station_portal.frame import CurrentFrame, Frame

router = APIRouter(include_in_schema=False)

Holder = Annotated[access.Principal, access.action("voucher.read")]

TONES = {
    "held": "live",
    "captured": "ok",
    "released": "wait",
    "active": "ok",
    "ending": "warn",
    "ended": "wait",
}


@router.get("/vouchers")
def show_vouchers(frame: CurrentFrame, session: ReadSession, me: Holder) -> Response:
    """The wallet of the enterprise that the reader acts for, in the order in which vouchers are used."""
    holder = me.party_id or ""
    home = identity.home_at(session, holder, frame.now)
    today = frame.now.astimezone(SHANGHAI).date()
    offered = [] if home is None else queries.concerning(session, [home.area], today)
    known = {each.id: each for each in queries.everything(session)}
    context = {
        "grants": [_grant(frame, row, known[row.programme_id]) for row in queries.wallets(session, holder)],
        "holds": _holds(frame, session, me, known),
        "programmes": [_programme(frame, each) for each in offered if each.kind != "owner_subsidy"],
        "has_home": home is not None,
    }
    return frame.page("vouchers.html", context)


def _grant(frame: Frame, row: queries.Wallet, programme: Programme) -> dict[str, Any]:
    language = frame.language
    states = {"active": language("可用"), "ending": language("已到期，仍有预占"), "ended": language("已结束")}
    return {
        "name": _name(frame, programme),
        "is_demo": programme.is_demo,
        "granted": row.granted_fen,
        "left": row.left_fen,
        "held": row.held_fen,
        "used": row.used_fen,
        "until": row.valid_until.isoformat(),
        "badge": {"text": states[row.state], "tone": TONES[row.state]},
    }


def _holds(
    frame: Frame, session: Session, me: access.Principal, known: dict[str, Programme]
) -> list[dict[str, Any]]:
    rows = queries.holds_of(session, me.party_id or "")
    numbers = bookings.numbers_of(session, me, {row.reference for row in rows})
    states = schemas.codes("hold_state")
    return [
        {
            "booking": row.reference,
            "number": numbers.get(row.reference),
            "programme": _name(frame, known[row.programme_id]),
            "at": row.held_at,
            "held": row.held_fen,
            "captured": row.captured_fen,
            "state": row.state,
            "badge": {
                "text": frame.language.pick(states[row.state].zh, states[row.state].en),
                "tone": TONES[row.state],
            },
        }
        for row in rows
    ]


def _programme(frame: Frame, programme: Programme) -> dict[str, Any]:
    language = frame.language
    lacking = rules.missing(programme)
    kind = schemas.codes("programme_kind")[programme.kind]
    quota = programme.quota("enterprise") if not lacking else None
    return {
        "name": _name(frame, programme),
        "kind": language.pick(kind.zh, kind.en),
        "is_demo": programme.is_demo,
        "lacking": language.pick(*rules.term_names(lacking)) if lacking else "",
        "rate": None if quota is None else rules.percent(quota.rate_bp),
        "cap_order": None if quota is None else quota.cap_order_fen,
        "cap_year": None if quota is None else quota.cap_year_fen,
        "sources": [
            {"text": source["text"], "date": source["date"], "url": source.get("url")}
            for source in programme.document["sources"]
        ],
    }


def _name(frame: Frame, programme: Programme) -> str:
    zh = programme.document["name_zh"]
    return str(frame.language.pick(zh, programme.document.get("name_en")))
