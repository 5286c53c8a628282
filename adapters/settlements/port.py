"""A province's settlement face made of data; satisfies `contract.SettlementPort`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.bookings.operations import Operation, Sign
from adapters.bookings.wire import Wire
from adapters.contract import (
    AllotmentFigures,
    AllotmentReply,
    AllotmentWord,
    Damaged,
    HandOver,
    PaperReceipt,
    Redemption,
    RedemptionPage,
    Seal,
    SettlementCapability,
    SettlementKind,
    SettlementPaper,
    Sheet,
)
from adapters.errors import LimitExceeded, LoopDetected, Malformed, OutcomeUnknown, Refused, Unsupported
from adapters.mapping.paths import Getter
from adapters.settlements.documents import members_of, message_document, paper_document, reply_document
from adapters.settlements.files import PaperFiles
from adapters.settlements.naming import digest
from adapters.settlements.reading import RowReader
from adapters.transports import Site
from adapters.transports.cursors import read_cursor, state_text, write_cursor

_MOST_PAGES = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation with the reader of its rows (or of its one answer)."""

    operation: Operation
    reader: RowReader | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """How redemptions are read on: by a number that rises with every fact. `param` is what it is asked with."""

    operation: Operation
    reader: RowReader
    param: str
    position: Getter
    size_param: str
    size: int


@dataclass(frozen=True, slots=True)
class Face:
    """A compiled settlement dialect. What the province cannot do is missing."""

    province: str
    kind: SettlementKind
    capabilities: frozenset[SettlementCapability]
    settle_seconds: float
    idempotent: bool
    programmes: Mapping[str, str]
    hand_over: Mapping[str, Asked]
    lookup: Asked | None
    results: Results | None
    files: PaperFiles | None
    allotments: Asked | None
    reply: Operation | None
    figures: Asked | None
    signature: str | None


