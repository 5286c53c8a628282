"""`hub sealing`: the keys outside the database that second factors are sealed with."""

import argparse
from typing import Any

from hub.cli.installation import open_database
from hub.cli.say import complain, say
from hub.core.clock import utc_now
from hub.core.sealing import FILE, SealingKeys
from hub.core.settings import Settings
from hub.identity.service import second_factors

_ACTOR = "system:cli"


def add_commands(add: Any) -> None:
    """The command of this module."""
    sealing = add("sealing", "密封密钥 / keys that second factors are sealed with", run)
    sealing.add_argument("what", choices=("status", "renew"))
    sealing.add_argument(
        "--forget-unreadable",
        action="store_true",
        help="清除密钥已丢失的动态验证码，其持有人下次登录时重新启用 / forget second factors whose key is lost",
    )


def run(settings: Settings, asked: argparse.Namespace) -> int:
    """Show which keys there are and what they are for; or seal with a new one."""
    keys = SealingKeys(settings.home / FILE, settings.sealing)
    return _show(settings, keys) if asked.what == "status" else _renew(settings, keys, asked)


def _show(settings: Settings, keys: SealingKeys) -> int:
    """1 when something is sealed with a key that is not here."""
    with open_database(settings) as database, database.read() as session:
        used = second_factors.sealed_with(session)
    held = keys.ids()
    for number, key_id in enumerate(held):
        role = "（用于密封 seals）" if number == 0 else ""
        say(f"{key_id}{role}：{used.get(key_id, 0)} 个动态验证码", "second factors sealed with it")
    lost = {key_id: count for key_id, count in used.items() if key_id not in held}
    for key_id, count in lost.items():
        complain(
            f"缺少密钥 {key_id}：{count} 个动态验证码无法核验。",
            f"Key {key_id} is missing: {count} second factors cannot be checked. Restore it from the backup.",
        )
    if not held and not used:
        say("还没有密封密钥；首个动态验证码启用时生成。", "No key yet; the first second factor makes one.")
    return 1 if lost else 0


def _renew(settings: Settings, keys: SealingKeys, asked: argparse.Namespace) -> int:
    if keys.is_given:
        say(
            "密钥取自 HUB_SEALING_KEYS：以其中第一个重新密封。", "Sealing with the first of HUB_SEALING_KEYS."
        )
    with open_database(settings) as database:
        if not keys.is_given:
            say(f"新密钥 {keys.renew()} 已写入 {settings.home / FILE}，请备份。", "A new key; back it up.")
        with database.write() as session:
            resealed = second_factors.reseal(
                session, keys, forgets_unreadable=asked.forget_unreadable, actor=_ACTOR, now=utc_now()
            )
    say(f"已重新密封 {resealed.done} 个动态验证码。", "Second factors sealed anew.")
    if resealed.unreadable and not asked.forget_unreadable:
        complain(
            f"{resealed.unreadable} 个无法读取：请恢复原密钥，或以 --forget-unreadable 清除。",
            f"{resealed.unreadable} cannot be read: restore their key, or forget them with --forget-unreadable.",
        )
        return 1
    return 0
