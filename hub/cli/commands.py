"""The command line: what can be asked, and the small commands. The demo is in `hub.cli.demo`."""

import argparse
import importlib.util
import os
from collections.abc import Callable, Sequence

import uvicorn

import schemas
from hub import app as hub_app
from hub import migrations, wiring, worker
from hub.cli import files, ledger, people, platforms, sealing
from hub.cli.demo import run_demo
from hub.cli.installation import check_province, check_schema, open_database, open_runtime
from hub.cli.say import complain, say
from hub.core import broker, outbox
from hub.core.clock import utc_now
from hub.core.connections import ConnectionsMalformed
from hub.core.db import Database
from hub.core.errors import HubError
from hub.core.locking import FolderInUse
from hub.core.log import configure_logging
from hub.core.partners import PartnersMalformed
from hub.core.settings import Settings
from hub.identity import queries as identity_queries
from hub.identity import service as identity
from hub.search import follower
from hub.settlement import service as settlement
from hub.settlement.rules import published

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
    except (
        wiring.DemoIsLocal,
        ConnectionsMalformed,
        PartnersMalformed,
        migrations.MigrationRefused,
    ) as fault:
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
        with database.write() as session:
            settlement.load_programmes(session, published(), actor="system:setup", now=utc_now())
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
    wiring.public_url(settings)  # told here in words, not from inside the server
    check_schema(settings)
    os.environ.update(HUB_HOST=settings.host, HUB_PORT=str(settings.port))  # read by each process of the web
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
    check_schema(settings)
    run = {
        outbox.SYNC: worker.run_sync,
        outbox.FORWARD: worker.run_forward,
        outbox.CONTROL: worker.run_control,
    }
    run[asked.queue](settings)
    return 0


def run_beat(settings: Settings, _asked: argparse.Namespace) -> int:
    """Send the periodic messages."""
    check_schema(settings)
    worker.run_beat(settings)
    return 0


def issue_key(settings: Settings, asked: argparse.Namespace) -> int:
    """Issue, list or revoke a province's platform keys."""
    with open_database(settings) as database, database.write() as session:
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
        check_province(asked.province or "")
        text = identity.issue_key(session, asked.province, label=asked.label, actor=_ACTOR, now=utc_now())
    say(text)
    complain("请立即保存：密钥只显示这一次。", "Keep it now: it is shown only once.")
    return 0


def rebuild_index(settings: Settings, _asked: argparse.Namespace) -> int:
    """Build the search index anew beside the one that serves, then swap."""
    with open_runtime(settings) as runtime:
        told = follower.rebuild(runtime)
    say(f"索引已重建：{told}", "index rebuilt")
    return 0


def sync_now(settings: Settings, asked: argparse.Namespace) -> int:
    """Ask the workers to sync provinces now."""
    with open_runtime(settings) as runtime:
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


def demo(settings: Settings, asked: argparse.Namespace) -> int:
    """Everything at once."""
    update = {"demo": True, **({"port": asked.port} if asked.port is not None else {})}
    return run_demo(settings.model_copy(update=update), scale=asked.scale)


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
    platforms.add_to(
        add("platform", "省级平台的接入 / platforms that sign in by themselves", platforms.list_all)
    )
    people.add_commands(add)
    sealing.add_commands(add)
    ledger.add_commands(add)
    files.add_commands(add)
    add("reindex", "重建检索索引 / build the search index anew", rebuild_index)
    add("sync", "立即同步 / sync now", sync_now).add_argument("provinces", nargs="*")
    return parser
