"""`hub user` and `hub audit`: accounts of offices, lost second factors, and checking the audit."""

import argparse
import getpass
import sys
from pathlib import Path
from typing import Any

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hub.cli.installation import open_database
from hub.cli.say import complain, say
from hub.core import audit, sequencer
from hub.core.clock import utc_now
from hub.core.settings import Settings
from hub.identity import queries, rules
from hub.identity import service as identity
from hub.identity.models import Person
from hub.identity.service import audit_heads, second_factors

_ACTOR = "system:cli"

WHY = {
    "altered": "条目被改动",
    "missing": "条目被删除",
    "cut off": "链尾被截断",
    "rewritten": "此前的链被整体改写",
    "head altered": "已签发的链头被改动",
    "private detail altered": "个人信息明细被改动",
    "private detail missing": "个人信息明细被删除",
    "private detail erased against the rule": "个人信息明细未到期被清除",
}


def add_commands(add: Any) -> None:
    """The two commands of this module."""
    user = add("user", "账号 / accounts", put_user)
    user.add_argument("username")
    user.add_argument("--role", choices=rules.ROLES)
    user.add_argument("--province", help="六位省级代码 / six-digit province code")
    user.add_argument("--area", help="辖区代码前缀 / prefix of an area code, e.g. 3304")
    user.add_argument("--party", help="所代表单位的编号 / identifier of whom the account acts for")
    user.add_argument("--name", default="")
    user.add_argument("--password-stdin", action="store_true")
    user.add_argument("--sign-out", action="store_true", help="结束该账号的全部会话 / end all its sessions")
    user.add_argument(
        "--lost-second-factor",
        action="store_true",
        help="清除丢失的动态验证码，下次登录时重新启用 / forget a lost second factor",
    )
    trail = add("audit", "审计 / the audit trail", verify_audit)
    trail.add_argument("what", choices=("verify",))
    trail.add_argument(
        "--heads",
        type=Path,
        metavar="FILE",
        help="省级平台留存的链头，每行一个 / heads kept by a province, one a line",
    )
    trail.add_argument(
        "--keys",
        type=Path,
        metavar="FILE",
        help="与链头一同留存的公钥集（JWK Set）/ public keys kept with them",
    )


def put_user(settings: Settings, asked: argparse.Namespace) -> int:
    """Make an account or change its password and grant; end its sessions; forget a lost second factor."""
    with open_database(settings) as database:
        if asked.sign_out or asked.lost_second_factor:
            return _help_account(database, asked)
        if asked.role is None:
            complain("请用 --role 指定角色。", "Give a role with --role.")
            return 2
        password = (
            sys.stdin.readline().rstrip("\n") if asked.password_stdin else getpass.getpass("密码 password: ")
        )
        with database.write() as session:
            identity.put_account(
                session,
                asked.username,
                password,
                role=asked.role,
                province=asked.province,
                party_id=asked.party,
                area=asked.area,
                display_name=asked.name,
                actor=_ACTOR,
                now=utc_now(),
            )
    say(f"账号 {asked.username} 已保存。", "Account kept.")
    if asked.role in rules.STAFF_ROLES:
        say("首次登录时将提示启用动态验证码。", "The first sign-in on the pages sets up the second factor.")
    return 0


def verify_audit(settings: Settings, asked: argparse.Namespace) -> int:
    """Check the audit: chain, private details, kept heads, and heads that a province kept."""
    try:
        handed_out = asked.heads.read_text("ascii").split() if asked.heads else []
        keys = KeySet.import_key_set(orjson.loads(asked.keys.read_bytes())) if asked.keys else None
    except (OSError, ValueError, KeyError, TypeError, JoseError) as fault:
        complain(f"无法读取链头或公钥文件：{fault}", "The file of heads or keys cannot be read.")
        return 2
    with open_database(settings) as database:
        while sequencer.number_once(database):
            pass
        try:
            with database.read() as session:
                verdict = audit_heads.verify(session, handed_out=handed_out, keys=keys, now=utc_now())
        except audit_heads.HeadMalformed as fault:
            complain(f"链头文件有误：{fault}", "This is no head signed by the hub.")
            return 2
    return _tell(verdict, len(handed_out))


def _tell(verdict: audit.AuditVerdict, handed_out: int) -> int:
    if verdict.broken_at is not None:
        complain(
            f"审计链在第 {verdict.broken_at} 条处断开：{WHY.get(verdict.why, verdict.why)}。",
            f"The audit chain breaks at entry {verdict.broken_at} ({verdict.why}).",
        )
        return 1
    say(f"审计链完整，共 {verdict.checked} 条。", f"The audit chain holds, {verdict.checked} entries.")
    if verdict.erased:
        say(f"其中 {verdict.erased} 条的个人信息已按规则清除。", "Personal details erased by rule.")
    if handed_out:
        say(f"与留存的 {handed_out} 个链头一致。", "It agrees with the heads that were handed in.")
    return 0


def _help_account(database: Any, asked: argparse.Namespace) -> int:
    with database.write() as session:
        account = queries.account_named(session, asked.username)
        if account is None:
            complain(f"没有账号 {asked.username}。", "There is no such account.")
            return 1
        if asked.lost_second_factor:
            person = session.get_one(Person, account.person_id)
            second_factors.remove(session, person, actor=_ACTOR, now=utc_now())
            say("已清除；下次登录时重新启用。", "Forgotten; the next sign-in sets up a new one.")
        identity.end_sessions_of(session, asked.username, actor=_ACTOR, now=utc_now())
    say("该账号的全部会话已结束。", "All sessions of the account have ended.")
    return 0
