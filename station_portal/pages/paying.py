"""Paying the own share: the list of payments, one payment with everything that can be done to it, and the way back from paying."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Response, UploadFile
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session

from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from hub.settlement.errors.payments import AttemptUnknown, ProofMissing
from hub.settlement.queries import payees
from hub.settlement.queries import payments as reading
from hub.settlement.service import invoices, order_forms, payments
from hub.settlement.service.invoices import Entry
from hub.settlement.service.payments import showing
from station_portal import paying_words
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.keeping.fields import fen_of, text_of
from station_portal.pages.bookings import AnyForm, wrongs_of
from station_portal.settling import files, lists

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action("payment.read")]
Payer = Annotated[access.Principal, access.action("payment.pay")]
Provider = Annotated[access.Principal, access.action("payment.confirm")]
Biller = Annotated[access.Principal, access.action("payment.enter_invoice")]

PAGE = 50
VIEWS = {
    "": (),
    "open": ("due", "overdue", "initiated", "unknown"),
    "done": ("paid", "partly_refunded", "refunded"),
}
_FIELDS = {"fen": "received", "order_form_sha256": "channel"}


@router.get("/payments")
def list_payments(
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    view: Annotated[str, Query(max_length=20)] = "",
    format: Annotated[str, Query(max_length=5)] = "",
) -> Response:
    """Payments of whom the reader acts for; the provider's own queue is `view=confirm`. `format` takes the whole view away."""
    is_provider = showing.side_of(me) == "provider"
    states = VIEWS.get(view, ())
    if format in lists.FORMATS:
        table = lists.payments_table(frame, me, states, to_confirm=is_provider and view == "confirm")
        return files.table_answer(frame, table, format, "payments", about="")
    shown = view if view in {*VIEWS, "confirm"} else ""
    rows = reading.list_payments(
        session, me, states=states, to_confirm=is_provider and view == "confirm", limit=PAGE + 1
    )
    context = {
        "rows": [paying_words.row(frame, each) for each in rows[:PAGE]],
        "has_more": len(rows) > PAGE,
        "view": shown,
        "formats": lists.links(frame.language, lambda wanted: f"/payments?view={shown}&format={wanted}"),
        "columns": lists.payment_columns(frame.language),
        "side": showing.side_of(me),
        "to_confirm": reading.count_to_confirm(session, me) if is_provider else 0,
        "may_read_vouchers": access.may_enter(me, "voucher.read"),
    }
    return frame.page("paying_list.html", context)


