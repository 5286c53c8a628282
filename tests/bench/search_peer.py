"""The peer: PostgreSQL giving the same counts from the same words (GIN) with grouping sets, and twenty rows.

Its rows are the newest instead of the best: ranking would only make it slower.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from hub.search import columns as c
from hub.search import wire
from hub.search.index import SearchIndex
from hub.search.plan import Plan
from hub.search.request import SearchRequest
from hub.search.resolve import resolve
from hub.search.rules import understand
from hub.search.service import search
from tests.bench.corpus import NOW, Document

BINARIES = Path("/usr/lib/postgresql")
SINGLE = (
    "province",
    "city",
    "class",
    "band",
    "country",
    "sharing",
    "mode",
    "institution_kind",
    "cma",
    "cnas",
)
"""One column each; a set of service modes is one value, as it is in the index."""

_COLUMNS = ", ".join(f'"{name}" text NOT NULL' for name in SINGLE)


_GIVEN = "HUB_BENCH_POSTGRESQL"


def is_given() -> bool:
    """Whether the server is one that was there before."""
    return _GIVEN in os.environ


@contextlib.contextmanager
def postgresql(*, is_durable: bool = False) -> Iterator[str | None]:
    """The URL of a PostgreSQL: the one of HUB_BENCH_POSTGRESQL, else a temporary one, else None.

    The temporary one survives a crash of the machine only when it is to be durable; loading a million rows is not.
    """
    given = os.environ.get(_GIVEN)
    found = sorted(BINARIES.glob("*/bin/initdb"))
    if given or not found:
        yield given
        return
    binaries = found[-1].parent
    data = Path(tempfile.mkdtemp(prefix="peer"))
    owner = _owner(data)
    try:
        _run(
            owner,
            binaries / "initdb",
            "-D",
            data / "db",
            "-A",
            "trust",
            "-U",
            "bench",
            "--locale=C",
            "-E",
            "UTF8",
        )
        options = f"-k {data} -h '' -c shared_buffers=512MB -c maintenance_work_mem=1GB -c fsync={'on' if is_durable else 'off'} -c work_mem=64MB -c jit=off"
        _run(owner, binaries / "pg_ctl", "-D", data / "db", "-w", "-l", data / "log", "-o", options, "start")
        try:
            yield f"postgresql://bench@/postgres?host={data}"
        finally:
            _run(owner, binaries / "pg_ctl", "-D", data / "db", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _owner(data: Path) -> dict[str, Any]:
    """Who runs the server: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(data, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _run(owner: dict[str, Any], *command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, cwd="/", **owner)


def answer_times(
    url: str,
    documents: Iterable[Document],
    index: SearchIndex,
    mix: Sequence[SearchRequest],
    *,
    rounds: int = 3,
) -> list[list[float]]:
    """Milliseconds of every answer, round by round, after one that warms. Raises when a count differs from the index's."""
    times: list[list[float]] = []
    with psycopg.connect(url, autocommit=True) as connection:
        _load(connection, documents)
        for number in range(rounds + 1):
            times.append([])
            for request in mix:
                plan = resolve(understand(request.q), index.snapshot().shelves["instrument"])
                statements = _statements(plan, request)
                begun = time.perf_counter()
                answers = [connection.execute(*statement).fetchall() for statement in statements]
                times[-1].append((time.perf_counter() - begun) * 1000)
                if (
                    number == 0 and len(plan.clauses) < 2
                ):  # with more words the index may have relaxed the search
                    _compare(answers[0], index, request)
    return times[1:]


def _compare(answer: Sequence[Any], index: SearchIndex, request: SearchRequest) -> None:
    [theirs] = [row[-1] for row in answer if all(value is None for value in row[:-1])]
    ours = search(index, request, now=NOW).total
    if theirs != ours:
        raise AssertionError(f"{request}: PostgreSQL counts {theirs}, the index {ours}")


def _load(connection: psycopg.Connection[Any], documents: Iterable[Document]) -> None:
    connection.execute(
        f"CREATE UNLOGGED TABLE held (id text, newest bigint, {_COLUMNS}, "
        "discipline text[] NOT NULL, tags text[] NOT NULL, words text[] NOT NULL)"
    )
    names = ", ".join(f'"{name}"' for name in SINGLE)
    copying = f"COPY held (id, newest, {names}, discipline, tags, words) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        for document in documents:
            if document.kind == "instrument":
                copy.write_row(_row(wire.instrument_fields(document).values))
    connection.execute("CREATE INDEX ON held USING gin (words)")
    connection.execute("CREATE INDEX ON held USING gin (tags)")
    connection.execute("VACUUM ANALYZE held")


def _row(values: dict[str, Any]) -> list[Any]:
    half = c.OPEN if c.text_field(c.OPEN) in values else c.REST
    sharing, mode, cma, cnas = values[c.TERMS.name].split("|")
    kind, band = values[c.OWNER.name].split("|")
    province, city = values[c.AREA.name].split("|")
    single = {
        "province": province,
        "city": city,
        "class": values[c.CLASS.name],
        "band": band,
        "country": values[c.COUNTRY.name],
        "sharing": sharing,
        "mode": mode,
        "institution_kind": kind,
        "cma": cma,
        "cnas": cnas,
    }
    tags = [tag.partition("|")[2] for tag in values[c.TAG].split()]
    words = list(dict.fromkeys(values[c.text_field(half)].split()))
    shown = [values[c.ID], values[c.NEWEST], *(single[name] for name in SINGLE)]
    return [*shown, values[c.DISCIPLINE.name].split(","), tags, words]


Statement = tuple[str, list[Any]]


def _statements(plan: Plan, request: SearchRequest) -> list[Statement]:
    """The counts of all facets not filtered by, then of each that is, without its filter; then twenty rows."""
    filters = dict(request.filters)
    if request.open == "external":
        filters.setdefault("sharing", ("external",))
    unfiltered = [name for name in SINGLE if name not in filters]
    statements = [_counts(plan, filters, unfiltered, has_discipline="discipline" not in filters)]
    for name in filters:
        others = {other: codes for other, codes in filters.items() if other != name}
        if name == "discipline":
            statements.append(_counts(plan, others, [], has_discipline=True))
        else:
            statements.append(_counts(plan, others, [name], has_discipline=False))
    where, values = _where(plan, filters)
    statements.append((f"SELECT id FROM held WHERE {where} ORDER BY newest DESC LIMIT 20", values))
    return statements


def _counts(
    plan: Plan, filters: Mapping[str, Sequence[str]], facets: Sequence[str], *, has_discipline: bool
) -> Statement:
    where, values = _where(plan, filters)
    names = [f'"{name}"' for name in facets]
    columns = ", ".join([*names, "discipline"])
    sets = ", ".join([*(f"({name})" for name in names), "()"])
    shown = "".join(f"{name}, " for name in names)
    text = (
        f"WITH hit AS MATERIALIZED (SELECT {columns} FROM held WHERE {where}) "
        f"SELECT {shown}count(*) FROM hit GROUP BY GROUPING SETS ({sets})"
    )
    if has_discipline:
        blank = "NULL, " * (len(names) - 1) if names else ""
        text += f" UNION ALL SELECT {blank}{'one, ' if names else ''}count(*) FROM hit, unnest(discipline) one GROUP BY one"
    return text, values


def _where(plan: Plan, filters: Mapping[str, Sequence[str]]) -> Statement:
    conditions: list[str] = []
    values: list[Any] = []
    for clause in plan.clauses:
        conditions.append("(" + " OR ".join("words @> %s" for _ in clause.alternatives) + ")")
        values += [list(alternative) for alternative in clause.alternatives]
    for name, codes in filters.items():
        conditions.append("tags && %s")
        values.append([f"{name}|{code}" for code in codes])
    if plan.is_impossible:
        conditions.append("false")
    return " AND ".join(conditions) or "true", values
