"""What must hold after any history of vouchers; read from committed rows, not from what calls answered."""

from collections import defaultdict

from sqlalchemy import select

from hub.core import sequencer
from hub.core.db import Database
from hub.settlement import ledger, queries
from hub.settlement.models import Account, Allowance, Entry, Grant, Hold, HoldPart, OrderRow


def broken(database: Database, *, has_chain: bool = True) -> list[str]:
    """Every law that is broken, in words. `has_chain`: the ledger's chain is there to be checked too."""
    while sequencer.number_once(database):
        pass
    with database.read() as session:
        accounts = {row.id: row.balance_fen for row in session.scalars(select(Account))}
        grants = session.scalars(select(Grant)).all()
        holds = session.scalars(select(Hold)).all()
        parts = session.scalars(select(HoldPart)).all()
        orders = {row.reference: row for row in session.scalars(select(OrderRow))}
        used = {
            (row.programme_id, row.holder, row.year): row.used_fen
            for row in session.scalars(select(Allowance))
        }
        verdict = ledger.verify(session) if has_chain else None
        folded = ledger.fold(session)
        less = session.execute(select(Entry.posting_id, Entry.fen).where(Entry.fen <= 0)).all()
        programmes = {(each.id, each.version): each for each in queries.everything(session)}
    found = [
        f"{name} says {fen}, its entries {folded.get(name, 0)}"
        for name, fen in accounts.items()
        if fen != folded.get(name, 0)
    ]
    if verdict is not None and verdict.broken is not None:
        found.append(f"ledger: {verdict.broken}: {verdict.why}")
    found += [f"posting {posting} has an entry of {fen}" for posting, fen in less]
    if sum(accounts.values()) != 0:
        found.append(f"entries do not sum to zero: {sum(accounts.values())}")
    found += [
        f"{name} is overdrawn: {fen}"
        for name, fen in accounts.items()
        if fen < 0 and name.partition(":")[0] in ledger.GUARDED
    ]
    found += _of_holds(holds, parts, orders, programmes)
    found += _of_caps(holds, used, programmes)
    found += _of_grants(grants, holds, parts, accounts)
    captured: dict[str, int] = defaultdict(int)
    for hold in holds:
        captured[f"captured:{hold.programme_id}"] += hold.captured_fen
    found += [
        f"{name} holds {accounts.get(name, 0)}, {fen} were captured"
        for name, fen in captured.items()
        if accounts.get(name, 0) != fen
    ]
    return found


def _of_holds(holds, parts, orders, programmes) -> list[str]:  # type: ignore[no-untyped-def]
    found = []
    sums: dict[str, int] = defaultdict(int)
    for part in parts:
        sums[part.hold_id] += part.fen
    for hold in holds:
        order = orders[hold.reference]
        if sums[hold.id] != hold.fen:
            found.append(f"{hold.id}: parts {sums[hold.id]}, hold {hold.fen}")
        if hold.captured_fen > hold.fen:
            found.append(f"{hold.id}: captured more than held")
        if order.fee_fen is not None and order.voucher_fen + (order.own_fen or 0) != order.fee_fen:
            found.append(f"{hold.reference}: shares do not make the fee")
        quota = programmes[hold.programme_id, hold.version].quota("enterprise")
        fee = order.decisions.get("fee_fen", 0)
        if hold.state != "released" and hold.fen * 10_000 > fee * quota.rate_bp:
            found.append(f"{hold.id}: {hold.fen} is more than the rate of {fee}")
        if quota.cap_order_fen is not None and hold.fen > quota.cap_order_fen:
            found.append(f"{hold.id}: more than the cap of an order")
    return found


def _of_caps(holds, used, programmes) -> list[str]:  # type: ignore[no-untyped-def]
    taken: dict[tuple[str, str, int], int] = defaultdict(int)
    found = []
    for hold in holds:
        key = (hold.programme_id, hold.holder, hold.year)
        taken[key] += hold.fen if hold.state == "held" else hold.captured_fen
    for key, fen in taken.items():
        if used.get(key, 0) != fen:
            found.append(f"{key}: counted {used.get(key, 0)}, taken {fen}")
        newest = max(
            (each for (name, _), each in programmes.items() if name == key[0]), key=lambda each: each.version
        )
        cap = newest.quota("enterprise").cap_year_fen
        if cap is not None and fen > cap:
            found.append(f"{key}: {fen} is above the cap of the year, {cap}")
    return found


def _of_grants(grants, holds, parts, accounts) -> list[str]:  # type: ignore[no-untyped-def]
    states = {hold.id: hold for hold in holds}
    found = []
    for grant in grants:
        mine = [part for part in parts if part.grant_id == grant.id]
        held = sum(part.fen for part in mine if states[part.hold_id].state == "held")
        if accounts.get(f"held:{grant.id}", 0) != held:
            found.append(f"{grant.id}: {accounts.get(f'held:{grant.id}', 0)} held, its holds say {held}")
        if accounts.get(f"voucher:{grant.id}", 0) + held > grant.fen:
            found.append(f"{grant.id}: more than was granted")
    return found
