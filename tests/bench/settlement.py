"""Calculating and sealing a period, and complete voucher holds, on PostgreSQL; each beside the same in plain SQL.

What is measured runs in processes of its own (`settlement_clients`), so that their memory is theirs; PostgreSQL is durable
(`fsync`). Everything is synthetic.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from hub import migrations
from hub.core.db import Database
from hub.settlement import rules, service
from hub.settlement.queries.periods import provinces
from hub.settlement.service import Allotment, load_programmes, periods
from tests.bench import search_peer
from tests.bench.measures import Measure, at_least, at_most, missing, told
from tests.bench.settlement_clients import AFTER, HOLDS, NOW, PERIOD, PROGRAMME, WARM
from tests.unguarded import TRUNCATE_OPEN, TRUNCATE_SHUT

_SCHEMA = "bench_settlement"
LINES, MILLION = 100_000, 1_000_000
ROUNDS = 3
CLIENTS = 8

_FILL = """
INSERT INTO settlement_line (usage_id, usage_version, reference, order_number, visited, home, enterprise_id,
    institution_id, programme_id, programme_version, payer_area, fee_fen, voucher_fen, own_fen, state, document,
    rated_at, ready_at)
SELECT 'us-' || lpad(n::text, 26, '0'), 1, 'bk-' || lpad(n::text, 26, '0'), '31-20260302-' || n, pair.visited, pair.home,
    'en-' || n %% 5000, left(pair.visited, 2) || '-u-' || lpad((n %% 300)::text, 12, '0'), 'demo-330400-voucher', 1, '330400',
    20000 + n %% 9000, 10000 + n %% 4500, 20000 + n %% 9000 - (10000 + n %% 4500), 'ready',
    json_build_object('usage_id', n, 'lines', json_build_array(json_build_object('position', 'hour', 'zh',
    repeat('1.5 小时 × 400.00 元 = 600.00 元；', 8), 'en', repeat('1.5 h × 400.00 = 600.00; ', 8), 'fen', 20000))),
    %(at)s, %(at)s
FROM generate_series(1, %(count)s) AS n
JOIN (SELECT row_number() OVER (ORDER BY visited, home) - 1 AS place, visited, home FROM settlement_batch
    WHERE period_id = %(period)s AND visited <> home) AS pair ON pair.place = n %% 110
"""
_PEER = """
INSERT INTO peer_member (batch_id, revision, position, line_id, usage_id, usage_version, reference, order_number,
    enterprise_id, institution_id, programme_id, programme_version, payer_area, fee_fen, voucher_fen, own_fen,
    document_sha256, sha256)
SELECT batch_id, 1, row_number() OVER (PARTITION BY batch_id ORDER BY usage_id COLLATE "C"), id, usage_id, usage_version,
    reference, order_number, enterprise_id, institution_id, programme_id, programme_version, payer_area, fee_fen,
    voucher_fen, own_fen, document_sha256,
    encode(sha256(convert_to(json_build_object('document_sha256', document_sha256, 'enterprise_id', enterprise_id,
        'fee_fen', fee_fen, 'home', home, 'institution_id', institution_id, 'order_number', order_number, 'own_fen', own_fen,
        'payer_area', payer_area, 'programme_id', programme_id, 'programme_version', programme_version, 'reference', reference,
        'usage_id', usage_id, 'usage_version', usage_version, 'visited', visited, 'voucher_fen', voucher_fen)::text, 'UTF8')), 'hex')
FROM (SELECT *, encode(sha256(convert_to(document::text, 'UTF8')), 'hex') AS document_sha256 FROM settlement_line
    WHERE state = 'batched') AS line
