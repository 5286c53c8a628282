"""What home systems say of allotments, answered from the hub's own ledger.

A word is a command with a revision. Taking back more than is free takes back what is free: the answer says how much
stays because it is held or used. The answer of a revision is kept, so that the same word always gets the same answer.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from adapters.contract import AllotmentReply, AllotmentWord
from hub.core import db
from hub.core.errors import HubError
from hub.identity import queries as identity
from hub.settlement import queries
from hub.settlement.errors import (
    AllotmentForeign,
    AllotmentMismatch,
    AllotmentTooLow,
    HolderUnknown,
    ProgrammeUnknown,
)
from hub.settlement.models import AllotmentTelling, Grant
from hub.settlement.money import yuan
from hub.settlement.service import grants
from hub.settlement.service.grants import Allotment, Allotted


def hear(session: Session, province: str, word: AllotmentWord, *, way: str, now: datetime) -> AllotmentReply:
    """Carry out a home system's word and say what came of it. Safe to repeat and in any order.

    `province` is who speaks (six digits). The outcome is done, partly (what is held or used stays) or stale (a newer
    revision was carried out). Raises `ProgrammeUnknown`, `AllotmentForeign`, `HolderUnknown`, `AllotmentMismatch`,
    `AllotmentExpired` and `ProgrammeUnusable`: nothing was done.
    """
    programme = queries.find_programme(session, word.programme_id)
    if programme is None:
        raise ProgrammeUnknown(word.programme_id)
    if programme.area[:2] != province[:2]:
        raise AllotmentForeign(word.programme_id)
    holder = identity.enterprise_by_code(session, word.holder_code)
    if holder is None:
        raise HolderUnknown(word.holder_code)
    _lock(session, word)
    known = session.get(AllotmentTelling, _name(word), populate_existing=True)
    if known is not None:
        if _content(known) != (word.holder_code, word.fen, word.valid_until):
            raise AllotmentMismatch(word.id)
        if _newest(session, word) == word.revision:
            return _reply(word, known)
    told = Allotment(word.id, word.programme_id, holder.id, word.fen, word.valid_until, word.revision)
    actor = f"platform:{province}"
    try:
        answer = grants.allot(session, told, actor=actor, now=now)
    except AllotmentTooLow as error:
        least = Allotment(
            word.id, word.programme_id, holder.id, error.least_fen, word.valid_until, word.revision
        )
        answer = grants.allot(session, least, actor=actor, now=now)
    if answer.is_stale:
        return _stale(word, answer)
    told_now = db.insert(session, AllotmentTelling).values(
        programme_id=word.programme_id,
        external_id=word.id,
        revision=word.revision,
        province=province,
        holder_code=word.holder_code,
        fen=word.fen,
        valid_until=word.valid_until,
        way=way,
        outcome="done" if answer.allotted == word.fen else "partly",
        allotted_fen=answer.allotted,
        left_fen=answer.left,
        held_fen=answer.held,
        captured_fen=answer.captured,
        heard_at=now,
    )
    session.execute(told_now.on_conflict_do_nothing())
    return _reply(word, session.get_one(AllotmentTelling, _name(word)))


def refusal(word: AllotmentWord, error: HubError) -> AllotmentReply:
    """The answer to a word that was not carried out."""
    return AllotmentReply(word.id, word.revision, "refused", word.fen, code=error.code, text=error.zh)


def explained(reply: AllotmentReply, before_fen: int | None = None) -> dict[str, Any]:
    """The answer in words, both languages: how much of what was asked back went back, and why the rest stays."""
    kept = reply.held + reply.captured
    if reply.outcome != "partly":
        return {"zh": f"现额度 {yuan(reply.allotted)} 元", "en": f"{yuan(reply.allotted)} CNY are allotted"}
    taken = "" if before_fen is None else f"收回 {yuan(before_fen - reply.allotted)} 元；"
    took = "" if before_fen is None else f"{yuan(before_fen - reply.allotted)} CNY were taken back; "
    return {
        "zh": f"{taken}{yuan(kept)} 元已预占或已使用，不能收回",
        "en": f"{took}{yuan(kept)} CNY are held or used and stay",
    }


def _lock(session: Session, word: AllotmentWord) -> None:
    """Nobody else answers about this allotment before this transaction ends; the first word makes it."""
    mine = select(Grant.id).where(Grant.programme_id == word.programme_id, Grant.external_id == word.id)
    session.execute(mine.with_for_update(key_share=True))


def _name(word: AllotmentWord) -> tuple[str, str, int]:
    return word.programme_id, word.id, word.revision


def _newest(session: Session, word: AllotmentWord) -> int | None:
    mine = select(func.max(AllotmentTelling.revision)).where(
        AllotmentTelling.programme_id == word.programme_id, AllotmentTelling.external_id == word.id
    )
    return session.scalar(mine)


def _content(row: AllotmentTelling) -> tuple[Any, ...]:
    return row.holder_code, row.fen, row.valid_until


def _reply(word: AllotmentWord, row: AllotmentTelling) -> AllotmentReply:
    outcome: Any = row.outcome
    reply = AllotmentReply(
        word.id,
        word.revision,
        outcome,
        word.fen,
        row.allotted_fen,
        row.left_fen,
        row.held_fen,
        row.captured_fen,
    )
    return _worded(reply)


def _stale(word: AllotmentWord, answer: Allotted) -> AllotmentReply:
    reply = AllotmentReply(
        word.id, word.revision, "stale", word.fen, answer.allotted, answer.left, answer.held, answer.captured
    )
    return _worded(reply)


def _worded(reply: AllotmentReply) -> AllotmentReply:
    return AllotmentReply(
        reply.id, reply.revision, reply.outcome, reply.wanted, reply.allotted, reply.left, reply.held, reply.captured,
        text=explained(reply)["zh"],
    )  # fmt: skip
