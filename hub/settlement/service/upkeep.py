"""What happens to vouchers by the clock: grants whose validity is over go back to where they came from."""

from hub.core import due
from hub.core.clock import SHANGHAI
from hub.core.runtime import Runtime
from hub.settlement import queries
from hub.settlement.models import Grant
from hub.settlement.service import grants


def end_grants(runtime: Runtime, *, size: int = due.PAGE) -> int:
    """Take back what was not used in time, each grant in a transaction of its own; how many those were.

    Safe to repeat and to run anywhere. Of grants that are over and still held, nothing can be taken back yet: they are
    not due.
    """
    now = runtime.clock()

    def end_alone(grant_id: str) -> None:
        with runtime.database.write() as session:
            grants.end_due(session, now=now, only=grant_id)

    over = queries.over(now.astimezone(SHANGHAI).date()).with_only_columns(Grant.id)
    return due.act_on_due(runtime.database, over, (Grant.id,), end_alone, size=size)
