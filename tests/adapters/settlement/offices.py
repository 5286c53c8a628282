"""Provinces that receive settlement, in process: the simulator's office, the adapter's face, and the line between them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from adapters.contract import Connection, HandOver, PaymentLine, SettlementPaper, SettlementPort
from adapters.engine import DeclarativeAdapter
from adapters.registry import build_adapter
from adapters.simulators.purse import Office, office_of
from adapters.transports import Pacing
from tests.adapters.bookings.platforms import Spoken, compiled, speak

LIST = "payment-list:330400/3"


@dataclass
class Faced:
    """One province: its office, the face that speaks to it, the way between."""

    spoken: Spoken
    adapter: DeclarativeAdapter
    port: SettlementPort
    office: Office
    folder: Path
    signer: Signer

    def paper(self, **changes: Any) -> SettlementPaper:
        """A payment list of two lines."""
        lines = (
            PaymentLine(
                "L-1",
                30_000,
                "上海某研究院",
                "12310000425006790Y",
                "工行",
                "6222000000000001",
                ("31-1", "31-2"),
            ),
            PaymentLine(
                "L-2", 12_345, "上海某大学", "12310000425006791X", "建行", "6222000000000002", ("31-3",)
            ),
        )
        paper = SettlementPaper(
            kind="payment-list",
            id=LIST,
            number=3,
            sha256="ab" * 32,
            issued_at=self.spoken.clock.now,
            total_fen=42_345,
            period="2026-10",
            payer_area="330400",
            programme_id="demo-330400-voucher",
            lines=lines,
        )
        return replace(paper, **changes)

    def message(self, paper: SettlementPaper | None = None) -> HandOver:
        """The paper on its way."""
        told = paper or self.paper()
        return HandOver(told, f"key-{told.id}", f"m-{told.id}", 1, self.spoken.clock.now, f"c-{told.id}")


class Signer:
    """A province's own key, as its office would sign with it."""

    def __init__(self, audience: str) -> None:
        self._audience = audience
        self._key = ec.generate_private_key(ec.SECP256R1())

    def jwks(self) -> str:
        """The public half, as it is enrolled."""
        point = self._key.public_key().public_numbers()
        key = {
            "kty": "EC",
            "crv": "P-256",
            "kid": "office-1",
            "x": _text(point.x.to_bytes(32)),
            "y": _text(point.y.to_bytes(32)),
        }
        return orjson.dumps({"keys": [key]}).decode()

    def sign(self, content: bytes, moment: float, **members: Any) -> str:
        """A detached JWS."""
        head = {"alg": "ES256", "kid": "office-1", "aud": self._audience, "ts": moment, **members}
        protected = _text(orjson.dumps(head))
        signed = f"{protected}.{_text(content)}".encode()
        r, s = decode_dss_signature(self._key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return f"{protected}..{_text(r.to_bytes(32) + s.to_bytes(32))}"


def face(code: str, folder: Path) -> Faced:
    """A province over a small world; end its line after use."""
    spoken = speak(code, folder)
    signer = Signer(code)
    told = Connection(
        "http://platform.test/" + code,
        {**spoken.simulator.credentials, "settlement_jwks": signer.jwks()},
        folder,
    )
    adapter = build_adapter(
        compiled(code),
        told,
        lambda **_: httpx.Client(transport=spoken.line, trust_env=False),
        Pacing(now=spoken.clock),
    )
    assert adapter.settlement is not None
    office = office_of(spoken.world)
    office.clock = spoken.clock
    return Faced(spoken, adapter, adapter.settlement, office, folder, signer)


def seal(content: bytes, members: Mapping[str, Any]) -> str:
    """What stands for the hub's signature: the members and the content are told from it."""
    return f"{_text(orjson.dumps(dict(members)))}..{_text(content[:32])}"


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
