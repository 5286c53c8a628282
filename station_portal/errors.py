"""Facts of the pages that a reader is told about."""

from hub.core.errors import HubError


class ProvinceNotShown(HubError):
    """No province is connected under this code."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "province_unknown",
            f"没有接入代码为「{code}」的省级平台。",
            f"No province with code {code!r} is connected.",
            404,
            field="code",
        )
