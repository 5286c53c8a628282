"""The composition root: the only place that reads settings and builds what a process runs on.

Nothing is opened at import. Call `build_runtime` in the process that uses the result, after any fork.
"""

import functools
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from cryptography import x509

from adapters import registry
from adapters.contract import Connection, Limits, ProvinceAdapter
from adapters.errors import AdapterError
from adapters.transports import workbooks
from adapters.transports.pacing import Pacing
from hub import models  # noqa: F401 - every table must be known before the first query
from hub.bookings.service import lateness
from hub.bookings.service.scanning import CommandScanner
from hub.core import health, outbound
from hub.core.addresses import host_and_port
from hub.core.connections import read_connections
from hub.core.db import Database
from hub.core.errors import HubError
from hub.core.partners import read_partners
from hub.core.runtime import Runtime
from hub.core.settings import LOOPBACK, Settings
from hub.notices.senders import Sender
from hub.notices.senders.folder import FolderSender
from hub.notices.senders.http import RobotSender, SmsGatewaySender
from hub.notices.senders.smtp import SmtpSender
from hub.search.index import SearchIndex
from hub.settlement.channels import BankTransfer, Channel, OnlineChannel, OnlineTerms

log = logging.getLogger(__name__)


class PublicUrlUnsafe(HubError):
    """The hub's address would carry tokens and passwords in the clear, or is not known at all; nothing starts."""

    def __init__(self, found: str) -> None:
        super().__init__(
            "public_url_unsafe",
            f"HUB_PUBLIC_URL 为「{found}」：本机以外必须是 https:// 开头、不带路径的完整地址，如 https://hub.example.cn。",
            f"HUB_PUBLIC_URL is {found!r}: beyond this machine it must be https:// and a host, without a path, such as "
            "https://hub.example.cn.",
            500,
            field="HUB_PUBLIC_URL",
        )


class TimeStampRootsMissing(HubError):
    """An authority is named and the certificates to trust it by are not there; nothing starts."""

    def __init__(self) -> None:
        super().__init__(
            "time_stamp_roots_missing",
            "设置了 HUB_TSA_URL，但 HUB_TSA_CA 没有指向可读的证书文件（PEM）。",
            "HUB_TSA_URL is set, and HUB_TSA_CA names no readable file of certificates (PEM).",
            500,
            field="HUB_TSA_CA",
        )


class DemoIsLocal(RuntimeError):
    """The demo's accounts are public, so it refuses every address but loopback."""


def build_runtime(settings: Settings) -> Runtime:
    """Everything a process needs, built from the settings. Opens no connection yet; close it at the end."""
    if settings.demo and settings.host != "127.0.0.1":
        raise DemoIsLocal(f"HUB_DEMO=1 with HUB_HOST={settings.host}: the demo listens on 127.0.0.1 only")
    settings.home.mkdir(parents=True, exist_ok=True)
    connections = read_connections(settings.connections_file)
    runtime = Runtime(
        home=settings.home,
        database=Database(settings.database, pool=settings.web_threads),
        adapters=build_adapters(connections),
        index=SearchIndex(settings.home / "index"),
        is_demo=settings.demo,
        has_secure_cookies=settings.has_secure_cookies,
        metrics_token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
        senders=build_senders(settings),
        partners=read_partners(settings.partners_file),
        public_url=public_url(settings),
        webhook_hosts=settings.webhook_hosts,
        read_workbook=read_upload,
        scanner=CommandScanner(settings.scan_command) if settings.scan_command else None,
        fonts=settings.fonts_folder,
        payment_channels=build_payment_channels(settings.payments_file),
        sealing_keys=settings.sealing,
        tsa_url=settings.tsa_url,
        tsa_ca=time_stamp_roots(settings),
    )
    runtime.sealing.ids()  # what is wrong with them is said at the start, not at somebody's sign-in
    health.add_core_readings(runtime)
    lateness.add_readings(runtime)
    return runtime


def time_stamp_roots(settings: Settings) -> bytes:
    """The certificates that time-stamps are trusted by, as PEM. Raises `TimeStampRootsMissing`."""
    if not settings.tsa_url:
        return b""
    try:
        found = settings.tsa_ca.read_bytes() if settings.tsa_ca is not None else b""
        x509.load_pem_x509_certificates(found)
    except (OSError, ValueError):
        raise TimeStampRootsMissing from None
    return found


