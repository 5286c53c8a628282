"""A week of local reservations, pasted or uploaded: every way of writing, every bad row, and nothing that was not shown."""

from datetime import timedelta

import pytest

from hub.availability import queries, service, sheets
from hub.availability.errors import PreviewChanged, UploadRefused
from hub.availability.rules import Mode, Preview, Row, Slot, instrument_named, read_lines
from hub.core.db import Database
from tests.hub.availability.instruments import INSTITUTION, INSTRUMENT, LATER, NOW, OTHER, slot

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//lab//schedule//ZH
{}
END:VCALENDAR
"""


def _event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def _read(content: str | bytes, filename: str = "week.txt") -> list[Row]:
    told = content.encode() if isinstance(content, str) else content
    return sheets.read_upload(told, filename, workbooks=None, now=NOW)


@pytest.mark.parametrize(
    ("line", "expected", "instrument", "label"),
    [
        ("2026-03-09 09:00-11:00 课题组A", slot("03-09 09:00", "11:00"), None, "课题组A"),
        ("2026-03-09\t09:00:00\t11:30:00\t备注", slot("03-09 09:00", "11:30"), None, "备注"),
        ("3月9日（周一）9:00～11:00", slot("03-09 09:00", "11:00"), None, None),
        ("2026/3/9 星期一 9:00 至 11:00，张工", slot("03-09 09:00", "11:00"), None, "张工"),
        ("3.9 13:30—24:00", slot("03-09 13:30", "03-10 00:00"), None, None),
        ("EM-001 2026/3/9 22:00 2026/3/10 2:00 夜间", slot("03-09 22:00", "03-10 02:00"), "EM-001", "夜间"),
        ("2026年3月9日 09：00到11：00", slot("03-09 09:00", "11:00"), None, None),
        ("2026-03-09T09:00 2026-03-09T11:00", slot("03-09 09:00", "11:00"), None, None),
    ],
)
def test_a_line_is_understood(line: str, expected: Slot, instrument: str | None, label: str | None) -> None:
    row = read_lines(["日期 时间 说明", line], now=NOW)[0]
    assert (row.slot, row.instrument, row.label, row.fault) == (expected, instrument, label, None)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("明天上午", "not-understood"),
        ("2026-02-30 09:00-10:00", "no-such-time"),
        ("2026-03-09 25:00-26:00", "no-such-time"),
        ("2026-03-09 11:00-09:00", "order"),
        ("2026-03-09 09:00 2026-04-09 09:00", "too-long"),
        ("2026-03-09 09:00-10:00 " + "长" * 300, "too-long"),
    ],
)
def test_a_line_that_is_not_understood_says_so_and_costs_no_other(line: str, code: str) -> None:
    good = "2026-03-09 09:00-10:00"
    rows = read_lines([good, line, "", "# 注释", good], now=NOW)
    assert [None if row.fault is None else row.fault.code for row in rows] == [None, code, None]
    assert [row.number for row in rows] == [1, 2, 5]


def test_a_day_without_a_year_is_the_nearest_one() -> None:
    in_december = NOW.replace(month=12, day=28)
    assert read_lines(["1月5日 9:00-10:00"], now=in_december)[0].slot.start.year == 2027  # type: ignore[union-attr]
    assert read_lines(["1月5日 9:00-10:00"], now=NOW)[0].slot.start.year == 2026  # type: ignore[union-attr]


def test_the_same_line_is_the_same_reservation_and_twice_is_two() -> None:
    line = "2026-03-09 09:00-10:00"
    first, second = read_lines([line, f"{line} 另一人"], now=NOW)
    assert first.key != second.key
    assert read_lines([line], now=NOW)[0].key == first.key


def test_text_may_be_in_the_encodings_of_the_place() -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        assert _read("2026-03-09 09:00-10:00 课题组".encode(encoding))[0].label == "课题组"
    with pytest.raises(UploadRefused) as refused:
        _read(b"\xff\xfe\x00\x81 9")
    assert refused.value.code == "upload_unreadable"


def test_a_calendar_gives_its_events() -> None:
    events = [
        _event("UID:1", "DTSTART:20260309T010000Z", "DTEND:20260309T030000Z", "SUMMARY:课题组"),
        _event("UID:2", "DTSTART;TZID=Asia/Shanghai:20260310T090000", "DURATION:PT1H"),
        _event("UID:3", "DTSTART;VALUE=DATE:20260311", "SUMMARY:全天检修"),
        _event("UID:4", "DTSTART:20260312T090000", "DTEND:20260312T100000"),
        _event("UID:5", "DTSTART:20260312T010000Z", "DTEND:20260312T020000Z", "STATUS:CANCELLED"),
        _event("UID:6", "DTSTART:20260312T010000Z", "DTEND:20260312T020000Z", "TRANSP:TRANSPARENT"),
    ]
    rows = _read(CALENDAR.format("\n".join(events)), "week.ics")
    assert [row.slot for row in rows] == [
        slot("03-09 09:00", "11:00"),
        slot("03-10 09:00", "10:00"),
        slot("03-11 00:00", "03-12 00:00"),
        slot("03-12 09:00", "10:00"),
    ]
    assert (rows[0].key, rows[0].label) == ("1@20260309T0100", "课题组")


def test_a_repeating_event_is_spelled_out_as_far_as_it_is_understood() -> None:
    begin = ("DTSTART;TZID=Asia/Shanghai:20260309T090000", "DTEND;TZID=Asia/Shanghai:20260309T100000")
    weekly = _event(
        "UID:w", *begin, "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3", "EXDATE;TZID=Asia/Shanghai:20260316T090000"
    )
    assert [row.slot for row in _read(CALENDAR.format(weekly))] == [
        slot("03-09 09:00", "10:00"),
        slot("03-23 09:00", "10:00"),
    ]
    daily = _event("UID:d", *begin, "RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20260313T010000Z")
    assert [row.slot for row in _read(CALENDAR.format(daily))] == [
        slot(f"03-{day} 09:00", "10:00") for day in ("09", "11", "13")
    ]
    for rule in (
        "FREQ=MONTHLY",
        "FREQ=WEEKLY;BYDAY=MO,WE",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=WEEKLY;BYSETPOS=1",
    ):
        row = _read(CALENDAR.format(_event("UID:m", *begin, f"RRULE:{rule}")))[0]
        assert row.fault is not None
        assert row.fault.code == "repeat-unsupported"
    endless = _event("UID:e", *begin, "RRULE:FREQ=DAILY")
    assert len(_read(CALENDAR.format(endless))) <= sheets.MAX_OCCURRENCES


@pytest.mark.parametrize(
    "event",
    [
        _event("UID:1", "SUMMARY:没有时间"),
        _event("UID:1", "DTSTART:20260309T090000", "DTEND;VALUE=DATE:99999999"),
        _event("UID:1", "DTSTART:20260309T100000Z", "DTEND:20260309T090000Z"),
    ],
)
def test_an_event_that_is_not_understood_says_so(event: str) -> None:
    good = _event("UID:2", "DTSTART:20260309T010000Z", "DTEND:20260309T020000Z")
    rows = _read(CALENDAR.format(f"{event}\n{good}"))
    assert [row.fault is None for row in rows] == [False, True]


def test_a_workbook_is_read_row_by_row() -> None:
    cells = [
        ["仪器", "日期", "开始", "结束"],
        ["EM-001", "2026-03-09", "09:00:00", "11:00:00", "甲"],
        [None, "2026-03-10 09:00:00", None, "10:00"],
    ]
    rows = sheets.read_upload(b"PK\x03\x04...", "week.xlsx", workbooks=lambda _content, _name: cells, now=NOW)
    assert [(row.instrument, row.slot, row.label) for row in rows] == [
        ("EM-001", slot("03-09 09:00", "11:00"), "甲"), (None, slot("03-10 09:00", "10:00"), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "upload_empty"),
        (b"# \n", "upload_empty"),
        (b"x" * (sheets.MAX_BYTES + 1), "upload_too_large"),
        (b"2026-03-09 09:00-10:00\n" * (sheets.MAX_ROWS + 1), "upload_too_large"),
        (b"BEGIN:VCALENDAR\n" + b" " * sheets.MAX_CALENDAR_BYTES, "upload_too_large"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "upload_unreadable"),
        (b"PK\x03\x04", "upload_unsupported"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(UploadRefused) as refused:
        _read(content)
    assert refused.value.code == code
    assert refused.value.hint_zh


# --- preview and import -----------------------------------------------------------------------------------------


def _preview(database: Database, text: str, mode: Mode = "add", **more: object) -> Preview:
    with database.read() as session:
        return service.preview_upload(
            session,
            _read(text),
            {"EM-001": INSTRUMENT, "EM-002": OTHER},
            default=INSTRUMENT,
            mode=mode,
            now=NOW,
            **more,
        )  # type: ignore[arg-type]


def _import(
    database: Database, text: str, mode: Mode = "add", digest: str | None = None
) -> dict[str, service.Taken]:
    preview = _preview(database, text, mode)
    with database.write() as session:
        return service.import_upload(
            session, preview, digest or preview.digest, actor="account:chen", now=NOW
        )


@pytest.fixture
def booked(held: Database) -> Database:
    """A hub booking on the first instrument, Monday 10 to 11."""
    with held.write() as session:
        service.claim(
            session, INSTRUMENT, slot("03-09 10:00", "11:00"), claim_id="bk-a", until=LATER, now=NOW
        )
    return held


WEEK = """\
2026-03-09 09:00-10:00 甲
2026-03-09 10:30-11:30 乙
2026-03-09 09:30-09:45 丙
EM-002 2026-03-09 10:00-11:00
EM-009 2026-03-09 10:00-11:00
2026-03-01 09:00-10:00
明天
"""


@pytest.mark.database
def test_the_preview_names_every_conflict_and_every_bad_row(booked: Database) -> None:
    preview = _preview(booked, WEEK)
    assert [row.state for row in preview.rows] == [
        "new",
        "conflict",
        "conflict",
        "new",
        "fault",
        "over",
        "fault",
    ]
    assert [claim.id for claim in preview.rows[1].meets] == ["bk-a"]
    assert [claim.label for claim in preview.rows[2].meets] == ["甲"]
    assert preview.conflicts == 2
    assert preview.rows[4].fault is not None
    with booked.read() as session:
        assert (
            len(queries.live_claims(session, [INSTRUMENT, OTHER], Slot(NOW, LATER + timedelta(days=30)))) == 1
        )


@pytest.mark.database
def test_importing_does_what_was_shown_once(booked: Database) -> None:
    done = _import(booked, WEEK)
    assert {name: len(taken.added) for name, taken in done.items()} == {INSTRUMENT: 3, OTHER: 1}
    assert len(done[INSTRUMENT].conflicts) == 2
    again = _preview(booked, WEEK)
    assert [row.state for row in again.rows][:4] == ["known", "conflict", "conflict", "known"]
    assert not any(taken.is_change for taken in _import(booked, WEEK).values())
    with booked.read() as session:
        assert len(queries.conflicts(session)) == 2


@pytest.mark.database
def test_nothing_happens_that_was_not_shown(held: Database) -> None:
    seen = _preview(held, WEEK).digest
    with held.write() as session:
        service.claim(
            session, INSTRUMENT, slot("03-09 10:00", "11:00"), claim_id="bk-a", until=LATER, now=NOW
        )
    with pytest.raises(PreviewChanged):
        _import(held, WEEK, digest=seen)
    with pytest.raises(PreviewChanged):
        _import(held, WEEK, mode="replace", digest=_preview(held, WEEK).digest)
    with held.read() as session:
        assert len(queries.live_claims(session, [INSTRUMENT], Slot(NOW, LATER + timedelta(days=30)))) == 1


@pytest.mark.database
def test_replacing_lets_go_of_what_the_days_no_longer_hold(booked: Database) -> None:
    _import(booked, "2026-03-09 08:00-09:00 甲\n2026-03-12 08:00-09:00 乙")
    preview = _preview(booked, "2026-03-09 13:00-14:00 丙", "replace")
    assert [claim.label for claim in preview.released] == ["甲"]
    _import(booked, "2026-03-09 13:00-14:00 丙", "replace")
    with booked.read() as session:
        live = queries.live_claims(session, [INSTRUMENT], Slot(NOW, LATER + timedelta(days=30)))
    assert [claim.label or claim.id for claim in live] == ["bk-a", "丙", "乙"]


@pytest.mark.database
def test_an_institution_names_its_instruments_by_their_numbers(held: Database) -> None:
    with held.read() as session:
        found = service.instruments_by_number(session, INSTITUTION)
    assert set(found.values()) <= {INSTRUMENT, OTHER}
    assert found


# --- one calendar for all instruments of an institution -----------------------------------------------------------


def _told(*lines: str, uid: str = "1", day: str = "09") -> str:
    times = (f"DTSTART:202603{day}T010000Z", f"DTEND:202603{day}T030000Z", "SUMMARY:课题组")
    return _event(f"UID:{uid}", *times, *lines)


@pytest.mark.parametrize(
    ("lines", "meant"),
    [
        (("LOCATION:em-001",), ["EM-001"]),
        (("LOCATION:ＥＭ－００１",), ["EM-001"]),
        (("LOCATION:实验楼 EM-001 室",), []),
        (("CATEGORIES:组会,EM-002", "LOCATION:EM-001"), ["EM-002"]),
        (("CATEGORIES:组会", "LOCATION:EM-001"), ["EM-001"]),
        (("RESOURCES:EM-001", "CATEGORIES:EM-002"), ["EM-001"]),
        (("X-INSTRUMENT:EM-002", "RESOURCES:EM-001"), ["EM-002"]),
        (("CATEGORIES:EM-001,EM-002",), ["EM-001", "EM-002"]),
        ((), []),
    ],
)
def test_an_event_names_its_instrument_by_a_whole_text(lines: tuple[str, ...], meant: list[str]) -> None:
    (row,) = _read(CALENDAR.format(_told(*lines)), "unit.ics")
    assert instrument_named(row.names, ["EM-001", "EM-002"]) == meant


def _of_unit(database: Database, content: str, **more: object) -> Preview:
    numbers = {"EM-001": INSTRUMENT, "EM-002": OTHER}
    with database.read() as session:
        return service.preview_upload(session, _read(content, "unit.ics"), numbers, now=NOW, **more)  # type: ignore[arg-type]


@pytest.mark.database
def test_one_calendar_is_for_all_instruments_and_names_what_it_cannot_place(booked: Database) -> None:
    events = [
        _told("LOCATION:EM-001"),
        _told("CATEGORIES:EM-002", uid="2"),
        _told("LOCATION:三楼会议室", "CATEGORIES:组会", uid="3"),
        _told("CATEGORIES:EM-001,EM-002", uid="4"),
        _told(uid="5"),
    ]
    content = CALENDAR.format("\n".join(events))
    preview = _of_unit(booked, content)
    assert [row.instrument_id for row in preview.rows] == [INSTRUMENT, OTHER, None, None, None]
    assert [row.state for row in preview.rows][1:] == ["new", "fault", "fault", "fault"]
    faults = [row.fault.zh if row.fault else "" for row in preview.rows]
    assert "组会、三楼会议室" in faults[2]
    assert faults[3] == "同时写了几台仪器：EM-001、EM-002"
    with booked.write() as session:
        done = service.import_upload(session, preview, preview.digest, actor="account:chen", now=NOW)
    assert {name: len(taken.added) for name, taken in done.items()} == {INSTRUMENT: 1, OTHER: 1}
    assert [row.state for row in _of_unit(booked, content).rows][1] == "known"


@pytest.mark.database
def test_a_calendar_of_one_instrument_is_for_it_whatever_its_places_say(booked: Database) -> None:
    preview = _of_unit(booked, CALENDAR.format(_told("LOCATION:三楼")), default=OTHER)
    assert [(row.state, row.instrument_id) for row in preview.rows] == [("new", OTHER)]
