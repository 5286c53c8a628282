"""The enterprise's vouchers: what it was granted, what is held and used, in which order, for which orders, year by year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Response
from sqlalchemy.orm import Session

import schemas
from hub.bookings import queries as bookings
from hub.catalog import queries as catalog
from hub.core.clock import SHANGHAI
from hub.core.web import ReadSession, WriteSession
from hub.identity import access
from hub.identity import queries as identity
from hub.identity import service as deciding
from hub.identity.access import Subject
from hub.settlement import queries, rules
from hub.settlement import service as settlement
from hub.settlement.queries import redeeming
from hub.settlement.rules import Programme
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.i18n import Language

router = APIRouter(include_in_schema=False)

Holder = Annotated[access.Principal, access.action("voucher.read")]
Chooser = Annotated[access.Principal, access.action("voucher.order_use")]
Year = Annotated[int, Path(ge=2000, le=2100)]

SOON = timedelta(days=30)
"""What ends within this time is said to."""

TONES = {
    "held": "live",
    "captured": "ok",
    "released": "wait",
    "active": "ok",
    "ending": "warn",
    "ended": "wait",
}


@router.get("/vouchers")
def show_vouchers(frame: CurrentFrame, session: ReadSession, me: Holder, told: str = "") -> Response:
    """The wallet of the enterprise that the reader acts for, in the order in which vouchers are used."""
    holder = me.party_id or ""
    home = identity.home_at(session, holder, frame.now)
    today = frame.now.astimezone(SHANGHAI).date()
    offered = [] if home is None else queries.concerning(session, [home.area], today)
    known = {each.id: each for each in queries.everything(session)}
    wallets = queries.wallets(session, holder)
    usable = [row.grant_id for row in wallets if _is_usable(row, today)]
    context = {
        "told": frame.language("使用顺序已保存。") if told == "ordered" else "",
        "grants": [_grant(frame, row, known[row.programme_id], usable, today) for row in wallets],
        "may_order": len(usable) > 1 and access.may_enter(me, "voucher.order_use"),
        "holds": _holds(frame, session, me, known),
        "movements": _movements(frame, session, me),
        "programmes": [
            _programme(frame, each, identity.customer_kind(holder))
            for each in offered
            if each.kind != "owner_subsidy"
        ],
        "has_home": home is not None,
        "years": redeeming.years_of(session, holder),
        "may_claim": access.may_enter(me, "claim.read"),
    }
    return frame.page("vouchers.html", context)


@router.post("/vouchers/order")
def order_use(
    frame: CurrentFrame,
    session: WriteSession,
    me: Chooser,
    *,
    grant: Annotated[str, Form()] = "",
    move: Annotated[str, Form()] = "up",
) -> Response:
    """Use a grant one place earlier (`up`) or later (`down`). What is no grant of the reader's changes nothing."""
    holder = me.party_id or ""
    deciding.allow(
        session, me, "voucher.order_use", Subject(enterprise_id=holder, name="vouchers"), now=frame.now
    )
    today = frame.now.astimezone(SHANGHAI).date()
    order = [row.grant_id for row in queries.wallets(session, holder) if _is_usable(row, today)]
    if grant in order:
        at = order.index(grant)
        to = max(0, min(len(order) - 1, at + (-1 if move == "up" else 1)))
        order.insert(to, order.pop(at))
        settlement.order_of_use(session, holder, order)
    return see_other("/vouchers?told=ordered#grants")


