"""`hub demo`: eleven simulated provinces, the hub and the portal under one supervisor, on this machine only."""

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy import func, select

from hub import migrations, wiring, worker
from hub.catalog.models import Instrument
from hub.catalog.service import schedule
from hub.cli import demo_people, demo_platforms, demo_settlement, demo_vouchers
from hub.cli.demo_people import ACTOR, ADMIN, PASSWORD
from hub.cli.say import complain, say
from hub.core import broker, outbound, outbox
from hub.core.addresses import host_and_port
from hub.core.clock import utc_now
from hub.core.db import Database
from hub.core.locking import lock_folder
from hub.core.runtime import Runtime
from hub.core.settings import Settings
from hub.core.supervisor import Child, ChildDied, Supervisor
from hub.identity import service as identity

READY_SECONDS = 180.0

GREETED = (
    ("省级人员    staff-<省级代码>", "province staff, e.g. staff-530000"),
    ("服务驿站    station-<省级代码>", "service station, e.g. station-310000"),
    ("企业        jiaxing-manager、jiaxing-member、huzhou-manager", "enterprises"),
    ("未核实企业  unverified-manager", "an enterprise that is not verified"),
    (
        "管理单位    institution-<省级代码>、operator-<省级代码>",
        "institution and its operator, once harvested",
    ),
    ("市县科技局  bureau-3304、bureau-310115、bureau-3205", "bureaus"),
    ("财政与审计  finance-330000、finance-310000、finance-3304、auditor、auditor-33", "finance, auditors"),
    ("也可经浙江、上海的身份认证平台（模拟）登录", "or through two simulated identity providers"),
)
"""What the greeting says about accounts besides the administrator's."""


