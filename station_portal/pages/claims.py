"""Rebates and owner subsidies: what can be claimed and how it is reckoned, one's own claims, and an office's decisions."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from hub.catalog import queries as catalog
from hub.core.clock import SHANGHAI
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from hub.identity import queries as identity
from hub.identity import service as deciding
from hub.identity.access import Subject
from hub.settlement import queries, rules
from hub.settlement.errors.redeeming import ClaimUnknown
from hub.settlement.queries.claims import HeldClaim, claims_for, claims_of, find_claim
from hub.settlement.service import claims
from hub.settlement.service.claims import Payee, Wish
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame, see_other

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action("claim.read")]
Applicant = Annotated[access.Principal, access.action("claim.apply")]
Decider = Annotated[access.Principal, access.action("claim.decide")]

AUDITOR = "auditor"
OFFICES = frozenset({"bureau_staff", "province_staff", "province_finance", "city_finance"})
READERS = OFFICES | {AUDITOR}
TONES = {
    "applied": "live",
    "checked": "live",
    "approved": "ok",
    "listed": "ok",
    "paid": "ok",
    "refused": "bad",
    "withdrawn": "wait",
}


@router.get("/claims")
def list_claims(frame: CurrentFrame, session: ReadSession, me: Reader, told: str = "") -> Response:
    """One's own claims and what could be claimed; of an office, what it decides about."""
    texts = {
        "applied": frame.language("申请已提交，由两人先后审核。"),
        "withdrawn": frame.language("申请已撤回。"),
    }
    context: dict[str, Any] = {"told": texts.get(told, ""), "is_office": me.role in READERS}
    if me.role in READERS:
        area = _six_digits(me.area) if me.area else ""
        context["open"] = [_row(frame, session, each) for each in claims_for(session, area, is_open=True)]
        context["closed"] = [_row(frame, session, each) for each in claims_for(session, area, is_open=False)]
        return frame.page("claims.html", context)
    payee = _payee(frame, session, me)
    context["mine"] = [_row(frame, session, each) for each in claims_of(session, me.party_id or "")]
    context["offers"] = [] if payee is None else _offers(frame, session, payee)
    context["may_apply"] = access.may_enter(me, "claim.apply")
    return frame.page("claims.html", context)


@router.get("/claims/new")
def show_form(
    frame: CurrentFrame, session: ReadSession, me: Applicant, *, programme: str = "", year: int = 0
) -> Response:
    """The year's orders, what each adds, and what they come to."""
    return frame.page("claim_new.html", _form(frame, session, me, programme, year))


@router.post("/claims/new")
def take_form(
    frame: CurrentFrame,
    me: Applicant,
    runtime: CurrentRuntime,
    *,
    programme: Annotated[str, Form()] = "",
    year: Annotated[int, Form()] = 0,
    key: Annotated[str, Form(max_length=80)] = "",
    fen: Annotated[int, Form()] = -1,
    line: Annotated[list[int], Form()] = [],  # noqa: B006 - FastAPI reads the default and changes nothing
    do: Annotated[str, Form()] = "reckon",
) -> Response:
    """Reckon the chosen orders, or claim what was shown."""
    wanted = frozenset(line)
    if do == "apply" and wanted:
        try:
            with runtime.database.write() as session:
                payee = _payee(frame, session, me)
                if payee is not None:
                    wish = Wish(programme, payee, year, wanted)
                    made = claims.apply(session, me, wish, key=key, expected_fen=fen, now=frame.now)
                    return see_other(f"/claims/{made}?told=applied")
        except HubError as refused:
            if refused.status >= 500 or refused.status in {401, 403, 404}:
                raise
            wrong = [("lines", frame.language.pick(refused.zh, refused.en))]
            with runtime.database.read() as session:
                context = _form(frame, session, me, programme, year, chosen=wanted, wrong=wrong)
            return frame.page("claim_new.html", context, status=422)
    wrong = [] if wanted else [("lines", frame.language("请至少选择一个订单"))]
    with runtime.database.read() as session:
        context = _form(frame, session, me, programme, year, chosen=wanted or None, wrong=wrong)
    return frame.page("claim_new.html", context, status=422 if wrong else 200)


