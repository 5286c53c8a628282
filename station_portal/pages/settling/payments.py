"""Payment lists: who is to be paid what and to which account; a line is paid with proof, or bounces and is issued again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from sqlalchemy.orm import Session

import schemas
from hub.core.clock import SHANGHAI
from hub.core.errors import HubError
from hub.core.web import ReadSession, WriteSession
from hub.identity import access
from hub.identity import rules as roles
from hub.identity import service as identity
from hub.settlement.errors import CreditDecided, CreditUnknown, PaymentLineUnknown
from hub.settlement.errors.proofs import PaymentInvalid
from hub.settlement.queries import payees, paying
from hub.settlement.queries.paying import CreditShown, LineShown, ListShown
from hub.settlement.service import proofs
from hub.settlement.service.exports import Column, Table
from hub.settlement.service.periods import desk
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.settling import files, names, offices, words
from station_portal.settling.turns import payment_turn

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action(offices.READ_PAYMENTS)]
Payer = Annotated[access.Principal, access.action("settlement.record_payment")]
Bouncer = Annotated[access.Principal, access.action("settlement.bounce")]
Receiver = Annotated[access.Principal, access.action("settlement.record_payback")]
PAY, BOUNCE, TAKE_BACK = "settlement.record_payment", "settlement.bounce", "settlement.record_payback"

MOST_BODY = proofs.MOST_BYTES + 100_000
"""Bytes of a proof with its form around it."""

Word = Annotated[str, Form(max_length=100)]
Words = Annotated[str, Form(max_length=1000)]


@router.get("/staff/settlement/payments")
def list_payments(
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    *,
    only: Annotated[str, Query(max_length=10)] = "",
    format: Annotated[str, Query(max_length=5)] = "",
) -> Response:
    """Payment lists that the reader's area pays, the newest first; `only=open` those with something to pay."""
    language = frame.language
    found = paying.payment_lists(session, payer=me.area or None, limit=500)
    if only == "open":
        found = [each for each in found if each.owed_fen]
    programmes = names.programmes(session, frame.language)
    rows = [
        {
            "list": each,
            "payer": names.area(each.payer_area, language),
            "programme": programmes.get(each.programme_id, each.programme_id),
            "states": [
                {**words.payment_state(state, language), "count": count}
                for state, count in each.states.items()
            ],
            "step": payment_turn("due", each.payer_area, each.budget_year, me, language)
            if each.owed_fen
            else None,
        }
        for each in found
    ]
    if format in files.FORMATS:
        columns = [
            Column(language("付款清单")),
            Column(language("结算期")),
            Column(language("付款地区")),
            Column(language("政策")),
            Column(language("金额（元）"), "fen"),
            Column(language("待付（元）"), "fen"),
            Column(language("出具时间"), "instant"),
        ]
        cells = [
            (
                each.id,
                each.period_id,
                row["payer"],
                row["programme"],
                each.total_fen,
                each.owed_fen,
                each.issued_at,
            )
            for row, each in zip(rows, found, strict=True)
        ]
        sums = (sum(each.total_fen for each in found), sum(each.owed_fen for each in found))
        total = (language("合计"), None, None, None, *sums, None)
        table = Table(language("付款清单"), columns, cells, len(cells), total)
        return files.table_answer(frame, table, format, "payment-lists", about=language("全部付款清单"))
    context = {
        "rows": rows,
        "only": only,
        "is_city": not access.may_enter(me, offices.READ),
        "owed": sum(each.owed_fen for each in found),
        "formats": files.links(
            lambda **told: f"/staff/settlement/payments?only={only}&format={told['format']}"
        ),
    }
    return frame.page("settling_payments.html", context)


@router.get("/staff/settlement/payments/{list_id}")
def show_list(
    list_id: str,
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    *,
    told: Annotated[str, Query(max_length=20)] = "",
    format: Annotated[str, Query(max_length=5)] = "",
) -> Response:
    """One list: payee, account, amount and orders of every line, and what was done about it."""
    held = desk.read_list(session, me, list_id, now=frame.now)
    if format in files.FORMATS:
        about = f"{names.area(held.payer_area, frame.language)} · {held.period_id}"
        table = _table(frame, session, held)
        return files.table_answer(
            frame, table, format, held.id.replace(":", "-").replace("/", "-"), about=about
        )
    return _page(frame, session, me, held, told=told)


