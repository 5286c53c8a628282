"""The committed joint table is what the solver makes; needs the optional extra `belt`."""

import importlib
from pathlib import Path

import pytest


@pytest.mark.soak
def test_solving_again_gives_the_committed_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy")
    solve = importlib.import_module("adapters.simulators.world.solve")
    committed = solve.OUTPUT.read_bytes()
    monkeypatch.setattr(solve, "OUTPUT", tmp_path / "belt_cells.csv")
    solve.main()
    assert (tmp_path / "belt_cells.csv").read_bytes() == committed
