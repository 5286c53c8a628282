"""A province whose records change: listing, change log, and the ways a test or the demo may move it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from adapters.simulators.world.model import Change, Hopeless, Instrument, SurveyRow, Unit
from adapters.simulators.world.roster import Roster, every


class ProvinceWorld:
    """One province of a `World`; see the package's docstring for the calls. Not for use from several threads."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._edited: dict[int, Instrument] = {}
        self._rows: dict[int, SurveyRow] = {}
        self._vanished: list[int] = []
        self._latest: dict[int, int] = {}
        self._journal: list[tuple[int, int, datetime]] = []
        self._revisions: dict[int, int] = {}
        self._is_empty = False
        self._now = roster.modified(roster.total - 1) + timedelta(hours=1)

    @property
    def code(self) -> str:
        """GB/T 2260, six digits."""
        return self._roster.province.code

    @property
    def name(self) -> str:
        return self._roster.province.name

    @property
    def units(self) -> tuple[Unit, ...]:
        return self._roster.units

    @property
    def now(self) -> datetime:
        """The logical clock, one-second granularity."""
        return self._now

    def tick(self, seconds: int = 1) -> datetime:
        """Advance the logical clock."""
        self._now += timedelta(seconds=seconds)
        return self._now

    # -- the list -----------------------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """Records the platform serves now."""
        return 0 if self._is_empty else self._roster.total - len(self._vanished)

    def page(self, offset: int, limit: int) -> list[Instrument]:
        """Records `offset` … of the list as it is now; short at the end, empty beyond it."""
        stop = min(offset + limit, self.total)
        return [self._at(self._position(place)) for place in range(max(offset, 0), stop)]

    def instruments(self) -> Iterator[Instrument]:
        """All records of the list."""
        return (self._at(self._position(place)) for place in range(self.total))

    def get(self, key: str) -> Instrument | None:
        """The record with this key as it is now, or None when there is none or it vanished."""
        position = self._roster.find(key)
        if position is None or self._is_empty or self._has_vanished(position):
            return None
        return self._at(position)

    def _at(self, position: int) -> Instrument:
        return self._edited.get(position) or self._roster.at(position)

    def _position(self, place: int) -> int:
        """The place-th record that has not vanished."""
        for gone in self._vanished:
            if gone > place:
                break
            place += 1
        return place

    def _has_vanished(self, position: int) -> bool:
        found = bisect_left(self._vanished, position)
        return found < len(self._vanished) and self._vanished[found] == position

    # -- changes ------------------------------------------------------------------------------------------------

    @property
    def last_sequence(self) -> int:
        """The number of the newest entry of the change log."""
        return self._journal[-1][0] if self._journal else self._roster.total

    def changes(self, after: int = 0, limit: int = 500) -> list[Change]:
        """Entries with a number above `after`, oldest first: every record once, at its latest change."""
        found: list[Change] = []
        if self._is_empty:
            return found
        for position in range(min(after, self._roster.total), self._roster.total):
            if len(found) == limit:
                return found
            if position not in self._latest:
                record = self._roster.at(position)
                found.append(Change(position + 1, record.modified, record.key, record))
        for sequence, position, instant in self._journal:
            if len(found) == limit:
                break
            if sequence > after and self._latest[position] == sequence:
                record = self._at(position)
                found.append(
                    Change(sequence, instant, record.key, None if self._has_vanished(position) else record)
                )  # fmt: skip
        return found

    def modified_since(
        self, instant: datetime, limit: int | None = None, offset: int = 0
    ) -> list[Instrument]:
        """Records written at `instant` or later, by time and then by their place in the list. No tombstones."""
        if self._is_empty:
            return []
        moved = sorted((record.modified, place, record) for place, record in self._edited.items())
        first = self._roster.first_since(instant)
        found: list[Instrument] = []
        skipped = 0
        stop = None if limit is None else offset + limit
        for position in range(first, self._roster.total):
            if position in self._edited or self._has_vanished(position):
                continue
            if stop is not None and skipped + len(found) >= stop:
                return found
            if skipped < offset:
                skipped += 1
            else:
                found.append(self._roster.at(position))
        later = [record for at, place, record in moved if at >= instant and not self._has_vanished(place)]
        found += later[max(0, offset - skipped) :]
        return found if limit is None else found[:limit]

    def count_since(self, instant: datetime) -> int:
        """How many records `modified_since` holds without a limit."""
        return len(self.modified_since(instant))

    # -- the survey ---------------------------------------------------------------------------------------------

    @property
    def survey_total(self) -> int:
        """Rows of the yearly survey; only good records are surveyed."""
        return (
            0
            if self._is_empty
            else self._roster.good - sum(1 for p in self._vanished if not self._roster.is_hopeless(p))
        )

    def survey_rows(self, offset: int, limit: int) -> list[SurveyRow]:
        """Survey rows in the order of the list, vanished instruments left out."""
        gone = [self._roster.index_of(p) for p in self._vanished if not self._roster.is_hopeless(p)]
        rows: list[SurveyRow] = []
        for place in range(max(offset, 0), min(offset + limit, self.survey_total)):
            index = place
            for number in gone:
                if number > index:
                    break
                index += 1
            rows.append(self._rows.get(index) or self._roster.survey_row(index))
        return rows

    def survey_row(self, key: str) -> SurveyRow | None:
        """The survey row of this instrument, or None for an unknown, vanished or hopeless one."""
        position = self._roster.find(key)
        if (
            position is None
            or self._is_empty
            or self._has_vanished(position)
            or self._roster.is_hopeless(position)
        ):
            return None
        index = self._roster.index_of(position)
        return self._rows.get(index) or self._roster.survey_row(index)

    # -- what a test compares with ------------------------------------------------------------------------------

    @cached_property
    def hopeless(self) -> tuple[Hopeless, ...]:
        """The records that belong in quarantine, in list order."""
        return tuple(self._roster.hopeless(number) for number in range(self._roster.hopeless_count))

    def good(self) -> Iterator[tuple[Instrument, SurveyRow]]:
        """The good records as first made, with their survey rows."""
        return every(self._roster)

    def expected_keys(self, unit_key: str = "id") -> set[str]:
        """Keys of all good records; `unit_key` is the attribute of `Unit` that the dialect identifies units by."""
        return {f"{getattr(i.unit, unit_key)}|{i.internal_number}" for i, _ in self.good()}

    def hopeless_keys(self, unit_key: str = "id") -> set[str]:
        """Keys of the hopeless records; one without a number has nothing after the bar."""
        return {
            f"{getattr(h.instrument.unit, unit_key)}|{h.instrument.internal_number}" for h in self.hopeless
        }

    # -- moving it ----------------------------------------------------------------------------------------------

    def touch(self, key: str, **changes: Any) -> Instrument:
        """Edit a record one second from now and return it; raises KeyError for an unknown or vanished one.

        `changes` are fields of `Instrument`; without any, the 用户须知 gets the next revision number. A hopeless
        duplicate is written again right after, so that it stays the later of the two.
        """
        position = self._live(key)
        record = self._at(position)
        if not changes:
            revision = self._revisions[position] = self._revisions.get(position, 0) + 1
            changes = {"user_notice": f"{self._roster.at(position).user_notice}（第{revision}次修订）"}
        self._edited[position] = replace(record, modified=self.tick(), **changes)
        for place in self._with_duplicate(position):
            if place != position:
                self._edited[place] = replace(self._at(place), modified=self._now)
            self._note(place)
        return self._edited[position]

    def touch_survey(self, key: str, **changes: Any) -> SurveyRow:
        """Edit an instrument's survey row; raises KeyError like `touch`."""
        index = self._roster.index_of(self._live(key))
        row = self._rows[index] = replace(self._rows.get(index) or self._roster.survey_row(index), **changes)
        return row

    def vanish(self, key: str) -> None:
        """Take a record away one second from now; raises KeyError when it is not there.

        A hopeless duplicate of it goes too: alone in the list it would be no duplicate.
        """
        self.tick()
        for position in self._with_duplicate(self._live(key)):
            insort(self._vanished, position)
            self._note(position)

    def restore(self, key: str) -> Instrument:
        """Bring a vanished record back, written one second from now; raises KeyError when it had not vanished."""
        found = self._roster.find(key)
        if found is None or not self._has_vanished(found):
            raise KeyError(key)
        self.tick()
        for position in self._with_duplicate(found):
            self._vanished.remove(position)
            self._edited[position] = replace(self._at(position), modified=self._now)
            self._note(position)
        return self._edited[found]

    def _with_duplicate(self, position: int) -> Iterator[int]:
        """The record and, when one follows it, its hopeless duplicate."""
        yield position
        after = position + 1
        at = self._roster.at
        if (
            after < self._roster.total
            and self._roster.is_hopeless(after)
            and at(after).key == at(position).key
        ):
            yield after

    def go_empty(self) -> None:
        """From now on the source answers properly and serves nothing, without a trace in its change log."""
        self._is_empty = True

    def come_back(self) -> None:
        """End what `go_empty` began."""
        self._is_empty = False

    def _live(self, key: str) -> int:
        position = self._roster.find(key)
        if position is None or self._has_vanished(position):
            raise KeyError(key)
        return position

    def _note(self, position: int) -> None:
        sequence = self.last_sequence + 1
        self._latest[position] = sequence
        self._journal.append((sequence, position, self._now))
