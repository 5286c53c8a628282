"""What two authorities have agreed on between themselves."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.core import audit, db
from hub.settlement.errors import WordsMissing
from hub.settlement.models import Netting


def set_netting(session: Session, area: str, other: str, *, is_on: bool, actor: str, now: datetime) -> None:
    """An authority says for itself whether what it and another owe each other may be netted. Safe to repeat.

    Only when both have said yes does the matrix call their amounts netted; nothing is paid less because of it. Raises
    `WordsMissing` for an authority that nets with itself.
    """
    if area == other:
        raise WordsMissing("other", "另一省份", "another province")
    values = {"is_on": is_on, "set_by": actor, "set_at": now}
    mine = db.insert(session, Netting).values(area=area, other=other, **values)
    session.execute(mine.on_conflict_do_update(index_elements=["area", "other"], set_=values))
    audit.record(session, actor, "settlement.set_netting", f"{area}-{other}", {"is_on": is_on}, now=now)
