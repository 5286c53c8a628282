"""Identifiers and credit codes: stable, distinct, checked."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import ids, uscc
from schemas.errors import InvalidIdentity

PART = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)


def test_identifiers_never_change() -> None:
    """These stand in catalogues, links and bookings: a change here breaks all of them."""
    assert ids.instrument_id("330000", "91330000SYNTH0001", "ZJ-0017") == "33-vki7yozjcccq"
    assert ids.institution_id("330000", "91330000SYNTH0001") == "33-u-qkk6criduuua"
    assert ids.service_item_id("33-vki7yozjcccq", 12) == "33-vki7yozjcccq-12"


@given(PART, PART)
def test_identifiers_have_their_shape(unit: str, number: str) -> None:
    assert re.fullmatch("31-[a-z2-7]{12}", ids.instrument_id("310000", unit, number))
    assert re.fullmatch("31-u-[a-z2-7]{12}", ids.institution_id("310000", unit))


@given(PART, PART, PART, PART)
def test_different_keys_give_different_identifiers(a: str, b: str, c: str, d: str) -> None:
    same = ids.instrument_id("310000", a, b) == ids.instrument_id("310000", c, d)
    assert same == ((a, b) == (c, d))


def test_the_border_between_unit_and_number_counts() -> None:
    assert ids.instrument_id("310000", "a", "bc") != ids.instrument_id("310000", "ab", "c")
    assert ids.instrument_id("310000", "a", "1:b") != ids.instrument_id("310000", "a1:", "b")


@pytest.mark.parametrize("province", ["31", "3100000", "010000", "310001", "", "三一"])
def test_what_is_no_province_is_refused(province: str) -> None:
    with pytest.raises(InvalidIdentity):
        ids.instrument_id(province, "u", "n")


@pytest.mark.parametrize("parts", [("", "n"), ("u", "")])
def test_an_empty_part_is_refused(parts: tuple[str, str]) -> None:
    with pytest.raises(InvalidIdentity):
        ids.instrument_id("310000", *parts)


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_an_impossible_item_number_is_refused(number: int) -> None:
    with pytest.raises(InvalidIdentity):
        ids.service_item_id("31-aaaaaaaaaaaa", number)


def test_credit_codes_of_the_standard() -> None:
    """Worked by hand from the weights of GB 32100—2015."""
    assert uscc.complete("91350100M000100Y4") == "91350100M000100Y43"
    assert uscc.is_valid("91350100M000100Y43")


@given(st.text(uscc.ALPHABET, min_size=9, max_size=9), st.text("0123456789", min_size=6, max_size=6))
def test_a_completed_code_is_valid_and_any_changed_character_is_found(body: str, region: str) -> None:
    code = uscc.complete("12" + region + body)
    assert uscc.is_valid(code)
    for position in range(18):
        other = uscc.ALPHABET[(uscc.ALPHABET.index(code[position]) + 1) % 10]
        if other != code[position]:
            assert not uscc.is_valid(code[:position] + other + code[position + 1 :])


@pytest.mark.parametrize(
    "first17", ["", "9135010", "91350100M000100YI", "９1350100M000100Y4", "91350100M000100Y43"]
)
def test_what_cannot_be_completed_is_refused(first17: str) -> None:
    with pytest.raises(ValueError, match="first 17"):
        uscc.complete(first17)


@pytest.mark.parametrize("code", ["91350100M000100Y43\n", "91350100m000100Y43", "", "9" * 18])
def test_what_is_no_code_is_not_valid(code: str) -> None:
    assert not uscc.is_valid(code)
