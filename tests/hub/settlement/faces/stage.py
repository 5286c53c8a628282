"""A hub whose batches were posted, and provinces in process that their papers go to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.settlement.models import FaceCase, PaperDelivery, PaymentLine
from hub.settlement.service.faces import handing, reading
from tests.adapters.settlement.offices import Faced, face
from tests.hub.settlement.periods.world import AFTER


@dataclass
class Stage:
    """The runtime and the provinces of a test; one clock for all of them."""

    runtime: Runtime
    provinces: Mapping[str, Faced]

    @property
    def database(self) -> Database:
        return self.runtime.database

    @property
    def zhejiang(self) -> Faced:
        return self.provinces["330000"]

    def now(self) -> datetime:
        return self.runtime.clock()

    def advance(self, seconds: float) -> None:
        for faced in self.provinces.values():
            faced.spoken.clock.advance(seconds)

    def run(self, rounds: int = 20) -> None:
        """Bring everything on its way that is due."""
        for _ in range(rounds):
            if not handing.hand_over_next(self.runtime, "test"):
                return
        raise AssertionError("the papers never come to rest")

    def read(self) -> None:
        """Read everything that is due."""
        while reading.read_next(self.runtime):
            pass

    def papers(self, kind: str = "payment-list", province: str = "330000") -> list[PaperDelivery]:
        with self.database.read() as session:
            mine = select(PaperDelivery).where(PaperDelivery.kind == kind, PaperDelivery.province == province)
            rows = list(session.scalars(mine.order_by(PaperDelivery.id)))
            session.expunge_all()
            return rows

    def paper(self, kind: str = "payment-list", province: str = "330000") -> PaperDelivery:
        (row,) = self.papers(kind, province)
        return row

    def lines(self) -> list[PaymentLine]:
        with self.database.read() as session:
            rows = list(session.scalars(select(PaymentLine).order_by(PaymentLine.id)))
            session.expunge_all()
            return rows

    def cases(self) -> list[str]:
        """The kinds of open cases."""
        with self.database.read() as session:
            return sorted(session.scalars(select(FaceCase.kind).where(FaceCase.state == "open")))


@contextmanager
def stage(database: Database, folder: Path, *codes: str) -> Iterator[Stage]:
    """Provinces over small worlds of their own."""
    provinces = {code: face(code, folder / code) for code in codes}
    clock = provinces[codes[0]].spoken.clock
    clock.now = AFTER
    for faced in provinces.values():
        faced.spoken.clock.now = AFTER
        faced.office.clock = faced.spoken.clock
    adapters = {code: faced.adapter for code, faced in provinces.items()}
    runtime = Runtime(home=folder, database=database, adapters=adapters, clock=clock)
    try:
        yield Stage(runtime, provinces)
    finally:
        for faced in provinces.values():
            faced.spoken.line.end()