UPLOAD_LIMITS = Limits(
    file_bytes=2_000_000,
    expanded_bytes=20_000_000,
    entries=100,
    rows=5_000,
    columns=60,
    cell_chars=500,
    parse_seconds=10.0,
)
"""What a person's workbook may be; those of provinces have their manifests' limits."""


def read_upload(content: bytes, filename: str) -> Iterator[list[Any]]:
    """The rows of an uploaded workbook's first sheet. Raises `AdapterError`."""
    return workbooks.read_workbook(content, filename, 1, UPLOAD_LIMITS, Pacing())


def public_url(settings: Settings) -> str:
    """Where others find the hub: `https://host[:port]`, or plain http where it listens on loopback only.

    Raises `PublicUrlUnsafe`.

    Never taken from a request: behind a proxy that says who asks and how, a request may claim any address.
    """
    if not settings.public_url and settings.is_loopback:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        return f"http://{host}:{settings.port}"
    found = settings.public_url.rstrip("/")
    try:
        parts = urlsplit(found)
        is_local = parts.scheme == "http" and parts.hostname in LOOPBACK and settings.is_loopback
        is_whole = (
            bool(parts.hostname) and found == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
        )
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        raise PublicUrlUnsafe(settings.public_url) from None
    if not is_whole or not (is_local or parts.scheme == "https"):
        raise PublicUrlUnsafe(settings.public_url)
    return found


def build_adapters(
    connections: Mapping[str, Connection], folder: Path = registry.PROVINCES
) -> dict[str, ProvinceAdapter]:
    """One adapter for every province below `folder`, also for one that has no connection yet.

    What is wrong with one province's folder leaves that province out, says so in the log, and stops nothing else.
    """
    adapters: dict[str, ProvinceAdapter] = {}
    for path in registry.folders(folder):
        try:
            province = registry.load_province(path)
            if province.code in adapters:
                log.error("folder %s is left out: another folder claims %s", path.name, province.code)
                continue
            connection = connections.get(province.code, Connection())
            clients = _client_factory(connection)
            adapters[province.code] = registry.build_adapter(province, connection, clients)
        except AdapterError as fault:
            log.error("province folder %s is left out: %s", path.name, fault.en)
    return dict(sorted(adapters.items()))


def build_senders(settings: Settings) -> dict[str, Sender]:
    """The channels of this installation; the demo's mail and SMS are files below `demo/sent`."""
    senders: dict[str, Sender] = {
        "dingtalk": RobotSender("dingtalk", outbound.client),
        "wecom": RobotSender("wecom", outbound.client),
    }
    if settings.demo:
        sent = settings.home / "demo" / "sent"
        senders |= {"mail": FolderSender(sent / "mail"), "sms": FolderSender(sent / "sms")}
    if settings.smtp_url is not None:
        url = settings.smtp_url.get_secret_value()
        connect = functools.partial(outbound.connect, allow=_hosts(url, 25))
        senders["mail"] = SmtpSender(url, settings.mail_from, connect)
    if settings.sms_url:
        token = settings.sms_token.get_secret_value() if settings.sms_token is not None else ""
        clients = functools.partial(outbound.client, allow=_hosts(settings.sms_url, 443), timeout=10.0)
        senders["sms"] = SmsGatewaySender(settings.sms_url, token, clients)
    return senders


def build_payment_channels(path: Path) -> dict[str, Channel]:
    """The ways to pay: transfers always, online where the operator wrote a provider down (`{"online": {…}}`, `OnlineTerms`).

    Raises ValueError naming the file for one that is malformed.
    """
    channels: dict[str, Channel] = {"bank_transfer": BankTransfer()}
    if not path.is_file():
        return channels
    try:
        terms = OnlineTerms(**orjson.loads(path.read_bytes())["online"])
        clients = functools.partial(
            outbound.client,
            allow={host_and_port(terms.base_url)},
            timeout=10.0,
            max_seconds=20.0,
            max_bytes=65_536,
        )
        channels["online"] = OnlineChannel(terms, clients)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as fault:
        raise ValueError(f"{path}: the payment channel is not acceptable: {fault}") from fault
    return channels


def _hosts(url: str, port: int) -> frozenset[str]:
    # What the operator wrote down may be on a private network.
    parts = urlsplit(url)
    return frozenset({f"{parts.hostname}:{parts.port or port}"})


def _client_factory(connection: Connection) -> Callable[..., httpx.Client]:
    # A private address is allowed only where the operator wrote it down, and only to that province.
    allowed = {host_and_port(connection.base_url)} if connection.base_url else set()
    return functools.partial(outbound.client, allow=allowed)
