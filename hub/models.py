"""The one registry of every domain's tables: importing it makes `Base.metadata` complete.

A foreign key to a table that nobody imported fails only when it is first used, so everything that creates,
migrates or compares tables imports this module.
"""

import importlib
import importlib.util

from hub.core import lease, outbox, sequencer  # noqa: F401
from hub.core.db import Base

for _domain in ("identity", "federation", "catalog"):
    if importlib.util.find_spec(f"hub.{_domain}") and importlib.util.find_spec(f"hub.{_domain}.models"):
        importlib.import_module(f"hub.{_domain}.models")

METADATA = Base.metadata
