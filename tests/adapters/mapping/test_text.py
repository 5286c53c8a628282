"""Text functions: what they change, and the laws they keep."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.text import (
    DEFAULT_NULLS,
    clean_function,
    fold_text,
    normal,
    nulls_function,
    one_line,
    pad_function,
    part_function,
    slug,
    split_function,
    strip_prefix_function,
    strip_suffix_function,
    to_text,
    trim_text,
    unquote,
    url,
)
from adapters.mapping.unfit import Unfit

DIRTY = st.text(
    st.characters(codec="utf-8") | st.sampled_from("　 \u00a0\u200b\ufeff\t\r\nＡ０－／（），：。"),
    max_size=60,
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＧＢ／Ｔ　２２８．１－２０２１", "GB/T 228.1-2021"),
        ("Ｔａｌｏｓ　Ｆ２００Ｘ", "Talos F200X"),
        ("形貌观察，能谱（ＥＤＳ）：可选；约１０～２０分钟！", "形貌观察，能谱（EDS）：可选；约10～20分钟！"),
        ("￥１２", "¥12"),
        ("25℃、㎡、½、Ⅱ、①", "25℃、㎡、½、Ⅱ、①"),
    ],
)
def test_fold_makes_letters_digits_and_signs_narrow_and_leaves_chinese_punctuation(
    written: str, folded: str
) -> None:
    assert fold_text(written) == folded


@given(DIRTY)
def test_fold_and_trim_are_idempotent(text: str) -> None:
    assert fold_text(fold_text(text)) == fold_text(text)
    assert trim_text(trim_text(text)) == trim_text(text)
    assert one_line(one_line(text)) == one_line(text)


@given(DIRTY)
def test_fold_never_goes_further_than_nfkc_does(text: str) -> None:
    before, after = unicodedata.normalize("NFKC", text), unicodedata.normalize("NFKC", fold_text(text))
    # U+2212 (minus) is the one sign folded that NFKC keeps.
    assert before.replace("\u2212", "-") == after.replace("\u2212", "-")


@given(DIRTY)
def test_the_quick_way_of_cleaning_gives_what_the_slow_one_gives(text: str) -> None:
    slow = nulls_function(DEFAULT_NULLS)(trim_text(fold_text(text)))
    assert clean_function(DEFAULT_NULLS)(text) == slow
    line = clean_function(DEFAULT_NULLS, one_line=True)(text)
    assert line == (None if slow is None else slow.replace("\n", " "))


@given(DIRTY)
def test_cleaned_text_has_no_blank_at_its_ends_and_nothing_invisible(text: str) -> None:
    cleaned = clean_function(DEFAULT_NULLS)(text)
    if cleaned is not None:
        assert cleaned == cleaned.strip()
        assert not set(cleaned) & set("\u200b\ufeff\t\r\x00\u00a0\u3000")
        assert "  " not in cleaned


@pytest.mark.parametrize(
    "nothing", ["", "  ", "无", " 无 ", "　无", "N/A", "null", "0000-00-00", "-", "——", "／"]
)
def test_what_means_nothing_becomes_null(nothing: str) -> None:
    assert clean_function(DEFAULT_NULLS)(nothing) is None


def test_words_that_only_begin_with_nothing_stay() -> None:
    assert clean_function(DEFAULT_NULLS)("无锡市") == "无锡市"


def test_a_list_is_cleaned_item_by_item_and_may_become_null() -> None:
    clean = clean_function(DEFAULT_NULLS)
    assert clean([" Ａ ", "无", 3]) == ["A", 3]
    assert clean(["无", ""]) is None


def test_lines_stay_in_text_and_become_blanks_in_a_line() -> None:
    assert clean_function(())("一\r\n二 \n 三") == "一\n二\n三"
    assert clean_function((), one_line=True)("一\r\n二 \n 三") == "一 二 三"


def test_compared_form_ignores_width_blanks_and_case() -> None:
    assert normal(" Ｎ／Ａ ") == normal("n/a")
    assert normal("德 国") == normal("德国")


def test_split_gives_distinct_trimmed_pieces_or_null() -> None:
    split = split_function("，,、；")
    assert split("化学, 物理学，化学、 ") == ["化学", "物理学"]
    assert split(["化学,物理学", "生物学"]) == ["化学", "物理学", "生物学"]
    assert split(" ， ") is None
    with pytest.raises(Unfit) as refused:
        split({"a": 1})
    assert refused.value.code == "wrong-type"


def test_part_counts_from_both_ends_and_can_stop_splitting() -> None:
    assert part_function(":", 0, -1)("unit:a:b") == "unit"
    assert part_function(":", 1, 1)("unit:a:b") == "a:b"
    assert part_function("/", -1, -1)("x/y/z") == "z"
    assert part_function("/", 1, -1)("x//z") is None
    assert part_function("/", 7, -1)("x") is None


def test_small_tools() -> None:
    assert pad_function(6, "0")(10102) == "010102"
    assert pad_function(6, "0")("010102") == "010102"
    assert strip_prefix_function(("No.", "编号"))("编号 17") == "17"
    assert strip_suffix_function(("台", ""))("3台") == "3"
    assert slug("ＧＢ/T 228.1 拉伸") == "GB-T-228.1"
    assert slug("拉伸") is None
    assert unquote("A%2F1") == "A/1"
    assert to_text(12.0) == "12"
    assert to_text([1, 2.5, "x"]) == ["1", "2.5", "x"]


@given(st.text(max_size=40))
def test_slug_is_idempotent(text: str) -> None:
    once = slug(text)
    assert once is None or slug(once) == once


@pytest.mark.parametrize("address", ["https://example.cn/a", "http://example.cn", "HTTPS://example.cn/x?y=1"])
def test_web_addresses_stay(address: str) -> None:
    assert url(address) == address


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "ftp://example.cn", "example.cn", "http://", "data:text/html,x"]
)
def test_other_links_are_dropped_not_refused(address: str) -> None:
    with pytest.raises(Unfit) as refused:
        url(address)
    assert refused.value.dropped
    assert refused.value.code == "bad-url"
