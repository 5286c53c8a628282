"""The command line: what can be asked, and the small commands. The demo is in `hub.cli.demo`."""

import argparse
import getpass
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn

import schemas
from hub import app as hub_app
from hub import migrations, wiring, worker
from hub.cli.demo import run_demo
from hub.cli.say import complain, say
from hub.core import audit, broker, outbox, sequencer
from hub.core.clock import utc_now
from hub.core.connections import ConnectionsMalformed
from hub.core.db import Database
from hub.core.errors import HubError
from hub.core.locking import FolderInUse
from hub.core.log import configure_logging
from hub.core.runtime import Runtime
from hub.core.settings import Settings
from hub.identity import queries as identity_queries
from hub.identity import service as identity
from hub.search import follower

_ACTOR = "system:cli"

Command = Callable[[Settings, argparse.Namespace], int]


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Errors of the installation are told in both languages, without a traceback."""
    asked = _parser().parse_args(words)
    settings = Settings()
    configure_logging(settings.log_level)
    try:
        command: Command = asked.command
        return command(settings, asked)
    except HubError as fact:
        complain(fact.zh, fact.en)
    except FolderInUse as fault:
        complain(
            f"目录 {fault} 正被另一个进程使用。", f"Another process uses {fault}; stop it or set HUB_HOME."
        )
    except (wiring.DemoIsLocal, ConnectionsMalformed, migrations.MigrationRefused) as fault:
        complain("无法继续：", str(fault))
    except KeyboardInterrupt:
        return 130
    return 1


def run_setup(settings: Settings, _asked: argparse.Namespace) -> int:
    """Make HUB_HOME, the broker's folders and the database's tables. Safe to repeat."""
    settings.home.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    try:
        before, after = migrations.upgrade(database)
    finally:
        database.close()
    broker.declare(worker.create_celery(settings))
    say(f"数据库 {before or '（空）'} → {after}，数据目录 {settings.home}", "set up")
    return 0


def run_web(settings: Settings, asked: argparse.Namespace) -> int:
    """Serve pages and API."""
    settings = settings.model_copy(
        update={k: v for k in ("host", "port") if (v := getattr(asked, k)) is not None}
    )
    if settings.demo and settings.host != "127.0.0.1":
        raise wiring.DemoIsLocal(f"HUB_DEMO=1 with host {settings.host}: the demo listens on 127.0.0.1 only")
    _check_schema(settings)
    has_portal = importlib.util.find_spec("station_portal.app") is not None
    uvicorn.run(
        "station_portal.app:create_app" if has_portal else "hub.app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=asked.workers if asked.workers > 1 else None,
        server_header=False,
        access_log=False,
        log_config=None,
        forwarded_allow_ips="127.0.0.1",  # a proxy on this machine may say who the visitor is, nobody else may
        timeout_keep_alive=15,
        timeout_graceful_shutdown=3,  # live-progress streams never end by themselves
    )
    return 0


def run_worker(settings: Settings, asked: argparse.Namespace) -> int:
    """Serve one queue."""
    _check_schema(settings)
    (worker.run_sync if asked.queue == outbox.SYNC else worker.run_control)(settings)
    return 0


def run_beat(settings: Settings, _asked: argparse.Namespace) -> int:
    """Send the periodic messages."""
    _check_schema(settings)
    worker.run_beat(settings)
    return 0


def issue_key(settings: Settings, asked: argparse.Namespace) -> int:
    """Issue, list or revoke a province's platform keys."""
    with _database(settings) as database, database.write() as session:
        if asked.revoke:
            is_done = identity.revoke_key(session, asked.revoke, actor=_ACTOR, now=utc_now())
            say(
                "已停用。" if is_done else "没有这个在用的密钥。",
                "revoked" if is_done else "no such key in use",
            )
            return 0 if is_done else 1
        if asked.list:
            for key in identity_queries.list_keys(session, asked.province):
                state = "停用 revoked" if key.revoked_at else "在用 in use"
                say(f"{key.id}  {key.province}  {key.scope}  {state}  {key.created_at:%Y-%m-%d}  {key.label}")
            return 0
        _check_province(asked.province or "")
        text = identity.issue_key(session, asked.province, label=asked.label, actor=_ACTOR, now=utc_now())
    say(text)
    complain("请立即保存：密钥只显示这一次。", "Keep it now: it is shown only once.")
    return 0


def put_user(settings: Settings, asked: argparse.Namespace) -> int:
    """Make an account or change its password, role and province; or end its sessions."""
    with _database(settings) as database:
        if asked.sign_out:
            with database.write() as session:
                identity.end_sessions_of(session, asked.username, actor=_ACTOR, now=utc_now())
            say("该账号的全部会话已结束。", "All sessions of the account have ended.")
            return 0
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
                display_name=asked.name,
                actor=_ACTOR,
                now=utc_now(),
            )
    say(f"账号 {asked.username} 已保存。", "Account kept.")
    return 0


