"""What can be wrong with usage, disputes and their decisions."""

from collections.abc import Sequence

from hub.core.errors import HubError, NotFound


class UsageUnknown(NotFound):
    """No usage has this identifier, or not for who asks."""

    def __init__(self, usage_id: str) -> None:
        super().__init__(
            f"没有标识为「{usage_id}」的使用记录。",
            f"There is no usage {usage_id!r}.",
            code="usage_unknown",
        )


class UsageRefused(HubError):
    """The command is not possible now; `state` and `possible` say what is. `reason` is the machine's word for why."""

    def __init__(
        self, command: str, reason: str, zh: str, en: str, *, state: str, possible: Sequence[str]
    ) -> None:
        told = "、".join(possible)
        super().__init__(
            "usage_command_refused",
            f"使用记录现为「{state}」，不能执行「{command}」：{zh}。",
            f"The usage is {state!r}; {command!r} is not possible: {en}.",
            409,
            field="/command",
            hint_zh=f"现在可以：{told}。" if told else "现在无须操作，请刷新查看。",
            hint_en=f"Possible now: {', '.join(possible)}."
            if possible
            else "Nothing can be done now; reload it.",
        )
        self.reason, self.state, self.possible = reason, state, tuple(possible)


class UsageConflict(HubError):
    """The source has told something else under this number already."""

    def __init__(self, external_id: str) -> None:
        super().__init__(
            "usage_conflict",
            f"编号「{external_id}」已报送过内容不同的使用记录。",
            f"Another usage was told under the number {external_id!r} already.",
            422,
            field="/external_id",
            hint_zh="同一编号只能对应一份内容；更正请用新的编号。",
            hint_en="One number stands for one content; correct it under a number of its own.",
        )


class UsageTooEarly(HubError):
    """The order has not been served yet, so nothing can have been used."""

    def __init__(self, state: str) -> None:
        super().__init__(
            "usage_too_early",
            "预约尚未开始服务，不能报送使用记录。",
            "The service of this booking has not begun; no usage can be told yet.",
            409,
            field="/reference",
            hint_zh="请先登记开始服务，再报送。",
            hint_en="Check it in first, then tell what was used.",
        )
        self.state = state


class UsageInvalid(HubError):
    """The usage contradicts itself; `field` names where."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(
            "usage_invalid",
            zh,
            en,
            422,
            field=field,
            hint_zh="请按实际情况改正后重新提交。",
            hint_en="Correct it and send it again.",
        )


class UsageLocked(HubError):
    """The line is in a statement already; nothing of it is changed any more."""

    def __init__(self, order_number: str) -> None:
        super().__init__(
            "usage_locked",
            f"订单 {order_number} 的使用记录已进入结算单，不能再改。",
            f"The usage of order {order_number} is in a statement; it is not changed any more.",
            409,
            hint_zh="请由付款方退回该行，或在结算后以贷项单更正。",
            hint_en="Let the payer return the line, or correct it with a credit document afterwards.",
        )


class DecisionUnfit(HubError):
    """Somebody who may not decide this dispute: of one of the two sides, or the same person for both."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(
            "decision_unfit",
            zh,
            en,
            403,
            hint_zh="请由另一位与双方均无关系的工作人员裁定。",
            hint_en="Let another member of staff decide who has nothing to do with either side.",
        )


class ReasonUnfit(HubError):
    """The reason is not one that this side may give here."""

    def __init__(self, reason: str | None, possible: Sequence[str], *, field: str = "/reason") -> None:
        super().__init__(
            "usage_reason_unfit",
            f"本方不能以「{reason}」为事由。" if reason else "请选择事由。",
            f"This side cannot give the reason {reason!r}." if reason else "Choose a reason.",
            422,
            field=field,
            hint_zh="可用：" + "、".join(possible),
            hint_en="Use: " + ", ".join(possible),
        )
