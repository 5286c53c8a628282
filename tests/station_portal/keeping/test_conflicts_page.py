"""Conflicts on a page: what meets what, and each way out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub.availability import queries
from hub.availability import service as availability
from hub.availability.rules import Slot
from hub.availability.service import Reservation
from tests.station_portal.conftest import text_of
from tests.station_portal.keeping.conftest import Desks, beside

PAGE = "/staff/conflicts"
BOOKED = Slot(datetime(2026, 1, 6, 2, tzinfo=UTC), datetime(2026, 1, 6, 4, tzinfo=UTC))


def _clash(desks: Desks, source: str = "local") -> int:
    """A reservation made elsewhere on a booked time; the conflict's number."""
    desks.book(BOOKED)
    with desks.runtime.database.write() as session:
        one = Reservation("week/1", Slot(BOOKED.start, BOOKED.start.replace(hour=3)), "课题组")
        taken = availability.put_reservations(
            session, desks.instrument_id, [one], source=source, actor="account:operator", now=desks.now
        )
    return taken.conflicts[0].id


def _state(desks: Desks, number: int) -> tuple[str, str | None]:
    with desks.runtime.database.read() as session:
        held = queries.conflict(session, number)
    return held.state, held.resolution


def test_nothing_to_settle_is_said(onlookers: Desks) -> None:
    for who in ("station", "manager", "operator", "staff"):
        assert "没有未处理的冲突" in text_of(onlookers.page(who, PAGE))


def test_a_conflict_is_closed_with_what_was_agreed(desks: Desks) -> None:
    number = _clash(desks)
    page = desks.page("operator", PAGE)
    words = text_of(page)
    assert "2026-01-06 10:00–11:00 本地占用 · 课题组" in words
    assert "2026-01-06 10:00–12:00 枢纽预约" in words
    assert "释放本地占用" in words
    for note in ("", "好", "长" * 201):
        refused = desks.post("operator", f"{PAGE}/{number}/resolve", {"note": note})
        assert refused.status_code == 422
        assert "2 至 200 个字" in beside(refused.text, f"note-{number}")
        assert note in refused.text
    answers = [
        desks.post("operator", f"{PAGE}/{number}/resolve", {"note": "本地用户改到下午"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "冲突已关闭" in text_of(desks.page("operator", answers[0].headers["location"]))
    assert _state(desks, number) == ("resolved", "本地用户改到下午")


def test_the_local_user_gives_way(desks: Desks) -> None:
    number = _clash(desks)
    answer = desks.post("station", f"{PAGE}/{number}/release", {})
    assert "本地占用已释放" in text_of(desks.page("station", answer.headers["location"]))
    assert _state(desks, number)[0] == "resolved"


def test_what_the_platform_holds_is_not_released_here(desks: Desks) -> None:
    number = _clash(desks, "platform")
    words = text_of(desks.page("manager", PAGE))
    assert "请平台撤销或改动它的占用" in words
    assert "释放本地占用" not in words
    assert desks.post("manager", f"{PAGE}/{number}/release", {}).status_code == 404
    assert _state(desks, number) == ("open", None)


@pytest.mark.parametrize("act", ["resolve", "release"])
def test_others_neither_see_nor_settle(desks: Desks, act: str) -> None:
    number = _clash(desks)
    assert "没有未处理的冲突" in text_of(desks.page("stranger", PAGE))
    assert desks.post("stranger", f"{PAGE}/{number}/{act}", {"note": "不是我的"}).status_code == 403
    office = text_of(desks.page("staff", PAGE))
    assert "课题组" in office
    assert "关闭冲突" not in office
    assert desks.post("staff", f"{PAGE}/{number}/{act}", {"note": "只读"}).status_code == 403
    for unknown in (999, 10**30):
        answer = desks.post("station", f"{PAGE}/{unknown}/{act}", {"note": "没有的"})
        assert answer.status_code in {400, 404}
    assert _state(desks, number)[0] == "open"
