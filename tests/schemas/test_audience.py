"""What is personal reaches nobody it is not meant for, wherever a province has put it."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas
from schemas.examples import valid_examples

MOBILE = "13900001234"
MAIL = "shili.laoshi@mail.example"


def full(name: str) -> dict[str, Any]:
    return next(example.document for example in valid_examples(name) if example.name == "full")


@pytest.mark.parametrize("name", ["instrument", "institution", "station"])
def test_mobile_and_mail_are_for_the_province_only(name: str) -> None:
    document = full(name)
    document["contact"] = {
        "name": "示例老师",
        "office_phone": "0571-00000000",
        "mobile": MOBILE,
        "email": MAIL,
    }
    for audience in ("public", "partner"):
        seen = schemas.redact(name, document, audience)
        assert seen["contact"] == {"name": "示例老师", "office_phone": "0571-00000000"}
    assert schemas.redact(name, document, "province")["contact"] == document["contact"]


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in below for text in texts(item)]


FREE = [
    (name, field.path)
    for name in ("instrument", "instrument-survey", "institution", "service-item", "station")
    for field in schemas.tree(name).walk()
    if field.is_free_text and "[]" not in field.path
]


@pytest.mark.parametrize(("name", "path"), FREE)
def test_a_number_planted_in_any_text_field_is_not_public(name: str, path: str) -> None:
    document = full(name)
    *above, leaf = path.split(".")
    parent = document
    for step in above:
        parent = parent.setdefault(step, {})
    parent[leaf] = f"李老师 {MOBILE} {MAIL}"
    for audience in ("public", "partner"):
        told = " ".join(texts(schemas.redact(name, document, audience)))
        assert MOBILE not in told
        assert MAIL not in told


def test_the_words_in_which_people_talk_are_all_guarded() -> None:
    paths = {path for name, path in FREE if name == "instrument"}
    assert {
        "name_zh",
        "user_notice",
        "fee_text",
        "contact.name",
        "contact.office_phone",
        "location.address",
    } <= paths
    assert "service_content" in paths
    assert not paths & {"internal_number", "unit.id", "model", "service_url", "id"}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"请联系{MOBILE}", "请联系***"),
        ("电话139 0000 1234。", "电话***。"),
        ("139-0000-1234", "***"),
        ("１３９００００１２３４", "***"),
        ("+8613900001234", "+86***"),
        ("手机：139\u00a00000\u00a01234", "手机：***"),
        (f"{MOBILE}/13900005678", "***/***"),
        (f"邮箱{MAIL}，或", "邮箱***，或"),
        ("a＠b.example", "***"),
        ("0571-00000000 转 8", "0571-00000000 转 8"),
        ("资产编号 2013900001234", "资产编号 2013900001234"),
        ("12345678901234", "12345678901234"),
        ("分辨率 1.0 nm，放大 20～800000 倍", "分辨率 1.0 nm，放大 20～800000 倍"),
        ("量程 18 100 200 300 Pa", "量程 18 100 200 300 Pa"),
        ("GB/T 13900-2021", "GB/T 13900-2021"),
    ],
)
def test_mask(text: str, masked: str) -> None:
    assert schemas.mask(text) == masked
    assert schemas.mask(masked) == masked


@given(
    st.sampled_from(("3", "5", "7", "9")), st.text("0123456789", min_size=9, max_size=9), st.text(max_size=10)
)
def test_every_mobile_number_is_masked(second: str, rest: str, around: str) -> None:
    number = f"1{second}{rest}"
    words = "".join(character for character in around if not character.isdigit())
    assert number not in schemas.mask(f"{words}{number}{words}")


@pytest.mark.parametrize("name", schemas.document_names())
@pytest.mark.parametrize("audience", schemas.AUDIENCES)
def test_what_an_audience_sees_is_still_valid(name: str, audience: schemas.Audience) -> None:
    for example in valid_examples(name):
        seen = schemas.redact(name, example.document, audience)
        if not name.startswith("adapter-"):  # how a province is reached is nothing for the public
            assert schemas.problems(name, seen) == []


@pytest.mark.parametrize("name", schemas.document_names())
def test_audiences_see_ever_more_and_redaction_repeats(name: str) -> None:
    for example in valid_examples(name):
        views = [schemas.redact(name, example.document, audience) for audience in schemas.AUDIENCES]
        assert views[-1] == example.document
        for narrow, wide in pairwise(views):
            assert keys(narrow) <= keys(wide)
        for audience, view in zip(schemas.AUDIENCES, views, strict=True):
            assert schemas.redact(name, view, audience) == view


def keys(value: Any, path: str = "") -> set[str]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} | {found for key, below in inside for found in keys(below, f"{path}/{key}")}


def test_how_a_province_is_reached_is_not_public() -> None:
    seen = schemas.redact("adapter-manifest", full("adapter-manifest"), "public")
    assert "auth" not in seen
    assert all("transport" not in resource and "key" not in resource for resource in seen["resources"])
    assert seen["station"]["name"]["zh"]


def test_what_the_specification_does_not_know_is_dropped() -> None:
    seen = schemas.redact(
        "instrument", {**full("instrument"), "wechat": "x", "contact": {"qq": "1"}}, "person"
    )
    assert "wechat" not in seen
    assert "contact" not in seen


def test_the_original_is_left_alone() -> None:
    document = full("instrument")
    before = full("instrument")
    schemas.redact("instrument", document, "public")["location"]["address"] = "改"
    assert document == before


def test_an_unknown_audience_is_refused() -> None:
    with pytest.raises(ValueError, match="friends"):
        schemas.redact("instrument", {}, "friends")  # type: ignore[arg-type]
