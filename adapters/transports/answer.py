"""What one question to a list brought, whatever the protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.contract import Damaged, NativeRecord


@dataclass(frozen=True, slots=True)
class Answer:
    """Records, what was no record, the platform's own count, the whole body and its size in bytes."""

    records: tuple[NativeRecord, ...]
    damaged: tuple[Damaged, ...]
    total: int | None
    body: Any
    size: int

    @property
    def count(self) -> int:
        """Records and broken pieces together: what the platform counts as rows."""
        return len(self.records) + len(self.damaged)


Ask = Callable[[Mapping[str, Any]], Answer]
