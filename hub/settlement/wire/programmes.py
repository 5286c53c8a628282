"""Drafts, simulations, budgets and instructions as JSON."""

from typing import Any

from hub.settlement.models import Instruction, ProgrammeDraft


def draft_document(row: ProgrammeDraft) -> dict[str, Any]:
    """A draft: the whole programme with its revision and what became of it."""
    told: dict[str, Any] = {
        "id": row.id,
        "programme_id": row.programme_id,
        "state": row.state,
        "revision": row.revision,
        "base_version": row.base_version,
        "document": row.document,
    }
    return {**told, "version": row.version} if row.version is not None else told


def instruction_document(row: Instruction) -> dict[str, Any]:
    """An instruction about money, in fen; what does not apply is left out."""
    told = {
        "id": row.id,
        "kind": row.kind,
        "programme_id": row.programme_id,
        "year": row.year,
        "state": row.state,
        "fen": row.fen or None,
        "holder": row.holder,
        "grant_id": row.grant_id,
        "note": row.note or None,
        "reason": row.reason or None,
        "proposed_at": row.proposed_at.isoformat(),
        "decided_at": None if row.decided_at is None else row.decided_at.isoformat(),
    }
    return {name: value for name, value in told.items() if value is not None}
