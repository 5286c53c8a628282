"""The loops of the settlement faces. Safe to run in many places at once; each step is one paper or one reading."""

from hub.core.ids import holder_name
from hub.core.runtime import Runtime
from hub.settlement.service.faces import comparing, handing, reading

HAND_OVER_SECONDS = 2.0
READ_SECONDS = 2.0
COMPARE_SECONDS = 60.0
OVERDUE_SECONDS = 3600.0


def hand_over(runtime: Runtime) -> bool:
    """Bring the next paper on its way; whether there may be more."""
    return handing.hand_over_next(runtime, f"settlement {holder_name()}")


def read(runtime: Runtime) -> bool:
    """Read one province's results or allotments; whether there may be more."""
    return reading.read_next(runtime)


def name_overdue(runtime: Runtime) -> bool:
    """Name papers that their provinces have not taken in time; never more to do at once."""
    handing.name_overdue(runtime.database, now=runtime.clock())
    return False


def compare(runtime: Runtime) -> bool:
    """Compare with one home system whose night it is; whether there may be more."""
    return comparing.compare_next(runtime)
