"""What two authorities have agreed on between themselves."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.core import audit, db
from hub.settlement.errors import WordsMissing
from hub.settlement.models import Netting
from hub.settlement.queries import periods


def set_netting(session: Session, area: str, other: str, *, is_on: bool, actor: str, now: datetime) -> None:
    """An authority says for itself whether what it and another owe each other may be netted. Safe to repeat.

    Only when both have said yes does the matrix mark the pair. It is a declaration of the two: payees are institutions and
    payers are single budgets, so no debt of one authority to the other exists that could be set off, and every payment
    line is paid in full. Raises
    `WordsMissing` for an authority that nets with itself, or with none of the eleven.
    """
    if area == other or other not in periods.provinces():
        raise WordsMissing("other", "另一省份", "another province")
    values = {"is_on": is_on, "set_by": actor, "set_at": now}
    mine = db.insert(session, Netting).values(area=area, other=other, **values)
    session.execute(mine.on_conflict_do_update(index_elements=["area", "other"], set_=values))
    audit.record(session, actor, "settlement.set_netting", f"{area}-{other}", {"is_on": is_on}, now=now)
