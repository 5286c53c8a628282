"""What can be wrong with an export."""

from hub.core.errors import HubError


class ExportTooLarge(HubError):
    """The format holds fewer rows than were asked for. Nothing was left out silently: nothing was written."""

    def __init__(self, rows: int, most: int, wanted: str) -> None:
        super().__init__(
            "export_too_large",
            f"共 {rows:,} 行，{wanted} 每份最多 {most:,} 行，未导出。",
            f"There are {rows:,} rows and {wanted} takes {most:,} at most; nothing was written.",
            413,
            field="format",
            hint_zh="请缩小筛选范围，或改用 CSV。",
            hint_en="Narrow the list, or take CSV.",
        )


class ExportSpanWrong(HubError):
    """The first day is not before the day after the last."""

    def __init__(self) -> None:
        super().__init__(
            "export_span_wrong",
            "起始日期应早于截止日期。",
            "The first day must lie before the end.",
            422,
            field="from",
            hint_zh="请按 YYYY-MM-DD 填写，截止日期不含当天。",
            hint_en="Write YYYY-MM-DD; the end is not included.",
        )
