"""Issued documents as papers for provinces, redemptions as documents of the specification, allotments both ways."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from adapters.contract import AllotmentReply, AllotmentWord, PaymentLine, Redemption, SettlementPaper
from hub.core.clock import SHANGHAI

KINDS = ("payment-list", "statement")
_MOST_TEXT = 1_000


def paper_of(
    document_id: str, kind: str, number: int, sha256: str, body: Mapping[str, Any], *, issued_at: datetime
) -> SettlementPaper:
    """The paper that an issued document is, for the adapters. A statement's total is what its vouchers come to."""
    if kind == "payment-list":
        return SettlementPaper(
            kind="payment-list",
            id=document_id,
            number=number,
            sha256=sha256,
            issued_at=issued_at,
            total_fen=body["total_fen"],
            period=body["period"],
            payer_area=body["payer_area"],
            programme_id=body["programme_id"],
            lines=tuple(_line(row) for row in body["lines"]),
        )
    return SettlementPaper(
        kind="statement",
        id=document_id,
        number=number,
        sha256=sha256,
        issued_at=issued_at,
        total_fen=body["totals"]["voucher_fen"],
        period=body["period"],
        visited=body["visited"],
        home=body["home"],
    )


def provinces_of(kind: str, body: Mapping[str, Any]) -> tuple[str, ...]:
    """Who receives the document: the paying area's province, or both sides of a statement (six digits)."""
    if kind == "payment-list":
        return (f"{body['payer_area'][:2]}0000",)
    return tuple(sorted({body["visited"], body["home"]}))


def redemption_document(told: Redemption, payer_area: str, fen: int, now: datetime) -> dict[str, Any]:
    """A readable redemption as `redemption-result`; what the province did not tell is taken from the list."""
    on: date = told.paid_on or (told.at or now).astimezone(SHANGHAI).date()
    document: dict[str, Any] = {
        "id": told.message_id,
        "payer_area": payer_area,
        "line": told.line_id,
        "outcome": told.kind,
        "amount_fen": fen if told.fen is None else told.fen,
        "on": on.isoformat(),
    }
    if told.proof:
        document["bank_reference"] = told.proof
    if told.kind == "bounced":
        document["reason"] = told.reason or "other"
    if told.text:
        document["text"] = told.text[:_MOST_TEXT]
    return document


def word_of(document: Mapping[str, Any]) -> AllotmentWord:
    """A pushed `allotment` as a word; `holder` is the enterprise's credit code."""
    return AllotmentWord(
        id=document["id"],
        programme_id=document["programme_id"],
        holder_code=document["holder"],
        fen=document["fen"],
        valid_until=date.fromisoformat(document["valid_until"]),
        revision=document["revision"],
        message_id=f"allotment:{document['id']}:{document['revision']}",
    )


def answered(document: Mapping[str, Any], reply: AllotmentReply, grant_id: str) -> dict[str, Any]:
    """The pushed `allotment` with the hub's answer."""
    names = ("id", "programme_id", "holder", "fen", "valid_until", "revision")
    return {
        **{name: document[name] for name in names},
        "answer": {
            "grant_id": grant_id,
            "allotted_fen": reply.allotted,
            "left_fen": reply.left,
            "held_fen": reply.held,
            "captured_fen": reply.captured,
            "is_stale": reply.outcome == "stale",
        },
    }


def _line(row: Mapping[str, Any]) -> PaymentLine:
    account = row.get("account") or {}
    return PaymentLine(
        id=row["id"],
        fen=row["amount_fen"],
        payee_name=row.get("payee_name") or account.get("account_name") or row["payee_id"],
        payee_code=None,
        bank=account.get("bank_name"),
        account=account.get("account_number"),
        order_numbers=tuple(order["order_number"] for order in row["orders"]),
    )
