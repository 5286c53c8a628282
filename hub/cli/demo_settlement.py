"""Settlement periods of the demo, so that finance and auditors have something to look at: synthetic, and marked so.

The month before the last one that is over is sealed. Of the last one a batch waits for the home province's review, one is
posted and to be paid (its province's simulated office pays by itself), one is paid. The month that runs has lines that are
ready. Everything goes through the services that the pages use; only usage and payment before it are told, not lived through.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

import schemas
from hub.catalog.models import Institution
from hub.cli.demo_people import ENTERPRISE
from hub.core.clock import SHANGHAI, Clock
from hub.core.db import Database
from hub.identity import queries as identity
from hub.settlement import ledger
from hub.settlement.ledger import Account, Transfer
from hub.settlement.models import Batch, PayeeRow, Period, RatedLine
from hub.settlement.money import yuan
from hub.settlement.queries import paying
from hub.settlement.rules import periods as calendar
from hub.settlement.service import periods
from hub.settlement.service.periods import Acting, Proof

SHANGHAI_CODE, ZHEJIANG, GUIZHOU = "310000", "330000", "520000"
NEEDED = frozenset({SHANGHAI_CODE, ZHEJIANG})
"""Provinces whose institution must have come from the catalogue first."""

_KINDS = (
    ("扫描电镜机时", "SEM time", 40_000),
    ("核磁共振机时", "NMR time", 60_000),
    ("X 射线衍射机时", "XRD time", 30_000),
)
_LINES = 6


class _Pair(NamedTuple):
    """Who serves whom, under which programme of which area; and how far the demo brings the batch."""

    visited: str
    home: str
    programme: str
    programme_zh: str
    payer: str
    goal: str


_PAIRS = (
    _Pair(
        SHANGHAI_CODE, ZHEJIANG, "demo-330400-voucher", "嘉兴市科技创新券（演示）", "330400", "under_review"
    ),
    _Pair(ZHEJIANG, SHANGHAI_CODE, "demo-310000-voucher", "上海市科技创新券（演示）", "310000", "posted"),
    _Pair(SHANGHAI_CODE, GUIZHOU, "demo-520000-voucher", "贵州省科技创新券（演示）", "520000", "paid"),
)
_SEALED = tuple(
    _Pair(visited, GUIZHOU, "demo-520000-voucher", "贵州省科技创新券（演示）", "520000", "sealed")
    for visited in (SHANGHAI_CODE, ZHEJIANG)
)
"""Paid by people: no simulated office of 贵州 is told of a list that is over."""


@dataclass(frozen=True, slots=True)
class _Party:
    """An enterprise or institution by identifier and name."""

    id: str
    name: str


def put_settlement(database: Database, *, clock: Clock) -> bool:
    """The demo's period, once both institutions are known; whether it stands. Safe to repeat: what is there stays."""
    now = clock()
    with database.read() as session:
        owners = {code: _institution_of(session, code) for code in sorted(NEEDED)}
        enterprise = identity.enterprise_by_code(session, ENTERPRISE[1])
        period_id = _last_over(now)
        is_there = session.get(Period, period_id) is not None
    if is_there:
        return True
    if enterprise is None or not all(owners.values()):
        return False
    user = _Party(enterprise.id, enterprise.name or enterprise.id)
    known = {code: owner for code, owner in owners.items() if owner is not None}
    with database.write() as session:
        for code, each in known.items():
            _put_account(session, each, code, now)
    before = _month_before(period_id)
    for month, pairs, first in ((before, _SEALED, 0), (period_id, _PAIRS, len(_SEALED))):
        with database.write() as session:
            _open_period(session, month, pairs)
            for number, pair in enumerate(pairs, first):
                for row in _lines(pair, number, user, known[pair.visited], calendar.month(month)):
                    _rate(session, row)
            periods.close_period(session, month, now=now)
        for pair in pairs:
            with database.write() as session:
                _bring(session, pair, calendar.batch_id(month, pair.visited, pair.home), now)
    with database.write() as session:
        running = calendar.month(f"{now.astimezone(SHANGHAI):%Y-%m}")
        for number, pair in enumerate(_PAIRS[:2], len(_SEALED) + len(_PAIRS)):
            for row in _lines(pair, number, user, known[pair.visited], running):
                if row.rated_at <= now:
                    _rate(session, row)
    return True


def _month_before(period_id: str) -> str:
    first = datetime.fromisoformat(f"{period_id}-01") - timedelta(days=1)
    return f"{first:%Y-%m}"


def _last_over(now: datetime) -> str:
    """The newest month whose cut-off is over."""
    at = now.astimezone(SHANGHAI).date().replace(day=1)
    while True:
        at = (at - timedelta(days=1)).replace(day=1)
        if calendar.month(f"{at:%Y-%m}").cutoff_at <= now:
            return f"{at:%Y-%m}"


def _institution_of(session: Session, province: str) -> _Party | None:
    """The institution whose manager the demo has an account for."""
    account = identity.account_named(session, f"institution-{province}")
    grants = [] if account is None else identity.grants_of(session, account.person_id)
    held = session.get(Institution, grants[0].party_id) if grants else None
    return None if held is None else _Party(held.id, held.name_zh)


def _open_period(session: Session, period_id: str, pairs: tuple[_Pair, ...]) -> None:
    """The month with these pairs only: a hundred empty statements would tell nobody anything."""
    session.add(Period(**calendar.month(period_id)._asdict(), closed_at=None))
    session.flush()
    session.add_all(
        Batch(
            id=calendar.batch_id(period_id, pair.visited, pair.home),
            period_id=period_id,
            visited=pair.visited,
            home=pair.home,
        )
        for pair in pairs
    )
    session.flush()


