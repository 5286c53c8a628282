"""From native rows to receipts, redemptions, allotments and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from adapters.bookings.fields import Compiler, Field, Notes
from adapters.contract import AllotmentFigures, AllotmentWord, PaperReceipt, Redemption, SettlementPaper
from adapters.errors import Malformed
from adapters.settlements.naming import digest

RECEIPT: Mapping[str, str] = {
    "paper_id": "name", "remote_id": "name", "sha256": "name", "total_fen": "fen", "at": "instant", "text": "text",
    "kind": "code",
}  # fmt: skip
REDEMPTION: Mapping[str, str] = {
    "message_id": "name", "paper_id": "name", "line_id": "name", "kind": "code", "fen": "fen", "paid_on": "date",
    "proof": "name", "reason": "code", "text": "text", "at": "instant",
}  # fmt: skip
ALLOTMENT: Mapping[str, str] = {
    "id": "name", "programme": "name", "holder_code": "name", "fen": "fen", "valid_until": "date", "revision": "integer",
}  # fmt: skip
FIGURE: Mapping[str, str] = {
    "id": "name", "programme": "name", "allotted": "fen", "held": "fen", "captured": "fen", "redeemed": "fen",
    "revision": "integer",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowReader:
    """The fields of one kind of row, compiled."""

    province: str
    fields: Mapping[str, Field]

    def values(self, row: Any) -> tuple[dict[str, Any], Notes]:
        """What the row says, and what could not be read."""
        notes = Notes()
        return {name: field(row, notes) for name, field in self.fields.items()}, notes

    def receipt(self, row: Any, paper: SettlementPaper, raw: bytes) -> PaperReceipt:
        """A receipt about a paper. Content under the paper's name that is not this paper is `mismatch`."""
        told, notes = self.values(row)
        named = told.get("paper_id") or paper.id
        is_other = (
            named != paper.id
            or told.get("sha256") not in (None, paper.sha256)
            or told.get("total_fen") not in (None, paper.total_fen)
        )
        kind = "mismatch" if is_other else "refused" if told.get("kind") == "refused" else "received"
        return PaperReceipt(
            kind=kind,  # type: ignore[arg-type]
            message_id=digest(self.province, "receipt", paper.id, raw),
            paper_id=paper.id,
            remote_id=told.get("remote_id"),
            sha256=told.get("sha256"),
            at=told.get("at"),
            text=told.get("text") or "",
            notes=tuple(notes),
            raw=raw,
        )

    def redemption(self, row: Any, *, is_signed: bool = False) -> Redemption:
        """A redemption. What has no readable state, list, line or amount is `unclear`, never guessed."""
        told, notes = self.values(row)
        raw = orjson.dumps(row, option=orjson.OPT_SORT_KEYS, default=str)
        kind: Any = told.get("kind")
        if kind is None or not told.get("paper_id") or not told.get("line_id"):
            kind = "unclear"
        if kind == "paid" and told.get("fen") is None:
            notes.add("/fen", "missing-value", "已付的行没有金额", "a paid line has no amount")
            kind = "unclear"
        return Redemption(
            kind=kind,
            message_id=told.get("message_id") or digest(self.province, "redemption", raw),
            paper_id=told.get("paper_id"),
            line_id=told.get("line_id"),
            fen=told.get("fen"),
            paid_on=told.get("paid_on"),
            proof=told.get("proof"),
            reason=told.get("reason"),
            text=told.get("text") or "",
            at=told.get("at"),
            notes=tuple(notes),
            raw=raw,
            is_signed=is_signed,
        )

    def allotment(self, row: Any, programmes: Mapping[str, str]) -> AllotmentWord:
        """A word about an allotment. Raises `Malformed`: half a word about money is none."""
        told, notes = self.values(row)
        lacking = [name for name in ALLOTMENT if told.get(name) is None]
        programme = programmes.get(told.get("programme") or "")
        if lacking or notes or programme is None or told["fen"] < 0 or told["revision"] < 1:
            what = "、".join(lacking) or ("programme" if programme is None else "fen")
            raise Malformed(f"划拨无法识别：{what}", f"the allotment cannot be read: {what}")
        raw = orjson.dumps(row, option=orjson.OPT_SORT_KEYS, default=str)
        return AllotmentWord(
            id=told["id"],
            programme_id=programme,
            holder_code=told["holder_code"],
            fen=told["fen"],
            valid_until=told["valid_until"],
            revision=told["revision"],
            message_id=f"allotment:{told['id']}:{told['revision']}",
            raw=raw,
        )

    def figure(self, row: Any, programmes: Mapping[str, str]) -> AllotmentFigures:
        """The home system's figures of one allotment, or of a whole programme. Raises `Malformed`."""
        told, notes = self.values(row)
        programme = programmes.get(told.get("programme") or "")
        if notes or told.get("allotted") is None or (told.get("id") is None and programme is None):
            raise Malformed("对账数据无法识别", "a row of figures cannot be read")
        return AllotmentFigures(
            id=told.get("id"),
            programme_id=programme,
            allotted=told["allotted"],
            held=told.get("held"),
            captured=told.get("captured"),
            redeemed=told.get("redeemed"),
            revision=told.get("revision"),
        )


def compile_row(
    written: Any, path: str, province: str, compiler: Compiler, kinds: Mapping[str, str]
) -> RowReader:
    """The reader of one kind of row. Raises `ManifestInvalid`."""
    return RowReader(province, compiler.fields(written, path, "", kinds))
