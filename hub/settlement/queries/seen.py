"""What a hold is decided by, read in one way to the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    String,
    Table,
    bindparam,
    cast,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from hub.core.db import Json
from hub.settlement import rules
from hub.settlement.models import Grant, Hold, ProgrammeRow
from hub.settlement.models.redeeming import Tie
from hub.settlement.queries.programmes import areas_of
from hub.settlement.rules import Order, Programme


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands for an order; nothing is locked.

    `programmes` in force of either side's areas; `ties` between the two sides (codes of `relation_kind`); `grants` of the
    holder that are valid on the order's day, as (identifier, programme), in the order of use; `holds` made for the order so
    far, whatever became of them, and whether one of them is live.
    """

    programmes: list[Programme]
    ties: list[str]
    grants: list[tuple[str, str]]
    holds: int
    is_held: bool


def _facts(what: str, table: Table, **columns: Any) -> Any:
    """One kind of rows of the union: `what` they are, and the columns they have."""
    empty = {"name": String, "other": String, "number": BigInteger, "day": Date, "document": Json}
    told = [columns.get(name, cast(null(), kind)).label(name) for name, kind in empty.items()]
    return select(literal_column(f"'{what}'").label("what"), *told).select_from(table)


_PROGRAMME: Table = ProgrammeRow.__table__  # type: ignore[assignment]
_GRANT: Table = Grant.__table__  # type: ignore[assignment]
_TIE: Table = Tie.__table__  # type: ignore[assignment]
_HOLD: Table = Hold.__table__  # type: ignore[assignment]
_AREAS = tuple(f"v_area_{place}" for place in range(6))
_DAY = bindparam("v_day", type_=Date)
_SEEN = union_all(
    _facts("programme", _PROGRAMME, number=_PROGRAMME.c.version, document=_PROGRAMME.c.document).where(
        _PROGRAMME.c.area.in_([bindparam(name) for name in _AREAS])
    ),
    _facts("tie", _TIE, name=_TIE.c.kind, day=_TIE.c.valid_from).where(
        _TIE.c.one == bindparam("v_one"),
        _TIE.c.other == bindparam("v_other"),
        _TIE.c.valid_from <= _DAY,
        or_(_TIE.c.valid_until.is_(None), _TIE.c.valid_until >= _DAY),
    ),
    _facts(
        "grant",
        _GRANT,
        name=_GRANT.c.id,
        other=_GRANT.c.programme_id,
        number=_GRANT.c.rank,
        day=_GRANT.c.valid_until,
    ).where(
        _GRANT.c.holder == bindparam("v_holder"), _GRANT.c.state == "active", _GRANT.c.valid_until >= _DAY
    ),
    _facts("hold", _HOLD, name=_HOLD.c.state).where(_HOLD.c.reference == bindparam("v_reference")),
)


def see(session: Session, order: Order) -> Seen:
    """What the order is decided by, as it stands at one moment."""
    session.flush()
    rows: dict[str, list[Any]] = {"programme": [], "tie": [], "grant": [], "hold": []}
    for row in session.connection().execute(_SEEN, _asked(order)):
        rows[row.what].append(row)
    ties = sorted(rows["tie"], key=lambda row: (row.name, row.day))
    grants = sorted(rows["grant"], key=lambda row: (row.number, row.day, row.name))
    return Seen(
        rules.in_force([Programme(row.number, row.document) for row in rows["programme"]], order.ordered_on),
        [row.name for row in ties],
        [(row.name, row.other) for row in grants],
        len(rows["hold"]),
        any(row.name == "held" for row in rows["hold"]),
    )


def _asked(order: Order) -> Mapping[str, Any]:
    areas = areas_of([order.home_area, order.owner_area])
    areas += areas[:1] * (len(_AREAS) - len(areas))
    codes = (order.credit_code, order.owner_credit_code)
    # While one of the two is not known, and for one party with itself, the register has nothing to say.
    one, other = sorted(codes) if None not in codes and codes[0] != codes[1] else ("", "")  # type: ignore[type-var]
    return {
        **dict(zip(_AREAS, areas, strict=True)),
        "v_one": one,
        "v_other": other,
        "v_day": order.ordered_on,
        "v_holder": order.holder,
        "v_reference": order.reference,
    }
