"""A typesetter that drops what its font lacks is found out; without the font there is no file, and the way out is said."""

from pathlib import Path

import pytest
import typst

from hub.settlement import printing
from hub.settlement.errors.printing import PdfIncomplete


def set_in_the_built_in_font(words: str) -> bytes:
    """A page of the typesetter's own font, which has no Chinese."""
    return bytes(typst.compile(words.encode(), ignore_system_fonts=True, font_paths=[]))


def test_what_a_font_does_not_have_is_dropped_silently_and_found() -> None:
    pdf = set_in_the_built_in_font("Own share 1200.00 自付")
    data = {"facts": [["Own share", "1200.00"], "自付"], "is_demo": True, "count": 3}
    assert printing.lost_texts(pdf, data) == ["自付"]


def test_line_breaks_and_blanks_do_not_count_and_words_do() -> None:
    pdf = set_in_the_built_in_font("#set page(width: 60pt)\nentrusted testing of samples")
    assert printing.lost_texts(pdf, {"a": "entrusted testing of samples", "b": ""}) == []
    assert printing.lost_texts(pdf, {"a": "entrusted testing of simples"}) == ["entrusted testing of simples"]


def test_a_text_given_twice_must_come_back_twice() -> None:
    pdf = set_in_the_built_in_font("1200.00 once")
    assert printing.lost_texts(pdf, {"rows": ["1200.00", "1200.00"]}) == ["1200.00"]


def test_without_the_font_there_is_no_file_but_a_way_out(tmp_path: Path) -> None:
    (tmp_path / printing.REGULAR).write_bytes(b"half of it")
    with pytest.raises(PdfIncomplete) as refused:
        printing.render_pdf("order-form", {}, tmp_path)
    assert refused.value.code == "pdf_incomplete"
    assert "打印页面" in (refused.value.hint_zh or "")


def test_a_font_file_that_is_none_loses_every_text_and_is_found(tmp_path: Path) -> None:
    for name in printing.FILES:
        (tmp_path / name).write_bytes(b"not a font")
    data = {
        "title": "委托单",
        "subtitle": "",
        "notes": [],
        "facts": [],
        "items": [],
        "items_title": "",
        "head": [],
    }
    rest = {
        "amounts_title": "费用",
        "amounts": [],
        "terms_title": "",
        "terms": [],
        "signs_title": "",
        "signs": [],
        "foot": [],
    }
    with pytest.raises(PdfIncomplete, match="委托单"):
        printing.render_pdf("order-form", {**data, **rest}, tmp_path)


@pytest.mark.parametrize("name", ["nothing", "../order-form/none"])
def test_an_unknown_template_is_a_fault_of_the_program(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no template"):
        printing.render_pdf(name, {}, tmp_path)
