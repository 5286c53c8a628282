"""What can be wrong with who somebody is or what they may do."""

from hub.core.errors import HubError


class SignInNeeded(HubError):
    """Nobody is signed in, or the session has ended."""

    def __init__(self) -> None:
        super().__init__(
            "sign_in_needed",
            "请先登录，或登录已过期。",
            "Please sign in; the session may have ended.",
            401,
        )


class CredentialsRefused(HubError):
    """Wrong name or password; which of the two is not told."""

    def __init__(self) -> None:
        super().__init__(
            "credentials_refused",
            "用户名或密码不正确。",
            "The user name or the password is not right.",
            401,
        )


class SignInThrottled(HubError):
    """Too many failed attempts; `retry_after` says when to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "sign_in_throttled",
            f"登录失败次数过多，请在 {seconds} 秒后重试。",
            f"Too many failed attempts; try again in {seconds} seconds.",
            429,
            retry_after=seconds,
        )


class CsrfRefused(HubError):
    """A change that was asked for with a cookie but without the page's token."""

    def __init__(self) -> None:
        super().__init__(
            "csrf_refused",
            "页面已过期或请求来自其他网站，未作任何更改。",
            "The page is out of date or the request came from another site; nothing was changed.",
            403,
            hint_zh="请刷新页面后重试；程序调用请带上 X-CSRF-Token。",
            hint_en="Reload the page and try again; programs send X-CSRF-Token.",
        )


class NotAllowed(HubError):
    """Known, but without the role that this needs."""

    def __init__(self) -> None:
        super().__init__(
            "not_allowed",
            "您的角色无权进行此操作。",
            "Your role does not allow this.",
            403,
        )


class OtherProvince(HubError):
    """Known and with the right role, but of another province."""

    def __init__(self, province: str) -> None:
        super().__init__(
            "other_province",
            f"您无权代表 {province} 进行此操作。",
            f"You may not act for {province}.",
            403,
            field="code",
        )


class KeyUnknown(HubError):
    """The platform key is not known, was revoked, or is not for this."""

    def __init__(self) -> None:
        super().__init__(
            "key_unknown",
            "平台密钥无效或已停用。",
            "The platform key is not valid or was revoked.",
            401,
            hint_zh="请以 Authorization: Bearer 发送 `hub key <省级代码>` 签发的密钥。",
            hint_en="Send the key issued by `hub key <province>` as Authorization: Bearer.",
        )


class AccountInvalid(HubError):
    """An account cannot be made like this; `field` names what is wrong."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("account_invalid", zh, en, 422, field=field)
