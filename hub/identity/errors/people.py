"""What can be wrong with signing in, grants, invitations and enterprises."""

from hub.core.errors import AccessRefused, HubError, NotFound


class SecondFactorNeeded(HubError):
    """The first factor was right; the code of the second is still missing."""

    def __init__(self) -> None:
        super().__init__(
            "second_factor_needed",
            "还需要动态验证码。",
            "The one-time code is needed too.",
            401,
            field="code",
            hint_zh="请在 code 中附上身份验证器应用显示的六位数字。",
            hint_en="Give the six digits that your authenticator app shows as `code`.",
        )


class SecondFactorMissing(HubError):
    """This role needs a second factor and the person has none yet, or has not used it in this session."""

    def __init__(self) -> None:
        super().__init__(
            "second_factor_missing",
            "以工作人员身份操作须先启用动态验证码。",
            "Acting as staff needs a second factor.",
            403,
            hint_zh="请在网页上重新登录，按提示启用身份验证器应用。",
            hint_en="Sign in on the pages again and follow the steps to set up an authenticator app.",
        )


class CodeRefused(HubError):
    """A one-time or recovery code that is wrong, was used before, or is too old."""

    def __init__(self) -> None:
        super().__init__(
            "code_refused",
            "验证码不正确或已使用过。",
            "The code is wrong or was used before.",
            401,
            field="code",
            hint_zh="请等待应用显示下一组数字后再试；手机时间须自动校准。",
            hint_en="Wait for the app's next code and try again; the phone's clock must be set automatically.",
        )


class SignInExpired(HubError):
    """A sign-in that was begun too long ago, in another browser, or is finished."""

    def __init__(self) -> None:
        super().__init__(
            "sign_in_expired",
            "本次登录已超时或已失效，请重新登录。",
            "This sign-in took too long or is no longer valid; please start again.",
            401,
        )


class ProviderUnknown(NotFound):
    """No identity provider is configured under this name."""

    def __init__(self) -> None:
        super().__init__(
            "没有这个身份认证平台。", "There is no such identity provider.", code="provider_unknown"
        )


class ProviderUnavailable(HubError):
    """The identity provider cannot be reached or does not answer as agreed."""

    retryable = True

    def __init__(self, name: str) -> None:
        super().__init__(
            "provider_unavailable",
            f"暂时无法连接{name}，请稍后重试。",
            f"{name} cannot be reached now; please try again later.",
            503,
            retry_after=30,
        )


class ProviderDeclined(HubError):
    """The person or the identity provider ended the sign-in there."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "provider_declined",
            f"您在{name}取消了登录，或该平台未予认证。",
            f"The sign-in was cancelled at {name}, or it did not confirm you.",
            403,
        )


class ProviderAnswerRefused(HubError):
    """An answer of an identity provider that does not fit what was asked: forged, old, or meant for somebody else."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "provider_answer_refused",
            "身份认证平台的应答未通过校验，未登录。",
            "The identity provider's answer did not pass the checks; you are not signed in.",
            400,
            hint_zh="请返回登录页重新开始；反复出现时请联系枢纽管理员。",
            hint_en="Start again from the sign-in page; if it persists, tell the hub's administrators.",
        )
        self.why = why
        """For the log and the audit only: what exactly did not fit."""


class PersonUnknown(NotFound):
    """Nobody is known under this identifier."""

    def __init__(self) -> None:
        super().__init__("没有这个用户。", "There is no such person.", code="person_unknown")


class GrantUnknown(NotFound):
    """The person holds no such grant, or it has ended."""

    def __init__(self) -> None:
        super().__init__(
            "没有这个身份，或该身份已停用。", "There is no such grant, or it has ended.", code="grant_unknown"
        )


class GrantInvalid(HubError):
    """A grant that cannot be made like this; `field` names what is wrong."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("grant_invalid", zh, en, 422, field=field)


class LastManager(HubError):
    """The only manager of a party would be gone, and nobody could invite anybody any more."""

    def __init__(self) -> None:
        super().__init__(
            "last_manager",
            "这是该单位唯一的管理员，不能停用。",
            "This is the only manager; the grant cannot be ended.",
            409,
            hint_zh="请先邀请另一位管理员。",
            hint_en="Invite another manager first.",
        )


class InvitationInvalid(HubError):
    """An invitation that is unknown, used, withdrawn or too old; which of them is not told."""

    def __init__(self) -> None:
        super().__init__(
            "invitation_invalid",
            "该邀请无效、已使用或已过期。",
            "This invitation is not valid, was used or has expired.",
            410,
            hint_zh="请向邀请人索取新的邀请链接。",
            hint_en="Ask whoever invited you for a new link.",
        )


class EnterpriseUnknown(NotFound):
    """No enterprise is known under this identifier."""

    def __init__(self) -> None:
        super().__init__("没有这个企业。", "There is no such enterprise.", code="enterprise_unknown")


class EnterpriseUnverified(HubError):
    """Where the enterprise belongs is not verified, or the yearly check is overdue: it may search and ask, not book."""

    def __init__(self) -> None:
        super().__init__(
            "enterprise_unverified",
            "企业归属地尚未核实或核实已过期，暂不能预约；检索和咨询不受影响。",
            "Where the enterprise belongs is not verified, or no longer; it may search and ask, but not book.",
            403,
            hint_zh="请企业管理员在“我的单位”提交核实材料，或经省级身份认证平台重新登录。",
            hint_en="The enterprise's manager hands in documents under “My organisation”, or signs in through the "
            "province's identity provider again.",
        )


class ClaimInvalid(HubError):
    """What somebody says about an enterprise cannot be right; `field` names what is wrong."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("claim_invalid", zh, en, 422, field=field)


class EnterpriseHasManager(HubError):
    """The enterprise is here already; who wants to join it is invited by its manager."""

    def __init__(self) -> None:
        super().__init__(
            "enterprise_has_manager",
            "该企业已有管理员，请向其索取邀请。",
            "This enterprise has a manager already; ask them for an invitation.",
            409,
            field="credit_code",
        )


class CaseUnknown(NotFound):
    """There is no such case."""

    def __init__(self) -> None:
        super().__init__("没有这个事项。", "There is no such case.", code="case_unknown")


class CaseClosed(HubError):
    """The case was decided or withdrawn in the meantime."""

    def __init__(self) -> None:
        super().__init__(
            "case_closed",
            "该事项已办结，不能再作决定。",
            "This case is closed; nothing more can be decided.",
            409,
        )


class RefusalIncomplete(HubError):
    """A request is refused only with a reason of the table and words of the office; `field` is what is missing."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("refusal_incomplete", zh, en, 422, field=field)


class OwnCase(AccessRefused):
    """Nobody decides about themselves or about an enterprise that they act for."""

    def __init__(self, actor: str, action: str, subject: str) -> None:
        super().__init__(
            "own_case",
            "该事项与您本人或您代表的企业有关，须由其他人员办理。",
            "This case is about you or an enterprise you act for; somebody else has to decide it.",
            403,
            actor=actor,
            action=action,
            subject=subject,
        )


class DocumentRefused(HubError):
    """A document that is not taken: too large, empty, or of another kind than PDF, JPEG and PNG."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__("document_refused", zh, en, 422, field="document")
