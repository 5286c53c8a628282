"""The authorization server against openid-client and jose on Node, which share no code with Authlib and joserfc."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.core.clock import utc_now
from hub.core.db import Database
from hub.core.runtime import Runtime
from hub.identity.service import platforms
from station_portal import assets
from tests.browser.conftest import Portal

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).with_name("oauth_clients.mjs")
CLIENTS = assets.TEST_TOOLS / "oauth-clients.mjs"
SHANGHAI = "310000"


@pytest.fixture
def hub(database: Database, tmp_path: Path) -> Iterator[Portal]:
    """A hub by the real clock, for the clients have no other."""
    portal = Portal(Runtime(home=tmp_path, database=database, clock=utc_now))
    # What the settings would say of a hub on this machine.
    portal.app.state.runtime = replace(portal.runtime, public_url=portal.base)
    portal.start()
    yield portal
    portal.stop()


@pytest.mark.parametrize("curve", ["P-256", "Ed25519"])
def test_a_platform_written_with_other_libraries(hub: Portal, curve: str) -> None:
    node = shutil.which("node", path=assets.find_node(os.environ, assets.wheel_folder()).environment["PATH"])
    assert node is not None
    assert CLIENTS.exists(), "run `python -m station_portal.assets --force` first"
    with hub.runtime.database.write() as session:
        invited = platforms.invite_platform(session, SHANGHAI, actor="system:test", now=utc_now())
    ran = subprocess.run(
        [node, str(SCRIPT), str(CLIENTS), hub.base, invited.token, curve, SHANGHAI],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["client_id"].startswith(f"pf-{SHANGHAI}-")
    assert len(told["hostile"]) == 6
    assert set(map(tuple, told["hostile"].values())) == {(400, "invalid_client")}