class DeclarativeSettlement:
    """One province over one connection. Keeps nothing between calls but its auth scheme's token."""

    def __init__(self, face: Face, site: Site, wire: Wire) -> None:
        self._face = face
        self._site = site
        self._wire = wire
        self._names = {ours: native for native, ours in face.programmes.items()}

    @property
    def kind(self) -> SettlementKind:
        """See `SettlementPort.kind`."""
        return self._face.kind

    @property
    def capabilities(self) -> frozenset[SettlementCapability]:
        """See `SettlementPort.capabilities`."""
        return self._face.capabilities

    @property
    def settle_seconds(self) -> float:
        """See `SettlementPort.settle_seconds`."""
        return self._face.settle_seconds

    @property
    def idempotent(self) -> bool:
        """See `SettlementPort.idempotent`."""
        return self._face.idempotent

    @property
    def programmes(self) -> Mapping[str, str]:
        """See `SettlementPort.programmes`."""
        return self._face.programmes

    def hand_over(self, message: HandOver, seal: Seal | None = None) -> PaperReceipt:
        """See `SettlementPort.hand_over`."""
        face, paper = self._face, message.paper
        if face.files is not None:
            sheets = face.files.write(self._document(message), message, seal)
            return face.files.drop(self._site.folder, sheets, paper, face.province, self._site.pacing.now())
        asked = face.hand_over.get(paper.kind)
        if asked is None:
            raise self._lacks("hand_over")
        heard = asked.operation.command(self._wire, self._document(message), self._signed(message, seal))
        if heard.verdict.meaning != "ok":
            return PaperReceipt(
                kind="refused" if heard.verdict.meaning == "rejected" else "not_found",
                message_id=digest(face.province, "receipt", paper.id, heard.raw),
                paper_id=paper.id,
                at=self._site.pacing.now(),
                text=heard.verdict.text or heard.verdict.words,
                notes=heard.verdict.problems,
                raw=heard.raw,
            )
        assert asked.reader is not None
        receipt = asked.reader.receipt(heard.body, paper, heard.raw)
        if receipt.notes:
            raise OutcomeUnknown(
                "平台受理后的回执读不懂",
                "the receipt the platform answered with is not understood",
                receipt.notes,
            )
        return receipt

    def lookup(self, paper: SettlementPaper) -> PaperReceipt:
        """See `SettlementPort.lookup`."""
        face = self._face
        if face.files is not None:
            return face.files.look(self._site.folder, paper, face.province, self._site.pacing.now())
        if face.lookup is None:
            raise self._lacks("lookup")
        document = {"paper": paper_document(paper, self._names), "connection": self._site.credentials}
        operation, reader = face.lookup.operation, face.lookup.reader
        assert reader is not None
        heard = operation.question(self._wire, document)
        rows = [] if heard.verdict.meaning == "absent" else operation.found(heard)
        found = [reader.receipt(row, paper, heard.raw) for row in rows]
        held = [receipt for receipt in found if receipt.kind == "received"] or found
        if held:
            others = tuple(each.remote_id for each in found if each is not held[0] and each.remote_id)
            return replace(held[0], duplicate_ids=others)
        return PaperReceipt(
            kind="not_found",
            message_id=digest(face.province, "lookup", paper.id, self._site.pacing.now().isoformat()),
            paper_id=paper.id,
            at=self._site.pacing.now(),
            raw=heard.raw,
        )

    def results(self, cursor: str | None) -> Iterator[RedemptionPage]:
        """See `SettlementPort.results`."""
        face = self._face
        if face.files is not None:
            yield from face.files.results(self._site, cursor)
            return
        how = face.results
        if how is None:
            raise self._lacks("results")
        after = "0" if cursor is None else state_text(read_cursor("number", cursor), "after") or ""
        if not after.isdecimal():
            raise Malformed(
                "游标无法识别；请从头读取", "the cursor is not of this feed; start from the beginning"
            )
        document = {"connection": self._site.credentials}
        for _ in range(_MOST_PAGES):
            heard = how.operation.question(
                self._wire, document, {how.param: after, how.size_param: str(how.size)}
            )
            rows = how.operation.found(heard)
            page, reached = self._page(how, rows, after)
            yield page
            if page.is_last:
                return
            if int(reached) <= int(after):
                raise LoopDetected("结果列表没有前进", "the list of results does not move on")
            after = reached
        raise LimitExceeded(
            f"结果超过 {_MOST_PAGES} 页", f"there are more than {_MOST_PAGES} pages of results"
        )

    @staticmethod
    def _page(how: Results, rows: list[Any], after: str) -> tuple[RedemptionPage, str]:
        """Rows in the order given; the cursor is the greatest position, so that a row out of order is read again."""
        read: list[Redemption] = []
        damaged: list[Damaged] = []
        reached = int(after)
        for number, row in enumerate(rows):
            position = how.position(row)
            text = str(position) if isinstance(position, int | str) else ""
            if not text.isdecimal():
                said = repr(row).encode()[:4_000]
                damaged.append(
                    Damaged(str(number), said, "malformed", "条目没有序号", "an entry has no position")
                )
                continue
            reached = max(reached, int(text))
            read.append(how.reader.redemption(row))
        is_last = len(rows) < how.size
        cursor = write_cursor("number", after=str(reached))
        return RedemptionPage(tuple(read), cursor, is_last, tuple(damaged)), str(reached)

    def files(self, message: HandOver, seal: Seal | None = None) -> tuple[Sheet, ...]:
        """See `SettlementPort.files`."""
        if self._face.files is None:
            raise self._lacks("files")
        return self._face.files.write(self._document(message), message, seal)

    def read_file(
        self, content: bytes, filename: str, signature: str | None = None
    ) -> tuple[Redemption, ...]:
        """See `SettlementPort.read_file`."""
        if self._face.files is None:
            raise self._lacks("files")
        return self._face.files.read(self._site, content, filename, signature)

    def allotments(self) -> tuple[AllotmentWord, ...]:
        """See `SettlementPort.allotments`."""
        asked = self._face.allotments
        if asked is None or asked.reader is None:
            raise self._lacks("allotments")
        heard = asked.operation.question(self._wire, {"connection": self._site.credentials})
        return tuple(
            asked.reader.allotment(row, self._face.programmes) for row in asked.operation.found(heard)
        )

    def reply(self, reply: AllotmentReply) -> None:
        """See `SettlementPort.reply`."""
        if self._face.reply is None:
            raise self._lacks("reply")
        document = {**reply_document(reply), "connection": self._site.credentials}
        heard = self._face.reply.command(self._wire, document)
        if heard.verdict.meaning != "ok":
            words = heard.verdict.words
            raise Refused(f"平台没有接受划拨回执：{words}", f"the platform did not take the answer: {words}")

    def figures(self) -> tuple[AllotmentFigures, ...]:
        """See `SettlementPort.figures`."""
        asked = self._face.figures
        if asked is None or asked.reader is None:
            raise self._lacks("figures")
        heard = asked.operation.question(self._wire, {"connection": self._site.credentials})
        return tuple(asked.reader.figure(row, self._face.programmes) for row in asked.operation.found(heard))

    def _document(self, message: HandOver) -> dict[str, Any]:
        return {**message_document(message, self._names), "connection": self._site.credentials}

    def _signed(self, message: HandOver, seal: Seal | None) -> Sign | None:
        header = self._face.signature
        if not header or seal is None:
            return None
        return lambda content: {header: seal(content, members_of(message, self._face.province))}

    def _lacks(self, capability: str) -> Unsupported:
        return Unsupported(
            f"{self._face.province} 的结算接口没有 {capability}",
            f"the settlement interface of {self._face.province} has no {capability}",
        )