@router.post("/staff/settlement/payment-lines/{line_id}/paid", max_body_size=MOST_BODY)
def record(
    line_id: str,
    frame: CurrentFrame,
    session: WriteSession,
    me: Payer,
    *,
    paid_on: Word = "",
    bank_reference: Word = "",
    amount: Word = "",
    proof: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """A line was paid: day, the bank's reference, amount, and the paper that proves it."""
    typed = {"line": line_id, "paid_on": paid_on, "bank_reference": bank_reference, "amount": amount}
    content = b"" if proof is None else proof.file.read(proofs.MOST_BYTES + 1)
    line, held = _line(session, me, line_id, frame)
    try:
        told = _proof(frame, paid_on, bank_reference, amount, content)
        with session.begin_nested():
            desk.record_payment(session, me, line.id, told, now=frame.now)
    except HubError as refused:
        return _refused(frame, session, me, held, refused, **typed)
    return see_other(f"/staff/settlement/payments/{held.id}?told=paid#line-{line.id}")


@router.post("/staff/settlement/payment-lines/{line_id}/bounce")
def bounce(
    line_id: str,
    frame: CurrentFrame,
    session: WriteSession,
    me: Bouncer,
    *,
    reason: Word = "",
    text: Words = "",
) -> Response:
    """The payment came back: it is issued again at once, on a list of its own."""
    line, held = _line(session, me, line_id, frame)
    try:
        with session.begin_nested():
            new = desk.bounce(session, me, line.id, reason=reason, text=text, now=frame.now)
    except HubError as refused:
        return _refused(
            frame, session, me, held, refused, line=line_id, reason=reason, text=text, is_bounce=True
        )
    again = paying.find_line(session, new)
    return see_other(f"/staff/settlement/payments/{again.list_id if again else held.id}?told=bounced")


@router.post("/staff/settlement/credits/{credit_id}/payback", max_body_size=MOST_BODY)
def take_back(
    credit_id: int,
    frame: CurrentFrame,
    session: WriteSession,
    me: Receiver,
    *,
    paid_on: Word = "",
    bank_reference: Word = "",
    amount: Word = "",
    proof: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """What a payee owed back came: day, the bank's reference, the exact amount, and the paper that proves it."""
    typed = {"credit": credit_id, "paid_on": paid_on, "bank_reference": bank_reference, "amount": amount}
    content = b"" if proof is None else proof.file.read(proofs.MOST_BYTES + 1)
    credit = desk.may_take_back(session, me, credit_id, now=frame.now)
    line = paying.find_line(session, credit.paid_line or "")
    if line is None:
        raise CreditDecided
    held = desk.read_list(session, me, line.list_id, now=frame.now)
    try:
        told = _proof(frame, paid_on, bank_reference, amount, content)
        with session.begin_nested():
            desk.record_payback(session, me, credit_id, told, now=frame.now)
    except HubError as refused:
        return _refused(frame, session, me, held, refused, **typed)
    return see_other(f"/staff/settlement/payments/{held.id}?told=back#line-{line.id}")


@router.get("/staff/settlement/credits/{credit_id}/proof")
def read_payback_proof(credit_id: int, frame: CurrentFrame, session: ReadSession, me: Reader) -> Response:
    """The paper that proves that the money came back."""
    credit = _credit(session, credit_id)
    line = paying.find_line(session, credit.paid_line or "")
    subject = offices.payer_subject(credit.payer_area or "")
    identity.allow(session, me, offices.READ_PAYMENTS, subject, now=frame.now)
    return _paper(frame, None if line is None else credit.payback_sha256)


@router.get("/staff/settlement/payment-lines/{line_id}/proof")
def read_proof(line_id: str, frame: CurrentFrame, session: ReadSession, me: Reader) -> Response:
    """The paper that proves the payment."""
    line, _ = _line(session, me, line_id, frame)
    return _paper(frame, line.proof_sha256)


def _paper(frame: Frame, sha256: str | None) -> Response:
    """A kept proof as a file. Raises `ProofUnknown`."""
    content, kind = proofs.read_proof(frame.runtime.home, sha256 or "-")
    headers = {
        "Content-Disposition": f'attachment; filename="proof-{(sha256 or "")[:12]}.{kind}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=proofs.TYPES[kind], headers=headers)


def _credit(session: Session, credit_id: int) -> CreditShown:
    found = paying.find_credit(session, credit_id)
    if found is None:
        raise CreditUnknown(credit_id)
    return found


def _line(session: Session, me: access.Principal, line_id: str, frame: Frame) -> tuple[LineShown, ListShown]:
    """The line and its list, for whom it concerns."""
    line = paying.find_line(session, line_id)
    if line is None:
        raise PaymentLineUnknown(line_id)
    return line, desk.read_list(session, me, line.list_id, now=frame.now)


def _refused(
    frame: Frame,
    session: Session,
    me: access.Principal,
    held: ListShown,
    refused: HubError,
    **typed: object,
) -> Response:
    if refused.status not in (409, 412, 422):
        raise refused
    return _page(frame, session, me, held, wrong=refused, typed=typed, status=refused.status)


def _proof(frame: Frame, paid_on: str, reference: str, amount: str, content: bytes) -> dict[str, Any]:
    """What the form says. Raises `PaymentInvalid`, `ProofInvalid`."""
    try:
        day = date.fromisoformat(paid_on.strip())
    except ValueError:
        raise PaymentInvalid(
            "paid_on", "付款日期请写成 YYYY-MM-DD。", "Write the day of payment as YYYY-MM-DD."
        ) from None
    if day > frame.now.astimezone(SHANGHAI).date() or day.year < 2000:
        raise PaymentInvalid("paid_on", "付款日期不能晚于今天。", "The day of payment is not after today.")
    told = reference.strip()
    if not (2 <= len(told) <= 64 and told.isprintable()):
        raise PaymentInvalid(
            "bank_reference",
            "银行流水号须为 2 至 64 个字符。",
            "The bank's reference has 2 to 64 characters.",
        )
    try:
        fen = Decimal(amount.strip().replace(",", "")) * 100
    except InvalidOperation:
        fen = Decimal("NaN")
    if not fen.is_finite() or fen != int(fen) or not 0 < fen < 10**15:
        raise PaymentInvalid(
            "amount", "金额请写成元，至多两位小数。", "Write the amount in yuan with two decimals at most."
        )
    sha256 = proofs.keep_proof(frame.runtime.home, content) if content else None
    if sha256 is None:
        raise PaymentInvalid("proof", "请上传付款凭证。", "Upload the proof of payment.")
    return {"paid_on": day, "bank_reference": told, "amount_fen": int(fen), "sha256": sha256}


def _page(
    frame: Frame,
    session: Session,
    me: access.Principal,
    held: ListShown,
    *,
    told: str = "",
    wrong: HubError | None = None,
    typed: Mapping[str, object] | None = None,
    status: int = 200,
) -> Response:
    language = frame.language
    lines = paying.payment_lines(session, held.id)
    called = _called(session, lines, frame)
    subject = offices.payer_subject(held.payer_area)
    may_pay, may_bounce, may_take = (roles.may(me, action, subject) for action in (PAY, BOUNCE, TAKE_BACK))
    owed_back = [
        each for each in paying.credits(session, state="issued", list_id=held.id) if each.payback_fen
    ]
    banks = payees.banks_of(session, [each.payee_id for each in lines if each.payee_kind == "institution"])
    faults = [] if wrong is None else [(wrong.field or "", language.pick(wrong.zh, wrong.en))]
    if wrong is not None and wrong.hint_zh:
        faults.append(("", language.pick(wrong.hint_zh, wrong.hint_en or "")))
    context: dict[str, Any] = {
        "held": held,
        "is_city": not access.may_enter(me, offices.READ),
        "payer": names.area(held.payer_area, language),
        "programme": names.programmes(session, frame.language).get(held.programme_id, held.programme_id),
        "told": {
            "paid": language("已登记付款，凭证已保存；创新券已兑付。"),
            "bounced": language("已登记退回，并已重新出具付款行；请先核对收款账户。"),
            "back": language("已登记收回，凭证已保存，账目已冲平。"),
        }.get(told, ""),
        "wrong": faults,
        "typed": typed or {},
        "owed_back": sum(each.payback_fen for each in owed_back if each.is_owed_back),
        "today": frame.now.astimezone(SHANGHAI).date().isoformat(),
        "reasons": [
            (code, language.pick(each.zh, each.en)) for code, each in schemas.codes("bounce_reason").items()
        ],
        "lines": [
            {
                "line": each,
                "payee": called[each.payee_id],
                "bank": _bank(banks, each, may_pay),
                "badge": words.payment_state(each.state, language),
                "bounced": wording.name("bounce_reason", each.bounce_reason, language),
                "paid_by": names.person(session, each.paid_by, language),
                "orders": [
                    item.order_number for item in paying.items_of(session, each.id) if item.voided_at is None
                ],
                "step": payment_turn(each.state, held.payer_area, held.budget_year, me, language),
                "back": [
                    {
                        "credit": credit,
                        "by": names.person(session, credit.paid_back_by, language),
                        "reason": wording.name("credit_reason", credit.reason, language),
                        "may_take": may_take and credit.is_owed_back,
                    }
                    for credit in owed_back
                    if credit.paid_line == each.id
                ],
                "may_pay": may_pay and each.state in ("due", "carried"),
                "may_bounce": may_bounce and each.state in ("due", "carried", "paid"),
            }
            for each in lines
        ],
        "formats": files.links(
            lambda **wanted: f"/staff/settlement/payments/{held.id}?format={wanted['format']}"
        ),
    }
    return frame.page("settling_payment.html", context, status=status)


def _bank(banks: Mapping[str, payees.Payee], line: LineShown, may_pay: bool) -> dict[str, str] | None:
    """The account to pay into: whole for who pays, its end for everybody else."""
    found = banks.get(line.payee_id)
    if found is None:
        return None
    return {
        "name": found.account_name,
        "bank": found.bank_name,
        "number": found.account_number if may_pay else found.masked_number,
    }


def _called(session: Session, lines: list[LineShown], frame: Frame) -> dict[str, str]:
    kinds: dict[str, list[str]] = {"institution": [], "enterprise": []}
    for each in lines:
        kinds[each.payee_kind].append(each.payee_id)
    return names.institutions(session, kinds["institution"], frame.language) | names.enterprises(
        session, kinds["enterprise"]
    )


def _table(frame: Frame, session: Session, held: ListShown) -> Table:
    language = frame.language
    lines = paying.payment_lines(session, held.id)
    called = _called(session, lines, frame)
    banks = payees.banks_of(session, [each.payee_id for each in lines])
    columns = [
        Column(language("付款行")),
        Column(language("收款单位")),
        Column(language("户名与开户行")),
        Column(language("账号")),
        Column(language("应付（元）"), "fen"),
        Column(language("状态")),
        Column(language("预约编号")),
    ]
    may_pay = frame.principal is not None and roles.may(
        frame.principal, PAY, offices.payer_subject(held.payer_area)
    )
    rows = []
    for each in lines:
        bank = _bank(banks, each, may_pay) or {"name": "", "bank": "", "number": language("待录入账户")}
        rows.append(
            (
                each.id,
                called[each.payee_id],
                f"{bank['name']} {bank['bank']}".strip(),
                bank["number"],
                each.owed_fen,
                words.payment_state(each.state, language)["text"],
                "、".join(item.order_number for item in paying.items_of(session, each.id)),
            )
        )
    total = (language("合计"), None, None, None, sum(each.owed_fen for each in lines), None, None)
    return Table(language("付款清单 %(id)s", id=held.id), columns, rows, len(rows), total)
