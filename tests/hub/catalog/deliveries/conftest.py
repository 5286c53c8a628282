"""A province that pushes and whose staff upload, the hub's API, and its platform's key."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from hub.app import create_app
from hub.core.runtime import Runtime
from tests.hub.catalog.deliveries.sending import issue
from tests.hub.catalog.fake_province import PROVINCE, PUSHED, UPLOADED, FakeProvince
from tests.in_process import InProcess


@pytest.fixture
def fake() -> FakeProvince:
    """A province that pushes, and whose staff upload."""
    return FakeProvince(resource_list=(PUSHED, replace(UPLOADED, name="workbook")))


@pytest.fixture
def client(hub: Runtime) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(create_app(hub)), base_url="http://hub.test") as held:
        yield held


@pytest.fixture
def key(hub: Runtime) -> dict[str, str]:
    """The header of the province's platform."""
    return issue(hub, PROVINCE)
