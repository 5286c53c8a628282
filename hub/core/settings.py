"""What an operator may set, read from the environment once, by the composition root only.

Every name carries the prefix `HUB_`; the descriptions below are their documentation.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Names of this machine to itself."""


class Settings(BaseSettings):
    """The hub's settings. Every default is the embedded single-machine installation."""

    model_config = SettingsConfigDict(env_prefix="HUB_", extra="ignore", frozen=True)

    home: Path = Field(
        default=Path("var"), validate_default=True, description="Folder of everything kept on disk"
    )
    host: str = Field(default="127.0.0.1", description="Address the web listens on")
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port the web listens on; 0 chooses a free one"
    )
    database_url: str = Field(default="", description="SQLAlchemy URL; empty means SQLite under HUB_HOME")
    broker_url: str = Field(default="", description="Celery broker; empty means folders under HUB_HOME")
    connections: Path | None = Field(default=None, description="JSON file: province code → connection")
    partners: Path | None = Field(
        default=None, description="JSON file: provinces' identity providers and takers of audit heads"
    )
    demo: bool = Field(
        default=False, description="Demo installation: demo accounts, simulators, loopback only"
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="Bearer token for /metrics from elsewhere"
    )
    sealing_keys: SecretStr | None = Field(
        default=None,
        description="Keys that seal second factors: id:base64 of 32 octets, by comma, the first one seals; "
        "default: a file that the hub makes below HUB_HOME",
    )
    public_url: str = Field(
        default="",
        description="Address under which people and platforms reach the hub (https://host); empty on loopback only",
    )
    smtp_url: SecretStr | None = Field(
        default=None, description="Mail relay: smtp[s]://user:password@host:port"
    )
    mail_from: str = Field(default="noreply@localhost", description="Sender of mail")
    sms_url: str = Field(default="", description="SMS gateway that takes POST {id, to, text}")
    sms_token: SecretStr | None = Field(default=None, description="Bearer token of the SMS gateway")
    scan_command: str = Field(
        default="",
        description="Command that scans a report: <command> <file>, exit 0 clean, 1 infected; empty: none",
    )
    fonts: Path | None = Field(
        default=None,
        description="Folder with the font of printed documents; default: where the asset build puts it",
    )
    payments: Path | None = Field(
        default=None,
        description="JSON file: the online payment channel and the accounts that transfers go to",
    )
    webhook_allow: str = Field(
        default="", description="host:port pairs with private addresses that webhooks may reach, by comma"
    )
    tsa_url: str = Field(
        default="", description="Time-stamp authority (RFC 3161) for statements and chain heads; empty: none"
    )
    tsa_ca: Path | None = Field(
        default=None, description="PEM file of the certificates that time-stamps are trusted by"
    )
    secure_cookies: bool | None = Field(
        default=None, description="Cookies over HTTPS only; default: unless on loopback"
    )
    sync_concurrency: int = Field(default=4, ge=1, le=64, description="Processes of the sync worker")
    forward_hands: int = Field(default=24, ge=1, le=200, description="Calls about bookings under way at once")
    crash_at: str = Field(
        default="", description="For drills: the named point at which the forward worker dies"
    )
    web_threads: int = Field(
        default=20, ge=2, le=200, description="Threads that serve requests; never above the pool"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        # The broker of folders and SQLite must mean the same folder whatever a child's working directory is.
        return home.expanduser().resolve()

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.home / 'hub.db'}"

    @property
    def broker(self) -> str:
        """The broker's URL."""
        return self.broker_url or "folders://"

    @property
    def connections_file(self) -> Path:
        """Where the provinces' addresses and credentials are (the demo's simulators write it when ready)."""
        if self.connections is not None:
            return self.connections
        return self.home / "demo" / "connections.json" if self.demo else self.home / "connections.json"

    @property
    def partners_file(self) -> Path:
        """Where identity providers and takers of audit heads are (the demo's simulators write it when ready)."""
        if self.partners is not None:
            return self.partners
        return self.home / "demo" / "partners.json" if self.demo else self.home / "partners.json"

    @property
    def payments_file(self) -> Path:
        """Where the payment channels are (the demo's simulators write it when ready)."""
        if self.payments is not None:
            return self.payments
        return self.home / "demo" / "payments.json" if self.demo else self.home / "payments.json"

    @property
    def fonts_folder(self) -> Path:
        """Where the font of printed documents lies."""
        return self.fonts or Path(__file__).resolve().parents[2] / "station_portal" / "fonts"

    @property
    def sealing(self) -> str | None:
        """The text of the sealing keys, when they come from the environment."""
        return (self.sealing_keys.get_secret_value() or None) if self.sealing_keys is not None else None

    @property
    def webhook_hosts(self) -> frozenset[str]:
        """`host:port` pairs with private addresses that webhooks may reach, over plain http too."""
        return frozenset(pair.strip().lower() for pair in self.webhook_allow.split(",") if pair.strip())

    @property
    def is_loopback(self) -> bool:
        """Whether the web listens on this machine only."""
        return self.host in LOOPBACK

    @property
    def has_secure_cookies(self) -> bool:
        """Whether cookies carry `Secure`."""
        return not self.is_loopback if self.secure_cookies is None else self.secure_cookies
