"""Paying the own share: payments, tries with their proofs, notifications of channels, order forms, invoices."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Path, Query, Request, Response, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from hub.core.lists import Cursor, Limit, Number
from hub.core.paging import decode_cursor, encode_cursor
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer, public
from hub.identity.access import Principal, action
from hub.settlement.channels.online import MOST_NOTIFICATION
from hub.settlement.errors.payments import FormUnknown, ProofMissing
from hub.settlement.queries import payments as queries
from hub.settlement.service import form_printing, invoices, order_forms, payments
from hub.settlement.service.invoices import Entry
from hub.settlement.service.payments import showing
from hub.settlement.wire import payments as wire

router = APIRouter(prefix="/api/v1", tags=["settlement"])

Reader = Annotated[Principal, action("payment.read")]
Payer = Annotated[Principal, action("payment.pay")]
Provider = Annotated[Principal, action("payment.confirm")]
Biller = Annotated[Principal, action("payment.enter_invoice")]
FormReader = Annotated[Principal, action("order_form.read")]
FormSide = Annotated[Principal, action("order_form.confirm")]
PaymentId = Annotated[str, Path(pattern="^pm-[a-z2-7]{26}$")]
AttemptId = Annotated[str, Path(pattern="^pa-[0-9a-f]{24}$")]
BookingId = Annotated[str, Path(pattern="^bk-[a-z2-7]{26}$")]

NO_STORE = {"Cache-Control": "no-store"}
_POSITION = "payments"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Wanted(_Body):
    """The way to pay: a code of `payment_channel`; and the order form's bytes that paying agrees to, unless that was done."""

    channel: str = Field(max_length=40)
    order_form_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


class Came(_Body):
    """What came in, in fen."""

    fen: int = Field(ge=1, le=1_000_000_000_000)


class Refused(_Body):
    """Why."""

    reason: str = Field(max_length=1000)


class Agreed(_Body):
    """The bytes that are agreed to."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class InvoiceEntry(_Body):
    """An invoice as it stands on paper; amounts in fen. `code` is empty for a fully digital one."""

    code: str = Field(default="", max_length=20)
    number: str = Field(max_length=20)
    issued_on: date
    net_fen: int = Field(ge=-1_000_000_000_000, le=1_000_000_000_000)
    vat_fen: int = Field(ge=-1_000_000_000_000, le=1_000_000_000_000)
    gross_fen: int = Field(ge=-1_000_000_000_000, le=1_000_000_000_000)
    payer_name: str = Field(max_length=200)
    payer_credit_code: str = Field(max_length=18)

    def entry(self) -> Entry:
        return Entry(**self.model_dump(include=set(Entry.__dataclass_fields__)))


class RedEntry(InvoiceEntry):
    """The red-letter invoice that takes back another one, and why."""

    reason: str = Field(max_length=1000)


async def _bytes(request: Request) -> bytes:
    return await request.body()


@router.get("/payments")
def list_payments(
    session: ReadSession,
    principal: Reader,
    *,
    state: Annotated[list[str] | None, Query(max_length=10)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Payments of whom the reader acts for, the newest first."""
    before = None
    if cursor is not None:
        at, payment_id = decode_cursor(_POSITION, cursor, [str, str])
        before = datetime.fromisoformat(str(at)), str(payment_id)
    rows = queries.list_payments(session, principal, states=state or (), before=before, limit=limit + 1)
    page = rows[:limit]
    following = (
        encode_cursor(_POSITION, [page[-1].made_at.isoformat(), page[-1].id]) if len(rows) > limit else None
    )
    told = {"items": [wire.payment_document(row) for row in page], "next": following}
    return json_answer(told, headers=NO_STORE)


@router.get("/payments/{payment_id}")
def show_payment(
    payment_id: PaymentId, session: ReadSession, runtime: CurrentRuntime, principal: Reader
) -> Response:
    """One payment with its tries, refunds, invoices and history."""
    seen = showing.visible(session, principal, payment_id, now=runtime.clock())
    told = {
        **wire.payment_document(seen.payment),
        "attempts": [wire.attempt_document(row) for row in seen.attempts],
        "refunds": [wire.refund_document(row) for row in seen.refunds],
        "invoices": [asdict(row) for row in invoices.of_order(session, seen.payment.reference)],
        "events": [wire.event_document(row) for row in seen.events],
    }
    return json_answer(told, headers=NO_STORE)


@router.post("/payments/{payment_id}/attempts", status_code=201)
def start_attempt(payment_id: PaymentId, runtime: CurrentRuntime, principal: Payer, body: Wanted) -> Response:
    """Begin to pay what is outstanding. A second one while the first is under way is refused, so a repeat pays once."""
    begun = payments.start(runtime, principal, payment_id, body.channel, form_sha256=body.order_form_sha256)
    return json_answer(
        {name: value for name, value in asdict(begun).items() if value is not None}, 201, NO_STORE
    )


@router.put("/payment-attempts/{attempt_id}/proof", status_code=204, max_body_size=payments.MOST_FORM)
def hand_in_proof(
    attempt_id: AttemptId, runtime: CurrentRuntime, principal: Payer, file: Annotated[UploadFile, File()]
) -> None:
    """The proof of a transfer: PDF, PNG or JPEG of at most 5 MB."""
    now = runtime.clock()
    with runtime.database.read() as session:
        showing.visible_attempt(session, principal, attempt_id, now=now)
    proof = payments.keep_proof(runtime.home / "proofs", file.filename or "", file.file)
    with runtime.database.write() as session:
        payments.hand_in_proof(session, principal, attempt_id, proof, now=now)


