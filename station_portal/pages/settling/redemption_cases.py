"""Redemption results that could not be applied: what the province said, what is recorded here, what may be done, and the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response
from sqlalchemy.orm import Session

from hub.core.errors import HubError
from hub.core.web import ReadSession, WriteSession
from hub.identity import access
from hub.identity import rules as roles
from hub.settlement.queries import paying
from hub.settlement.queries.paying import CaseShown, LineShown
from hub.settlement.service.periods import desk
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.i18n import Language
from station_portal.settling import names, offices, words

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action(offices.READ_PAYMENTS)]
Closer = Annotated[access.Principal, access.action("settlement.close_case")]
CLOSE = "settlement.close_case"
PAGE = "/staff/settlement/redemption-cases"


@router.get(PAGE)
def show_cases(
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    *,
    only: Annotated[str, Query(max_length=10)] = "",
    told: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The cases of the reader's area; `only=closed` those that were ended."""
    done = frame.language("事项已关闭，处理说明已保存。") if told == "closed" else ""
    return _page(frame, session, me, is_open=only != "closed", told=done)


@router.post(PAGE + "/{redemption_case_id}/close")
def close_case(
    redemption_case_id: int,
    frame: CurrentFrame,
    session: WriteSession,
    me: Closer,
    *,
    text: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Say what was done; the books change only by what was recorded on the payment line."""
    try:
        with session.begin_nested():
            desk.close_case(session, me, redemption_case_id, text=text, now=frame.now)
    except HubError as refused:
        if refused.status not in (409, 422):
            raise
        wrong = [(f"text-{redemption_case_id}", frame.language.pick(refused.zh, refused.en))]
        typed = {redemption_case_id: text}
        return _page(frame, session, me, is_open=True, wrong=wrong, typed=typed, status=refused.status)
    return see_other(f"{PAGE}?told=closed")


def _page(
    frame: Frame,
    session: Session,
    me: access.Principal,
    *,
    is_open: bool,
    told: str = "",
    wrong: list[tuple[str, str]] | None = None,
    typed: Mapping[int, str] | None = None,
    status: int = 200,
) -> Response:
    found = paying.redemption_cases(session, me.area or "", is_open=is_open)
    context = {
        "cases": [_case(frame, session, me, each) for each in found],
        "is_open": is_open,
        "is_city": not access.may_enter(me, offices.READ),
        "told": told,
        "wrong": wrong or [],
        "typed": typed or {},
    }
    return frame.page("settling_cases.html", context, status=status)


def _case(frame: Frame, session: Session, me: access.Principal, each: CaseShown) -> dict[str, Any]:
    language = frame.language
    line = paying.find_line(session, each.line_id)
    subject = offices.payer_subject(each.payer_area)
    is_readable = line is not None and roles.may(me, offices.READ_PAYMENTS, subject)
    why, ways = _advice(language).get(each.code or "", (each.code or "", []))
    return {
        "case": each,
        "province": wording.short_province(each.province, language),
        "verdict": wording.name("redemption_verdict", each.verdict, language),
        "why": why,
        "ways": ways,
        "said": _said(each.document, language),
        "held": [] if line is None else _held(session, line, language),
        "list_href": f"/staff/settlement/payments/{line.list_id}#line-{line.id}"
        if is_readable and line
        else None,
        "closed_by": names.person(session, each.closed_by, language),
        "may_close": each.is_open and roles.may(me, CLOSE, subject),
    }


def _said(document: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """The province's answer, field by field."""
    outcomes = {"paid": language("已付款"), "bounced": language("已退回")}
    outcome = str(document.get("outcome", ""))
    told = [
        (language("结果"), outcomes.get(outcome, outcome)),
        (language("金额"), _money(document.get("amount_fen"))),
        (language("日期"), str(document.get("on", ""))),
        (language("银行流水号"), str(document.get("bank_reference", ""))),
        (language("退回原因"), wording.name("bounce_reason", document.get("reason"), language)),
        (language("说明"), str(document.get("text", ""))),
    ]
    return [(name, value) for name, value in told if value]


def _held(session: Session, line: LineShown, language: Language) -> list[tuple[str, str]]:
    """The payment line as it is recorded here."""
    told = [
        (language("状态"), words.payment_state(line.state, language)["text"]),
        (language("应付"), _money(line.owed_fen)),
        (language("付款日期"), "" if line.paid_on is None else line.paid_on.isoformat()),
        (language("银行流水号"), line.bank_reference or ""),
        (language("登记人"), names.person(session, line.paid_by, language)),
        (language("退回原因"), wording.name("bounce_reason", line.bounce_reason, language)),
    ]
    return [(name, value) for name, value in told if value]


def _money(fen: object) -> str:
    return f"¥{fen / 100:,.2f}" if isinstance(fen, int) else ""


def _advice(language: Language) -> dict[str, tuple[str, list[str]]]:
    """Why a result was not applied, and what may be done, by its code."""
    ask = language("与对方核对；对方有误的，请其以新的消息编号更正后重发。")
    return {
        "redemption_amount_differs": (
            language("所报金额与应付金额不同。"),
            [ask, language("确已足额付款的，在付款清单登记付款并上传回单。")],
        ),
        "redemption_paid_twice": (
            language("该行已按另一笔流水登记付款，可能重复付款。"),
            [language("确属重复付款的，请收款单位原路退回多付的一笔。"), ask],
        ),
        "redemption_bounced_after_paid": (
            language("该行已登记付款，对方又报退回。"),
            [language("款项确已退回的，在付款清单登记退回，系统会重新出具付款行。"), ask],
        ),
        "redemption_after_bounce": (
            language("该行已退回并重新出具，对方又报已付。"),
            [language("请对方改按新的付款行付款；已付的，在新付款行登记。"), ask],
        ),
        "redemption_after_credit": (
            language("该行已由更正单全部冲销，不应再付。"),
            [language("已付的，请收款单位退回。"), ask],
        ),
        "redemption_conflicting": (
            language("同一消息编号先后内容不同。"),
            [ask, language("先到的一份已处理，后到的未采用。")],
        ),
        "payment_line_unknown": (
            language("没有这一付款行，或它不归该省支付。"),
            [language("请对方核对付款行编号后重发。")],
        ),
    }
