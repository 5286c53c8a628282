"""A runtime whose only province is a fake one, and short ways to look at what came of it."""

from dataclasses import replace

import pytest

from hub.core.runtime import Runtime
from tests.hub.catalog.fake_province import FakeProvince, institution_body, instrument_body, survey_body


@pytest.fixture
def fake() -> FakeProvince:
    """A province with one institution and ten instruments, all surveyed."""
    province = FakeProvince()
    province.put(institution_body(), resource="institutions")
    for number in range(10):
        province.put(instrument_body(f"N{number}"))
        province.put(survey_body(f"N{number}"), resource="survey")
    return province


@pytest.fixture
def hub(runtime: Runtime, fake: FakeProvince) -> Runtime:
    """A runtime that is connected to the fake province."""
    return replace(runtime, adapters={fake.province: fake})
