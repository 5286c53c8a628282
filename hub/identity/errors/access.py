"""Why somebody may not do what they asked for."""

from hub.core.errors import ANONYMOUS, AccessRefused, HubError


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
    """Too many attempts that failed or were not finished; `retry_after` says when to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "sign_in_throttled",
            f"登录尝试过于频繁，请在 {seconds} 秒后重试。",
            f"Too many attempts to sign in; try again in {seconds} seconds.",
            429,
            retry_after=seconds,
        )


class CsrfRefused(AccessRefused):
    """A change that was asked for with a cookie but without the page's token."""

    def __init__(self, actor: str = ANONYMOUS, action: str = "-") -> None:
        super().__init__(
            "csrf_refused",
            "页面已过期或请求来自其他网站，未作任何更改。",
            "The page is out of date or the request came from another site; nothing was changed.",
            403,
            actor=actor,
            action=action,
            hint_zh="请刷新页面后重试；程序调用请带上 X-CSRF-Token。",
            hint_en="Reload the page and try again; programs send X-CSRF-Token.",
        )


class NotAllowed(AccessRefused):
    """Known, but without the role that this needs."""

    def __init__(self, actor: str, action: str, subject: str = "-") -> None:
        super().__init__(
            "not_allowed",
            "您当前的身份无权进行此操作。",
            "What you act as does not allow this.",
            403,
            actor=actor,
            action=action,
            subject=subject,
            hint_zh="如您还有其他身份，请在页面顶部切换后重试。",
            hint_en="If you also act as somebody else, switch at the top of the page and try again.",
        )


class OtherProvince(AccessRefused):
    """Known and with the right role, but of another province."""

    def __init__(self, province: str, actor: str = ANONYMOUS, action: str = "-") -> None:
        super().__init__(
            "other_province",
            f"您无权代表 {province} 进行此操作。",
            f"You may not act for {province}.",
            403,
            actor=actor,
            action=action,
            subject=province,
            field="code",
        )


class OtherParty(AccessRefused):
    """The role may do this, but this object belongs to somebody else."""

    def __init__(self, actor: str, action: str, subject: str) -> None:
        super().__init__(
            "other_party",
            "该事项不属于您所代表的单位或辖区，您无权处理。",
            "This does not belong to whom or where you act for.",
            403,
            actor=actor,
            action=action,
            subject=subject,
        )


class WrongState(AccessRefused):
    """The role may do this to this object, but not in the state that it is in."""

    def __init__(self, actor: str, action: str, subject: str, state: str | None) -> None:
        super().__init__(
            "wrong_state",
            f"当前状态（{state or '未知'}）下不能进行此操作。",
            f"This cannot be done in the state it is in ({state or 'unknown'}).",
            409,
            actor=actor,
            action=action,
            subject=subject,
            field="state",
            hint_zh="请刷新页面，查看最新状态和可进行的操作。",
            hint_en="Reload to see the present state and what can be done.",
        )


class BothSides(AccessRefused):
    """The same person or organisation asked for what it would now decide about."""

    def __init__(self, actor: str, action: str, subject: str) -> None:
        super().__init__(
            "both_sides",
            "您或您的单位是该预约的另一方，不能同时代表双方处理。",
            "You or your organisation are on the other side of this booking; nobody acts for both.",
            403,
            actor=actor,
            action=action,
            subject=subject,
            hint_zh="请由服务方的其他人员处理。",
            hint_en="Somebody else of the serving side has to do it.",
        )


class AccountInvalid(HubError):
    """An account cannot be made like this; `field` names what is wrong."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("account_invalid", zh, en, 422, field=field)
