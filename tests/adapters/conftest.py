"""Fixtures of the adapters' tests."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project_docs() -> str:
    """The page that documents manifests and mappings."""
    return (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
