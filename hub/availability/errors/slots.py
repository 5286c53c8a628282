"""Why a slot cannot be used, and what cannot be shown."""

from datetime import datetime

from hub.core.clock import SHANGHAI
from hub.core.errors import HubError


def _shown(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


class SlotRefused(HubError):
    """A slot that cannot be used as it was asked for; `field` is `slot`. The subclasses say why."""

    def __init__(self, code: str, zh: str, en: str, hint_zh: str, hint_en: str, *, status: int = 422) -> None:
        super().__init__(code, zh, en, status, field="slot", hint_zh=hint_zh, hint_en=hint_en)


class SlotTaken(SlotRefused):
    """All lanes are taken at `at`, the first instant that is not free."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        super().__init__(
            "slot_taken",
            f"该时段自 {_shown(at)} 起已被占用。",
            f"The slot is taken from {_shown(at)} on.",
            "请另选空闲时段。",
            "Choose another free slot.",
            status=409,
        )


class SlotClosed(SlotRefused):
    """Not open, or closed, at `at`, the first instant of the slot at which nobody may work."""

    def __init__(
        self, at: datetime, zh: str = "不在开放时间内", en: str = "outside the opening hours"
    ) -> None:
        self.at = at
        super().__init__(
            "slot_closed",
            f"该时段自 {_shown(at)} 起不开放：{zh}。",
            f"The slot is not open from {_shown(at)} on: {en}.",
            "请按开放时间另选时段。",
            "Choose a slot within the opening hours.",
        )


class SlotPast(SlotRefused):
    """The slot begins in the past."""

    def __init__(self) -> None:
        super().__init__(
            "slot_past",
            "该时段的开始时间已过。",
            "The slot begins in the past.",
            "请选择将来的时段。",
            "Choose a slot in the future.",
        )


class SlotMalformed(SlotRefused):
    """An end before its start, seconds, or a start that is not on the instrument's grid."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(
            "slot_malformed",
            f"时段不合规：{zh}。",
            f"The slot is malformed: {en}.",
            "请改正起止时间。",
            "Correct start and end.",
        )


class SlotTooShort(SlotRefused):
    """Shorter than the instrument's rules allow."""

    def __init__(self, least: int) -> None:
        super().__init__(
            "slot_too_short",
            f"时段短于最短预约时长 {least} 分钟。",
            f"The slot is shorter than the least of {least} minutes.",
            "请延长时段。",
            "Make the slot longer.",
        )


class SlotTooLong(SlotRefused):
    """Longer than the instrument's rules allow."""

    def __init__(self, most: int) -> None:
        super().__init__(
            "slot_too_long",
            f"时段长于最长预约时长 {most} 分钟。",
            f"The slot is longer than the most of {most} minutes.",
            "请缩短时段，或分几次预约。",
            "Make the slot shorter, or book several.",
        )


class SlotTooSoon(SlotRefused):
    """Begins before the lead time is over; `earliest` is when a slot may begin."""

    def __init__(self, earliest: datetime) -> None:
        self.earliest = earliest
        super().__init__(
            "slot_too_soon",
            f"须提前预约：最早可约 {_shown(earliest)} 开始的时段。",
            f"The lead time is not kept: the earliest slot begins at {_shown(earliest)}.",
            "请选择更晚的时段，或联系驿站。",
            "Choose a later slot, or ask the station.",
        )


class SlotTooFar(SlotRefused):
    """Ends beyond the horizon up to which the instrument takes bookings."""

    def __init__(self, latest: datetime) -> None:
        self.latest = latest
        super().__init__(
            "slot_too_far",
            f"只开放到 {_shown(latest)} 为止的预约。",
            f"Bookings are open up to {_shown(latest)} only.",
            "请选择更早的时段，或届时再约。",
            "Choose an earlier slot, or come back later.",
        )


class WindowTooLong(HubError):
    """More days were asked for at once than are reckoned, or none."""

    def __init__(self, days: int) -> None:
        super().__init__(
            "window_too_long",
            f"一次最多查询 {days} 天的空闲时段，且结束须晚于开始。",
            f"At most {days} days are shown at once, and the end must be after the start.",
            422,
            field="to",
        )
