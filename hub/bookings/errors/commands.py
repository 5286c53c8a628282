"""What can be wrong with a command on a booking."""

from collections.abc import Sequence
from datetime import datetime

import schemas
from hub.core.clock import SHANGHAI
from hub.core.errors import HubError, NotFound


class BookingUnknown(NotFound):
    """No booking is held under this identifier, or the caller may not know of it."""

    def __init__(self, booking_id: str) -> None:
        super().__init__(
            f"没有标识为「{booking_id}」的预约。",
            f"There is no booking {booking_id!r}.",
            code="booking_unknown",
            field="id",
        )


class CommandRefused(HubError):
    """The booking's state or a condition does not allow the command. `state` and `possible` say what is the case."""

    def __init__(
        self, command: str, code: str, zh: str, en: str, *, state: str, possible: Sequence[str]
    ) -> None:
        self.state, self.possible = state, tuple(possible)
        names = schemas.codes("booking_command")
        held = schemas.codes("booking_state").get(state)
        can_zh = "、".join(names[name].zh for name in possible) or "无"
        can_en = ", ".join(possible) or "nothing"
        super().__init__(
            "command_refused",
            f"不能「{names[command].zh}」：{zh}（当前状态：{held.zh if held else '尚未建立'}）。",
            f"Cannot {command}: {en} (state: {state}).",
            409,
            field="command",
            hint_zh=f"现在可以：{can_zh}。",
            hint_en=f"Possible now: {can_en}.",
            errors=[
                {"pointer": "/command", "code": code, "zh": zh, "en": en},
                {"pointer": "/state", "code": state, "zh": can_zh, "en": can_en},
            ],
        )


class CommandUnknown(NotFound):
    """There is no such command, or it is not one that people give."""

    def __init__(self, command: str) -> None:
        super().__init__(
            f"没有命令「{command}」。",
            f"There is no command {command!r}.",
            code="command_unknown",
            field="command",
        )


class CommandMismatch(HubError):
    """The address and the body name different commands or bookings."""

    def __init__(self, given: str, expected: str) -> None:
        super().__init__(
            "command_mismatch",
            f"地址中的命令是「{expected}」，内容中却是「{given}」。",
            f"The address says {expected!r}, the body says {given!r}.",
            422,
            field="/command",
        )


class RequestIncomplete(HubError):
    """Something that this command or service mode needs is missing; `field` is a JSON pointer."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("request_incomplete", zh, en, 422, field=field)


class DraftMismatch(HubError):
    """A draft is submitted with a request for another instrument than it was made for."""

    def __init__(self, instrument_id: str) -> None:
        super().__init__(
            "draft_mismatch",
            f"此草稿针对仪器「{instrument_id}」，不能改为另一台。",
            f"This draft is for the instrument {instrument_id!r} and for no other.",
            422,
            field="/request/instrument_id",
            hint_zh="请为另一台仪器另行提交预约。",
            hint_en="Submit a booking of its own for the other instrument.",
        )


class ProposalChanged(HubError):
    """The answer names a proposal that is not the open one."""

    def __init__(self, number: int | None) -> None:
        super().__init__(
            "proposal_changed",
            "所答复的改约提议已失效或已被新的提议取代。",
            "The proposal answered is not the open one any more.",
            409,
            field="/proposal",
            hint_zh="请刷新后查看当前提议。" if number else "目前没有待答复的提议。",
            hint_en="Reload to see the present proposal." if number else "No proposal is open.",
        )


class ReasonUnfit(HubError):
    """The reason is not one that this side may give."""

    def __init__(self, reason: str, possible: Sequence[str]) -> None:
        super().__init__(
            "reason_unfit",
            f"本方不能以「{reason}」为事由。",
            f"This side cannot give the reason {reason!r}.",
            422,
            field="/reason",
            hint_zh="可用：" + "、".join(possible),
            hint_en="Use: " + ", ".join(possible),
        )


class StationMissing(HubError):
    """The instrument's province has no service station that could take the booking."""

    def __init__(self, province: str) -> None:
        super().__init__(
            "station_missing",
            f"{province} 尚无可受理预约的服务驿站。",
            f"The province {province} has no service station that takes bookings yet.",
            409,
            field="/request/instrument_id",
        )


class ColleagueUnfit(HubError):
    """A booking can only be handed to somebody of the same enterprise."""

    def __init__(self) -> None:
        super().__init__(
            "colleague_unfit",
            "只能转给本企业的同事。",
            "A booking can only be handed to a colleague of the same enterprise.",
            422,
            field="/person_id",
        )


class WishInvalid(HubError):
    """A waiting-list entry that cannot be kept."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("wish_invalid", zh, en, 422, field=field)


class WishUnknown(NotFound):
    """No entry of the waiting list of this enterprise has this number."""

    def __init__(self, wish_id: int) -> None:
        super().__init__(
            f"没有编号为 {wish_id} 的候补。",
            f"There is no entry {wish_id} in your waiting list.",
            code="wish_unknown",
        )


class CaseUnknown(NotFound):
    """No case has this number."""

    def __init__(self, case_id: int) -> None:
        super().__init__(
            f"没有编号为 {case_id} 的事项。", f"There is no case {case_id}.", code="case_unknown"
        )


def shown(at: datetime | None) -> str:
    """An instant as people read it, in Shanghai."""
    return "" if at is None else at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
