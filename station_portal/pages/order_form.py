"""The order form of a booking: to read, to confirm, to print, and as a PDF."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from hub.settlement import printing
from hub.settlement.errors.payments import FormUnknown
from hub.settlement.errors.printing import PdfIncomplete
from hub.settlement.service import form_printing, order_forms
from hub.settlement.service.order_forms import OrderForm
from hub.settlement.service.payments import showing
from station_portal.booking_files import attachment
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.pages.bookings import AnyForm, wrongs_of

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action("order_form.read")]
Side = Annotated[access.Principal, access.action("order_form.confirm")]
Number = Annotated[int | None, Query(alias="n", ge=1, le=10_000)]


@router.get("/bookings/{booking_id}/order-form")
def show_form(
    booking_id: str,
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    *,
    n: Number = None,
    told: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The form, the present one unless `n` names another."""
    return frame.page("order_form.html", _context(frame, session, me, booking_id, number=n, told=told))


@router.get("/bookings/{booking_id}/order-form.pdf")
def take_form(
    booking_id: str,
    frame: CurrentFrame,
    session: ReadSession,
    me: Reader,
    *,
    runtime: CurrentRuntime,
    n: Number = None,
) -> Response:
    """The form as a PDF; where that would lose a text, the print page, which says why."""
    showing.order_of(session, me, booking_id, now=frame.now)
    form, _ = _form(session, booking_id, n)
    try:
        made = form_printing.print_form(form, runtime.fonts)
    except PdfIncomplete as refused:
        context = _context(frame, session, me, booking_id, number=n, is_print=True)
        context["why"] = frame.language.pick(refused.zh, refused.en)
        return frame.page("order_form.html", context, status=503)
    return attachment(made.filename, "application/pdf", made.content)


@router.get("/bookings/{booking_id}/order-form/print")
def print_form(
    booking_id: str, frame: CurrentFrame, session: ReadSession, me: Reader, *, n: Number = None
) -> Response:
    """The same texts as a page to print."""
    return frame.page("order_form.html", _context(frame, session, me, booking_id, number=n, is_print=True))


@router.post("/bookings/{booking_id}/order-form")
def confirm_form(
    booking_id: str, frame: CurrentFrame, me: Side, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """Agree to the form that was shown."""
    try:
        with runtime.database.write() as session:
            showing.agree(session, me, booking_id, form.get("sha256", "")[:64], now=frame.now)
    except HubError as refused:
        wrong = wrongs_of(frame, "sha256", refused)
        with runtime.database.read() as session:
            context = _context(frame, session, me, booking_id, number=None)
        return frame.page("order_form.html", {**context, "wrong": wrong}, status=422)
    return see_other(f"/bookings/{booking_id}/order-form?told=confirmed")


def _form(session: Session, booking_id: str, number: int | None) -> tuple[OrderForm, list[OrderForm]]:
    forms = order_forms.every(session, booking_id)
    found = [each for each in forms if number in {None, each.document.number}]
    if not found:
        raise FormUnknown
    return found[-1], forms


def _context(
    frame: Frame,
    session: Session,
    me: access.Principal,
    booking_id: str,
    *,
    number: int | None,
    told: str = "",
    is_print: bool = False,
) -> dict[str, Any]:
    payment = showing.order_of(session, me, booking_id, now=frame.now)
    form, forms = _form(session, booking_id, number)
    side = showing.side_of(me)
    may_confirm = (
        form.is_current
        and showing.may(me, "order_form.confirm", payment)
        and side not in {each.side for each in form.confirmed}
    )
    return {
        "booking_id": booking_id,
        "payment_id": payment.id,
        "number": payment.order_number,
        "form": form,
        "forms": forms,
        "texts": form_printing.texts_of(form),
        "may_confirm": may_confirm,
        "has_pdf": printing.are_present(frame.runtime.fonts),
        "is_print": is_print,
        "is_confirmed": told == "confirmed",
        "why": "",
        "wrong": [],
    }
