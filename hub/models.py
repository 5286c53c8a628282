"""The one registry of every domain's tables: importing it makes `Base.metadata` complete.

A foreign key to a table that nobody imported fails only when it is first used, so everything that creates,
migrates or compares tables imports this module.
"""

from hub.availability import models as availability
from hub.bookings import models as bookings
from hub.catalog import models as catalog
from hub.core import audit, lease, outbox, sequencer
from hub.core.db import Base
from hub.exchange import models as exchange
from hub.federation import models as federation
from hub.identity import models as identity
from hub.notices import models as notices
from hub.settlement import models as settlement

METADATA = Base.metadata

DOMAINS = (
    audit,
    availability,
    bookings,
    catalog,
    exchange,
    federation,
    identity,
    lease,
    notices,
    outbox,
    sequencer,
    settlement,
)
"""The modules whose tables these are."""
