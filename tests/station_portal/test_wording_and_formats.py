"""Values in words, in both languages."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.settlement import rules
from hub.settlement.rules import Programme
from station_portal import formats, i18n, wording
from station_portal.settling import names

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
ZH, EN = i18n.language("zh"), i18n.language("en")


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (-30, "刚刚", "just now"),
        (59, "刚刚", "just now"),
        (60, "1 分钟前", "1 minute ago"),
        (7199, "1 小时前", "1 hour ago"),
        (30 * 3600, "30 小时前", "30 hours ago"),
        (5 * 86400, "5 天前", "5 days ago"),
    ],
)
def test_ages(seconds: int, chinese: str, english: str) -> None:
    then = NOW - timedelta(seconds=seconds)
    assert formats.age(then, NOW, ZH) == chinese
    assert formats.age(then, NOW, EN) == english


def test_an_age_that_nobody_knows() -> None:
    assert formats.age(None, NOW, ZH) == "从未"


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (None, "—"),
        (0, "0.00"),
        (12_000, "120.00"),
        (12_050, "120.50"),
        (123_456_789, "1,234,567.89"),
        (-105, "−1.05"),
    ],
)
def test_yuan(fen: int | None, text: str) -> None:
    assert formats.yuan(fen) == text


def test_a_programme_of_the_demo_says_so_whatever_it_is_called() -> None:
    document = {**rules.demo()[0], "name_zh": "某市创新券", "name_en": "A city's voucher"}
    assert names.programme(Programme(1, document), ZH) == "某市创新券（演示）"
    assert names.programme(Programme(1, document), EN) == "A city's voucher (demo)"
    assert names.programme(Programme(1, rules.demo()[0]), ZH).count("演示") == 1
    assert names.programme(Programme(1, {**document, "sources": []}), ZH) == "某市创新券"


def test_original_value_is_not_a_fee() -> None:
    assert formats.original_value(128_500_000, ZH) == "128.5 万元"
    assert formats.original_value(128_500_000, EN) == "¥1,285,000"
    assert formats.original_value(None, EN) == "Unknown"


def test_instants_are_shown_in_beijing_time() -> None:
    assert formats.instant(datetime(2026, 11, 20, 17, 30, tzinfo=UTC)) == "2026-11-21 01:30"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "ftp://a.example/",
        "http://",
        "https://u:p@a.example/",
        "",
        None,
    ],
)
def test_links_from_outside_are_plain_web_links_or_nothing(address: str | None) -> None:
    assert formats.outside_link(address) is None


def test_a_plain_web_link_passes() -> None:
    assert formats.outside_link(" https://a.example/x?y=1 ") == "https://a.example/x?y=1"


def test_titles_come_from_the_specification() -> None:
    assert wording.title("instrument", "model", ZH) == "规格型号"
    assert wording.title("instrument", "model", EN) == "Model"
    assert wording.pointer_title("instrument", "/location/city", ZH) == wording.title(
        "instrument", "location.city", ZH
    )
    assert wording.pointer_title("instrument", "/disciplines/0", ZH) == wording.title(
        "instrument", "disciplines", ZH
    )
    assert wording.pointer_title("instrument", "/nonsense", ZH) is None
    assert wording.pointer_title("no-such-document", "/x", ZH) is None


def test_unknown_codes_show_themselves() -> None:
    assert wording.name("country", "US", ZH) == "美国"
    assert wording.name("country", "XX", ZH) == "XX"
    assert wording.name("country", None, ZH) == ""


def test_places_are_written_as_each_language_does() -> None:
    location = {"province": "330000", "city": "330100"}
    assert wording.place(location, ZH) == "浙江省 杭州市"
    assert wording.place(location, EN) == "Hangzhou, Zhejiang"
    assert wording.place(None, ZH) == ""


@pytest.mark.parametrize(
    ("query", "cookies", "expected"),
    [
        ({}, {}, "zh"),
        ({}, {"lang": "en"}, "en"),
        ({"lang": "zh"}, {"lang": "en"}, "zh"),
        ({"lang": "xx"}, {}, "zh"),
    ],
)
def test_choice_of_language(query: dict[str, str], cookies: dict[str, str], expected: str) -> None:
    assert i18n.choose(query, cookies).code == expected
