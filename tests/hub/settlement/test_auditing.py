"""What auditors press: checks that name what was changed, samples anybody draws again, cases with nothing personal in them."""

import hashlib
import json
import zipfile
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.core import audit, sequencer
from hub.core.db import Database
from hub.identity.rules import Principal
from hub.settlement import ledger, models
from hub.settlement.errors.auditing import SampleInvalid, SampleUnknown
from hub.settlement.ledger import Account, Transfer
from hub.settlement.rules.sampling import Criteria, criteria_of, draw
from hub.settlement.service import auditing
from hub.settlement.service.auditing import Finding, Sample
from tests.hub.settlement import rated
from tests.hub.settlement.rated import NOW
from tests.hub.settlement.tampering import tamper

pytestmark = pytest.mark.database


def auditor(area: str = "") -> Principal:
    return Principal("account", f"auditor-{area}", "审计", "auditor", None, "p-1", None, area)


def sample(
    database: Database,
    criteria: Criteria | None = None,
    *,
    area: str = "",
    seed: str = "2026-Q1",
    size: int = 5,
) -> Sample:
    with database.write() as session:
        return auditing.draw_sample(
            session, auditor(area), criteria or Criteria(), seed=seed, size=size, now=NOW
        )


def put_lines(database: Database, count: int = 20) -> None:
    with database.write() as session:
        for number in range(count):
            rated.line(session, number)


def test_the_same_seed_draws_the_same_lines(database: Database) -> None:
    put_lines(database)
    first, again, other = sample(database), sample(database), sample(database, seed="another")
    assert (first.line_ids, first.population, len(set(first.line_ids))) == (again.line_ids, 20, 5)
    assert other.line_ids != first.line_ids
    with database.write() as session:  # a line that is rated later is not of this sample
        rated.line(session, 50, rated_at=NOW.replace(day=21))
    with database.read() as session:
        assert auditing.redraw(session, first) == first.line_ids
        assert auditing.find_sample(session, first.id) == first
    larger = sample(database, size=9)
    assert larger.line_ids[:5] == first.line_ids


@pytest.mark.parametrize(
    ("criteria", "area", "population"),
    [
        (Criteria(), "", 23),
        (Criteria(), "33", 22),
        (Criteria(), "3304", 20),
        (Criteria(), "3305", 0),
        (Criteria(), "52", 1),
        (Criteria(visited="310000"), "", 22),
        (Criteria(home="340000"), "33", 0),
        (Criteria(has_voucher=True), "", 21),
        (Criteria(most_fen=10_000), "", 4),
        (Criteria(least_fen=10_100, most_fen=10_300), "", 3),
        (Criteria(first=date(2026, 2, 19), end=date(2026, 2, 21)), "", 2),
        (Criteria(programme_id="demo-330400-voucher", institution_id="31-u-aaaaaaaaaaaa"), "", 20),
    ],
)
def test_lines_are_drawn_by_criteria_within_the_reach(
    database: Database, criteria: Criteria, area: str, population: int
) -> None:
    put_lines(database)
    with database.write() as session:
        for number in (21, 22):
            rated.line(session, number, **rated.without_voucher())
        rated.line(
            session, 23, home="340000", visited="520000", payer_area="340000", programme_id="x",
            fee_fen=9_000, voucher_fen=1, own_fen=8_999,
        )  # fmt: skip
    drawn = sample(database, criteria, area=area, size=200)
    assert (drawn.population, len(drawn.line_ids)) == (population, population)
    assert criteria_of(drawn.criteria.as_document()) == criteria


def test_a_sample_is_recorded_for_good_and_in_the_audit(database: Database) -> None:
    put_lines(database, 3)
    drawn = sample(database, Criteria(has_voucher=True), size=2)
    sequencer.number_once(database, now=NOW)
    with database.read() as session:
        entry = next(e for e in audit.read_entries(session) if e.action == "settlement.draw_sample")
        assert auditing.samples_of(session, "33") == []
        assert [each.id for each in auditing.samples_of(session, "")] == [drawn.id]
    assert (entry.detail["seed"], entry.detail["criteria"]) == ("2026-Q1", {"has_voucher": True})
    assert entry.detail["lines"] == list(drawn.line_ids)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(text("UPDATE settlement_sample SET seed = 'x'"))


