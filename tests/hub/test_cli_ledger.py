"""`hub ledger`: what was changed behind the ledger's back is named, and only balances are mended."""

from pathlib import Path

import pytest

from hub.cli import main
from hub.cli.ledger import WHY
from hub.core.clock import utc_now
from hub.core.db import Database
from hub.settlement import ledger
from hub.settlement.ledger import Account, Transfer
from tests.hub.settlement.tampering import tamper
from tests.hub.settlement.test_ledger import TAMPERED
from tests.hub.test_cli import home, installed

__all__ = ["home", "installed"]


@pytest.fixture
def kept(installed: Path) -> Database:
    """An installation with one posting."""
    database = Database(f"sqlite:///{installed / 'hub.db'}")
    with database.write() as session:
        ledger.post(
            session,
            "b-1",
            "fund",
            [Transfer(Account("authority", "33"), Account("pool", "p"), 7)],
            now=utc_now(),
        )
    return database


def test_every_fault_has_words() -> None:
    assert {why for _, _, why in TAMPERED.values()} == set(WHY)


def test_a_whole_ledger_verifies(kept: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "verify"]) == 0
    assert "账本完整，共 1 笔记账。" in capsys.readouterr().out


def test_a_wrong_balance_is_named_and_mended(kept: Database, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(kept, "UPDATE settlement_account SET balance_fen = 8 WHERE kind = 'pool'")
    assert main(["ledger", "verify"]) == 1
    assert "账本在「pool:p」处不符：余额与分录合计不一致。" in capsys.readouterr().err
    assert main(["ledger", "rebuild"]) == 0
    assert "已按分录重建 1 个账户的余额：pool:p" in capsys.readouterr().out
    with kept.read() as session:
        assert ledger.balance(session, Account("pool", "p")) == 7


def test_a_changed_entry_is_not_mended(kept: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "verify"]) == 0
    tamper(kept, "UPDATE settlement_entry SET fen = 8")
    assert main(["ledger", "rebuild"]) == 1
    assert "账本在「b-1」处不符：分录与上链内容不一致。" in capsys.readouterr().err
