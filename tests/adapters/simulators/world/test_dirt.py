"""Mendable dirt loses nothing, touches no key, and is on about 8 % of the good records."""

import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.simulators.world import Instrument, World, dirt
from schemas import crosswalk

DAY = date(2019, 3, 5)


@pytest.fixture(scope="module")
def instrument(small_world: World) -> Instrument:
    return next(i for i, _ in small_world.province("310000").good() if not i.dirt)


def ink(instrument: Instrument, *styles: str) -> dirt.Render:
    return dirt.Render(replace(instrument, dirt=styles, value=12_340))


def test_a_clean_record_is_written_plainly(instrument: Instrument) -> None:
    plain = ink(instrument)
    assert plain.text("SU8600 扫描电镜") == "SU8600 扫描电镜"
    assert plain.date(DAY) == "2019-03-05"
    assert plain.value() == "123.40"
    assert plain.class_code() == instrument.class_code
    assert plain.class_text("工艺实验设备") == "工艺实验设备"


@pytest.mark.parametrize(
    ("style", "written"),
    [
        (dirt.DATE_SLASH, "2019/3/5"),
        (dirt.DATE_CHINESE, "2019年3月5日"),
        (dirt.DATE_COMPACT, "20190305"),
        (dirt.DATE_SERIAL, "43529"),
    ],
)
def test_dates(instrument: Instrument, style: str, written: str) -> None:
    assert ink(instrument, style).date(DAY) == written


def test_texts_values_and_classes(instrument: Instrument) -> None:
    assert ink(instrument, dirt.FULL_WIDTH).text("SU8600 A") == "ＳＵ８６００\u3000Ａ"
    assert ink(instrument, dirt.SPACES).text("电镜") == " 电镜\u3000 "
    assert ink(instrument, dirt.SPACES).text("") == ""
    assert ink(instrument, dirt.VALUE_UNIT).value() == "123.40万元"
    assert ink(instrument, dirt.VALUE_FULL_WIDTH).value() == "１２３．４０"
    assert (
        ink(instrument, dirt.CLASS_TEXT).class_text("显微镜及图像分析、工艺实验设备")
        == "显微镜及图象分析、工艺试验设备"
    )
    assert dirt.Render(replace(instrument, value=-12_345)).value() == "-123.45"


def test_old_codes_are_known_to_the_crosswalk(instrument: Instrument) -> None:
    for code, old in dirt.OLD_CODES.items():
        record = replace(instrument, class_code=code)
        assert dirt.Render(replace(record, dirt=(dirt.OLD_CLASS,))).class_code() == old
        assert crosswalk("most-2006-draft", old) == code
        assert dirt.Render(record).class_code() == code


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs"))))
def test_full_width_folds_back(text: str) -> None:
    assert unicodedata.normalize("NFKC", dirt.full_width(text)) == text


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_serial_days_count_from_the_spreadsheet_s_zero(day: date) -> None:
    assert date(1899, 12, 30) + timedelta(days=dirt.excel_serial(day)) == day


def test_about_eight_percent_are_dirty_and_every_style_occurs(full_world: World) -> None:
    styles: Counter[str] = Counter()
    dirty = total = 0
    for code in full_world.provinces:
        for instrument, _ in full_world.province(code).good():
            styles.update(instrument.dirt)
            dirty += bool(instrument.dirt)
            total += 1
    assert 0.07 < dirty / total < 0.10
    assert set(styles) == set(dirt.STYLES)


def test_old_classes_only_where_there_is_an_old_code(full_world: World) -> None:
    for instrument, _ in full_world.province("310000").good():
        if instrument.dirt == (dirt.OLD_CLASS,):
            ink_of = dirt.Render(instrument)
            assert (ink_of.class_code() == instrument.class_code) == (
                instrument.class_code not in dirt.OLD_CODES
            )
