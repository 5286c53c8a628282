"""What must hold after any history of periods; read from committed rows, not from what calls answered."""

from collections import Counter, defaultdict

from sqlalchemy import func, select

from hub.core import sequencer
from hub.core.db import Database
from hub.settlement import ledger
from hub.settlement.models import (
    Account,
    Batch,
    Credit,
    Document,
    Member,
    PaymentItem,
    PaymentLine,
    PaymentList,
    Period,
    RatedLine,
)
from hub.settlement.queries import periods as queries
from hub.settlement.service import documents, periods

_POSTED = ("posted", "paid", "closed")
_LIVE = ("rated", "ready", "batched", "settled")


def broken(database: Database) -> list[str]:
    """Every law that is broken, in words."""
    while sequencer.number_once(database):
        pass
    with database.read() as session:
        found = _of_the_ledger(session)
        found += _of_lines(session)
        found += _of_batches(session)
        found += _of_payments(session)
        found += _of_clearing(session)
        found += _of_documents(session)
        for period in session.scalars(select(Period.id)):
            net = queries.net_matrix(session, period).net
            if sum(net.values()) != 0:
                found.append(f"{period}: the net matrix sums to {sum(net.values())}")
    return found


def _of_the_ledger(session) -> list[str]:  # type: ignore[no-untyped-def]
    verdict = ledger.verify(session)
    found = [] if verdict.broken is None else [f"ledger: {verdict.broken}: {verdict.why}"]
    total = session.scalar(select(func.sum(Account.balance_fen))) or 0
    return found if total == 0 else [*found, f"entries do not sum to zero: {total}"]


def _of_lines(session) -> list[str]:  # type: ignore[no-untyped-def]
    """Of a usage one line is live, and a settled one stands in the newest list of exactly one batch."""
    live = Counter(session.scalars(select(RatedLine.usage_id).where(RatedLine.state.in_(_LIVE))))
    found = [f"{usage} has {count} live lines" for usage, count in live.items() if count > 1]
    listed: Counter[int] = Counter()
    for batch in session.scalars(select(Batch).where(Batch.state.in_(_POSTED))):
        mine = select(Member.line_id).where(Member.batch_id == batch.id, Member.revision == batch.revision)
        listed.update(session.scalars(mine))
    settled = session.scalars(select(RatedLine.id).where(RatedLine.state == "settled")).all()
    found += [f"line {line} is settled in {listed[line]} batches" for line in settled if listed[line] != 1]
    strays = (
        select(Member.line_id, RatedLine.state, RatedLine.batch_id)
        .join(Batch, (Batch.id == Member.batch_id) & (Batch.revision == Member.revision))
        .join(RatedLine, RatedLine.id == Member.line_id)
        .where(Batch.state.in_(_POSTED))
        .where(RatedLine.state.not_in(("settled", "withdrawn")) | (RatedLine.batch_id != Batch.id))
    )
    found += [
        f"line {line} was posted and is {state} in {name}" for line, state, name in session.execute(strays)
    ]
    return found + [f"line {line} is in {count} posted lists" for line, count in listed.items() if count > 1]


def _of_batches(session) -> list[str]:  # type: ignore[no-untyped-def]
    """Both sides come to the same: by the lines, by the list, by the batch and by its statement."""
    found = []
    names = ("fee_fen", "voucher_fen", "own_fen")
    for batch in session.scalars(select(Batch).where(Batch.revision > 0)).all():
        verdict = periods.verify_batch(session, batch.id)
        if verdict.broken is not None and batch.state in _POSTED:
            found.append(f"{batch.id}: {verdict.broken}: {verdict.why}")
        mine = (Member.batch_id == batch.id) & (Member.revision == batch.revision)
        sums = session.execute(
            select(*(func.coalesce(func.sum(getattr(Member, name)), 0) for name in names)).where(mine)
        ).one()
        own = [getattr(batch, name) for name in names]
        if [int(each) for each in sums] != own:
            found.append(f"{batch.id}: the list sums to {list(sums)}, the batch says {own}")
        for fee, voucher, share in session.execute(
            select(Member.fee_fen, Member.voucher_fen, Member.own_fen).where(mine)
        ):
            if fee != voucher + share:
                found.append(f"{batch.id}: {fee} is not {voucher} + {share}")
        if batch.maker is not None and batch.maker == batch.checker:
            found.append(f"{batch.id}: one person on both sides")
    return found