"""
_RESET = f"""
BEGIN;
{TRUNCATE_OPEN}
TRUNCATE settlement_calculation, settlement_member, settlement_batch_event CASCADE;
DELETE FROM settlement_series; TRUNCATE settlement_document CASCADE;
UPDATE settlement_batch SET state = 'closing', revision = 0, sha256 = NULL, statement_id = NULL;
{TRUNCATE_SHUT}
COMMIT
"""
_HOLD = """
CREATE OR REPLACE FUNCTION peer_hold(ref text, who text, take bigint, cap bigint, at timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE mine text; free bigint; posting bigint; used bigint;
BEGIN
    INSERT INTO settlement_order (reference, fee_fen, voucher_fen, own_fen, facts, decisions, decided_at)
        VALUES (ref, take * 2, take, take, '{}', '{}', at);
    INSERT INTO settlement_allowance (programme_id, holder, year, used_fen) VALUES ('demo-330400-voucher', who, 2026, take)
        ON CONFLICT (programme_id, holder, year) DO UPDATE SET used_fen = settlement_allowance.used_fen + take
        RETURNING used_fen INTO used;
    IF used > cap THEN RAISE EXCEPTION 'cap'; END IF;
    SELECT g.id, a.balance_fen INTO mine, free FROM settlement_grant g JOIN settlement_account a ON a.id = 'voucher:' || g.id
        WHERE g.holder = who FOR UPDATE OF a;
    IF free < take THEN RAISE EXCEPTION 'nothing left'; END IF;
    INSERT INTO settlement_hold (id, reference, number, programme_id, version, holder, year, fen, captured_fen, state, held_at)
        VALUES (ref || '.1', ref, 1, 'demo-330400-voucher', 1, who, 2026, take, 0, 'held', at);
    INSERT INTO settlement_hold_part (hold_id, line, grant_id, fen) VALUES (ref || '.1', 1, mine, take);
    INSERT INTO settlement_posting (reference, kind, posted_at) VALUES ('hold:' || ref || '.1', 'hold', at) RETURNING id INTO posting;
    INSERT INTO settlement_account (id, kind, owner, balance_fen) VALUES ('held:' || mine, 'held', mine, 0) ON CONFLICT DO NOTHING;
    INSERT INTO settlement_entry (posting_id, line, source_id, target_id, fen)
        VALUES (posting, 1, 'voucher:' || mine, 'held:' || mine, take);
    INSERT INTO core_change (topic, subject, payload, announced_at) VALUES ('ledger', 'hold:' || ref || '.1', '{}', at);
    UPDATE settlement_account SET balance_fen = balance_fen - take WHERE id = 'voucher:' || mine AND balance_fen >= take;
    UPDATE settlement_account SET balance_fen = balance_fen + take WHERE id = 'held:' || mine;
    RETURN take;
END $$
"""


def measure(_: Path, *, lines: int = LINES, is_full: bool = False) -> list[Measure]:
    """Everything; nothing where there is no PostgreSQL."""
    with search_peer.postgresql(is_durable=True) as server:
        if server is None:
            return [missing("settlement on PostgreSQL")]
        url = _own_schema(server)
        counts = [lines, *([MILLION] if is_full else [])]
        measures, peaks = [], []
        for count in counts:
            rows, peak = _calculating(url, count)
            measures += rows
            peaks.append(peak)
        if len(peaks) > 1:
            measures.append(
                at_most("memory at the most / at the fewest lines", [peaks[-1] / peaks[0]], "×", 1.1)
            )
        return [*measures, *_holding(url)]


def _calculating(url: str, count: int) -> tuple[list[Measure], float]:
    """Ours and the peer's, turn about; and the peak of memory in MB."""
    database = _fresh(url)
    at = {"at": NOW, "count": count, "period": PERIOD}
    ours, peers, peaks = [], [], []
    try:
        with database.write() as session:
            load_programmes(session, rules.demo(), actor="system:bench", now=NOW)
            periods.keep_calendar(session, PERIOD, 1, now=NOW)
        _run(url, _FILL, at)
        _run(url, "CREATE TABLE peer_member (LIKE settlement_member INCLUDING ALL)")
        begun = time.perf_counter()
        with database.write() as session:
            cut = periods.close_period(session, PERIOD, now=AFTER)
        cut_took = time.perf_counter() - begun
        assert sum(cut.lines.values()) == count
        _run(url, "ANALYZE")
        for number in range(ROUNDS + 1):
            _run(url, "TRUNCATE peer_member")
            _run(url, "CHECKPOINT")
            begun = time.perf_counter()
            _run(url, _PEER)
            peer = time.perf_counter() - begun
            _run(url, _RESET)
            _run(url, "CHECKPOINT")
            own = _child("calculate", url)
            if number:  # the first warms both
                ours.append(own["seconds"])
                peers.append(peer)
                peaks.append(own["megabytes"])
        _same(url)
    finally:
        database.close()
    ratio = [own / peer for own, peer in zip(ours, peers, strict=True)]
    name = f"{count:,} lines"
    rows = [
        told(f"cut of the period, {name}", [cut_took], "s"),
        told(f"calculated and sealed, 110 pairs, {name}", ours, "s"),
        told(f"one INSERT … SELECT, {name}", peers, "s"),
        at_most(
            f"calculated and sealed / INSERT … SELECT, {name}", ratio, "×", 3 if count == MILLION else None
        ),
        at_most(f"memory of it, {name}", peaks, "MB", 300),
    ]
    return rows, statistics.median(peaks)


def _same(url: str) -> None:
    """Both wrote the same lines, numbers and amounts."""
    asked = "SELECT count(*), sum(position), sum(fee_fen), min(document_sha256), max(document_sha256) FROM {}"
    with psycopg.connect(url) as connection:
        one, other = (
            connection.execute(asked.format(table)).fetchone()
            for table in ("settlement_member", "peer_member")
        )
    assert one == other, (one, other)


def _holding(url: str) -> list[Measure]:
    """Complete holds of eight clients on one programme, and the same as one SQL function."""
    database = _fresh(url)
    try:
        with database.write() as session:
            load_programmes(session, rules.demo(), actor="system:bench", now=NOW)
            for number in range(CLIENTS * 4):
                valid = NOW.date().replace(month=12)
                allotment = Allotment(f"A-{number}", PROGRAMME, f"en-{number}", 10**9, valid)
                service.allot(session, allotment, actor="platform:33", now=NOW)
        _run(url, _HOLD)
        own = _clients("hold", url)
        _check(database, CLIENTS * (HOLDS + WARM))
        peer = _clients("peer", url)
        _check(database, 2 * CLIENTS * (HOLDS + WARM))
    finally:
        database.close()
    return [
        at_least(f"complete voucher holds, {CLIENTS} clients, one programme", [own], "/s", 300),
        told("one SQL function for the same", [peer], "/s"),
        told("one SQL function / complete hold", [peer / own], "×"),
    ]


def _check(database: Database, count: int) -> None:
    """Nothing was lost, nothing overdrawn."""
    asked = text(
        "SELECT (SELECT count(*) FROM settlement_hold), (SELECT sum(fen) FROM settlement_hold),"
        " (SELECT sum(balance_fen) FROM settlement_account WHERE kind = 'held'),"
        " (SELECT min(balance_fen) FROM settlement_account WHERE kind IN ('voucher', 'held'))"
    )
    with database.read() as session:
        holds, fen, held, least = session.execute(asked).one()
    assert (holds, fen) == (count, held), "every hold stands in the ledger"
    assert least >= 0


def _clients(kind: str, url: str) -> float:
    """Holds a second of all clients together, between the first's begin and the last's end."""
    begin = time.time() + 6  # every client is up by then
    running = [_start(kind, url, str(number), str(begin)) for number in range(CLIENTS)]
    answers = [_answer(process) for process in running]
    return CLIENTS * HOLDS / (max(each["ended"] for each in answers) - min(each["begun"] for each in answers))


def _own_schema(server: str) -> str:
    """The URL of a schema that is ours alone, whatever else the server holds."""
    return f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{_SCHEMA}"


def _fresh(url: str) -> Database:
    """An empty, complete database."""
    _run(url, f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE; CREATE SCHEMA {_SCHEMA}")
    database = Database(url, pool=4)
    migrations.upgrade(database)
    assert len(provinces()) == 11
    return database


def _run(url: str, statement: str, given: dict[str, Any] | None = None) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement, given)  # type: ignore[arg-type]


def _child(*arguments: str) -> dict[str, float]:
    return _answer(_start(*arguments))


def _start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.bench.settlement_clients", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _answer(process: subprocess.Popen[str]) -> dict[str, float]:
    told_by_it, _ = process.communicate(timeout=1_800)
    assert process.returncode == 0, "a client failed: its own words stand above"
    answer: dict[str, float] = json.loads(told_by_it)
    return answer
