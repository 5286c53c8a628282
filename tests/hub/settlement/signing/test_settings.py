"""An authority without certificates to trust it by stops the start, and says which setting is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.core.settings import Settings
from hub.wiring import TimeStampRootsMissing, time_stamp_roots
from tests.hub.settlement.signing.authority import Authority


def test_the_certificates_are_read_once_and_must_be_some(authority: Authority, tmp_path: Path) -> None:
    assert time_stamp_roots(Settings()) == b""
    there = Settings(tsa_url=authority.url, tsa_ca=authority.folder / "ca.pem")
    assert time_stamp_roots(there) == authority.roots
    (tmp_path / "empty.pem").write_bytes(b"")
    for named in (None, tmp_path / "missing.pem", tmp_path / "empty.pem"):
        with pytest.raises(TimeStampRootsMissing) as refused:
            time_stamp_roots(Settings(tsa_url=authority.url, tsa_ca=named))
        assert refused.value.field == "HUB_TSA_CA"