def test_a_line_that_was_removed_shows_when_the_sample_is_drawn_again(database: Database) -> None:
    put_lines(database)
    drawn = sample(database)
    with database.write() as session:
        session.execute(text("DELETE FROM settlement_line WHERE id = :id"), {"id": drawn.line_ids[0]})
    with database.read() as session:
        assert auditing.redraw(session, drawn) != drawn.line_ids


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"seed": ""}, "seed"),
        ({"seed": "x" * 65}, "seed"),
        ({"seed": "a\nb"}, "seed"),
        ({"size": 0}, "size"),
        ({"size": 201}, "size"),
        ({"criteria": Criteria(first=date(2026, 3, 1), end=date(2026, 3, 1))}, "end"),
        ({"criteria": Criteria(least_fen=2, most_fen=1)}, "most"),
    ],
)
def test_what_is_no_sample_is_refused_by_its_field(
    database: Database, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(SampleInvalid) as refused:
        sample(database, **changes)
    assert refused.value.field == field


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=20), st.sets(st.integers(1, 10_000), max_size=60), st.integers(1, 20))
def test_drawing_depends_on_seed_and_candidates_alone(seed: str, ids: set[int], size: int) -> None:
    drawn = draw(seed, ids, size)
    assert drawn == draw(seed, sorted(ids, reverse=True), size)
    assert len(drawn) == min(size, len(ids))
    # leaving out what was not drawn changes nothing
    assert draw(seed, set(drawn), size) == drawn


def take(database: Database, drawn: Sample, line_id: int) -> tuple[str, dict[str, bytes]]:
    with database.write() as session:
        name, content = auditing.case_package(session, auditor(), drawn, line_id, now=NOW)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return name, {each: archive.read(each) for each in archive.namelist()}


def test_a_case_holds_its_papers_with_their_hashes_and_nothing_personal(database: Database) -> None:
    put_lines(database, 3)
    with database.write() as session:
        row = rated.line(session, 7, batch_id="2026-03.310000-330000")
        rated.statement(session, batch_id="2026-03.310000-330000")
        rated.statement(session, batch_id="2026-04.310000-330000")
        detail = {"note": "电话 13900001234", "fen": 5}
        audit.record(
            session,
            "person:p-9",
            "usage.confirm",
            f"usage:{row.usage_id}",
            detail,
            private={"name": "张三"},
            now=NOW,
        )
        audit.record(session, "person:p-9", "usage.confirm", "usage:other", now=NOW)
    sequencer.number_once(database, now=NOW)
    drawn = sample(database, size=200)
    name, files = take(database, drawn, row.id)
    assert name == f"case-{row.order_number}-{row.id}.zip"
    manifest = json.loads(files.pop("manifest.json"))
    assert {each: hashlib.sha256(content).hexdigest() for each, content in files.items()} == {
        each: told["sha256"] for each, told in manifest["files"].items()
    }
    assert [each for each in files if each.startswith("documents/")] == [
        "documents/statement_310000-330000-1.json"
    ]
    [posting] = json.loads(files["postings.json"])
    assert (posting["reference"], posting["number"] > 0) == (f"rate:{row.usage_id}.1", True)
    assert posting["entries"] == [["payable:en-jiaxing", "receivable:31-u-aaaaaaaaaaaa", row.fee_fen]]
    [entry] = json.loads(files["audit.json"])
    assert entry["detail"] == {"note": "电话 ***", "fen": 5}
    assert manifest["sample"]["seed"] == "2026-Q1"
    everything = b"".join(files.values()).decode()
    assert "13900001234" not in everything
    assert "张三" not in everything
    assert take(database, drawn, row.id)[1]["postings.json"] == files["postings.json"]


