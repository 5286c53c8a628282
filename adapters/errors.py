"""Facts that can go wrong between the hub and a province, each with a stable code.

Class data say what to do: `retryable` (may the same call succeed later without anybody acting) and `fault`
(whose turn it is: the province, the hub or the network between them).
"""

from __future__ import annotations

from typing import ClassVar, Literal

from adapters.contract import RecordProblem

Fault = Literal["province", "hub", "network"]


class AdapterError(Exception):
    """Anything that stops a read. Carries both languages and never a credential."""

    code: ClassVar[str] = "adapter-error"
    retryable: ClassVar[bool] = False
    fault: ClassVar[Fault] = "province"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


class Unreachable(AdapterError):
    """No answer: connection refused, timed out, broken off, or a 5xx after all attempts."""

    code = "unreachable"
    retryable = True
    fault = "network"


class Throttled(AdapterError):
    """The province asks to wait. `retry_after` in seconds, None when it does not say how long."""

    code = "throttled"
    retryable = True
    fault = "province"

    def __init__(self, zh: str, en: str, retry_after: float | None = None) -> None:
        super().__init__(zh, en)
        self.retry_after = retry_after


class AuthRejected(AdapterError):
    """The credentials, the signature or the renewed token were refused. A person must act."""

    code = "auth-rejected"
    fault = "hub"


class Refused(AdapterError):
    """The province understood and said no (4xx, or its own return code)."""

    code = "refused"


class OutcomeUnknown(AdapterError):
    """A booking message may have reached the province: it is never sent again blindly, only looked up.

    `problems` say what in its answer could not be read (a native code without an entry), for the worklist.
    """

    code = "outcome-unknown"
    fault = "network"

    def __init__(self, zh: str, en: str, problems: tuple[RecordProblem, ...] = ()) -> None:
        super().__init__(zh, en)
        self.problems = problems


class SignatureInvalid(AdapterError):
    """A message that should be signed by the province is not, or not by it, or too old or too new to be believed."""

    code = "signature-invalid"


class Malformed(AdapterError):
    """The answer, file or cursor is not what the dialect promises."""

    code = "malformed"


class Unsupported(AdapterError):
    """The manifest does not declare this capability."""

    code = "unsupported"
    fault = "hub"


class LoopDetected(AdapterError):
    """The source gave the same token or the same page again."""

    code = "loop-detected"


class LimitExceeded(AdapterError):
    """A cap on pages, bytes, rows, cells, depth or seconds was reached."""

    code = "limit-exceeded"


class ManifestInvalid(AdapterError):
    """A province folder does not hold together; found at start-up and by `python -m adapters.check`."""

    code = "manifest-invalid"
    fault = "hub"
