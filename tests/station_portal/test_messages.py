"""Every Chinese string has natural English beside it, and no Chinese stands outside the catalogue."""

import re
from pathlib import Path

import pytest

from station_portal import i18n, messages

TEMPLATES = sorted((messages.HERE / "templates").glob("*.html"))
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
# Names and examples that are Chinese for every reader.
KEPT = ("江仪汇", "扫描电镜", "长江经济带大型科研仪器设备共享融合发展", "中文")


def test_the_catalogue_is_in_step_with_the_sources() -> None:
    sources = {entry.id for entry in messages.extracted() if entry.id}
    held = {entry.id for entry in messages.english() if entry.id}
    assert sources - held == set(), "run: python -m station_portal.messages"
    assert held - sources == set(), "run: python -m station_portal.messages"


def test_nothing_lacks_english() -> None:
    assert messages.missing(messages.english()) == []


def test_a_string_without_english_is_noticed() -> None:
    catalog = messages.english()
    catalog.add("尚未翻译的一句话")
    assert messages.missing(catalog) == ["尚未翻译的一句话"]


def test_english_is_english() -> None:
    for entry in messages.english():
        for text in entry.string if isinstance(entry.string, tuple) else (entry.string,):
            left = text
            for name in KEPT:
                left = left.replace(name, "")
            assert not CHINESE.search(left), text


def test_placeholders_survive_translation() -> None:
    names = re.compile(r"%\((\w+)\)[sd]")
    for entry in messages.english():
        if not entry.id:
            continue
        ids = entry.id if isinstance(entry.id, tuple) else (entry.id,)
        texts = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        for text in texts:
            assert set(names.findall(text)) == set(names.findall(ids[0])), ids[0]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_chinese_outside_the_catalogue(template: Path) -> None:
    text = template.read_text()
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{%-? *trans.*?endtrans *-?%\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)
    for name in KEPT:
        text = text.replace(name, "")
    assert not CHINESE.search(text), CHINESE.findall(text)


def test_both_languages_answer() -> None:
    assert i18n.language("zh")("首页") == "首页"
    assert i18n.language("en")("首页") == "Home"
    assert i18n.language("en").plural("%(count)d 天前", "%(count)d 天前", 1) == "1 day ago"
