"""A hub with provinces' platforms that are enrolled in it."""

from collections.abc import Callable

import httpx
import pytest
from jwcrypto.jwk import JWK

from hub.core import audit, sequencer
from hub.core.audit import AuditEntry
from hub.core.runtime import Runtime
from hub.identity.service import platforms
from tests.hub.identity.oauth.platform_client import PlatformClient, new_key, public_half
from tests.virtual_clock import VirtualClock

Enrol = Callable[..., PlatformClient]


@pytest.fixture
def enrol(client: httpx.Client, runtime: Runtime, clock: VirtualClock) -> Enrol:
    """Enrol a platform the way it is done: an invitation, exchanged with a public key."""

    def join(province: str = "310000", key: JWK | None = None, **invitation: object) -> PlatformClient:
        key = new_key() if key is None else key
        with runtime.database.write() as session:
            invited = platforms.invite_platform(
                session,
                province,
                actor="system:test",
                now=clock(),
                **invitation,  # type: ignore[arg-type]
            )
        answer = client.post(
            "/api/v1/platforms", json={"token": invited.token, "public_key": public_half(key)}
        )
        assert answer.status_code == 201, answer.text
        return PlatformClient(client, clock, answer.json()["client_id"], key)

    return join


@pytest.fixture
def platform(enrol: Enrol) -> PlatformClient:
    """Shanghai's platform, with a key on P-256."""
    return enrol()


@pytest.fixture
def audited(runtime: Runtime, clock: VirtualClock) -> Callable[[], list[AuditEntry]]:
    """The audit so far, what was counted in this minute included."""

    def read() -> list[AuditEntry]:
        with runtime.database.write() as session:
            audit.settle_counted(session, now=clock.advance(60))
        while sequencer.number_once(runtime.database):
            pass
        with runtime.database.read() as session:
            return audit.read_entries(session, limit=1000)

    return read
