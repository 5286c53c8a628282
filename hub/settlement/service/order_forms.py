"""委托单: made from the accepted quote, confirmed by both sides, made anew when terms change; the old one stays.

The form is a document of the specification (`order-form`), issued in the order's own series: immutable, numbered, each
naming the one it takes the place of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import audit, db
from hub.core.clock import SHANGHAI
from hub.identity.rules import Principal
from hub.settlement import queries
from hub.settlement.errors.payments import FormOutdated, FormUnconfirmed, FormUnknown
from hub.settlement.models import Document, FormConfirmation
from hub.settlement.service import documents
from hub.settlement.service.documents import Issued

KIND = "order-form"
_FILE = Path(__file__).resolve().parents[1] / "data" / "confidentiality.yaml"
_CHANGING = frozenset({"number", "previous_sha256", "replaces", "issued_at"})
"""What differs between two forms of the same terms."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who of a side agreed when to which bytes. `person` is the name that people read."""

    side: str
    person: str
    at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class OrderForm:
    """An order form with what was said to it; `is_current`: no other one took its place."""

    document: Issued
    confirmed: tuple[Confirmation, ...]
    is_current: bool

    @property
    def is_confirmed_by_both(self) -> bool:
        """Whether both sides agreed to it."""
        return {each.side for each in self.confirmed} == {"enterprise", "provider"}


def series_of(reference: str) -> str:
    """The series of an order's forms."""
    return f"{KIND}:{reference}"


def issue_form(session: Session, reference: str, terms: Mapping[str, Any], *, now: datetime) -> Issued:
    """Issue the form for an order's terms, unless the present one says the same. Safe to repeat.

    `terms` are those fields of the document that come from the order; the shares and the programme are settlement's own
    (`queries.find_order`), the confidentiality terms are data. ValueError for terms that make no valid document.
    """
    held = documents.series_of(session, series_of(reference))
    body = {
        **terms,
        "booking_id": reference,
        "confidentiality": confidentiality(),
        **_shares(session, reference, terms),
    }
    if held and _of_terms(held[-1].body) == _of_terms(body):
        return held[-1]
    body["issued_at"] = now.astimezone(SHANGHAI).isoformat()
    if held:
        body["replaces"] = held[-1].id
    return documents.issue(session, KIND, series_of(reference), body, now=now)


def current(session: Session, reference: str) -> OrderForm | None:
    """The order's present form; None while there is none."""
    forms = every(session, reference)
    return forms[-1] if forms else None


def to_agree(session: Session, reference: str, side: str) -> OrderForm | None:
    """The order's present form while this side has not agreed to it."""
    held = current(session, reference)
    return None if held is None or side in {each.side for each in held.confirmed} else held


def every(session: Session, reference: str) -> list[OrderForm]:
    """Every form of an order, in order; the last one is the present one."""
    issued = documents.series_of(session, series_of(reference))
    said: dict[str, list[Confirmation]] = {}
    mine = (
        select(FormConfirmation)
        .join(Document, Document.id == FormConfirmation.document_id)
        .where(Document.series == series_of(reference))
        .order_by(FormConfirmation.at)
    )
    for row in session.scalars(mine):
        said.setdefault(row.document_id, []).append(Confirmation(row.side, row.person, row.at, row.sha256))
    return [OrderForm(each, tuple(said.get(each.id, ())), is_current=each is issued[-1]) for each in issued]


def confirm(
    session: Session, reference: str, side: str, principal: Principal, *, sha256: str, now: datetime
) -> OrderForm:
    """A side agrees to the present form, whose bytes it names. The caller has checked that the principal speaks for it.

    Safe to repeat: a side agrees once. Raises `FormUnknown`, and `FormOutdated` for bytes that are not the present ones.
    """
    held = current(session, reference)
    if held is None:
        raise FormUnknown
    if held.document.sha256 != sha256:
        raise FormOutdated
    row = {
        "document_id": held.document.id,
        "side": side,
        "sha256": sha256,
        "actor": principal.name,
        "person": principal.display_name or principal.name,
        "at": now,
    }
    added = session.scalar(
        db.insert(session, FormConfirmation)
        .values(**row)
        .on_conflict_do_nothing(index_elements=["document_id", "side"])
        .returning(FormConfirmation.side)
    )
    if added is not None:
        audit.record(
            session, principal.name, "order_forms.confirm", held.document.id, {"sha256": sha256}, now=now
        )
    present = current(session, reference)
    assert present is not None, "it was there"
    return present


def agree_and_pay(
    session: Session, reference: str, principal: Principal, sha256: str | None, *, now: datetime
) -> None:
    """The enterprise begins to pay: it has agreed to the present form, or agrees by this to the bytes it names.

    The provider agreed to the terms when it accepted them: that is what made the form. Nothing where there is none.
    Raises `FormUnconfirmed`, `FormOutdated`.
    """
    held = to_agree(session, reference, "enterprise")
    if held is None:
        return
    if sha256 is None:
        raise FormUnconfirmed
    confirm(session, reference, "enterprise", principal, sha256=sha256, now=now)


@cache
def confidentiality() -> list[dict[str, str]]:
    """The terms every form has, as data."""
    told: list[dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["terms"]
    return told


def _of_terms(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in _CHANGING}


def _shares(session: Session, reference: str, terms: Mapping[str, Any]) -> dict[str, Any]:
    fee = terms["fee_fen"]
    order = queries.find_order(session, reference)
    voucher = 0 if order is None or order.fee_fen != fee or order.state == "released" else order.voucher_fen
    shares: dict[str, Any] = {"voucher_fen": voucher, "own_fen": fee - voucher}
    if voucher and order is not None and order.programme_id is not None:
        programme = queries.find_programme(session, order.programme_id)
        if programme is not None:
            names = {
                name: programme.document[name]
                for name in ("name_zh", "name_en")
                if name in programme.document
            }
            shares["programme"] = {"id": order.programme_id, "is_demo": programme.is_demo, **names}
    return shares
