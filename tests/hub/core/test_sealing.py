"""What seals secrets of the database: its file, its setting, what fits where, and what is refused."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from hub.core.sealing import FILE, Sealed, SealedDamaged, SealingKeyMissing, SealingKeys, SealingKeysMalformed

ONE, TWO = (b64encode(bytes([number]) * 32).decode() for number in (1, 2))


@pytest.fixture
def keys(tmp_path: Path) -> SealingKeys:
    return SealingKeys(tmp_path / FILE)


def test_the_first_key_is_made_when_it_is_needed(keys: SealingKeys, tmp_path: Path) -> None:
    assert keys.ids() == ()
    assert not (tmp_path / FILE).exists()
    sealed = keys.seal("geheim", bound_to="a")
    assert keys.ids() == (sealed.key_id,)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert "geheim" not in sealed.box
    assert keys.open(sealed, bound_to="a") == "geheim"
    assert SealingKeys(tmp_path / FILE).open(sealed, bound_to="a") == "geheim"


def test_the_same_text_is_sealed_differently_each_time(keys: SealingKeys) -> None:
    assert keys.seal("x", bound_to="a") != keys.seal("x", bound_to="a")


def test_it_opens_in_its_place_only(keys: SealingKeys) -> None:
    sealed = keys.seal("x", bound_to="person:1")
    with pytest.raises(SealedDamaged):
        keys.open(sealed, bound_to="person:2")


@pytest.mark.parametrize(
    "change", [lambda box: box[:-4], lambda box: "A" + box[1:], lambda _: "", lambda _: "§"]
)
def test_what_was_altered_is_not_read(keys: SealingKeys, change: object) -> None:
    sealed = keys.seal("x", bound_to="a")
    altered = change(sealed.box)  # type: ignore[operator]
    if altered == sealed.box:
        altered = "B" + altered[1:]
    with pytest.raises(SealedDamaged):
        keys.open(Sealed(sealed.key_id, altered), bound_to="a")


def test_a_box_under_another_keys_name_is_not_read() -> None:
    keys = SealingKeys(Path("unused"), f"one:{ONE},two:{TWO}")
    sealed = keys.seal("x", bound_to="a")
    with pytest.raises(SealedDamaged):
        keys.open(Sealed("two", sealed.box), bound_to="a")


def test_renewed_keys_seal_and_the_old_ones_open(keys: SealingKeys, tmp_path: Path) -> None:
    old = keys.seal("x", bound_to="a")
    new = keys.renew()
    assert keys.ids() == (new, old.key_id)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert keys.seal("x", bound_to="a").key_id == new
    assert keys.open(old, bound_to="a") == "x"


def test_a_key_that_is_not_here_is_named(keys: SealingKeys, tmp_path: Path) -> None:
    sealed = keys.seal("x", bound_to="a")
    (tmp_path / FILE).unlink()
    with pytest.raises(SealingKeyMissing, match=sealed.key_id) as raised:
        keys.open(sealed, bound_to="a")
    assert "sealing.keys" in (raised.value.hint_zh or "")


def test_keys_of_the_setting_leave_no_file(tmp_path: Path) -> None:
    keys = SealingKeys(tmp_path / FILE, f"two:{TWO}, one:{ONE}")
    assert keys.ids() == ("two", "one")
    assert keys.seal("x", bound_to="a").key_id == "two"
    assert not (tmp_path / FILE).exists()
    earlier = SealingKeys(tmp_path / FILE, f"one:{ONE}").seal("x", bound_to="a")
    assert keys.open(earlier, bound_to="a") == "x"


@pytest.mark.parametrize(
    "text",
    [
        "one",
        "one:",
        f":{ONE}x",
        f"one:{ONE[:-8]}",
        f"ONE:{ONE}",
        f"one:{ONE},one:{TWO}",
        "one:§",
        "\n",
        f"one;{ONE}",
    ],
)
def test_a_malformed_setting_or_file_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(SealingKeysMalformed, match="HUB_SEALING_KEYS"):
        SealingKeys(tmp_path / "none", text).ids()
    (tmp_path / "held").write_text(text)
    with pytest.raises(SealingKeysMalformed) as raised:
        SealingKeys(tmp_path / "held").seal("x", bound_to="a")
    assert raised.value.field == str(tmp_path / "held")


def test_an_emptied_file_is_no_reason_for_a_new_key(keys: SealingKeys, tmp_path: Path) -> None:
    keys.seal("x", bound_to="a")
    (tmp_path / FILE).write_bytes(b"")
    with pytest.raises(SealingKeysMalformed):
        keys.seal("x", bound_to="a")
