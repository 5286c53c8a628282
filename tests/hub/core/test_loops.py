"""One of many that cannot be acted on keeps nobody else waiting, and is heard of."""

import pytest

from hub.core.loops import act_on_each


def test_everybody_else_is_acted_on_and_every_fault_is_told() -> None:
    acted = []

    def act(item: str) -> None:
        if item.startswith("bad"):
            raise ValueError(f"{item} cannot")
        acted.append(item)

    with pytest.raises(ExceptionGroup) as caught:
        act_on_each(["bad-1", "good-1", "bad-2", "good-2"], act)
    assert acted == ["good-1", "good-2"]
    assert [str(fault) for fault in caught.value.exceptions] == ["bad-1 cannot", "bad-2 cannot"]
    assert caught.value.exceptions[0].__notes__ == ["while acting on bad-1"]


def test_without_a_fault_nothing_is_raised() -> None:
    acted: list[int] = []
    act_on_each([1, 2], acted.append)
    assert acted == [1, 2]


def test_an_interrupt_is_not_kept_back() -> None:
    def act(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        act_on_each([1], act)