def _put_account(session: Session, owner: _Party, province: str, now: datetime) -> None:
    """Where the institution is paid; one in force, so that payment lists can be paid."""
    session.add(
        PayeeRow(
            institution_id=owner.id,
            account_name=f"{owner.name}（演示）",
            bank_name="演示银行（合成）营业部",
            account_number=f"6222{province}00001234",
            state="approved",
            entered_by=f"account:institution-{province}",
            entered_at=now,
            decided_by="system:demo",
            decided_at=now,
            note="演示数据",
        )
    )


def _lines(
    pair: _Pair, number: int, user: _Party, owner: _Party, month: calendar.Month
) -> Iterator[RatedLine]:
    for place in range(_LINES):
        zh, en, price = _KINDS[place % len(_KINDS)]
        halves = 3 + 2 * place + number
        fee = price * halves // 2
        voucher = fee // 2
        name = f"{number}{place:02}"
        at = datetime.combine(month.starts_on, datetime.min.time(), SHANGHAI) + timedelta(
            days=3 * place, hours=9
        )
        told = _document(pair, (zh, en, price, halves), (user, owner), name, at)
        yield RatedLine(
            usage_id=told["usage_id"],
            usage_version=1,
            reference=told["reference"],
            order_number=told["order_number"],
            visited=pair.visited,
            home=pair.home,
            enterprise_id=user.id,
            institution_id=owner.id,
            programme_id=pair.programme,
            programme_version=1,
            payer_area=pair.payer,
            fee_fen=fee,
            voucher_fen=voucher,
            own_fen=fee - voucher,
            state="ready",
            document=told,
            rated_at=at,
            ready_at=at,
        )


def _document(
    pair: _Pair, rated: tuple[str, str, int, int], sides: tuple[_Party, _Party], name: str, at: datetime
) -> dict[str, Any]:
    (zh, en, price, halves), (user, owner) = rated, sides
    fee, hours = price * halves // 2, f"{halves / 2:g}"
    voucher = fee // 2
    line_zh = f"{hours} 小时 × {yuan(price)} 元/小时 = {yuan(fee)} 元"
    line_en = f"{hours} h × {yuan(price)} CNY/h = {yuan(fee)} CNY"
    left = 2_000_000 - voucher
    return {
        "usage_id": f"us-{'demo' + name.translate(str.maketrans('0123456789', 'abcdefghij')):a<26}",
        "usage_version": 1,
        "kind": "service",
        "reference": f"bk-{'demo' + name.translate(str.maketrans('0123456789', 'abcdefghij')):a<26}",
        "order_number": f"{pair.visited[:2]}-{at:%Y%m%d}-DEM{name.translate(str.maketrans('0123456789', 'ABCDEFGHJK'))}",
        "visited": pair.visited,
        "home": pair.home,
        "enterprise": {"id": user.id, "name": user.name},
        "institution": {"id": owner.id, "name": owner.name},
        "fee_fen": fee,
        "voucher_fen": voucher,
        "own_fen": fee - voucher,
        "lines": [
            {
                "position": "hour",
                "basis": "used_time",
                "name_zh": f"{zh}（演示）",
                "name_en": f"{en} (demo)",
                "quantity": halves * 30,
                "unit_minutes": 60,
                "unit_price_fen": price,
                "fee_fen": fee,
                "text_zh": line_zh,
                "text_en": line_en,
                "is_estimate": False,
            }
        ],
        "text_zh": f"演示数据：{line_zh}；{pair.programme_zh} 50% → {yuan(voucher)} 元；额度余 {yuan(left)} 元",
        "text_en": f"Demo: {line_en}; voucher 50% → {yuan(voucher)} CNY; cap left {yuan(left)} CNY",
        "rated_at": calendar.instant(at),
    }


def _rate(session: Session, row: RatedLine) -> None:
    """The line, and what its usage, voucher and own share would have posted before it."""
    problems = schemas.problems("rated-line", row.document)
    assert not problems, problems
    session.add(row)
    session.flush()
    name, at = f"{row.usage_id}.{row.usage_version}", row.rated_at
    debt, owed = Account("payable", row.enterprise_id), Account("receivable", row.institution_id)
    bank, authority = Account("bank", "outside"), Account("authority", row.payer_area or "")
    captured = Account("captured", row.programme_id or "")
    own = [Transfer(bank, debt, row.own_fen), Transfer(owed, bank, row.own_fen)]
    for reference, kind, made in (
        (f"rate:{name}", "rate", [Transfer(debt, owed, row.fee_fen)]),
        (f"demo-capture:{name}", "capture", [Transfer(authority, captured, row.voucher_fen)]),
        (f"demo-paid:{name}", "paid", own),
    ):
        ledger.post(session, reference, kind, made, now=at)


def _bring(session: Session, pair: _Pair, batch_id: str, now: datetime) -> None:
    """Bring a batch to its goal, as the two offices would."""
    visited, home = (
        Acting(f"account:finance-{code}", side)
        for code, side in ((pair.visited, "visited_finance"), (pair.home, "home_finance"))
    )
    periods.calculate_batch(session, batch_id, now=now)
    moved = periods.submit_batch(session, batch_id, visited, now=now)
    if pair.goal == "under_review":
        return
    periods.agree_batch(session, batch_id, home, sha256=moved.sha256 or "", now=now)
    periods.post_batch(session, batch_id, now=now)
    if pair.goal == "posted":
        return
    for held in paying.payment_lists(session, batch_id=batch_id):
        for line in paying.payment_lines(session, held.id):
            proof = Proof(now.astimezone(SHANGHAI).date(), f"DEMO-{line.id[-12:]}", line.owed_fen)
            periods.record_payment(session, line.id, home, proof, now=now)
    if pair.goal == "sealed":
        periods.seal_batch(session, batch_id, visited, now=now)
