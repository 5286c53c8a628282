"""What can be wrong with applications, drafts of programmes and instructions about money."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hub.core.errors import HubError, NotFound


class ApplicationUnknown(NotFound):
    """There is no such application, or it is not the asker's to see."""

    def __init__(self) -> None:
        super().__init__(
            "没有该申领。",
            "There is no such application.",
            code="application_unknown",
            field="application_id",
        )


class ApplicationInvalid(HubError):
    """The form is not filled in as it must be; `errors` lists field by field."""

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(
            "application_invalid",
            "申领内容有误，未提交。",
            "The application is not complete or not right; nothing was submitted.",
            422,
            errors=errors,
            field=str(errors[0]["pointer"]).rpartition("/")[2] if errors else None,
            hint_zh="请按 errors 逐项修改；草稿可先保存。",
            hint_en="Correct what `errors` lists; a draft may be saved before.",
        )


class ApplicationTwice(HubError):
    """The programme takes one application per enterprise and year, and there is one."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "application_twice",
            f"本年度已有申领 {number}；该政策每家企业每年限申领一次。",
            f"There is the application {number} of this year; the programme takes one per enterprise and year.",
            409,
            field="programme_id",
            hint_zh="请在已有申领中修改或补交；被退回或撤回后可重新申领。",
            hint_en="Go on with that one; after a refusal or withdrawal you may apply again.",
        )


class ApplicationElsewhere(HubError):
    """The enterprise does not belong to the programme's area."""

    def __init__(self, area: str) -> None:
        super().__init__(
            "application_elsewhere",
            f"该政策由「{area}」发放，只面向注册地在该地区的企业。",
            f"The programme is of {area} and serves enterprises that are registered there.",
            409,
            field="programme_id",
            hint_zh="请选择本企业注册地的政策；注册地有变时先办理变更。",
            hint_en="Choose a programme of your home area; if that has changed, have it changed first.",
        )


class ApplicationWindowClosed(HubError):
    """The programme takes no applications today."""

    def __init__(self, span: str) -> None:
        super().__init__(
            "application_window_closed",
            f"不在申请时段（{span}）。",
            f"The programme takes applications only within {span}.",
            409,
            field="programme_id",
            hint_zh="草稿会保留，时段开始后再提交。",
            hint_en="The draft is kept; submit it when the window opens.",
        )


class ApplicationState(HubError):
    """The application is in a state in which this cannot be done."""

    def __init__(self, command: str, state: str) -> None:
        super().__init__(
            "application_state",
            f"申领现为「{state}」，不能「{command}」。",
            f"The application is {state!r}; {command!r} is not possible now.",
            409,
            field="command",
            hint_zh="请刷新页面，查看最新状态。",
            hint_en="Reload to see its present state.",
        )


class ApplicationChanged(HubError):
    """Somebody changed it since it was read."""

    def __init__(self, revision: int) -> None:
        super().__init__(
            "application_changed",
            "申领已被他人更新，未作更改。",
            "The application has changed since you read it; nothing was done.",
            409,
            field="revision",
            hint_zh=f"请核对最新内容（修订号 {revision}）后再办理。",
            hint_en=f"Look at it again (revision {revision}) and repeat what is still right.",
        )
        self.revision = revision