def test_a_case_holds_the_usage_and_what_was_paid(database: Database) -> None:
    with database.write() as session:
        row = rated.line(session, 7)
        named = {"usage_id": row.usage_id, "reference": row.reference, "order_number": row.order_number}
        usage = {
            "id": row.usage_id, "reference": row.reference, "order_number": row.order_number, "kind": "service",
            "state": "rated", "version": 1, "revision": 1, "visited": row.visited, "home": row.home,
            "home_area": "330402", "enterprise_id": row.enterprise_id, "institution_id": row.institution_id,
            "source": "staff", "external_id": named["usage_id"], "fee_fen": row.fee_fen, "facts": {}, "recorded_at": NOW,
        }  # fmt: skip
        session.add(models.Usage(**{**_bare(models.Usage, NOW), **usage}))
        session.flush()
        told = {"fee_fen": row.fee_fen, "used": {"hours": 1.5}, "operator": "张三 13900001234"}
        session.add(
            models.UsageVersion(
                usage_id=row.usage_id,
                number=1,
                document=told,
                sha256="a" * 64,
                side="station",
                actor="x",
                made_at=NOW,
            )
        )
        bank = Account("bank", "outside")
        paid = [Transfer(bank, Account("payable", row.enterprise_id), row.own_fen)]
        payment = models.Payment(
            id="pm-1", reference=row.reference, **{
                name: value for name, value in _bare(models.Payment, NOW).items() if name not in ("id", "reference")
            }
        )  # fmt: skip
        session.add(payment)
        session.flush()
        ledger.post(session, "paid:pm-1.1", "paid", paid, now=NOW)
        ledger.post(session, "paid:pm-11.1", "paid", paid, now=NOW)
    files = take(database, sample(database), row.id)[1]
    [version] = json.loads(files["usage.json"])
    assert version["sha256"] == "a" * 64
    assert version["document"]["fee_fen"] == row.fee_fen
    assert "张三" not in files["usage.json"].decode()
    references = [each["reference"] for each in json.loads(files["postings.json"])]
    assert references == [f"rate:{row.usage_id}.1", "paid:pm-1.1"]


def _bare(table: Any, now: datetime) -> dict[str, Any]:
    """Something in every column that must hold something."""
    empty = {str: "x", int: 0, bool: False}
    return {
        column.name: "paid" if column.name == "state" else empty.get(column.type.python_type, now)
        for column in table.__table__.columns
        if not column.nullable and column.default is None
    }


def test_only_lines_of_the_sample_are_taken(database: Database) -> None:
    put_lines(database)
    drawn = sample(database, size=1)
    other = next(n for n in range(1, 21) if n not in drawn.line_ids)
    for line_id in (other, 999):
        with pytest.raises(SampleUnknown):
            take(database, drawn, line_id)
    with database.read() as session, pytest.raises(SampleUnknown):
        auditing.find_sample(session, "sa-none")


def documents_found(database: Database) -> tuple[Finding, Finding]:
    with database.read() as session:
        return auditing.check_documents(session), auditing.check_statements(session)


def put_statements(database: Database) -> None:
    for period in range(1, 5):
        with database.write() as session:
            rated.statement(session, batch_id=f"2026-{period:02}.310000-330000", period=f"2026-{period:02}")


def test_whole_documents_and_ledger_are_found_whole(database: Database) -> None:
    put_statements(database)
    put_lines(database, 3)
    while sequencer.number_once(database, now=NOW):
        pass
    assert documents_found(database) == (Finding(4), Finding(4))
    with database.read() as session:
        assert auditing.check_ledger(session) == Finding(3)


@pytest.mark.parametrize(
    ("statement", "named", "why"),
    [
        (
            "UPDATE {t} SET body = replace(CAST(body AS TEXT), '2026-02', '2026-12') WHERE number = 2",
            2,
            "altered",
        ),
        ("UPDATE {t} SET sha256 = 'x' WHERE number = 3", 3, "altered"),
        ("UPDATE {t} SET previous_sha256 = 'x' WHERE number = 3", 3, "chain broken"),
        ("DELETE FROM {t} WHERE number = 2", 3, "gap"),
        ("DELETE FROM {t} WHERE number = 1", 2, "gap"),
        ("UPDATE {t} SET number = 5 WHERE number = 4", 5, "gap"),
    ],
)
def test_a_changed_document_is_named(database: Database, statement: str, named: int, why: str) -> None:
    put_statements(database)
    if "replace" in statement and database.engine.dialect.name != "sqlite":
        statement = statement.replace(
            "replace(CAST(body AS TEXT), '2026-02', '2026-12')",
            "replace(CAST(body AS TEXT), '2026-02', '2026-12')::json",
        )
    tamper(database, statement.format(t="settlement_document"))
    found, _ = documents_found(database)
    expected = 4 if "SET number" in statement else named
    assert (found.broken, found.why) == (f"statement:310000-330000/{expected}", why)


def test_a_statement_whose_sums_do_not_agree_is_named(database: Database) -> None:
    put_statements(database)
    with database.write() as session:
        totals = {**rated.STATEMENT["totals"], "own_fen": rated.STATEMENT["totals"]["own_fen"] + 1}
        rated.statement(session, totals=totals)
    found = documents_found(database)[1]
    assert (found.broken, found.why) == ("statement:310000-330000/5", "shares differ")
