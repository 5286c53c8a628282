"""The one registry of every domain's tables: importing it makes `Base.metadata` complete.

A foreign key to a table that nobody imported fails only when it is first used, so everything that creates,
migrates or compares tables imports this module.
"""

from hub.catalog import models as catalog
from hub.core import lease, outbox, sequencer
from hub.core.db import Base
from hub.federation import models as federation
from hub.identity import models as identity

METADATA = Base.metadata

DOMAINS = (catalog, federation, identity, lease, outbox, sequencer)
"""The modules whose tables these are."""
