"""Mendable dirt: ways in which real forms write a clear fact. Every style loses nothing and must arrive clean.

About 8 % of the good records carry one or two styles in `Instrument.dirt`. A simulator renders a record's fields
through `Render`, in the shapes its dialect allows:

    ink = Render(instrument)
    ink.text(instrument.name)      # full-width letters and digits, stray and ideographic spaces
    ink.date(instrument.commissioned_on)         # 2019-03-05, 2019/3/5, 2019年3月5日, 20190305, Excel serial "43529"
    ink.value()                    # "123.40" 万元, "１２３．４０", "123.40万元"
    ink.class_code()               # most-2006, or an old code that the crosswalk knows (011300 for 019900)
    ink.class_text(text)           # 工艺试验设备 for 工艺实验设备, 图象 for 图像

Keys (unit identifiers, internal numbers) are never dirtied: without them nothing could be compared. A simulator
whose dialect cannot carry a style (a typed date, a numeric cell) writes that field clean.
"""

from __future__ import annotations

from datetime import date
from random import Random

from adapters.simulators.world.model import Instrument

FULL_WIDTH = "full_width"
SPACES = "spaces"
DATE_SLASH = "date_slash"
DATE_CHINESE = "date_chinese"
DATE_COMPACT = "date_compact"
DATE_SERIAL = "date_serial"
OLD_CLASS = "old_class"
CLASS_TEXT = "class_text"
VALUE_UNIT = "value_unit"
VALUE_FULL_WIDTH = "value_full_width"
STYLES = (
    FULL_WIDTH, SPACES, DATE_SLASH, DATE_CHINESE, DATE_COMPACT, DATE_SERIAL, OLD_CLASS, CLASS_TEXT, VALUE_UNIT,
    VALUE_FULL_WIDTH,
)  # fmt: skip
SHARE = 0.08

# Codes of the 2006 draft that the specification's crosswalk translates exactly (scheme most-2006-draft).
OLD_CODES = {"019900": "011300"}
TEXT_VARIANTS = (("工艺实验设备", "工艺试验设备"), ("图像", "图象"))

_ASCII = "".join(chr(code) for code in range(0x21, 0x7F))
_WIDE = str.maketrans(_ASCII, "".join(chr(ord(character) + 0xFEE0) for character in _ASCII))
_EXCEL_DAY_ZERO = date(1899, 12, 30)


def pick_styles(class_code: str, rng: Random) -> tuple[str, ...]:
    """The styles of one record: none for most, old class codes only where such a code exists."""
    if class_code in OLD_CODES and rng.random() < 0.3:
        return (OLD_CLASS,)
    if rng.random() >= SHARE:
        return ()
    first, second = (STYLES[int(rng.random() * len(STYLES))] for _ in range(2))
    return (first,) if first == second or rng.random() < 0.6 else (first, second)


def full_width(text: str) -> str:
    """Letters, digits and signs as a Chinese input method writes them by mistake; spaces become ideographic."""
    return text.translate(_WIDE).replace(" ", "\u3000")


def stray_spaces(text: str) -> str:
    """Blanks around the text, one of them ideographic."""
    return f" {text}\u3000 "


def excel_serial(day: date) -> int:
    """The day as a spreadsheet counts it (1900 date system)."""
    return (day - _EXCEL_DAY_ZERO).days


class Render:
    """Writes the fields of one record in its styles. Deterministic; a clean record is written plainly."""

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._styles = frozenset(instrument.dirt)

    def text(self, text: str) -> str:
        """A text field. Use it for names, models, makers, places of deposit, departments; not for keys."""
        if FULL_WIDTH in self._styles:
            text = full_width(text)
        return stray_spaces(text) if SPACES in self._styles and text else text

    def date(self, day: date) -> str:
        """A day, by default `YYYY-MM-DD`."""
        if DATE_SLASH in self._styles:
            return f"{day.year}/{day.month}/{day.day}"
        if DATE_CHINESE in self._styles:
            return f"{day.year}年{day.month}月{day.day}日"
        if DATE_COMPACT in self._styles:
            return f"{day:%Y%m%d}"
        if DATE_SERIAL in self._styles:
            return str(excel_serial(day))
        return day.isoformat()

    def value(self) -> str:
        """The original value in 万元 with two decimals."""
        value = self._instrument.value
        sign = "-" if value < 0 else ""
        text = f"{sign}{abs(value) // 100}.{abs(value) % 100:02d}"
        if VALUE_FULL_WIDTH in self._styles:
            text = full_width(text)
        return f"{text}万元" if VALUE_UNIT in self._styles else text

    def class_code(self) -> str:
        """The most-2006 code, or the draft's code for the same class."""
        code = self._instrument.class_code
        return OLD_CODES.get(code, code) if OLD_CLASS in self._styles else code

    def class_text(self, text: str) -> str:
        """A class name, in the other spelling where there is one."""
        if CLASS_TEXT in self._styles:
            for usual, variant in TEXT_VARIANTS:
                text = text.replace(usual, variant)
        return text
