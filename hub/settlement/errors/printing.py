"""What can be wrong with a printed document."""

from hub.core.errors import HubError


class PdfIncomplete(HubError):
    """The PDF would not say everything that the document says, so there is none."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(
            "pdf_incomplete",
            f"PDF 未生成：{zh}。",
            f"There is no PDF: {en}.",
            503,
            hint_zh="请使用打印页面（浏览器打印或另存为 PDF），内容相同。",
            hint_en="Use the print page (print it, or save it as PDF, in the browser); it says the same.",
        )
        self.reason_zh, self.reason_en = zh, en
