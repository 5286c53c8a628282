"""Issued documents: numbered without gaps within their series, each naming the one before, whoever issues at once or dies."""

import pytest

from hub.core.db import Database
from hub.settlement.service import documents
from hub.settlement.service.auditing import check_documents
from tests.hub.settlement import rated
from tests.hub.settlement.test_ledger import race

pytestmark = pytest.mark.database

SERIES = "statement:310000-330000"


def issue(database: Database) -> documents.Issued:
    with database.write() as session:
        return rated.statement(session)


def issue_and_die(database: Database) -> None:
    with database.write() as session:
        rated.statement(session)
        raise KeyboardInterrupt


def held(database: Database) -> list[tuple[int, object]]:
    with database.read() as session:
        assert check_documents(session).broken is None
        return [
            (each.number, each.body.get("previous_sha256")) for each in documents.series_of(session, SERIES)
        ]


def test_one_that_was_not_issued_after_all_leaves_no_gap(database: Database) -> None:
    first = issue(database)
    with pytest.raises(KeyboardInterrupt):
        issue_and_die(database)
    second = issue(database)
    assert (first.number, second.number) == (1, 2)
    assert held(database) == [(1, None), (2, first.sha256)]


def test_many_that_are_issued_at_once_stand_in_one_chain(database: Database) -> None:
    issued = race(database, [lambda: issue(database)] * 6)
    assert all(isinstance(each, documents.Issued) for each in issued), issued
    by_number = {each.number: each.sha256 for each in issued if isinstance(each, documents.Issued)}
    assert held(database) == [(number, by_number.get(number - 1)) for number in range(1, 7)]


def test_what_is_no_valid_document_is_not_issued(database: Database) -> None:
    with pytest.raises(ValueError, match="no valid statement"), database.write() as session:
        rated.statement(session, totals={})
    assert issue(database).number == 1
