"""What can be wrong with platforms, their keys and their tokens."""

from hub.core.errors import ANONYMOUS, AccessRefused, HubError


class KeyUnknown(HubError):
    """The platform key or access token is not known, has expired, was revoked, or is not for this."""

    def __init__(self) -> None:
        super().__init__(
            "key_unknown",
            "访问令牌或平台密钥无效、已过期或已停用。",
            "The access token or platform key is not valid, has expired or was revoked.",
            401,
            hint_zh="请重新向 /oauth/token 取得令牌，以 Authorization: Bearer 发送；平台密钥由 `hub key <省级代码>` 签发。",
            hint_en="Get a new token at /oauth/token and send it as Authorization: Bearer; platform keys come from "
            "`hub key <province>`.",
        )


class PublicKeyRefused(HubError):
    """What was handed in is no public key that a platform may sign with."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__("public_key_refused", zh, en, 422, field="public_key")


class PublicKeyTaken(HubError):
    """The platform has, or had, a key of this name or this very key."""

    def __init__(self, kid: str) -> None:
        super().__init__(
            "public_key_taken",
            f"该平台已有或曾有名为 {kid} 的公钥，或曾登记同一把公钥。",
            f"This platform has or had a key named {kid}, or this very key.",
            409,
            field="public_key",
            hint_zh="请生成新的密钥对，并使用新的 kid。",
            hint_en="Make a new pair of keys under a new kid.",
        )


class TooManyPublicKeys(HubError):
    """A platform has as many keys in use as it may."""

    def __init__(self, most: int) -> None:
        super().__init__(
            "too_many_public_keys",
            f"每个平台最多同时使用 {most} 把公钥。",
            f"A platform has at most {most} keys in use.",
            409,
            field="public_key",
            hint_zh="请先停用不再使用的公钥。",
            hint_en="Retire a key that is no longer used first.",
        )


class LastPublicKey(HubError):
    """Retiring this key would lock the platform out: no other key of it has signed in yet."""

    def __init__(self, kid: str) -> None:
        super().__init__(
            "last_public_key",
            f"停用 {kid} 后平台将无法登录：其余公钥都还没有成功登录过。",
            f"Without {kid} the platform could not sign in: none of its other keys has done so yet.",
            409,
            field="kid",
            hint_zh="请先用新密钥取得一次令牌，再停用旧密钥。",
            hint_en="Get one token with the new key, then retire the old one.",
        )


class PlatformUnknown(HubError):
    """There is no such platform, key or invitation, or it is no longer in use."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "platform_unknown",
            f"没有名为 {name} 的平台、公钥或邀请，或者它已停用。",
            f"There is no platform, key or invitation {name}, or it is no longer in use.",
            404,
        )


class PlatformInvalid(HubError):
    """A platform cannot be invited or enrolled like this; `field` names what is wrong."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__("platform_invalid", zh, en, 422, field=field)


class InvitationRefused(AccessRefused):
    """A one-time token that opens nothing: unknown, withdrawn, expired, or exchanged before. The last is audited."""

    def __init__(self, code: str, zh: str, en: str, status: int, *, actor: str = ANONYMOUS) -> None:
        super().__init__(
            code,
            zh,
            en,
            status,
            actor=actor,
            action="platform.enrol",
            subject=actor,
            field="token",
            hint_zh="请向本省工作人员或枢纽管理员索取新的一次性令牌。",
            hint_en="Ask the province's staff or the hub's administrators for a new one-time token.",
        )


class OtherPlatform(AccessRefused):
    """A platform asked about another one."""

    def __init__(self, actor: str, action: str, platform_id: str) -> None:
        super().__init__(
            "other_platform",
            "平台只能管理自己的公钥。",
            "A platform looks after its own keys only.",
            403,
            actor=actor,
            action=action,
            subject=f"platform:{platform_id}",
        )
