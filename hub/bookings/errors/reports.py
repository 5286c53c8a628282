"""What can be wrong with reports, notes, ratings and calendar feeds."""

from hub.core.errors import HubError, NotFound


class ReportInvalid(HubError):
    """A file that cannot be a report: empty, too large, without a name, or cut."""

    def __init__(self, field: str, zh: str, en: str, status: int = 422) -> None:
        super().__init__("report_invalid", zh, en, status, field=field)


class ReportUnknown(NotFound):
    """The booking has no such report."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"该预约没有第 {version} 版报告。",
            f"The booking has no report of version {version}.",
            code="report_unknown",
            field="version",
        )


class ReportGone(HubError):
    """The file is not kept any more: forgotten by rule, or lost."""

    def __init__(self) -> None:
        super().__init__(
            "report_gone",
            "报告文件已按保存期限删除；记录中的哈希值仍在。",
            "The report's file was removed by its retention; its hash stays on record.",
            410,
            hint_zh="如需核对，请向仪器管理单位索取原件，并与哈希值比对。",
            hint_en="Ask the institution for the original and compare its hash.",
        )


class ReportUnfetched(HubError):
    """A report that a province announced did not come, or was not what was announced."""

    def __init__(self, zh: str, en: str, retry_after: int | None) -> None:
        super().__init__(
            "report_unfetched",
            f"省级平台的报告取不回：{zh}",
            f"The report announced by the province cannot be fetched: {en}",
            502,
            retry_after=retry_after,
        )
        self.retryable = retry_after is not None


class ReportMissing(HubError):
    """Nothing was uploaded that could be delivered."""

    def __init__(self) -> None:
        super().__init__(
            "report_missing",
            "尚未上传新的报告文件，无法交付。",
            "No new report has been uploaded that could be delivered.",
            409,
            hint_zh="请先上传报告，再交付。",
            hint_en="Upload the report first, then deliver it.",
        )


class ReportNotClean(HubError):
    """The newest upload is still being scanned, or the scan found something."""

    def __init__(self, *, is_infected: bool) -> None:
        if is_infected:
            super().__init__(
                "report_infected",
                "最新上传的文件未通过安全扫描，不能交付。",
                "The newest file did not pass the scan and cannot be delivered.",
                409,
                hint_zh="请检查文件后重新上传。",
                hint_en="Check the file and upload it again.",
            )
        else:
            super().__init__(
                "report_waiting",
                "文件正在安全扫描，请稍后交付。",
                "The file is being scanned; deliver it in a moment.",
                409,
                retry_after=5,
            )


class UploadUnknown(NotFound):
    """The upload in pieces is not known, was finished, or has lapsed."""

    def __init__(self) -> None:
        super().__init__(
            "没有这一分段上传，或已过期。",
            "There is no such upload in pieces, or it has lapsed.",
            code="upload_unknown",
            field="upload_id",
        )


class UploadOffset(HubError):
    """A piece that does not continue where the last one ended; `offset` says where to go on."""

    def __init__(self, offset: int) -> None:
        super().__init__(
            "upload_offset",
            f"应从第 {offset} 字节继续上传。",
            f"Go on at byte {offset}.",
            409,
            field="Upload-Offset",
        )
        self.offset = offset


class LinkRefused(HubError):
    """A download link that was not made here, was altered, or is over."""

    def __init__(self) -> None:
        super().__init__(
            "link_refused",
            "下载链接无效或已过期。",
            "The download link is not valid or is over.",
            403,
            hint_zh="请回到预约页面重新打开报告。",
            hint_en="Open the report again from the booking's page.",
        )


class NoteInvalid(HubError):
    """A message of the thread that is empty or too long."""

    def __init__(self, most: int) -> None:
        super().__init__(
            "note_invalid",
            f"请填写留言，不超过 {most} 字。",
            f"Write a message of at most {most} characters.",
            422,
            field="text",
        )


class RatingInvalid(HubError):
    """Stars or a text that a rating cannot have."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("rating_invalid", zh, en, 422, field=field)


class RatingClosed(HubError):
    """The time to rate, to change a rating, or to answer it is over or has not come."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__("rating_closed", zh, en, 409)


class FeedUnknown(NotFound):
    """No calendar is kept under this address: it was renewed, taken away, or its owner acts for nobody any more."""

    def __init__(self) -> None:
        super().__init__(
            "这个日历订阅地址已失效；请在「我的账户」重新生成。",
            "This calendar address is no longer good; make a new one on the account page.",
            code="calendar_feed_unknown",
        )


class SheetMissing(HubError):
    """No sheet can be written: nothing was chosen, bookings of two provinces, or the province has no columns."""

    def __init__(self) -> None:
        super().__init__(
            "booking_sheet_missing",
            "不能生成预约单：请选择同一省市的预约；本省也可能没有约定预约单的格式。",
            "No sheet can be written: choose bookings of one province; it may also have agreed on no columns.",
            422,
            field="pick",
        )
