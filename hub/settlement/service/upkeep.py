"""What happens to vouchers by the clock: grants whose validity is over go back to where they came from."""

from hub.core.clock import SHANGHAI
from hub.core.runtime import Runtime
from hub.settlement import queries
from hub.settlement.service import grants

BATCH = 200


def end_grants(runtime: Runtime) -> bool:
    """Take back what was not used in time; whether there is more to do at once. Safe to repeat and to run anywhere.

    A round looks before it writes. Of grants that are over and still held, nothing can be taken back yet: they do not
    count as more to do.
    """
    now = runtime.clock()
    with runtime.database.read() as session:
        if not queries.has_over(session, now.astimezone(SHANGHAI).date()):
            return False
    with runtime.database.write() as session:
        return grants.end_due(session, now=now, limit=BATCH) >= BATCH
