"""Who is related to whom: what a user is asked, what the register knows, and a declaration that comes later."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

import schemas
from hub.core import audit
from hub.core.clock import day_of
from hub.settlement import queries, wire
from hub.settlement.errors.redeeming import DeclarationUnfit, OrderUnknown, RelationContradicted
from hub.settlement.models import OrderRow
from hub.settlement.models.redeeming import Tie
from hub.settlement.queries.relations import ties_between
from hub.settlement.rules import Order, Programme
from hub.settlement.rules.relations import Asked, asked, excludes_related, known_relation


def questions(session: Session, home_area: str, owner_area: str, day: date) -> Asked:
    """What somebody of one area who orders from another is asked to declare. Reads only."""
    return asked(queries.concerning(session, [home_area, owner_area], day), home_area, owner_area)


def known(session: Session, order: Order, programmes: Collection[Programme]) -> Order:
    """The order with what the register knows of the two sides; asks the database only where a programme excludes it."""
    if order.is_related or not excludes_related(programmes):
        return order
    ties = ties_between(session, order.credit_code, order.owner_credit_code, order.ordered_on)
    return with_ties(order, programmes, [each.kind for each in ties])


def with_ties(order: Order, programmes: Iterable[Programme], ties: Iterable[str]) -> Order:
    """The order with what ties the two sides (codes of `relation_kind`), where a programme excludes it."""
    if order.is_related or not excludes_related(programmes):
        return order
    relation = known_relation(order, ties)
    return order if relation is None else replace(order, is_related=True, relation=relation)


def check_declared(declared: Order, told: Order) -> None:
    """Raise `RelationContradicted` where the order was declared as not related and the register says otherwise."""
    if declared.is_related is False and told.is_related:
        kind = schemas.codes("relation_kind")[told.relation or "affiliation"]
        raise RelationContradicted(kind.zh, kind.en.lower())


def register_tie(
    session: Session,
    one: str,
    other: str,
    kind: Literal["shareholding", "affiliation"],
    *,
    source: str,
    valid_from: date,
    valid_until: date | None = None,
    actor: str,
    now: datetime,
) -> int:
    """Register that two parties (credit codes) are related, with the paper it stands on; its number. Safe to repeat.

    Orders declared otherwise from now on are refused; those that are waiting to be paid out stop at their next check.
    Raises `DeclarationUnfit` for a credit code that is none, or the same twice.
    """
    for name, code in (("one", one), ("other", other)):
        if not schemas.uscc.is_valid(code):
            raise DeclarationUnfit(name, "统一社会信用代码有误", "it is no credit code")
    if one == other:
        raise DeclarationUnfit("other", "两方为同一信用代码，无须登记", "both have one credit code")
    first, second = sorted((one, other))
    mine = select(Tie).where(
        Tie.one == first, Tie.other == second, Tie.kind == kind, Tie.valid_from == valid_from
    )
    held = session.scalar(mine)
    if held is None:
        held = Tie(one=first, other=second, kind=kind, source=source, valid_from=valid_from)
        held.valid_until, held.made_by, held.made_at = valid_until, actor, now
        session.add(held)
        session.flush()
        told = {"one": first, "other": second, "kind": kind, "source": source}
        audit.record(session, actor, "settlement.register_tie", f"tie:{held.id}", told, now=now)
    return held.id


def declare(
    session: Session,
    reference: str,
    *,
    is_related: bool,
    relation: str | None,
    exclusions: Collection[str],
    actor: str,
    now: datetime,
) -> None:
    """Declare afterwards what was not declared with the order. Safe to repeat with the same words.

    What the voucher pays is not decided anew here: an order that turns out to be excluded does not pass its checks.
    Raises `OrderUnknown`, `DeclarationUnfit` (declared otherwise before), `RelationContradicted`.
    """
    row = session.get(OrderRow, reference, with_for_update=True, populate_existing=True)
    if row is None:
        raise OrderUnknown(reference)
    order = wire.read_order(row.facts)
    if is_related and relation not in schemas.codes("relation_kind"):
        raise DeclarationUnfit("relation", "请选择关联关系", "say how they are related")
    said = replace(
        order,
        is_related=is_related,
        relation=relation if is_related else None,
        declared=frozenset(exclusions),
    )
    if order.is_related is not None:
        if said == order:
            return
        raise DeclarationUnfit("is_related", "该订单已作过声明", "the order was declared before")
    ties = ties_between(session, order.credit_code, order.owner_credit_code, day_of(now))
    met = known_relation(order, [each.kind for each in ties])
    if met is not None:
        check_declared(said, replace(said, is_related=True, relation=met))
    row.facts = wire.order_document(said)
    told = {"is_related": is_related, "relation": relation, "exclusions": sorted(exclusions)}
    audit.record(session, actor, "settlement.declare", f"order:{reference}", told, now=now)