@router.get("/payments/{payment_id}")
def show_payment(
    payment_id: str,
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    told: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """One payment; `told` is the form that has just done its work."""
    text = paying_words.outcome(told, frame.language)
    return frame.page("paying.html", _context(frame, session, me, payment_id, told=text))


@router.get("/payments/{payment_id}/return")
def come_back(
    payment_id: str, frame: CurrentFrame, session: ReadSession, me: Reader, runtime: CurrentRuntime
) -> Response:
    """Back from the provider's page. What the browser brings proves nothing: the channel is asked, and only its word counts."""
    seen = showing.visible(session, me, payment_id, now=frame.now)
    online = [each for each in seen.attempts if each.channel == "online"]
    if online and online[-1].state != "paid":
        payments.ask(runtime, online[-1].id)
    with runtime.database.read() as fresh:
        state = showing.visible(fresh, me, payment_id, now=frame.now).payment.state
    told = {"paid": "paid", "initiated": "checking", "unknown": "checking"}.get(state, "not_paid")
    return see_other(f"/payments/{payment_id}?told={told}")


@router.post("/payments/{payment_id}/pay")
def pay(payment_id: str, frame: CurrentFrame, me: Payer, runtime: CurrentRuntime, form: AnyForm) -> Response:
    """Begin to pay. The page then leads on to the provider's: a form of ours may not send the browser elsewhere (CSP)."""
    try:
        begun = payments.start(
            runtime, me, payment_id, form.get("channel", "")[:40], form_sha256=form.get("order_form_sha256")
        )
    except HubError as refused:
        return _again(frame, me, payment_id, _wrong(frame, refused, "channel"), form)
    told = "go" if begun.redirect_url is not None else "unknown" if begun.state == "unknown" else "begun"
    return see_other(f"/payments/{payment_id}?told={told}")


@router.post("/payments/{payment_id}/attempts/{attempt_id}/check")
def check(
    payment_id: str, attempt_id: str, frame: CurrentFrame, me: Payer, runtime: CurrentRuntime
) -> Response:
    """Ask the channel now what became of a payment."""
    with runtime.database.read() as session:
        _attempt(session, frame, me, payment_id, attempt_id)
    state = payments.ask(runtime, attempt_id)
    return see_other(f"/payments/{payment_id}?told={'paid' if state == 'paid' else 'checking'}")


@router.post("/payments/{payment_id}/attempts/{attempt_id}/proof", max_body_size=payments.MOST_FORM)
def hand_in_proof(
    payment_id: str,
    attempt_id: str,
    frame: CurrentFrame,
    *,
    me: Payer,
    runtime: CurrentRuntime,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """The proof of a transfer."""
    if file is None or not file.filename:
        return _again(frame, me, payment_id, [("proof", frame.language("请选择要上传的文件"))], {})
    try:
        with runtime.database.read() as session:
            _attempt(session, frame, me, payment_id, attempt_id)
        proof = payments.keep_proof(runtime.home / "proofs", file.filename, file.file)
        with runtime.database.write() as session:
            payments.hand_in_proof(session, me, attempt_id, proof, now=frame.now)
    except HubError as refused:
        return _again(frame, me, payment_id, _wrong(frame, refused, "proof"), {})
    return see_other(f"/payments/{payment_id}?told=handed_in")


@router.get("/payments/{payment_id}/attempts/{attempt_id}/proof")
def take_proof(
    payment_id: str,
    attempt_id: str,
    frame: CurrentFrame,
    *,
    session: ReadSession,
    me: Reader,
    runtime: CurrentRuntime,
) -> Response:
    """The file, as an attachment."""
    attempt = _attempt(session, frame, me, payment_id, attempt_id)
    held = attempt.proof
    path = runtime.home / "proofs" / held["sha256"] if held else None
    if held is None or path is None or not path.is_file():
        raise ProofMissing
    safe = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return FileResponse(path, media_type=held["media_type"], filename=held["filename"], headers=safe)


@router.post("/payments/{payment_id}/attempts/{attempt_id}/withdraw")
def withdraw(payment_id: str, attempt_id: str, frame: CurrentFrame, me: Payer) -> Response:
    """Take back a transfer that was not made."""
    return _do(
        frame,
        me,
        payment_id,
        lambda session: payments.withdraw(session, me, attempt_id, now=frame.now),
        told="withdrawn",
    )


@router.post("/payments/{payment_id}/attempts/{attempt_id}/confirm")
def confirm(
    payment_id: str,
    attempt_id: str,
    frame: CurrentFrame,
    me: Provider,
    form: AnyForm,
) -> Response:
    """The provider saw so much on its account."""
    fen = fen_of(form.get("received", ""))
    if fen is None:
        wrong = [("received", frame.language("请填写到账金额，如 1200.00"))]
        return _again(frame, me, payment_id, wrong, form)
    return _do(
        frame,
        me,
        payment_id,
        lambda session: payments.confirm(session, me, attempt_id, fen, now=frame.now),
        told="confirmed",
        form=form,
    )


@router.post("/payments/{payment_id}/attempts/{attempt_id}/refuse")
def refuse(
    payment_id: str,
    attempt_id: str,
    frame: CurrentFrame,
    me: Provider,
    form: AnyForm,
) -> Response:
    """The provider does not find the money."""
    reason = form.get("reason", "")
    return _do(
        frame,
        me,
        payment_id,
        lambda session: payments.refuse(session, me, attempt_id, reason, now=frame.now),
        told="refused",
        form=form,
    )


@router.post("/payments/{payment_id}/refunds/{number}")
def confirm_refund(payment_id: str, number: int, frame: CurrentFrame, me: Provider) -> Response:
    """The provider sent money back."""
    return _do(
        frame,
        me,
        payment_id,
        lambda session: payments.confirm_refund(session, me, payment_id, number, now=frame.now),
        told="sent_back",
    )


@router.post("/payments/{payment_id}/invoices")
def enter_invoice(payment_id: str, frame: CurrentFrame, me: Biller, form: AnyForm) -> Response:
    """Enter an invoice as it stands on paper."""
    entry = _entry(frame, form)
    if not isinstance(entry, Entry):
        return _again(frame, me, payment_id, entry, form)
    return _do(
        frame,
        me,
        payment_id,
        lambda session: invoices.enter(session, me, payment_id, entry, now=frame.now),
        told="invoiced",
        form=form,
    )


@router.post("/payments/{payment_id}/invoices/{invoice_id}/void")
def void_invoice(
    payment_id: str, invoice_id: int, frame: CurrentFrame, me: Biller, form: AnyForm
) -> Response:
    """The invoice was made void."""
    reason = form.get("reason", "")
    return _do(
        frame,
        me,
        payment_id,
        lambda session: invoices.void(session, me, invoice_id, reason, now=frame.now),
        told="voided",
        form=form,
    )


@router.post("/payments/{payment_id}/invoices/{invoice_id}/reverse")
def reverse_invoice(
    payment_id: str, invoice_id: int, frame: CurrentFrame, me: Biller, form: AnyForm
) -> Response:
    """Enter the red-letter invoice that takes back a valid one."""
    entry, reason = _entry(frame, form), form.get("reason", "")
    if not isinstance(entry, Entry):
        return _again(frame, me, payment_id, entry, form)
    return _do(
        frame,
        me,
        payment_id,
        lambda session: invoices.reverse(session, me, invoice_id, entry, reason, now=frame.now),
        told="reversed",
        form=form,
    )


def _attempt(session: Session, frame: Frame, me: access.Principal, payment_id: str, attempt_id: str) -> Any:
    """A try of this payment. Raises `AttemptUnknown`."""
    payment, attempt = showing.visible_attempt(session, me, attempt_id, now=frame.now)
    if payment.id != payment_id:
        raise AttemptUnknown(attempt_id)
    return attempt


def _do(
    frame: Frame,
    me: access.Principal,
    payment_id: str,
    act: Callable[[Session], object],
    *,
    told: str,
    form: Any = None,
) -> Response:
    try:
        with frame.runtime.database.write() as session:
            act(session)
    except HubError as refused:
        return _again(frame, me, payment_id, _wrong(frame, refused, "errors"), form or {})
    return see_other(f"/payments/{payment_id}?told={told}")


def _wrong(frame: Frame, refused: HubError, field: str) -> list[tuple[str, str]]:
    """A channel that cannot be reached is something to say on the page; every other fault of ours is raised."""
    if refused.code == "payment_channel_unreachable":
        words = [
            frame.language.pick(refused.zh, refused.en),
            frame.language.pick(refused.hint_zh, refused.hint_en),
        ]
        return [("channel", " ".join(word for word in words if word))]
    return [(_FIELDS.get(name, name), words) for name, words in wrongs_of(frame, field, refused)]


def _again(
    frame: Frame, me: access.Principal, payment_id: str, wrong: list[tuple[str, str]], form: Any
) -> Response:
    with frame.runtime.database.read() as session:
        context = _context(frame, session, me, payment_id, wrong=wrong, typed=form)
    return frame.page("paying.html", context, status=422)


def _context(
    frame: Frame,
    session: Session,
    me: access.Principal,
    payment_id: str,
    *,
    told: str = "",
    wrong: list[tuple[str, str]] | None = None,
    typed: Any = None,
) -> dict[str, Any]:
    seen = showing.visible(session, me, payment_id, now=frame.now)
    payment = seen.payment
    under_way = next(
        (each for each in seen.attempts if each.state in {"stored", "open", "unknown", "submitted"}), None
    )
    bank = None if payment.institution_id is None else payees.bank_of(session, payment.institution_id)
    outstanding = max(0, payment.owed_fen - (payment.paid_fen - payment.refunded_fen))
    return {
        "payment": paying_words.row(frame, payment),
        "side": showing.side_of(me),
        "attempts": [paying_words.attempt(frame, each) for each in seen.attempts],
        "under_way": None if under_way is None else paying_words.attempt(frame, under_way),
        "refunds": [paying_words.refund(frame, each) for each in seen.refunds],
        "events": [paying_words.event(frame, each) for each in seen.events],
        "invoices": invoices.of_order(session, payment.reference),
        "form_to_agree": order_forms.to_agree(session, payment.reference, "enterprise"),
        "invoice_fen": payments.invoice_fen(payment),
        "invoice_vat": payments.invoice_vat(payment),
        "bank": bank,
        "outstanding": outstanding,
        "channels": paying_words.channels(frame),
        "may_pay": showing.may(me, "payment.pay", payment) and outstanding > 0 and under_way is None,
        "is_payer": showing.may(me, "payment.pay", payment),
        "may_confirm": showing.may(me, "payment.confirm", payment),
        "may_bill": showing.may(me, "payment.enter_invoice", payment),
        "told": told,
        "wrong": wrong or [],
        "faults": dict(wrong or []),
        "typed": typed or {},
        "most": payments.MOST_PROOF,
    }


def _entry(frame: Frame, form: Any) -> Entry | list[tuple[str, str]]:
    """The invoice that was typed, or what cannot be read of it."""
    language = frame.language
    wrong: list[tuple[str, str]] = []
    amounts: dict[str, int] = {}
    for name in ("net_fen", "vat_fen", "gross_fen"):
        fen = fen_of(form.get(name, ""))
        if fen is None:
            wrong.append((name, language("请填写金额，如 1200.00")))
        else:
            amounts[name] = fen
    try:
        issued_on = date.fromisoformat(form.get("issued_on", ""))
    except ValueError:
        wrong.append(("issued_on", language("请填写开票日期")))
        return wrong
    if wrong:
        return wrong
    return Entry(
        code=text_of(form, "code")[:20],
        number=text_of(form, "number")[:20],
        issued_on=issued_on,
        payer_name=text_of(form, "payer_name")[:200],
        payer_credit_code=text_of(form, "payer_credit_code")[:18],
        **amounts,
    )