class PaperRefused(HubError):
    """A paper that is not taken: too large, empty, too many, or of another kind than PDF, JPEG and PNG."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(
            "application_paper_refused",
            zh,
            en,
            422,
            field="file",
            hint_zh="每份不超过 5 MB，PDF、JPEG 或 PNG。",
            hint_en="PDF, JPEG or PNG, at most 5 MB each.",
        )


class PapersUnnamed(HubError):
    """The office asked for papers without saying which, or without a word."""

    def __init__(self) -> None:
        super().__init__(
            "application_papers_unnamed",
            "请勾选要补的材料并写明要求。",
            "Name the papers that are missing and say what is needed.",
            422,
            field="missing",
            hint_zh="申领企业只看到这里写的内容。",
            hint_en="The applicant sees nothing but this.",
        )


class AnotherPersonNeeded(HubError):
    """Maker and checker are two people."""

    def __init__(self, what_zh: str, what_en: str) -> None:
        super().__init__(
            "another_person_needed",
            f"{what_zh}须由另一人办理。",
            f"{what_en} takes another person.",
            409,
            field="command",
            hint_zh="请由同一主管部门的其他人员办理。",
            hint_en="Ask a colleague of the office.",
        )


class ReasonNeeded(HubError):
    """What is refused is refused with a reason."""

    def __init__(self) -> None:
        super().__init__(
            "reason_needed",
            "请写明事由。",
            "A reason is needed.",
            422,
            field="reason",
            hint_zh="对方会看到事由，至多 500 字。",
            hint_en="The other side reads it; at most 500 characters.",
        )


class MasterElsewhere(HubError):
    """The home area's own system is master of the balance: nothing is granted here."""

    def __init__(self, where_zh: str, where_en: str) -> None:
        super().__init__(
            "programme_master_elsewhere",
            f"该政策的余额由发放地区的系统管理，本枢纽不发放；请在{where_zh}办理。",
            f"The home area's own system keeps this balance and nothing is granted here; use {where_en}.",
            409,
            field="programme_id",
            hint_zh="发放后由该系统划拨到本枢纽，自动出现在企业的创新券中。",
            hint_en="What it grants is allotted to this hub and then appears in the enterprise's wallet.",
        )


class DraftUnknown(NotFound):
    """There is no such draft of a programme, or it is decided already."""

    def __init__(self) -> None:
        super().__init__(
            "没有该政策草稿，或已发布、已放弃。",
            "There is no such draft, or it was published or discarded.",
            code="programme_draft_unknown",
            field="draft_id",
        )


class DraftOutdated(HubError):
    """The programme or the draft has changed since the draft was read."""

    def __init__(self, revision: int) -> None:
        super().__init__(
            "programme_draft_outdated",
            "政策或草稿已有更新，未作更改。",
            "The programme or its draft has changed since; nothing was done.",
            409,
            field="revision",
            hint_zh=f"请核对最新草稿（修订号 {revision}）及现行版本后再保存或发布。",
            hint_en=f"Look at the draft (revision {revision}) and the version in force, then save or publish again.",
        )
        self.revision = revision


class SimulationSpan(HubError):
    """The span of past orders is not one: backwards or longer than the bound."""

    def __init__(self, days: int) -> None:
        super().__init__(
            "simulation_span",
            f"模拟区间须为先后两个日期，至多 {days} 天。",
            f"The span of the simulation is two dates in order, at most {days} days apart.",
            422,
            field="until",
            hint_zh="请缩短区间。",
            hint_en="Choose a shorter span.",
        )


class InstructionUnknown(NotFound):
    """There is no such instruction."""

    def __init__(self) -> None:
        super().__init__(
            "没有该资金指令。",
            "There is no such instruction.",
            code="instruction_unknown",
            field="instruction_id",
        )


class InstructionInvalid(HubError):
    """The instruction cannot be meant: an amount, holder or grant that does not fit."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(
            "instruction_invalid",
            zh,
            en,
            422,
            field=field,
            hint_zh="请按 field 指出的项修改。",
            hint_en="Correct what `field` names.",
        )


class InstructionDecided(HubError):
    """The instruction was carried out or refused before."""

    def __init__(self, state: str) -> None:
        super().__init__(
            "instruction_decided",
            f"该资金指令已办结（{state}）。",
            f"The instruction was decided before ({state}).",
            409,
            field="instruction_id",
            hint_zh="如需更正，请另提指令。",
            hint_en="Propose another one to correct it.",
        )


class GrantUnknown(NotFound):
    """There is no such grant of the hub's; what a home system allotted is changed by that system."""

    def __init__(self, grant_id: str) -> None:
        super().__init__(
            f"没有由本枢纽发放的创新券「{grant_id}」。",
            f"There is no grant {grant_id!r} that this hub made.",
            code="grant_unknown",
            field="grant_id",
        )


class GrantOver(HubError):
    """A grant whose validity is over is not raised."""

    def __init__(self, grant_id: str, until: date) -> None:
        super().__init__(
            "grant_over",
            f"创新券「{grant_id}」的有效期至 {until.isoformat()}，已结束。",
            f"The grant {grant_id!r} was valid until {until.isoformat()}.",
            409,
            field="grant_id",
            hint_zh="请另行发放。",
            hint_en="Make another grant.",
        )
