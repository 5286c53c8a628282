"""Pricing a confirmed usage: in one transaction the fee is posted, the voucher's share captured, the line written.

The accounts that many orders share are touched last: the institution's first, the programme's by the capture.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

import schemas
from hub.settlement import ledger, queries, rules
from hub.settlement.errors.usage import UsageLocked
from hub.settlement.ledger import Account, Transfer
from hub.settlement.models import Allowance, Hold, HoldPart, OrderRow, RatedLine, Usage
from hub.settlement.queries.wallets import voucher_account
from hub.settlement.rules import Order, Programme, Quota, Standing, Step
from hub.settlement.service import holds
from hub.settlement.service.usage import moving
from hub.settlement.service.usage.moving import SYSTEM
from hub.settlement.wire import read_order
from hub.settlement.wire import usage as wire
from hub.settlement.wire.usage import VoucherShare


@dataclass(frozen=True, slots=True)
class Rated:
    """What a usage came to, in fen. `line_id` None: nothing is owed."""

    line_id: int | None
    fee_fen: int
    voucher_fen: int

    @property
    def own_fen(self) -> int:
        """The enterprise's own share."""
        return self.fee_fen - self.voucher_fen


def rate(session: Session, usage: Usage, *, now: datetime) -> Rated:
    """Price the present version of a confirmed usage and write its line; the usage is then rated.

    The caller holds the usage's lock; the machine refuses a second time. A fee of nothing makes no line.
    """
    moving.move(session, usage, "rate", SYSTEM, now=now)
    usage.timer_at = None
    version = moving.version_of(session, usage)
    fee = int(version.document["fee_fen"])
    if fee:
        ledger.post(
            session,
            f"rate:{usage.id}.{usage.version}",
            "rate",
            [Transfer(_payable(usage), _receivable(usage), fee)],
            now=now,
        )
    voucher = _capture(session, usage, fee, now=now) if usage.kind == "service" else None
    if not fee:
        return Rated(None, 0, 0)
    document = wire.rated_line_document(usage, version, voucher, now=now)
    problems = schemas.problems("rated-line", document)
    if problems:
        raise ValueError(f"no valid rated line: {problems[0].pointer} {problems[0].en}")
    share = 0 if voucher is None else voucher.fen
    line = RatedLine(
        usage_id=usage.id,
        usage_version=usage.version,
        reference=usage.reference,
        order_number=usage.order_number,
        visited=usage.visited,
        home=usage.home,
        enterprise_id=usage.enterprise_id,
        institution_id=usage.institution_id,
        programme_id=None if voucher is None or not share else voucher.programme_id,
        programme_version=None if voucher is None or not share else voucher.version,
        payer_area=None if voucher is None or not share else voucher.payer_area,
        fee_fen=fee,
        voucher_fen=share,
        own_fen=fee - share,
        state="rated",
        document=document,
        rated_at=now,
    )
    session.add(line)
    session.flush()
    return Rated(line.id, fee, share)


def withdraw(
    session: Session, usage: Usage, state: Literal["returned", "withdrawn"], *, now: datetime
) -> RatedLine | None:
    """Take the live line out: it is not owed any more. None when there is none.

    Only a returned line may have been in a statement. Raises `UsageLocked`.
    """
    line = moving.live_line(session, usage.id)
    if line is None:
        return None
    allowed = {"rated", "ready", "batched"} if state == "returned" else {"rated", "ready"}
    if line.state not in allowed:
        raise UsageLocked(usage.order_number)
    line.state = state
    session.flush()
    ledger.post(
        session,
        f"unrate:{usage.id}.{line.usage_version}",
        "unrate",
        [Transfer(_receivable(usage), _payable(usage), line.fee_fen)],
        now=now,
    )
    return line


def is_open(session: Session, usage: Usage) -> bool:
    """Whether its line is in no statement yet; also without any line."""
    line = moving.live_line(session, usage.id)
    return line is None or line.state in {"rated", "ready"}


