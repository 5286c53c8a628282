"""The hub's signature on what it tells provinces: a detached JWS by the current key of purpose `message`.

The header carries the envelope (message, subject, kind, sequence, deadline, correlation), the payload is what is sent,
to the byte. Keys are made and rotated by `identity.service.signing`; their public halves stay published for ever.
"""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import rfc8785

from hub.core.db import Database
from hub.identity.service import signing
from hub.identity.service.signing import HubKey

TYPE = "hub-message+jws"
_KEPT = timedelta(minutes=1)
"""For how long a process goes on with the key that it has read; rotation overlaps far longer."""


class Sealer:
    """Signs with this machine's current key. Safe from several threads."""

    def __init__(self, database: Database, home: Path) -> None:
        self._database, self._home = database, home
        self._lock = threading.Lock()
        self._held: tuple[datetime, HubKey] | None = None

    def ready(self, now: datetime) -> "Sealer":
        """Have the key at hand; call it outside of transactions, because a first key is written."""
        self._key(now)
        return self

    def seal(self, payload: bytes, members: Mapping[str, Any], *, now: datetime) -> str:
        """A detached JWS over these very bytes; `members` and the time of signing join its header."""
        return self._key(now).sign_detached(payload, {**members, "iat": int(now.timestamp())}, TYPE)

    def seal_document(self, document: Mapping[str, Any], members: Mapping[str, Any], *, now: datetime) -> str:
        """The same over a JSON document in the canonical form of RFC 8785."""
        return self.seal(rfc8785.dumps(dict(document)), members, now=now)

    def _key(self, now: datetime) -> HubKey:
        with self._lock:
            if self._held is None or not self._held[0] <= now < self._held[0] + _KEPT:
                self._held = (now, signing.current_key(self._database, self._home, "message", now=now))
            return self._held[1]


@lru_cache(maxsize=4)
def sealer(database: Database, home: Path) -> Sealer:
    """The process's sealer over a database and its home."""
    return Sealer(database, home)
