"""From a native row to an `Answer`. Only who it is about is indispensable; every other fault costs its field."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

import orjson

from adapters.bookings.fields import Compiler, Field, Notes, read_slot
from adapters.bookings.proofs import ProofReader, compile_proofs
from adapters.contract import Answer, AnswerKind, ReportFacts, Slot, UsageFacts
from adapters.errors import Malformed
from adapters.mapping.paths import Getter, compile_getter
from adapters.options import Options, fault

_KINDS: Mapping[str, str] = {
    "kind": "code",
    "message_id": "name",
    "booking_id": "name",
    "remote_id": "name",
    "sequence": "integer",
    "at": "instant",
    "reason": "code",
    "text": "text",
}
_SLOT = {"start": "instant", "end": "instant"}
_PROPOSED = {**_SLOT, "id": "name", "until": "instant"}
_USAGE = {
    "id": "name",
    "start": "instant",
    "end": "instant",
    "hours": "number",
    "quantity": "integer",
    "unit": "code",
    "fee": "fen",
}
_REPORT = {"id": "name", "name": "name", "type": "name", "size": "integer", "sha256": "name"}


@dataclass(frozen=True, slots=True)
class AnswerReader:
    """The compiled rules of one kind of row."""

    province: str
    root: Getter | None
    plain: Mapping[str, Field]
    slot: Mapping[str, Field]
    proposed: Mapping[str, Field]
    usage: Mapping[str, Field]
    proofs: ProofReader | None
    report: Mapping[str, Field]

    def __call__(
        self, row: Any, *, about: str | None = None, is_signed: bool = False, raw: bytes | None = None
    ) -> Answer:
        """The answer; `about` is our booking when the row need not say it.

        Raises `Malformed` when the row is no object, or names neither our booking nor theirs.
        """
        body = row if self.root is None else self.root(row)
        if not isinstance(body, dict):
            raise Malformed("答复不是一个对象", "the answer is not an object")
        notes = Notes()
        values = {name: field(body, notes) for name, field in self.plain.items()}
        booking_id, remote_id = values.get("booking_id") or about, values.get("remote_id")
        if booking_id is None and remote_id is None:
            raise Malformed(
                "答复中没有枢纽单号，也没有平台单号",
                "the answer names neither the hub's booking nor the province's order",
            )
        if values.get("kind") is None and not any(note.pointer == "/kind" for note in notes):
            notes.add("/kind", "missing-state", "答复中没有状态", "the answer has no state")
        kind = cast(AnswerKind, values.get("kind") or "unclear")
        offered = read_slot(self.proposed, body, notes, "/proposed") if kind == "proposed" else None
        slot = offered if offered is not None else read_slot(self.slot, body, notes, "/slot")
        sequence, at = values.get("sequence"), values.get("at")
        reason = values.get("reason")
        return Answer(
            kind=kind,
            message_id=values.get("message_id")
            or self._name(
                (booking_id, remote_id, kind, sequence, at if sequence is None else None, slot, reason)
            ),
            booking_id=booking_id,
            remote_id=remote_id,
            sequence=sequence,
            at=at,
            slot=slot,
            proposal_id=self._offer("id", body, notes) if kind == "proposed" else None,
            expires_at=self._offer("until", body, notes) if kind == "proposed" else None,
            reason=reason,
            text=values.get("text") or "",
            usage=self._usage(body, notes),
            report=self._report(body, notes),
            notes=tuple(notes),
            raw=orjson.dumps(row) if raw is None else raw,
            is_signed=is_signed,
        )

    def _offer(self, name: str, body: Any, notes: Notes) -> Any:
        return self.proposed[name](body, notes) if name in self.proposed else None

    def _usage(self, body: Any, notes: Notes) -> UsageFacts | None:
        found = {name: field(body, notes) for name, field in self.usage.items()}
        if all(found.get(name) is None for name in ("id", "start", "end", "hours", "quantity")):
            return None
        return UsageFacts(
            started_at=found.get("start"),
            ended_at=found.get("end"),
            hours=found.get("hours"),
            quantity=found.get("quantity"),
            charging_unit=found.get("unit"),
            fee_fen=found.get("fee"),
            remote_id=found.get("id"),
            evidence=() if self.proofs is None else tuple(self.proofs(body, notes)),
        )

    def _report(self, body: Any, notes: Notes) -> ReportFacts | None:
        found = {name: field(body, notes) for name, field in self.report.items()}
        if found.get("id") is None and found.get("name") is None:
            return None
        name = found.get("name") or found["id"]
        return ReportFacts(
            remote_id=found.get("id") or name,
            filename=name,
            media_type=found.get("type") or "application/octet-stream",
            size=found.get("size"),
            sha256=(found.get("sha256") or "").lower() or None,
        )

    def _name(self, facts: tuple[Any, ...]) -> str:
        """A name made of the content, for dialects without message numbers: the same fact, the same name."""
        slot: Slot | None = facts[5]
        span = None if slot is None else (slot.start.timestamp(), slot.end.timestamp())
        told = repr((self.province, *facts[:5], span, facts[6]))
        return hashlib.sha256(told.encode("utf-8")).hexdigest()[:40]


def compile_answers(
    written: Mapping[str, Any], path: str, province: str, compiler: Compiler
) -> Mapping[str, AnswerReader]:
    """Readers by name. Raises `ManifestInvalid`."""
    return {
        name: _compile(Options(rules, f"{path}.{name}"), province, compiler)
        for name, rules in written.items()
    }


def _compile(options: Options, province: str, compiler: Compiler) -> AnswerReader:
    path = options.path
    root = compile_getter(options.raw("root"), f"{path}.root") if "root" in options else None
    plain = {
        name: compiler.field(options.raw(name), f"{path}.{name}", f"/{name}", kind)
        for name, kind in _KINDS.items()
        if name in options
    }
    _check_kind(options.raw("kind"), path)
    usage = options.raw("usage", {})
    proofs = usage.get("evidence") if isinstance(usage, Mapping) else None
    if proofs is not None:
        usage = {name: rule for name, rule in usage.items() if name != "evidence"}
    groups = {
        name: compiler.fields(written, f"{path}.{name}", f"/{name}", kinds)
        for name, written, kinds in (
            ("slot", options.raw("slot", {}), _SLOT),
            ("proposed", options.raw("proposed", {}), _PROPOSED),
            ("usage", usage, _USAGE),
            ("report", options.raw("report", {}), _REPORT),
        )
    }
    options.finish()
    reader = None if proofs is None else compile_proofs(proofs, f"{path}.usage.evidence", compiler)
    return AnswerReader(province, root, plain, proofs=reader, **groups)


def _check_kind(written: Any, path: str) -> None:
    """A kind comes from a table, or is always the same."""
    constant = written.get("const") if isinstance(written, Mapping) else None
    if constant is not None and constant not in get_args(AnswerKind):
        raise fault(f"{path}.kind", "没有这种答复", "is no kind of answer", constant)
    if constant is None and not (isinstance(written, Mapping) and "table" in written):
        raise fault(f"{path}.kind", "要用 table 对照", "needs a table", written)