@router.get("/payment-attempts/{attempt_id}/proof")
def take_proof(
    attempt_id: AttemptId, session: ReadSession, runtime: CurrentRuntime, principal: Reader
) -> Response:
    """The proof of a transfer, for both sides."""
    _, attempt = showing.visible_attempt(session, principal, attempt_id, now=runtime.clock())
    return proof_file(runtime, attempt)


def proof_file(runtime: Any, attempt: Any) -> Response:
    """The file of a try's proof, as an attachment. Raises `AttemptUnknown` where there is none."""
    held = attempt.proof
    path = runtime.home / "proofs" / held["sha256"] if held else None
    if path is None or not path.is_file():
        raise ProofMissing
    safe = {**NO_STORE, "X-Content-Type-Options": "nosniff"}
    return FileResponse(path, media_type=held["media_type"], filename=held["filename"], headers=safe)


@router.post("/payment-attempts/{attempt_id}/withdraw", status_code=204)
def withdraw_attempt(
    attempt_id: AttemptId, session: WriteSession, runtime: CurrentRuntime, principal: Payer
) -> None:
    """Take back a transfer that was not made."""
    payments.withdraw(session, principal, attempt_id, now=runtime.clock())


@router.post("/payment-attempts/{attempt_id}/confirm", status_code=204)
def confirm_attempt(
    attempt_id: AttemptId, session: WriteSession, runtime: CurrentRuntime, principal: Provider, body: Came
) -> None:
    """The provider saw the money on its account. Another amount is refused."""
    payments.confirm(session, principal, attempt_id, body.fen, now=runtime.clock())


@router.post("/payment-attempts/{attempt_id}/refuse", status_code=204)
def refuse_attempt(
    attempt_id: AttemptId, session: WriteSession, runtime: CurrentRuntime, principal: Provider, body: Refused
) -> None:
    """The provider does not find the money."""
    payments.refuse(session, principal, attempt_id, body.reason, now=runtime.clock())


@router.post("/payments/{payment_id}/refunds/{number}/confirm", status_code=204)
def confirm_refund(
    payment_id: PaymentId, number: Number, session: WriteSession, runtime: CurrentRuntime, principal: Provider
) -> None:
    """The provider sent money back."""
    payments.confirm_refund(session, principal, payment_id, number, now=runtime.clock())


@router.post("/payment-notifications/{channel}", dependencies=[public], max_body_size=MOST_NOTIFICATION)
def take_notification(
    channel: Annotated[str, Path(max_length=40)],
    request: Request,
    runtime: CurrentRuntime,
    body: Annotated[bytes, Depends(_bytes)],
) -> Response:
    """What a payment provider tells; its signature is its right. Safe to send again."""
    outcome = payments.take(runtime, channel, dict(request.headers), body)
    return json_answer({"outcome": outcome}, headers=NO_STORE)


@router.post("/payments/{payment_id}/invoices", status_code=201)
def enter_invoice(
    payment_id: PaymentId,
    session: WriteSession,
    runtime: CurrentRuntime,
    principal: Biller,
    body: InvoiceEntry,
) -> Response:
    """Enter an invoice. What does not fit, to the fen, is refused naming the field."""
    held = invoices.enter(session, principal, payment_id, body.entry(), now=runtime.clock())
    return json_answer({"id": held}, 201, NO_STORE)


@router.post("/invoices/{invoice_id}/reverse", status_code=201)
def reverse_invoice(
    invoice_id: Number, session: WriteSession, runtime: CurrentRuntime, principal: Biller, body: RedEntry
) -> Response:
    """Enter the red-letter invoice that takes back a valid one."""
    held = invoices.reverse(session, principal, invoice_id, body.entry(), body.reason, now=runtime.clock())
    return json_answer({"id": held}, 201, NO_STORE)


@router.post("/invoices/{invoice_id}/void", status_code=204)
def void_invoice(
    invoice_id: Number, session: WriteSession, runtime: CurrentRuntime, principal: Biller, body: Refused
) -> None:
    """An invoice was made void."""
    invoices.void(session, principal, invoice_id, body.reason, now=runtime.clock())


@router.get("/bookings/{booking_id}/order-forms")
def list_forms(
    booking_id: BookingId, session: ReadSession, runtime: CurrentRuntime, principal: FormReader
) -> Response:
    """Every order form of a booking with what was said to it; the last one is the present one."""
    showing.order_of(session, principal, booking_id, now=runtime.clock())
    items = [
        {
            "id": each.document.id,
            "sha256": each.document.sha256,
            "is_current": each.is_current,
            "document": each.document.body,
            "confirmed": [{**asdict(said), "at": wire.instant(said.at)} for said in each.confirmed],
        }
        for each in order_forms.every(session, booking_id)
    ]
    return json_answer({"items": items}, headers=NO_STORE)


@router.post("/bookings/{booking_id}/order-forms/confirm", status_code=204)
def confirm_form(
    booking_id: BookingId, session: WriteSession, runtime: CurrentRuntime, principal: FormSide, body: Agreed
) -> None:
    """Agree to the present order form, naming its bytes."""
    showing.agree(session, principal, booking_id, body.sha256, now=runtime.clock())


@router.get("/bookings/{booking_id}/order-form.pdf")
def take_form(
    booking_id: BookingId, session: ReadSession, runtime: CurrentRuntime, principal: FormReader
) -> Response:
    """The present order form as a PDF. Where the font is missing or a text would be lost there is none (`pdf_incomplete`)."""
    showing.order_of(session, principal, booking_id, now=runtime.clock())
    form = order_forms.current(session, booking_id)
    if form is None:
        raise FormUnknown
    made = form_printing.print_form(form, runtime.fonts)
    named = {**NO_STORE, "Content-Disposition": f'attachment; filename="{made.filename}"'}
    return Response(made.content, media_type="application/pdf", headers=named)