def rebuild_index(settings: Settings, _asked: argparse.Namespace) -> int:
    """Build the search index anew beside the one that serves, then swap."""
    with _runtime(settings) as runtime:
        told = follower.rebuild(runtime)
    say(f"索引已重建：{told}", "index rebuilt")
    return 0


def sync_now(settings: Settings, asked: argparse.Namespace) -> int:
    """Ask the workers to sync provinces now."""
    with _runtime(settings) as runtime:
        codes = asked.provinces or list(runtime.adapters)
        for code in codes:
            if code not in runtime.adapters:
                complain(f"没有接入省级代码 {code}。", f"No province {code} is connected.")
                return 1
        with runtime.database.write() as session:
            for code in codes:
                outbox.enqueue(session, "catalog.sync_province", {"province": code}, queue=outbox.SYNC)
    say(f"已请求同步：{'、'.join(codes)}", "sync asked for")
    return 0


def verify_audit(settings: Settings, _asked: argparse.Namespace) -> int:
    """Check the audit's whole hash chain."""
    with _database(settings) as database:
        while sequencer.number_once(database):
            pass
        with database.read() as session:
            verdict = audit.verify(session)
    if verdict.broken_at is None:
        say(f"审计链完整，共 {verdict.checked} 条。", f"The audit chain holds, {verdict.checked} entries.")
        return 0
    complain(
        f"审计链在第 {verdict.broken_at} 条处断开（{verdict.why}）。",
        f"The audit chain breaks at entry {verdict.broken_at} ({verdict.why}).",
    )
    return 1


def demo(settings: Settings, asked: argparse.Namespace) -> int:
    """Everything at once."""
    update = {"demo": True, **({"port": asked.port} if asked.port is not None else {})}
    return run_demo(settings.model_copy(update=update), scale=asked.scale)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    _check_schema(settings)
    database = Database(settings.database, pool=2)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _runtime(settings: Settings) -> Iterator[Runtime]:
    _check_schema(settings)
    runtime = wiring.build_runtime(settings)
    try:
        yield runtime
    finally:
        runtime.close()


def _check_schema(settings: Settings) -> None:
    database = Database(settings.database, pool=1)
    try:
        held, wanted = migrations.current(database), migrations.head()
    finally:
        database.close()
    if held != wanted:
        raise HubError(
            "database_outdated",
            f"数据库版本为 {held or '空'}，程序需要 {wanted}：请先运行 hub setup。",
            f"The database is at {held or 'nothing'}, the program needs {wanted}: run `hub setup` first.",
        )


def _check_province(code: str) -> None:
    if code not in schemas.codes("province"):
        raise HubError(
            "province_unknown",
            f"没有省级代码「{code}」，请给出六位代码，如 340000。",
            f"There is no province {code!r}; give a six-digit code such as 340000.",
            field="province",
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hub", description="江仪汇 · 长江经济带科研仪器共享枢纽")
    parser.add_argument(
        "--version", action="version", version=f"API {hub_app.API_VERSION}, schemas {schemas.VERSION}"
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, text: str, command: Command) -> argparse.ArgumentParser:
        held = commands.add_parser(name, help=text, description=text)
        held.set_defaults(command=command)
        return held

    add("setup", "建立数据目录、消息目录和数据库表 / make HUB_HOME and the database's tables", run_setup)
    web = add("web", "网站与接口 / pages and API", run_web)
    web.add_argument("--host", help="默认 HUB_HOST，即 127.0.0.1")
    web.add_argument("--port", type=int, help="默认 HUB_PORT，即 8000")
    web.add_argument("--workers", type=int, default=1, help="进程数 / processes")
    queue = add("worker", "任务进程 / a worker process", run_worker)
    queue.add_argument("queue", choices=outbox.QUEUES)
    add("beat", "定时进程 / the scheduler", run_beat)
    held = add("demo", "在本机演示全部功能 / everything on this machine, with simulated provinces", demo)
    held.add_argument("--port", type=int)
    held.add_argument("--scale", type=int, default=1, help="数据规模倍数 / size of the simulated world")
    key = add("key", "省级平台密钥 / platform keys of a province", issue_key)
    key.add_argument("province", nargs="?", default=None, help="六位省级代码 / six-digit code, e.g. 340000")
    key.add_argument("--label", default="")
    key.add_argument("--list", action="store_true")
    key.add_argument("--revoke", metavar="ID")
    user = add("user", "账号 / accounts", put_user)
    user.add_argument("username")
    user.add_argument("--role", choices=("hub_admin", "province_staff"))
    user.add_argument("--province")
    user.add_argument("--name", default="")
    user.add_argument("--password-stdin", action="store_true")
    user.add_argument("--sign-out", action="store_true", help="结束该账号的全部会话 / end all its sessions")
    add("reindex", "重建检索索引 / build the search index anew", rebuild_index)
    add("sync", "立即同步 / sync now", sync_now).add_argument("provinces", nargs="*")
    trail = add("audit", "审计 / the audit trail", verify_audit)
    trail.add_argument("what", choices=("verify",))
    return parser
