"""A period that was really closed, posted, paid and credited: its bundle fits, and its stamps hold the seal."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from hub import verify
from hub.core.runtime import Runtime
from hub.settlement.service import bundles, signatures, timestamps
from tests.hub.settlement.periods import world
from tests.hub.settlement.periods.world import AFTER, BATCH, Usage
from tests.hub.settlement.signing.authority import Authority
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.database


@pytest.fixture
def closed(runtime: Runtime, authority: Authority) -> Runtime:
    """A batch of three uses that was agreed and posted."""
    held = replace(runtime, clock=VirtualClock(AFTER), tsa_url=authority.url, tsa_ca=authority.roots)
    world.furnish(held.database)
    world.posted(held.database, Usage("us-1"), Usage("us-2", 45_000, 20_000), Usage("us-3", 5_000, 0))
    return held


def statement_of(hub: Runtime) -> str:
    found = world.batch(hub.database, BATCH).statement_id
    assert found is not None
    return found


def test_the_bundle_of_a_real_period_fits(closed: Runtime, tmp_path: Path) -> None:
    while timestamps.stamp_due(closed) or signatures.sign_issued(closed):
        pass
    path = bundles.bundle_file(closed, statement_of(closed), now=AFTER)
    try:
        report = verify.check(path)
        assert report.fits, list(verify.say(report))
        said = "\n".join(verify.say(report))
        assert "3 行明细与合计 1100.00 元一致" in said
        assert "并与对账单逐行相符" in said
        assert "有可信时间戳" in said
    finally:
        path.unlink()


def test_a_changed_member_of_the_database_is_found_by_the_bundle(closed: Runtime) -> None:
    """Whoever changes a figure where the hub keeps it makes a bundle that does not fit its signed statement."""

    def lines(session: object, batch_id: str) -> list[bytes]:
        held = list(bundles.periods.list_file(session, batch_id))  # type: ignore[arg-type]
        return [
            held[0]
            .replace(b'"own_fen":30000', b'"own_fen":30001')
            .replace(b'"fee_fen":60000', b'"fee_fen":60001'),
            *held[1:],
        ]

    made = io.BytesIO()
    with closed.database.read() as session:
        wanted = bundles.related(session, statement_of(closed))
    bundles.make_bundle(closed, wanted, made, list_file=lines, now=AFTER)
    folder = closed.home / "bundle.zip"
    folder.write_bytes(made.getvalue())
    found = {(each.file, each.where) for each in verify.check(folder).problems}
    assert {("documents/0001.json", "lines_sha256"), ("documents/0001.json", "totals.fee_fen")} <= found