def _of_payments(session) -> list[str]:  # type: ignore[no-untyped-def]
    """Every voucher share is owed once; what is paid is what its orders come to, and each is redeemed by its own line."""
    found = []
    items: dict[str, list[PaymentItem]] = defaultdict(list)
    for item in session.scalars(select(PaymentItem)):
        items[item.root_id].append(item)
    lines = session.scalars(select(PaymentLine)).all()
    roots = {line.id: line.root_id for line in lines}
    paid = Counter(line.root_id for line in lines if line.state == "paid")
    found += [f"{root} was paid {count} times" for root, count in paid.items() if count > 1]
    for line in lines:
        mine = items[line.root_id]
        if line.state == "paid":
            owed = sum(item.fen for item in mine if item.voided_at is None)
            if owed != line.fen - line.voided_fen or any(
                item.redeemed_by != line.id for item in mine if item.voided_at is None
            ):
                found.append(f"{line.id}: paid {line.fen - line.voided_fen}, its orders come to {owed}")
    for root, mine in items.items():
        found += [
            f"{item.source} was redeemed elsewhere"
            for item in mine
            if item.redeemed_by and roots[item.redeemed_by] != root
        ]
    sums = dict(
        session.execute(
            select(PaymentList.batch_id, func.sum(PaymentLine.fen))
            .join(PaymentLine, PaymentLine.list_id == PaymentList.id)
            .where(PaymentLine.root_id == PaymentLine.id)
            .group_by(PaymentList.batch_id)
        ).all()
    )
    for batch in session.scalars(select(Batch).where(Batch.state.in_(_POSTED))):
        if int(sums.get(batch.id, 0)) != batch.voucher_fen:
            found.append(f"{batch.id}: lists for {sums.get(batch.id, 0)}, vouchers {batch.voucher_fen}")
    return found


def _of_clearing(session) -> list[str]:  # type: ignore[no-untyped-def]
    """What stands between two provinces is what was posted, less what was paid and what was taken back."""
    owed: dict[str, int] = defaultdict(int)
    for batch in session.scalars(select(Batch).where(Batch.state.in_(_POSTED), Batch.visited != Batch.home)):
        owed[f"clearing:{batch.visited}-{batch.home}"] += batch.voucher_fen
    paid = (
        select(Batch, PaymentLine)
        .join(PaymentList, PaymentList.batch_id == Batch.id)
        .join(PaymentLine, PaymentLine.list_id == PaymentList.id)
        .where(PaymentLine.state == "paid", Batch.visited != Batch.home)
    )
    for batch, line in session.execute(paid):
        owed[f"clearing:{batch.visited}-{batch.home}"] -= line.fen - line.voided_fen
    credited = (
        select(RatedLine, PaymentItem)
        .join(Credit, Credit.line_id == RatedLine.id)
        .join(
            PaymentItem, PaymentItem.voided_at.is_not(None) & (PaymentItem.reference == RatedLine.reference)
        )
        .where(Credit.state == "issued", RatedLine.visited != RatedLine.home)
    )
    for line, item in session.execute(credited):
        if item.source == f"line:{line.id}":
            owed[f"clearing:{line.visited}-{line.home}"] -= line.voucher_fen
    held = {
        row.id: row.balance_fen for row in session.scalars(select(Account).where(Account.kind == "clearing"))
    }
    return [
        f"{name} holds {held.get(name, 0)}, {owed.get(name, 0)} are owed"
        for name in {*held, *owed}
        if held.get(name, 0) != owed.get(name, 0)
    ]


def _of_documents(session) -> list[str]:  # type: ignore[no-untyped-def]
    """Every series is whole: numbered without gaps, each document naming the one before, each hash its own."""
    found = []
    for series in session.scalars(select(Document.series).distinct()):
        previous = None
        for place, issued in enumerate(documents.series_of(session, series), 1):
            if issued.number != place or issued.body.get("previous_sha256") != previous:
                found.append(f"{issued.id}: the series is broken")
            if documents.digest(issued.body) != issued.sha256:
                found.append(f"{issued.id}: altered")
            previous = issued.sha256
    return found
