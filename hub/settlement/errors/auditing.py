"""What can be wrong with a sample."""

from hub.core.errors import HubError, NotFound


class SampleInvalid(HubError):
    """What was asked for is no sample."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(
            "sample_invalid",
            zh,
            en,
            422,
            field=field,
            hint_zh="请修改 field 指出的条件。",
            hint_en="Correct the criterion named in `field`.",
        )


class SampleUnknown(NotFound):
    """There is no such sample, or no such line in it."""

    def __init__(self) -> None:
        super().__init__(
            "没有这份抽样，或其中没有这一行。",
            "There is no such sample, or no such line in it.",
            code="sample_unknown",
        )
