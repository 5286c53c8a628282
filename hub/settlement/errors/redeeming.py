"""What can be wrong with declarations, papers and claims."""

from hub.core.errors import HubError, NotFound
from hub.settlement.money import yuan


class RelationContradicted(HubError):
    """Declared as not related, but one credit code or a registered tie says otherwise."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(
            "relation_contradicted",
            f"声明双方不是关联单位，但登记信息显示：{zh}。",
            f"The sides were declared as not related, but the register says: {en}.",
            422,
            field="declaration.is_related",
            hint_zh="请更正声明；登记有误的，请先联系注册地科技主管部门更正登记。",
            hint_en="Correct the declaration, or ask the home area's office to correct the register first.",
        )


class DeclarationUnfit(HubError):
    """The declaration cannot be taken: made already, of an order that is unknown, or a relation without words."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(
            "declaration_unfit",
            f"声明未保存：{zh}。",
            f"The declaration was not kept: {en}.",
            409,
            field=field,
            hint_zh="请核对后重新填写；已作出的声明不能更改。",
            hint_en="Look at it and declare again; a declaration once made stays.",
        )


class OrderUnknown(NotFound):
    """Settlement never saw the order."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"没有订单「{reference}」的结算资料。",
            f"Settlement knows no order {reference!r}.",
            code="settlement_order_unknown",
            field="reference",
        )


class PaperInvalid(HubError):
    """The paper cannot be taken."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(
            "paper_invalid",
            f"材料未收下：{zh}。",
            f"The paper was not taken: {en}.",
            422,
            field=field,
            hint_zh="请按提示更换文件或材料种类后重新上传。",
            hint_en="Choose another file or kind of paper and upload again.",
        )


class PaperUnknown(NotFound):
    """There is no such paper."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"没有编号为 {number} 的材料。",
            f"There is no paper {number}.",
            code="paper_unknown",
            field="number",
        )


class PaperDecided(HubError):
    """The paper was decided about, or replaced, before."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "paper_decided",
            f"材料 {number} 已审核或已被替换。",
            f"Paper {number} was decided about or replaced.",
            409,
            field="number",
            hint_zh="请刷新页面，查看最新的材料。",
            hint_en="Reload the page and look at the newest one.",
        )


class ReasonMissing(HubError):
    """A refusal needs its reason in words."""

    def __init__(self) -> None:
        super().__init__(
            "refusal_reason_missing",
            "不予通过须写明理由。",
            "A refusal needs its reason.",
            422,
            field="reason",
            hint_zh="请写明缺什么、怎样补正。",
            hint_en="Say what is missing and how to mend it.",
        )


class ClaimEmpty(HubError):
    """Nothing of what was chosen can be claimed."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(
            "claim_empty",
            f"没有可申请的补助：{zh}。",
            f"There is nothing to claim: {en}.",
            422,
            field="lines",
            hint_zh="请改选订单或年度。",
            hint_en="Choose other orders or another year.",
        )


class ClaimChanged(HubError):
    """What was looked at is not what would be decided now."""

    def __init__(self, expected_fen: int, fen: int) -> None:
        super().__init__(
            "claim_changed",
            f"核算金额现为 {yuan(fen)} 元，与此前的 {yuan(expected_fen)} 元不同。",
            f"It now comes to {yuan(fen)} CNY, not {yuan(expected_fen)} CNY as before.",
            409,
            field="fen",
            hint_zh="请查看新的核算后再办理。",
            hint_en="Look at the new reckoning and decide again.",
        )
        self.fen = fen


class ClaimUnknown(NotFound):
    """There is no such claim."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(
            f"没有标识为「{claim_id}」的补助申请。",
            f"There is no claim {claim_id!r}.",
            code="claim_unknown",
            field="claim_id",
        )


class ClaimStateWrong(HubError):
    """The claim is not in a state for this."""

    def __init__(self, claim_id: str, zh: str, en: str) -> None:
        super().__init__(
            "claim_state_wrong",
            f"补助申请「{claim_id}」现为“{zh}”，不能这样办理。",
            f"The claim {claim_id!r} is {en!r}; this is not possible now.",
            409,
            field="claim_id",
            hint_zh="请刷新页面，按现在的状态办理。",
            hint_en="Reload the page and act on the state it is in.",
        )


class SamePerson(HubError):
    """Two people approve; this one has already."""

    def __init__(self) -> None:
        super().__init__(
            "claim_same_person",
            "同一申请须由两人分别审核，您已审过一次。",
            "Two different people decide about a claim; you have decided once.",
            409,
            hint_zh="请由另一位工作人员复核。",
            hint_en="Let a colleague make the second decision.",
        )
