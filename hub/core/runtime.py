"""What a running process holds: built once by `hub.wiring.build_runtime`, passed down, never a global.

It carries values, not settings, so that services which receive a runtime cannot read the environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.contract import ProvinceAdapter
from hub.core.clock import Clock, utc_now
from hub.core.db import Database
from hub.core.metrics import Metrics


@dataclass(frozen=True)
class Runtime:
    """The database, the provinces' adapters (by six-digit code), the search index and the clock of one process.

    `index` is `hub.search.index.SearchIndex`, which this package may not know by name; None in a process
    that does not search.
    """

    home: Path
    database: Database
    adapters: Mapping[str, ProvinceAdapter] = field(default_factory=dict)
    index: Any = None
    clock: Clock = utc_now
    metrics: Metrics = field(default_factory=Metrics)
    is_demo: bool = False
    has_secure_cookies: bool = False
    metrics_token: str | None = None

    def close(self) -> None:
        """Close what holds files or connections. Safe to repeat."""
        self.database.close()