@router.get("/claims/{claim_id}")
def show_claim(
    frame: CurrentFrame, session: ReadSession, me: Reader, claim_id: str, told: str = ""
) -> Response:
    """One claim for its payee and whoever pays."""
    texts = {
        "applied": frame.language("申请已提交，由两人先后审核。"),
        "checked": frame.language("一审通过，等待另一人复核。"),
        "approved": frame.language("已核准，预算已留出，列入下一次支付。"),
        "refused": frame.language("已退回，申请方会看到理由。"),
        "recalculated": frame.language("已重新核算。"),
    }
    return frame.page("claim.html", _claim(frame, session, me, claim_id, told=texts.get(told, "")))


@router.post("/claims/{claim_id}/decision")
def decide(
    frame: CurrentFrame,
    me: Decider,
    runtime: CurrentRuntime,
    claim_id: str,
    *,
    do: Annotated[str, Form()] = "",
    fen: Annotated[int, Form()] = -1,
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Agree, refuse, or reckon anew."""
    try:
        with runtime.database.write() as session:
            if do == "agree":
                told = claims.agree(session, me, claim_id, expected_fen=fen, now=frame.now)
            elif do == "refuse":
                claims.refuse(session, me, claim_id, reason, now=frame.now)
                told = "refused"
            else:
                claims.recalculate(session, me, claim_id, now=frame.now)
                told = "recalculated"
    except HubError as refused:
        if refused.status >= 500 or refused.status in {401, 403, 404}:
            raise
        wrong = [(refused.field or "reason", frame.language.pick(refused.zh, refused.en))]
        with runtime.database.read() as session:
            context = _claim(frame, session, me, claim_id, wrong=wrong)
        return frame.page("claim.html", context, status=refused.status)
    return see_other(f"/claims/{claim_id}?told={told}")


@router.post("/claims/{claim_id}/withdraw")
def withdraw(frame: CurrentFrame, me: Applicant, runtime: CurrentRuntime, claim_id: str) -> Response:
    """The applicant takes it back."""
    with runtime.database.write() as session:
        claims.withdraw(session, me, claim_id, now=frame.now)
    return see_other("/claims?told=withdrawn")


def _payee(frame: Frame, session: Session, me: access.Principal) -> Payee | None:
    """Who would be paid: the reader's enterprise where its home is verified, or their institution where it stands."""
    if me.party_id is None:
        return None
    if me.role == "institution_manager":
        held = catalog.find_institution(session, me.party_id)
        if held is None:
            return None
        place = held.document.get("location", {})
        return Payee("institution", me.party_id, place.get("county") or place.get("city") or held.province)
    home = identity.home_at(session, me.party_id, frame.now)
    return None if home is None else Payee("enterprise", me.party_id, home.area)


def _offers(frame: Frame, session: Session, payee: Payee) -> list[dict[str, Any]]:
    """Programmes that the payee could claim by."""
    today = frame.now.astimezone(SHANGHAI).date()
    kind = "owner_subsidy" if payee.kind == "institution" else "rebate"
    held = [each for each in queries.concerning(session, [payee.area], today) if each.kind == kind]
    return [
        {
            "id": each.id,
            "name": _name(frame, each),
            "is_demo": each.is_demo,
            "lacking": frame.language.pick(*rules.term_names(lacking))
            if (lacking := rules.missing(each))
            else "",
            "years": [today.year, today.year - 1],
        }
        for each in held
    ]


def _form(
    frame: Frame,
    session: Session,
    me: access.Principal,
    programme_id: str,
    year: int,
    *,
    chosen: frozenset[int] | None = None,
    wrong: list[tuple[str, str]] | None = None,
) -> dict[str, Any]:
    payee = _payee(frame, session, me)
    context: dict[str, Any] = {
        "wrong": wrong or [],
        "programme_id": programme_id,
        "year": year or frame.now.astimezone(SHANGHAI).year,
        "key": token_urlsafe(18),
        "found": None,
        "why": "",
    }
    if payee is None:
        context["why"] = frame.language("注册地或所在地核实后才能申请。")
        return context
    wish = Wish(programme_id, payee, context["year"])
    try:
        whole = claims.preview(session, wish, now=frame.now)
        picked = whole if chosen is None else claims.preview(session, _narrowed(wish, chosen), now=frame.now)
    except HubError as refused:
        context["why"] = frame.language.pick(refused.zh, refused.en)
        return context
    counted = {each.line_id for each in whole.reckoned.counted}
    context["found"] = {
        "name": _name(frame, whole.programme),
        "is_demo": whole.programme.is_demo,
        "per_year": bool(whole.programme.terms.get("per_year")),
        "fen": picked.reckoned.fen,
        "steps": [frame.language.pick(step.zh, step.en) for step in picked.reckoned.steps],
        "items": [
            {
                "line": each.line_id,
                "number": each.order_number,
                "booking": each.reference,
                "base": each.base_fen,
                "counts": each.line_id in counted,
                "is_chosen": each.line_id in (counted if chosen is None else chosen),
                "reasons": [frame.language.pick(reason.zh, reason.en) for reason in each.reasons],
            }
            for each in whole.reckoned.items
        ],
    }
    return context


def _narrowed(wish: Wish, chosen: frozenset[int]) -> Wish:
    return Wish(wish.programme_id, wish.payee, wish.year, chosen)


def _claim(
    frame: Frame,
    session: Session,
    me: access.Principal,
    claim_id: str,
    *,
    told: str = "",
    wrong: list[tuple[str, str]] | None = None,
) -> dict[str, Any]:
    held = find_claim(session, claim_id)
    if held is None:
        raise ClaimUnknown(claim_id)
    is_owner = held.payee_kind == "institution"
    subject = Subject(
        enterprise_id=None if is_owner else held.payee_id,
        institution_id=held.payee_id if is_owner else None,
        home_area=held.payer_area,
        state=held.state,
        name=f"claim:{claim_id}",
    )
    deciding.allow(session, me, "claim.read", subject, now=frame.now)
    language = frame.language
    return {
        "told": told,
        "wrong": wrong or [],
        "claim": _row(frame, session, held),
        "steps": [_text(language, step) for step in held.document["steps"]],
        "items": [
            {
                "number": item["order_number"],
                "booking": item["reference"],
                "base": item["base_fen"],
                "reasons": [_text(language, reason) for reason in item["reasons"]],
            }
            for item in held.document["items"]
        ],
        "is_open": held.state in claims.OPEN,
        "may_decide": access.may_enter(me, "claim.decide") and held.state in claims.OPEN,
        "may_withdraw": access.may_enter(me, "claim.apply") and held.state in claims.OPEN,
        "is_office": me.role in READERS,
    }


def _row(frame: Frame, session: Session, held: HeldClaim) -> dict[str, Any]:
    programme = queries.find_programme(session, held.programme_id, held.version)
    return {
        "id": held.id,
        "programme": held.programme_id if programme is None else _name(frame, programme),
        "programme_id": held.programme_id,
        "is_demo": programme is not None and programme.is_demo,
        "payee": _payee_name(session, held),
        "year": held.year,
        "base": held.base_fen,
        "fen": held.fen,
        "at": held.applied_at,
        "first_at": held.first_at,
        "second_at": held.second_at,
        "paid_at": held.paid_at,
        "reason": held.reason,
        "badge": {"text": wording.name("claim_state", held.state, frame.language), "tone": TONES[held.state]},
    }


def _payee_name(session: Session, held: HeldClaim) -> str:
    if held.payee_kind == "institution":
        found = catalog.find_institution(session, held.payee_id)
        return held.payee_id if found is None else str(found.document["name_zh"])
    party = identity.party_by_id(session, held.payee_id)
    return held.payee_id if party is None else party.name


def _text(language: Any, told: Mapping[str, Any]) -> str:
    return str(language.pick(told["zh"], told["en"]))


def _name(frame: Frame, programme: rules.Programme) -> str:
    document = programme.document
    return str(frame.language.pick(document["name_zh"], document.get("name_en")))


def _six_digits(area: str) -> str:
    return (area + "000000")[:6]
