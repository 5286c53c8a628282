"""Issued papers of a period, as the specification has them, and the keys of two sides: all figures are invented."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import rfc8785
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from sqlalchemy.orm import Session

from hub.settlement.service import documents, officer_keys
from hub.settlement.service.signatures import Signer

NOW = datetime(2026, 2, 2, 1, 0, tzinfo=UTC)
SHANGHAI, ZHEJIANG, JIAXING = "310000", "330000", "330400"
STATEMENT, LIST = f"statement:{SHANGHAI}-{ZHEJIANG}", f"payment-list:{JIAXING}"
CREDIT = f"credit:{SHANGHAI}-{ZHEJIANG}"
PROGRAMME = "demo-330400-voucher"
AMOUNTS = ("fee_fen", "voucher_fen", "own_fen")
FIRST = f"{STATEMENT}/1"


def line(number: int, voucher_fen: int = 30_000, own_fen: int = 30_000) -> dict[str, Any]:
    """An entry of a statement's list, between Shanghai and Zhejiang."""
    told = {
        "usage_id": f"us-{number:026d}",
        "usage_version": 1,
        "reference": "bk-" + "a" * 26,
        "order_number": f"31-20260105-{number:06d}",
        "visited": SHANGHAI,
        "home": ZHEJIANG,
        "enterprise_id": "en-1",
        "institution_id": "31-u-" + "a" * 12,
        "fee_fen": voucher_fen + own_fen,
        "voucher_fen": voucher_fen,
        "own_fen": own_fen,
        "document_sha256": f"{number:064x}",
    }
    if voucher_fen:
        told |= {"programme_id": PROGRAMME, "programme_version": 1, "payer_area": JIAXING}
    return told


def ndjson(lines: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """The list's file, line by line."""
    return [rfc8785.dumps(dict(each)) + b"\n" for each in lines]


def statement(lines: Sequence[Mapping[str, Any]], period: str = "2026-01") -> dict[str, Any]:
    """A statement over these lines, without its number."""
    paid = [each for each in lines if each["voucher_fen"]]
    return {
        "batch_id": f"{period}.{SHANGHAI}-{ZHEJIANG}",
        "period": period,
        "visited": SHANGHAI,
        "home": ZHEJIANG,
        "cutoff_at": "2026-02-01T18:00:00+08:00",
        "revision": 1,
        "totals": {
            "lines": len(lines),
            **{name: sum(each[name] for each in lines) for name in AMOUNTS},
        },
        "programmes": [
            {
                "programme_id": PROGRAMME,
                "payer_area": JIAXING,
                "lines": len(paid),
                "voucher_fen": sum(each["voucher_fen"] for each in paid),
            }
        ]
        if paid
        else [],
        "lines_sha256": hashlib.sha256(b"".join(ndjson(lines))).hexdigest(),
        "calculation_sha256": "a1" * 32,
        "approvals": [],
        "issued_at": NOW.isoformat(),
    }


def payment_list(document_id: str, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What Jiaxing pays of a statement, to one institution."""
    orders = [
        {
            "order_number": each["order_number"],
            "source": f"line:{number}",
            "fen": each["voucher_fen"],
        }
        for number, each in enumerate(lines, start=1)
        if each["voucher_fen"]
    ]
    total = sum(each["fen"] for each in orders)
    return {
        "id": "pl-1",
        "period": "2026-01",
        "statement": document_id,
        "payer_area": JIAXING,
        "programme_id": PROGRAMME,
        "budget_year": 2026,
        "lines": [
            {
                "id": "pl-1-1",
                "payee_kind": "institution",
                "payee_id": "31-u-" + "a" * 12,
                "payee_name": "上海示范检测中心（合成）",
                "amount_fen": total,
                "orders": orders,
            }
        ],
        "total_fen": total,
        "issued_at": NOW.isoformat(),
    }


def credit(document_id: str, sha256: str, taken_back: Mapping[str, Any]) -> dict[str, Any]:
    """One line of a statement taken back."""
    return {
        "original": document_id,
        "original_sha256": sha256,
        "batch_id": f"2026-01.{SHANGHAI}-{ZHEJIANG}",
        "period": "2026-01",
        "visited": SHANGHAI,
        "home": ZHEJIANG,
        "line": dict(taken_back),
        "totals": {"lines": -1, **{name: -taken_back[name] for name in AMOUNTS}},
        "reason": "priced_wrong",
        "approvals": [],
        "issued_at": NOW.isoformat(),
    }


def put(session: Session, kind: str, series: str, body: Mapping[str, Any], now: datetime = NOW) -> str:
    """Issue a document; its identifier."""
    return documents.issue(session, kind, series, body, now=now).id


def put_statement(session: Session, count: int = 2, now: datetime = NOW) -> str:
    return put(session, "statement", STATEMENT, statement([line(n) for n in range(1, count + 1)]), now)


def officer_key() -> JWK:
    """The key of an officer, made on a machine that is not the hub's."""
    return JWK.generate(kty="OKP", crv="Ed25519")


def enrol(session: Session, side: str, key: JWK, now: datetime = NOW) -> str:
    """Enrol the public half by two people; its name."""
    told = key.export_public(as_dict=True)
    made = officer_keys.propose(session, side, told, "财务处电脑（合成）", actor="person:one", now=now)
    officer_keys.approve(session, made.kid, actor="person:two", now=now)
    return made.kid


def detached(key: JWK, payload: bytes, header: Mapping[str, Any]) -> str:
    """A detached JWS by an independent library."""
    made = JWS(payload)
    made.allowed_algs = ["ES256", "EdDSA", "HS256"]
    made.add_signature(key, protected=json.dumps(header))
    protected, _, signature = made.serialize(compact=True).split(".")
    return f"{protected}..{signature}"


def header(side: str, kid: str, document_id: str = FIRST, /, **changes: Any) -> dict[str, Any]:
    told = {
        "alg": "EdDSA",
        "kid": kid,
        "typ": "settlement-signature+jws",
        "document": document_id,
        "side": side,
        "iat": int(NOW.timestamp()) + 60,
    }
    return {name: value for name, value in {**told, **changes}.items() if value is not None}


def signed(
    session: Session, key: JWK, side: str, kid: str, document_id: str = FIRST, /, **changes: Any
) -> str:
    """The side's signature of a document, or one whose header was changed."""
    held = documents.find(session, document_id)
    assert held is not None
    return detached(key, rfc8785.dumps(dict(held.body)), header(side, kid, document_id, **changes))


def signer(side: str = ZHEJIANG) -> Signer:
    return Signer(side, f"person:{side}")
