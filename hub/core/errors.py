"""Facts that can go wrong, as plain exceptions.

Domains subclass `HubError`; one handler in `hub.core.web` turns each into an RFC 9457 problem document.
Codes are stable: clients branch on them, texts may be improved.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class HubError(Exception):
    """A fact that a caller is told about, in Chinese and English.

    `code` is stable and lower_snake_case, `zh` and `en` say what is wrong, `hint_zh` and `hint_en` what to do,
    `field` names the offending parameter or JSON pointer, `errors` lists several faults of one document
    (each `{pointer, code, zh, en}`), `retry_after` is in whole seconds.
    `retryable` tells the outbox whether trying the same work again can help.
    """

    retryable = False

    def __init__(
        self,
        code: str,
        zh: str,
        en: str,
        status: int = 400,
        *,
        field: str | None = None,
        hint_zh: str | None = None,
        hint_en: str | None = None,
        retry_after: int | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.zh = zh
        self.en = en
        self.status = status
        self.field = field
        self.hint_zh = hint_zh
        self.hint_en = hint_en
        self.retry_after = retry_after
        self.errors = tuple(errors)


ANONYMOUS = "-"
"""The actor of a refusal when nobody is signed in."""


class AccessRefused(HubError):
    """Somebody known was refused. `actor`, `action` and `subject` go into the audit once the request is rolled back."""

    def __init__(
        self,
        code: str,
        zh: str,
        en: str,
        status: int,
        *,
        actor: str,
        action: str,
        subject: str = "-",
        field: str | None = None,
        hint_zh: str | None = None,
        hint_en: str | None = None,
    ) -> None:
        super().__init__(code, zh, en, status, field=field, hint_zh=hint_zh, hint_en=hint_en)
        self.actor = actor
        self.action = action
        self.subject = subject


class NotFound(HubError):
    """Nothing is held under this name."""

    def __init__(self, zh: str, en: str, *, code: str = "not_found", field: str | None = None) -> None:
        super().__init__(code, zh, en, 404, field=field)


class LeaseLost(HubError):
    """Another process has taken over the work; whatever this one still writes must be dropped."""

    def __init__(self, what: str) -> None:
        super().__init__(
            "lease_lost",
            f"「{what}」的租约已由其他进程接管，本进程的写入作废。",
            f"The lease on {what} was taken over by another process; this one's writes are void.",
            409,
        )
