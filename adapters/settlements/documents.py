"""Papers and replies as the plain objects that outbound rules read. Field names are those of `adapters.contract`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from adapters.contract import AllotmentReply, HandOver, PaymentLine, SettlementPaper
from adapters.settlements.naming import digest


def message_document(message: HandOver, names: Mapping[str, str]) -> dict[str, Any]:
    """One paper on its way. `names` are the dialect's names of programmes, by identifier."""
    return {
        "key": message.key,
        "message_id": message.message_id,
        "sequence": message.sequence,
        "deadline": message.deadline,
        "correlation_id": message.correlation_id,
        "paper": paper_document(message.paper, names),
    }


def paper_document(paper: SettlementPaper, names: Mapping[str, str]) -> dict[str, Any]:
    """The paper's facts; `programme` is what the dialect calls its programme, `count` how many lines it has,
    `token` a short name that is safe in file names."""
    document = asdict(paper)
    document["lines"] = [line_document(line) for line in paper.lines]
    document["count"] = len(paper.lines)
    document["token"] = digest(paper.id)[:12]
    document["programme"] = names.get(paper.programme_id or "", paper.programme_id)
    document["period"] = paper.period or None
    return document


def line_document(line: PaymentLine) -> dict[str, Any]:
    """One line; empty text is None."""
    document = {name: value if value != "" else None for name, value in asdict(line).items()}
    document["order_numbers"] = list(line.order_numbers)
    return document


def reply_document(reply: AllotmentReply) -> dict[str, Any]:
    """The hub's answer about an allotment."""
    return {"reply": {**asdict(reply), "text": reply.text or None}}


def members_of(message: HandOver, province: str) -> Mapping[str, Any]:
    """What the hub's signature says beside the content."""
    return {
        "aud": province,
        "message_id": message.message_id,
        "paper_id": message.paper.id,
        "kind": message.paper.kind,
        "sha256": message.paper.sha256,
        "sequence": message.sequence,
        "deadline": int(message.deadline.timestamp()),
        "correlation_id": message.correlation_id,
    }
