"""What a running process holds: built once by `hub.wiring.build_runtime`, passed down, never a global.

It carries values, not settings, so that services which receive a runtime cannot read the environment.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.contract import ProvinceAdapter
from hub.core.clock import Clock, utc_now
from hub.core.db import Database
from hub.core.kept import Kept
from hub.core.metrics import Metrics
from hub.core.partners import Partners
from hub.core.sealing import FILE, SealingKeys


@dataclass(frozen=True)
class Runtime:
    """The database, the provinces' adapters (by six-digit code), the search index and the clock of one process.

    `index` is `hub.search.index.SearchIndex` and `senders` are `hub.notices.senders.Sender` by channel, which this
    package may not know by name; `index` is None in a process that does not search. `public_url` is where others find
    the hub, without a slash at the end: it begins links and names the hub as issuer of tokens.
    `fonts` is the folder of the font that documents are printed with; `payment_channels` are
    `hub.settlement.channels.Channel` by code.
    `tsa_url` is the time-stamp authority's address (empty: none) and `tsa_ca` the PEM of the certificates it is trusted by.
    `read_workbook` gives the rows of an uploaded XLSX file's first sheet, within limits; it raises `AdapterError`.
    """

    home: Path
    database: Database
    adapters: Mapping[str, ProvinceAdapter] = field(default_factory=dict)
    index: Any = None
    clock: Clock = utc_now
    metrics: Metrics = field(default_factory=Metrics)
    kept: Kept = field(default_factory=Kept)
    is_demo: bool = False
    has_secure_cookies: bool = False
    metrics_token: str | None = None
    senders: Mapping[str, Any] = field(default_factory=dict)
    partners: Partners = field(default_factory=Partners)
    public_url: str = "http://127.0.0.1:8000"
    webhook_hosts: frozenset[str] = frozenset()
    read_workbook: Callable[[bytes, str], Iterable[list[Any]]] | None = None
    scanner: Any = None
    fonts: Path = Path("fonts")
    payment_channels: Mapping[str, Any] = field(default_factory=dict)
    sealing_keys: str | None = field(default=None, repr=False)
    tsa_url: str = ""
    tsa_ca: bytes = b""

    @property
    def sealing(self) -> SealingKeys:
        """The keys that seal secrets of the database: those of the setting, else of the file below `home`."""
        return SealingKeys(self.home / FILE, self.sealing_keys)

    def close(self) -> None:
        """Close what holds files or connections. Safe to repeat."""
        self.database.close()
