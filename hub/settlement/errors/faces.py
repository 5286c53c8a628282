"""What can be wrong at the provinces' settlement faces."""

from hub.core.errors import HubError, NotFound


class HolderUnknown(HubError):
    """No enterprise with this credit code is registered here: there is nobody to hold the allotment."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "allotment_holder_unknown",
            f"没有以统一社会信用代码「{code}」登记的企业，划拨未执行。",
            f"No enterprise with the credit code {code!r} is registered; the allotment was not made.",
            422,
            field="holder",
            hint_zh="请核对信用代码；企业在江仪汇登记后再次发送即可。",
            hint_en="Check the credit code, or send it again once the enterprise is registered here.",
        )


class AllotmentForeign(HubError):
    """The programme belongs to another area than the one that speaks."""

    def __init__(self, programme_id: str) -> None:
        super().__init__(
            "allotment_foreign",
            f"「{programme_id}」不是本地区发放的政策，不能由本平台划拨。",
            f"The programme {programme_id!r} is not of the area that speaks.",
            403,
            field="programme_id",
            hint_zh="请使用本地区政策的标识。",
            hint_en="Name a programme of the own area.",
        )


class PaperUnknown(NotFound):
    """No paper with this name is for this province."""

    def __init__(self, message_id: str) -> None:
        super().__init__(
            f"没有发给本省的文件「{message_id}」。",
            f"There is no paper {message_id!r} for this province.",
            code="paper_unknown",
            field="message_id",
        )


class PaperMismatch(HubError):
    """The receipt names another content than the paper has."""

    def __init__(self, sha256: str) -> None:
        super().__init__(
            "paper_mismatch",
            "回执中的摘要与文件不符，未登记；该文件已转人工处理。",
            f"The receipt's digest is not that of the paper ({sha256}); it was not kept, and a person will look at it.",
            409,
            field="sha256",
            hint_zh="请重新读取文件，按原文计算摘要后再发回执。",
            hint_en="Read the paper again and send the digest of its canonical form.",
        )


class ResultFileInvalid(HubError):
    """An uploaded result file cannot be read."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(
            "result_file_invalid",
            f"回执文件无法读取：{zh}。",
            f"The result file cannot be read: {en}.",
            422,
            field="file",
            hint_zh="请使用本省约定的格式，改正后重新上传；没有任何行被登记。",
            hint_en="Use the province's own form and upload it again; nothing of it was applied.",
        )


class FaceCaseUnknown(NotFound):
    """No open case with this number, or not of this province."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"没有编号为 {number} 的待处理事项。",
            f"There is no open case {number}.",
            code="settlement_case_unknown",
            field="case_id",
        )
