"""Bookings as files for a station without an interface: the province's own sheet (XLSX) and a calendar (ICS).

Every text is written as text: a cell that begins with `= + - @` never becomes a formula, not even after the sheet was
opened and saved again.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from icalendar import Calendar, Event

from adapters.bookings.documents import order_document
from adapters.bookings.writing import ObjectWriter, Words, compile_object
from adapters.contract import BookingOrder, Sheet
from adapters.errors import Unsupported
from adapters.options import Options

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ICS = "text/calendar; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 32_767  # characters that a cell may hold
_WIDTH = 18
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class SheetForm:
    """The province's form: sheet and file name, an optional title in the first row, columns and how they are filled."""

    name: str
    title: str | None
    columns: ObjectWriter


class BookingFiles:
    """Writes bookings as files; `form` is None where the province declares no columns."""

    def __init__(self, province: str, form: SheetForm | None) -> None:
        self._province = province
        self._form = form

    def sheet(self, orders: Sequence[BookingOrder]) -> Sheet:
        """One row an order. Raises `Unsupported` without columns."""
        if self._form is None:
            raise Unsupported(
                f"{self._province} 没有声明预约单的列",
                f"{self._province} declares no columns of a booking sheet",
            )
        rows = [self._form.columns({"order": order_document(order)}) for order in orders]
        return Sheet(_filename(self._form.name, orders, "xlsx"), XLSX, workbook_of(self._form, rows))

    def calendar(self, orders: Sequence[BookingOrder]) -> Sheet:
        """One event an order that has a time. The same booking keeps its UID; its revision is the SEQUENCE."""
        calendar = Calendar()
        calendar.add("prodid", "-//江仪汇//bookings//ZH")
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        for order in orders:
            if order.slot is not None:
                calendar.add_component(_event(order))
        return Sheet(_filename("预约", orders, "ics"), ICS, calendar.to_ical())


def compile_form(options: Options, words: Words) -> SheetForm:
    """The `sheet` section. Raises `ManifestInvalid`."""
    form = SheetForm(
        name=options.text("name"),
        title=options.text("title") if "title" in options else None,
        columns=compile_object(
            options.mapping("columns"),
            f"{options.path}.columns",
            Words(words.tables, options.raw("nothing", None)),
        ),
    )
    options.finish()
    return form


def _filename(name: str, orders: Sequence[BookingOrder], ending: str) -> str:
    """One booking is named by its number; several by how many there are."""
    what = orders[0].number if len(orders) == 1 else f"{len(orders)}项"
    return f"{_UNFIT.sub('-', f'{name}-{what}')}.{ending}"


def workbook_of(form: SheetForm, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The sheet's bytes; the same orders give the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"created": datetime(2026, 1, 1)})  # noqa: DTZ001 - the format's own field has no zone
    styles = {
        "head": book.add_format({"bold": True}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        "text": book.add_format({"num_format": "@"}),
        "guarded": book.add_format({"num_format": "@", "quote_prefix": True}),
    }
    sheet = book.add_worksheet(form.name[:31])
    names = form.columns.names()
    first = 0
    if form.title is not None:
        sheet.write_string(0, 0, form.title, styles["head"])
        first = 1
    for column, name in enumerate(names):
        sheet.write_string(first, column, name, styles["head"])
    for number, row in enumerate(rows, first + 1):
        for column, name in enumerate(names):
            _write(sheet, number, column, _cell(row, name), styles)
    sheet.set_column(0, len(names) - 1, _WIDTH)
    sheet.freeze_panes(first + 1, 0)
    book.close()
    return out.getvalue()


def _cell(row: Mapping[str, Any], name: str) -> Any:
    """A value by its dotted name."""
    value: Any = row
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _write(sheet: Any, row: int, column: int, value: Any, styles: Mapping[str, Any]) -> None:
    """By the value's type, never by what a text looks like."""
    if value is None:
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value, styles["moment"])
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        text = str(value)[:_LONGEST_CELL]
        style = "guarded" if text.startswith(_FORMULA) else "text"
        sheet.write_string(row, column, text, styles[style])


def _event(order: BookingOrder) -> Event:
    assert order.slot is not None
    event = Event()
    event.add("uid", f"{order.id}@jiangyihui")
    event.add("sequence", order.revision)
    event.add("dtstamp", order.submitted_at)
    event.add("dtstart", order.slot.start)
    event.add("dtend", order.slot.end)
    event.add("summary", f"{order.instrument_name} · {order.number}")
    event.add("description", f"{order.enterprise.name}\n{order.instrument.internal_number}")
    return event
