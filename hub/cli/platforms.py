"""`hub platform …`: invite a province's platform, see what is enrolled, stop a platform or one of its keys."""

import argparse
from datetime import timedelta

from hub.cli.installation import check_province, open_database, open_runtime
from hub.cli.say import complain, say
from hub.core.clock import SHANGHAI, utc_now
from hub.core.settings import Settings
from hub.identity import queries
from hub.identity.rules.scopes import resources, scope_text
from hub.identity.service import platform_keys, platforms, signing

_ACTOR = "system:cli"


def add_to(parser: argparse.ArgumentParser) -> None:
    """The words that may follow `hub platform`; none lists everything."""
    words = parser.add_subparsers(metavar="action")

    def add(name: str, text: str, command: object) -> argparse.ArgumentParser:
        held = words.add_parser(name, help=text, description=text)
        held.set_defaults(command=command)
        return held

    invite = add("invite", "签发一次性令牌 / make a one-time token", invite_one)
    invite.add_argument("province", help="六位省级代码 / six-digit code, e.g. 310000")
    invite.add_argument("--name", default="", help="平台名称 / what the platform is called")
    invite.add_argument("--scopes", help=f"以逗号分隔 / by comma: {','.join(resources())}")
    invite.add_argument("--hours", type=int, default=72, help="有效小时数，1–336 / hours it lasts")
    invite.add_argument(
        "--secret", action="store_true", help="平台不能签名，改用口令 / it cannot sign: a secret"
    )
    invite.add_argument("--platform", metavar="ID", help="为已接入但丢失密钥的平台 / one that lost its keys")
    add("list", "列出平台、公钥与邀请 / list platforms, keys, invitations", list_all).add_argument(
        "province", nargs="?"
    )
    revoke = add("revoke", "立即停用平台或其一把公钥 / stop a platform, or one key of it", revoke_one)
    revoke.add_argument("platform", metavar="ID")
    revoke.add_argument("--key", metavar="KID", help="只停用这把公钥 / only this key")
    add("withdraw", "撤回未使用的一次性令牌 / withdraw a token that was not used", withdraw_one).add_argument(
        "invitation", metavar="ID"
    )
    renew = add(
        "renew-hub-key", "更换枢纽自己的令牌签名密钥 / have a new key of the hub sign tokens", renew_hub_key
    )
    renew.add_argument(
        "--compromised", action="store_true", help="旧密钥及其令牌立即作废 / old keys and tokens end at once"
    )


def invite_one(settings: Settings, asked: argparse.Namespace) -> int:
    """Print a one-time token, once."""
    check_province(asked.province)
    with open_database(settings) as database, database.write() as session:
        invited = platforms.invite_platform(
            session,
            asked.province,
            name=asked.name,
            scopes=asked.scopes.split(",") if asked.scopes else None,
            may_use_secret=asked.secret,
            platform_id=asked.platform,
            lifetime=timedelta(hours=asked.hours),
            actor=_ACTOR,
            now=utc_now(),
        )
    say(invited.token)
    until = f"{invited.expires_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    complain(
        f"一次性令牌只显示这一次，{until} 前有效，兑换一次即失效。",
        f"Shown only once; good until {until} (Shanghai) and for one exchange.",
    )
    return 0


def list_all(settings: Settings, asked: argparse.Namespace) -> int:
    """Print platforms with their keys, and invitations that are still open."""
    province = getattr(asked, "province", None)
    now = utc_now()
    with open_database(settings) as database, database.read() as session:
        for platform in queries.list_platforms(session, province):
            state = "停用 revoked" if platform.revoked_at else "在用 in use"
            scope = scope_text(platform.scopes, platform.province)
            say(f"{platform.id}  {state}  {platform.auth_method}  {scope}  {platform.name}")
            for key in queries.public_keys_of(session, [platform.id]):
                used = f"{key.last_used_at:%Y-%m-%d}" if key.last_used_at else "—"
                state = "停用 retired" if key.retired_at else "在用 in use"
                say(f"    {key.kid}  {key.algorithm}  {state}  {key.created_at:%Y-%m-%d}  {used}")
        for invitation in queries.list_invitations(session, province):
            is_open = not (invitation.used_at or invitation.withdrawn_at) and invitation.expires_at > now
            if is_open:
                say(f"邀请 invitation {invitation.id}  {invitation.province}  {invitation.name}")
    return 0


def revoke_one(settings: Settings, asked: argparse.Namespace) -> int:
    """Stop a platform or a key, and the live tokens with it."""
    with open_database(settings) as database, database.write() as session:
        now = utc_now()
        if asked.key:
            platform_keys.retire_key(
                session, asked.platform, asked.key, is_forced=True, actor=_ACTOR, now=now
            )
        else:
            platforms.revoke_platform(session, asked.platform, actor=_ACTOR, now=now)
    say("已停用。", "stopped")
    return 0


def withdraw_one(settings: Settings, asked: argparse.Namespace) -> int:
    """Make an unused token worthless."""
    with open_database(settings) as database, database.write() as session:
        platforms.withdraw_invitation(session, asked.invitation, actor=_ACTOR, now=utc_now())
    say("已撤回。", "withdrawn")
    return 0


def renew_hub_key(settings: Settings, asked: argparse.Namespace) -> int:
    """Replace the key of this machine, or, when one leaked, of all."""
    with open_runtime(settings) as runtime:
        kid = signing.replace_keys(
            runtime.database,
            runtime.home,
            "token",
            is_compromised=asked.compromised,
            actor=_ACTOR,
            now=utc_now(),
        )
    say(f"新的签名密钥：{kid}", "signs from now on")
    return 0
