"""NDJSON batches a province pushes: every line one record, a broken line costs itself only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.contract import Damaged, NativePage
from adapters.mapping.paths import Getter, compile_getter
from adapters.options import Options
from adapters.transports.cursors import write_cursor
from adapters.transports.guards import over
from adapters.transports.records import Piece, RecordMaker, in_pages, page, read_lines
from adapters.transports.site import Site


@dataclass(frozen=True, slots=True)
class PushIn:
    """One kind of pushed record."""

    site: Site
    maker: RecordMaker
    record: Getter | None
    size: int

    @property
    def families(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset({"none"})

    def parse(self, content: bytes, filename: str) -> Iterator[NativePage]:
        """See `Parses.parse`. A batch never is a full read: absence from it means nothing."""
        limits = self.site.limits
        if len(content) > limits.file_bytes:
            raise over("批次字节数", "bytes in the batch", limits.file_bytes)
        guard, done = self.site.guard(), 0
        for records, damaged, ends in in_pages(self._pieces(content, filename), self.size):
            done += len(records) + len(damaged)
            if done > limits.rows:
                raise over("批次记录数", "records in the batch", limits.rows)
            guard.check_time()
            yield page(records, damaged, write_cursor("push", done=done), is_last=ends, is_full=False)

    def _pieces(self, content: bytes, filename: str) -> Iterator[Piece]:
        for number, body in enumerate(read_lines(content, filename), 1):
            if isinstance(body, Damaged):
                yield body
                continue
            position = f"{filename} #{number}"
            if self.record is None or not isinstance(body, dict):
                yield self.maker.make(body, position)
            else:
                # The line around the record counts its deliveries; only the record itself is its content.
                yield self.maker.make(self.record(body), position, envelope=body)


def build_push_in(written: Mapping[str, Any], path: str, site: Site, maker: RecordMaker) -> PushIn:
    """From the manifest's options. Raises `ManifestInvalid`."""
    options = Options(written, path)
    options.text("kind")
    record = compile_getter(options.raw("record"), f"{path}.record") if "record" in options else None
    transport = PushIn(site, maker, record, options.integer("size", 500, least=1))
    options.finish()
    return transport