class Demo:
    """One run of the demo over one HUB_HOME."""

    def __init__(self, settings: Settings, *, scale: int = 1) -> None:
        if settings.port == 0:  # every process must be told the same port, also one that is started again
            settings = settings.model_copy(update={"port": _free_port(settings.host)})
        self._settings = settings
        self._scale = scale
        self._state = settings.home / "demo"
        self._url = f"http://{settings.host}:{settings.port}"
        self._env = _child_environment(settings)
        self._supervisor = Supervisor(say)
        self._begun = time.monotonic()

    def run(self) -> int:
        """Run until told to stop; the exit code. Keeps the data: a second run goes on where this one ends."""
        with lock_folder(self._settings.home, "demo"):
            if _is_taken(self._url):
                complain(
                    f"端口 {self._settings.port} 已被其他程序占用，请用 HUB_PORT 换一个端口。",
                    f"Another program listens on port {self._settings.port}; choose another with HUB_PORT.",
                )
                return 1
            self._supervisor.install_signals()
            try:
                return self._run()
            except ChildDied as fault:
                complain(
                    f"启动失败：{fault}", f"The demo could not start. Logs: {self._settings.home / 'log'}"
                )
                return 1
            finally:
                begun = time.monotonic()
                killed = self._supervisor.stop()
                told = f"，强制结束：{'、'.join(killed)}" if killed else ""
                say(
                    f"已全部停止（{time.monotonic() - begun:.1f} 秒{told}）。",
                    "All stopped; nothing is lost.",
                )

    def _run(self) -> int:
        say(f"数据目录 {self._settings.home}", "(HUB_HOME)")
        say("正在启动十一个省级平台模拟器……", "Starting the eleven simulated provincial platforms …")
        self._forget_last_run()
        simulators = self._child("simulators", self._simulators_command)
        self._supervisor.start(simulators)
        self._prepare_database()
        if not self._supervisor.wait_until(
            self._settings.connections_file.exists, simulators, seconds=READY_SECONDS
        ):
            return 0
        runtime = wiring.build_runtime(self._settings)
        try:
            self._put_accounts(runtime)
            demo_vouchers.take_allotments(runtime)
            broker.declare(worker.create_celery(self._settings))
            return self._serve(runtime)
        finally:
            runtime.close()

    def _serve(self, runtime: Runtime) -> int:
        say("正在启动网站、同步与调度进程……", "Starting web, workers and scheduler …")
        web = self._start("web", "web")
        self._start(outbox.CONTROL, "worker", outbox.CONTROL)
        with outbound.client(allow=[host_and_port(self._url)], timeout=5.0) as client:
            if not self._supervisor.wait_until(lambda: self._answers(client), web, seconds=READY_SECONDS):
                return 0
        # Only now: processes that all start at once on two cores would all be late.
        for queue in outbox.QUEUES:
            if queue != outbox.CONTROL:
                self._start(queue, "worker", queue)
        self._start("beat", "beat")
        self._tell_simulators(runtime)
        schedule.schedule_due_syncs(runtime)  # beat asks for the first time after five seconds
        self._greet()
        self._supervisor.watch(_Progress(runtime).round)
        return 0

    def _prepare_database(self) -> None:
        database = Database(self._settings.database)
        try:
            before, after = migrations.upgrade(database)
            if before != after:
                say(f"数据库已升级到 {after}。", f"Database brought to {after}.")
            # The lock says that nobody works here: what a killed run held may be taken up at once.
            with database.write() as session:
                outbox.release_all(session)
            # While the simulators still build their world.
            demo_people.put_offices(database, demo_people.belt(), clock=utc_now)
            demo_vouchers.put_programmes(database, clock=utc_now)
        finally:
            database.close()

    def _put_accounts(self, runtime: Runtime) -> None:
        now = runtime.clock()
        with runtime.database.write() as session:
            held = identity.names_of_demo_accounts(session)
        for username, role, province in [
            (ADMIN, "hub_admin", None),
            *((f"staff-{code}", "province_staff", code) for code in runtime.adapters),
        ]:
            if username in held:
                continue
            with runtime.database.write() as session:
                identity.put_account(
                    session,
                    username,
                    PASSWORD,
                    role=role,
                    province=province,
                    display_name=_display_name(runtime, province),
                    is_demo=True,
                    actor=ACTOR,
                    now=now,
                )

    def _forget_last_run(self) -> None:
        self._state.mkdir(parents=True, exist_ok=True)
        settings = self._settings
        told = (settings.connections_file, settings.partners_file, settings.payments_file, self._hub_file)
        for path in told:
            path.unlink(missing_ok=True)

    def _tell_simulators(self, runtime: Runtime) -> None:
        """Give the simulated platforms and their staff what a real one would be given: address, invitation, account."""
        tokens = demo_platforms.invite(runtime.database, self._state / "simulators", clock=runtime.clock)
        told = {
            "url": self._url,
            "provinces": {
                code: {
                    "username": f"staff-{code}",
                    "password": PASSWORD,
                    **({"invitation": tokens[code]} if code in tokens else {}),
                }
                for code in runtime.adapters
            },
        }
        _write_private(self._hub_file, told)

    def _greet(self) -> None:
        seconds = time.monotonic() - self._begun
        say("")
        say(f"  江仪汇已就绪（{seconds:.0f} 秒）：{self._url}/", f"ready in {seconds:.0f} s")
        say(f"  枢纽管理员  {ADMIN} / {PASSWORD}", "(hub admin)")
        say("  以下账号口令相同，均为合成：", "(same password, all synthetic)")
        for zh, en in GREETED:
            say(f"  {zh}", f"({en})")
        say("  演示数据均为合成数据；按 Ctrl-C 停止。", "All demo data is synthetic; Ctrl-C stops.")
        say("")

    def _answers(self, client: httpx.Client) -> bool:
        try:
            return client.get(f"{self._url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def _start(self, name: str, *words: str) -> Child:
        """Start `hub <words>` under the supervisor."""
        child = self._child(name, lambda: [sys.executable, "-m", "hub.cli", *words])
        self._supervisor.start(child)
        return child

    def _child(self, name: str, command: Callable[[], Sequence[str]]) -> Child:
        return Child(name, command, self._env, self._settings.home / "log" / f"{name}.log")

    def _simulators_command(self) -> list[str]:
        command = [sys.executable, "-m", "adapters.simulators.serve"]
        command += ["--port", str(self._last_port()), "--state", str(self._state)]
        if self._scale != 1:
            command += ["--scale", str(self._scale)]
        return command

    def _last_port(self) -> int:
        # Started again, they must answer where the running workers know them to be.
        try:
            held = json.loads(self._settings.connections_file.read_text("utf-8"))
        except FileNotFoundError:
            return 0
        ports = {urlsplit(entry["base_url"]).port for entry in held.values() if entry.get("base_url")}
        return ports.pop() or 0 if len(ports) == 1 else 0

    @property
    def _hub_file(self) -> Path:
        return self._state / "hub.json"


class _Progress:
    """Tells how many instruments are listed whenever that number has changed."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._next = 0.0
        self._told = -1
        self._without_people = set(runtime.adapters)
        self._has_settlement = False

    def round(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 2.0
        with self._runtime.database.read() as session:
            count = (
                session.scalar(select(func.count()).select_from(Instrument).where(Instrument.is_listed)) or 0
            )
        if self._without_people and count:
            self._without_people = demo_people.put_institutions(
                self._runtime.database, sorted(self._without_people), clock=self._runtime.clock
            )
        if not (self._has_settlement or self._without_people & demo_settlement.NEEDED):
            self._has_settlement = demo_settlement.put_settlement(
                self._runtime.database, clock=self._runtime.clock
            )
        if count != self._told:
            self._told = count
            say(f"  已汇聚 {count:,} 台（套）仪器", f"{count:,} instruments harvested")


def run_demo(settings: Settings, *, scale: int = 1) -> int:
    """The command. Refuses every address but loopback: the demo's accounts are known to everybody."""
    if settings.host != "127.0.0.1":
        complain(
            f"演示只能监听 127.0.0.1，而 HUB_HOST={settings.host}：演示账号是公开的。",
            "The demo listens on 127.0.0.1 only, because its accounts are public. Unset HUB_HOST.",
        )
        return 2
    return Demo(settings, scale=scale).run()


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as held:
        return int(held.getsockname()[1])


def _is_taken(url: str) -> bool:
    with outbound.client(allow=[host_and_port(url)], timeout=2.0, max_seconds=4.0) as client:
        try:
            client.get(f"{url}/healthz")
        except httpx.ConnectError:
            return False
        except httpx.TransportError:  # something listens, whatever it speaks
            return True
    return True


def _display_name(runtime: Runtime, province: str | None) -> str:
    if province is None:
        return "枢纽管理员（演示）"
    return f"{runtime.adapters[province].manifest.name.zh}管理员（演示）"


def _child_environment(settings: Settings) -> Mapping[str, str]:
    return {
        **os.environ,
        "HUB_HOME": str(settings.home),
        "HUB_HOST": settings.host,
        "HUB_PORT": str(settings.port),
        "HUB_DEMO": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _write_private(path: Path, document: object) -> None:
    draft = path.with_suffix(".tmp")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(document, ensure_ascii=False, indent=1), "utf-8")
    draft.replace(path)
