"""Words, standards, synonyms, pinyin and marks: what is the same must become the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.search.lexicon import Concept, Lexicon, default_lexicon, fold, squash
from hub.search.marking import Marker
from hub.search.pinyin import keys_of
from hub.search.resolve import one_letter_away
from hub.search.rules import ConceptPiece, HanPiece, LatinPiece, StandardPiece, understand
from hub.search.words import (
    CONCEPT,
    cut,
    find_standards,
    latin_parts,
    model_words,
    name_words,
    runs,
    text_words,
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("GB/T 228.1", ["gbt228.1"]),
        ("ＧＢ／Ｔ　228.1—2021《金属材料》", ["gbt228.1"]),
        ("GBT228.1-2021", ["gbt228.1"]),
        ("gb t 228.1", ["gbt228.1"]),
        ("依据GB 5009.268-2016和SN/T 3926测定", ["gb5009.268", "snt3926"]),
        ("DB31/T 310.5", ["db31t310.5"]),
        ("ISO/IEC 17025:2017", ["isoiec17025"]),
        ("ASTM E8", ["astme8"]),
        ("JJF 1059.1", ["jjf1059.1"]),
        ("JEM-2100F", []),
        ("D8 ADVANCE", []),
        ("gbps 100", []),
        ("SEM 500", []),
    ],
)
def test_standards(text: str, names: list[str]) -> None:
    assert [found.name for found in find_standards(fold(text))] == names


def test_a_standard_is_indexed_in_every_spelling() -> None:
    [standard] = find_standards("gb/t 228.1-2021")
    assert set(standard.spellings()) >= {"gbt228.1", "gbt2281", "gb228.1", "gbt228", "gbt228.1-2021"}


def test_names_give_every_dictionary_word_and_character() -> None:
    words = set(name_words("核磁共振波谱仪"))
    assert {"核磁", "共振", "磁共振", "波谱", "谱仪", "波", "§nmr"} <= words


def test_longer_texts_give_inner_words_but_no_characters() -> None:
    words = text_words("可做万能试验机的拉伸试验，按 JEM-2100F 说明")
    assert {"试验机", "试验", "jem", "2100f", "=jem2100f"} <= words
    assert "机" not in words


def test_models() -> None:
    assert "=d8advance" in model_words("D8 ADVANCE")
    assert {"jem", "2100f", "=jem2100f"} <= set(model_words("JEM-2100F"))
    assert not [word for word in model_words("SEM-5000") if word.startswith(CONCEPT)]
    assert latin_parts("0.1nm/step") == ["0.1nm", "step"]


def test_the_longest_name_wins() -> None:
    found = [mention.concept for mention in default_lexicon().mentions("x射线光电子能谱仪与能谱仪")]
    assert found == ["xps", "eds"]
    assert default_lexicon().mentions("maxct机") == []


def test_two_concepts_may_not_share_a_name() -> None:
    lexicon = Lexicon(
        [Concept("a", "甲仪", ("甲仪", "JIA"), ("010101",)), Concept("b", "乙仪", ("乙仪",), ())]
    )
    assert lexicon.concept_of_name("jia") == "a"
    assert lexicon.by_class["010101"].id == "a"
    for concept in default_lexicon().concepts.values():
        for member in concept.members:
            assert default_lexicon().concept_of_name(squash(fold(member))) == concept.id


def test_pinyin() -> None:
    keys = keys_of("扫描电镜")
    assert keys is not None
    assert (keys.full, keys.initials) == ("saomiaodianjing", "smdj")
    assert ("saomiao", "扫描") in keys.words
    assert keys_of("重庆").full == "chongqing"  # type: ignore[union-attr]
    assert keys_of("绿色").full == "lvse"  # type: ignore[union-attr]
    assert keys_of("X射线").initials == "xsx"  # type: ignore[union-attr]
    assert keys_of("JEM-2100F") is None


def test_pieces_of_a_query() -> None:
    kinds = [type(piece) for piece in understand("请问 GB/T 228.1 拉伸 SEM jem-2100f").pieces]
    assert set(kinds) == {StandardPiece, HanPiece, ConceptPiece, LatinPiece}
    assert understand("").pieces == ()
    assert understand("“”（）*").pieces == ()
    assert understand("拉伸 拉伸").pieces == understand("拉伸").pieces
    assert understand("词 " * 500).is_cut


@given(st.text(max_size=300))
def test_any_text_is_understood(text: str) -> None:
    typed = understand(text)
    assert len(typed.pieces) <= 12
    name_words(text)
    text_words(text)
    keys_of(text[:100])


@given(st.text(alphabet="扫描电镜磁共振波谱仪射线x光 GB/T228.-sem", max_size=40))
def test_a_cut_loses_nothing(text: str) -> None:
    for run in runs(fold(text)):
        if run.is_han:
            assert "".join(cut(run.text)) == run.text


def test_one_letter_away() -> None:
    near = one_letter_away("gemini")
    assert {"gemin", "geminii", "gemimi", "gemnii"} <= near
    assert "gemini" not in near


def marked(needles: tuple[str, ...], text: str, field: str = "name_zh") -> str:
    segments = Marker(needles).mark({field: text}).get(field, ())
    return "".join(f"[{segment.text}]" if segment.is_hit else segment.text for segment in segments)


def test_marks_stand_in_the_original_text() -> None:
    assert marked(("扫描", "电镜"), "场发射扫描电镜") == "场发射[扫描电镜]"
    assert marked(("=gbt228.1",), "按 GB/T 228.1—2021 执行") == "按 [GB/T 228.1]—2021 执行"
    assert marked(("=jem2100f",), "JEM－2100F 型") == "[JEM－2100F] 型"
    assert marked(("sem",), "ＳＥＭ 与 assembly") == "[ＳＥＭ] 与 assembly"
    assert marked(("c",), "25℃") == "25[℃]"
    assert marked(("电镜",), "①㎡ 电镜") == "①㎡ [电镜]"
    assert marked((), "电镜") == ""


def test_a_long_text_is_shown_around_the_hit() -> None:
    text = "前" * 200 + "电镜" + "后" * 300
    shown = marked(("电镜",), text, "functions")
    assert shown.startswith("…前")
    assert "[电镜]" in shown
    assert shown.endswith("后…")
    assert len(shown) < 200


@given(st.text(max_size=60), st.text(min_size=1, max_size=5))
def test_segments_put_together_are_the_text(text: str, needle: str) -> None:
    for segments in Marker((fold(needle),)).mark({"name_zh": text}).values():
        assert "".join(segment.text for segment in segments) == text