@router.get("/vouchers/{year}")
def show_year(frame: CurrentFrame, session: ReadSession, me: Holder, year: Year) -> Response:
    """The year's orders with fee, voucher share and own share."""
    rows = redeeming.year_of(session, me.party_id or "", year)
    known = {each.id: each for each in queries.everything(session)}
    names = {row.institution_id: _institution(session, row.institution_id) for row in rows}
    booked = bookings.numbers_of(session, me, {row.reference for row in rows})
    context = {
        "year": year,
        "rows": [
            {
                "booking": row.reference,
                "number": row.order_number,
                "has_booking": row.reference in booked,
                "institution": names[row.institution_id],
                "programme": _name(frame, known[row.programme_id]) if row.programme_id else "",
                "is_demo": bool(row.programme_id) and known[row.programme_id or ""].is_demo,
                "fee": row.fee_fen,
                "voucher": row.voucher_fen,
                "own": row.own_fen,
                "at": row.rated_at,
                "state": line_words(row.state, frame.language),
            }
            for row in rows
        ],
        "sums": {
            name: sum(getattr(row, f"{name}_fen") for row in rows) for name in ("fee", "voucher", "own")
        },
        "years": redeeming.years_of(session, me.party_id or ""),
    }
    return frame.page("voucher_year.html", context)


def line_words(state: str, language: Language) -> str:
    """How a rated line stands, for its enterprise."""
    return {
        "rated": language("待核验或付款"),
        "ready": language("可结算"),
        "batched": language("结算中"),
        "settled": language("已结算"),
    }.get(state, state)


def _is_usable(row: queries.Wallet, today: date) -> bool:
    return row.state == "active" and row.valid_until >= today


def _grant(
    frame: Frame, row: queries.Wallet, programme: Programme, usable: list[str], today: date
) -> dict[str, Any]:
    language = frame.language
    states = {"active": language("可用"), "ending": language("已到期，仍有预占"), "ended": language("已结束")}
    place = usable.index(row.grant_id) if row.grant_id in usable else None
    return {
        "id": row.grant_id,
        "programme_id": row.programme_id,
        "name": _name(frame, programme),
        "is_demo": programme.is_demo,
        "granted": row.granted_fen,
        "left": row.left_fen,
        "held": row.held_fen,
        "used": row.used_fen,
        "until": row.valid_until.isoformat(),
        "is_soon": place is not None and row.left_fen > 0 and row.valid_until <= today + SOON,
        "badge": {"text": states[row.state], "tone": TONES[row.state]},
        "place": None if place is None else place + 1,
        "is_last": place == len(usable) - 1,
    }


def _holds(
    frame: Frame, session: Session, me: access.Principal, known: dict[str, Programme]
) -> list[dict[str, Any]]:
    rows = queries.holds_of(session, me.party_id or "")
    numbers = bookings.numbers_of(session, me, {row.reference for row in rows})
    verdicts = redeeming.newest_verdict(session, [row.reference for row in rows])
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
            "verdict": verdicts.get(row.reference, ""),
            "badge": {
                "text": frame.language.pick(states[row.state].zh, states[row.state].en),
                "tone": TONES[row.state],
            },
        }
        for row in rows
    ]


def _movements(frame: Frame, session: Session, me: access.Principal) -> list[dict[str, Any]]:
    language = frame.language
    words = {
        "grant": language("发放或调整"),
        "end": language("到期退回"),
        "hold": language("预占"),
        "release": language("释放"),
        "capture": language("扣用"),
        "uncapture": language("更正退回"),
    }
    rows = redeeming.movements(session, me.party_id or "")
    numbers = bookings.numbers_of(session, me, {row.reference for row in rows if row.reference})
    return [
        {
            "at": row.at,
            "what": words.get(row.kind, row.kind),
            "fen": row.fen,
            "booking": row.reference,
            "number": numbers.get(row.reference or "", row.reference),
        }
        for row in rows
    ]


def _programme(frame: Frame, programme: Programme, kind_of_holder: Any) -> dict[str, Any]:
    language = frame.language
    lacking = rules.missing(programme)
    kind = schemas.codes("programme_kind")[programme.kind]
    quota = programme.quota(kind_of_holder) if not lacking else None
    return {
        "id": programme.id,
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


def _institution(session: Session, institution_id: str) -> str:
    held = catalog.find_institution(session, institution_id)
    return institution_id if held is None else str(held.document["name_zh"])


def _name(frame: Frame, programme: Programme) -> str:
    zh = programme.document["name_zh"]
    return str(frame.language.pick(zh, programme.document.get("name_en")))