def give_voucher_back(session: Session, usage: Usage, *, now: datetime) -> None:
    """Nothing is charged after all: what is held is let go, what was captured goes back to the holder."""
    if usage.kind != "service":
        return
    holds.release(session, usage.reference, now=now)
    held = _captured(session, usage.reference)
    if held is not None:
        _return_to_holder(session, held, held.captured_fen, usage, now=now)
    row = session.get(OrderRow, usage.reference)
    if row is not None:
        row.fee_fen, row.voucher_fen, row.own_fen = 0, 0, 0


def _capture(session: Session, usage: Usage, fee: int, *, now: datetime) -> VoucherShare | None:
    """What the order's own version of the programme pays of the fee: at most what was held, or captured before."""
    ended = holds.capture_used(session, usage.reference, fee, now=now)
    held = _captured(session, usage.reference)
    if ended is None or held is None:
        return None
    programme = queries.find_programme(session, held.programme_id, held.version)
    assert programme is not None, "versions are never taken away"
    row = session.get_one(OrderRow, usage.reference, populate_existing=True)
    order = replace(read_order(row.facts), fee_fen=fee)
    most = held.captured_fen if ended.is_repeat else held.fen
    decided = rules.decide(programme, order, Standing(available_fen=most))
    if ended.is_repeat:
        _return_to_holder(session, held, held.captured_fen - decided.fen, usage, now=now)
        row.fee_fen, row.voucher_fen, row.own_fen = fee, decided.fen, fee - decided.fen
    if not decided.fen:
        return None
    return _share(session, held, programme, order, decided.fen, steps=decided.steps)


def _share(
    session: Session, held: Hold, programme: Programme, order: Order, fen: int, *, steps: tuple[Step, ...]
) -> VoucherShare:
    quota = programme.quota(order.holder_kind)
    return VoucherShare(
        programme_id=programme.id,
        version=programme.version,
        zh=str(programme.document["name_zh"]),
        en=str(programme.document.get("name_en", programme.document["name_zh"])),
        payer_area=rules.payer_area(programme, order.home_area),
        is_demo=programme.is_demo,
        fen=fen,
        rate_bp=0 if quota is None else quota.rate_bp,
        steps=steps,
        cap_left_fen=_cap_left(session, held, quota),
    )


def _cap_left(session: Session, held: Hold, quota: Quota | None) -> int | None:
    """What is left of the holder's cap for the year, this order counted; None where the rule has no such cap."""
    if quota is None or quota.cap_year_fen is None:
        return None
    used = session.scalar(
        select(Allowance.used_fen).where(
            Allowance.programme_id == held.programme_id,
            Allowance.holder == held.holder,
            Allowance.year == held.year,
        )
    )
    return max(0, quota.cap_year_fen - (used or 0))


def _captured(session: Session, reference: str) -> Hold | None:
    mine = select(Hold).where(Hold.reference == reference, Hold.state == "captured").with_for_update()
    return session.scalar(mine.execution_options(populate_existing=True))


def _return_to_holder(session: Session, held: Hold, fen: int, usage: Usage, *, now: datetime) -> None:
    """Part of what was captured is not used after all: back to the grants, those used last first."""
    if fen <= 0:
        return
    parts = session.scalars(select(HoldPart).where(HoldPart.hold_id == held.id).order_by(HoldPart.line)).all()
    used, taken = held.captured_fen, []
    for part in parts:
        taken.append((part.grant_id, min(part.fen, used)))
        used -= taken[-1][1]
    source, left, transfers = Account("captured", held.programme_id), fen, []
    for grant_id, part_fen in reversed(taken):
        back = min(left, part_fen)
        left -= back
        if back:
            transfers.append(Transfer(source, voucher_account(grant_id), back))
    held.captured_fen -= fen
    session.flush()
    session.execute(
        update(Allowance)
        .where(
            Allowance.programme_id == held.programme_id,
            Allowance.holder == held.holder,
            Allowance.year == held.year,
        )
        .values(used_fen=Allowance.used_fen - fen)
        .execution_options(synchronize_session=False)
    )
    ledger.post(session, f"uncapture:{held.id}.{usage.revision}", "uncapture", transfers, now=now)


def _payable(usage: Usage) -> Account:
    return Account("payable", usage.enterprise_id)


def _receivable(usage: Usage) -> Account:
    return Account("receivable", usage.institution_id)
