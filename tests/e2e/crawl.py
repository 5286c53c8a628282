"""Every public address of the web: found in its access table, so that a new route is visited without being listed.

A route with a parameter must be told here how to fill it; one that is not told fails the test that crawls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import quote

import schemas
from hub.core import web
from station_portal import problem_codes

_PARAMETER = re.compile(r"\{([a-z_]+)(?::path)?\}")


@dataclass(frozen=True)
class Samples:
    """What addresses may name."""

    provinces: Sequence[str]
    instruments: Sequence[str]
    institutions: Sequence[str]
    runs: Mapping[str, Sequence[int]]
    quarantined: Mapping[str, Sequence[int]]


Fill = Callable[[Samples], Iterator[dict[str, Any]]]


def _each(name: str, values: Callable[[Samples], Sequence[Any]]) -> Fill:
    return lambda samples: ({name: value} for value in values(samples))


def _of_province(name: str, values: Callable[[Samples], Mapping[str, Sequence[int]]]) -> Fill:
    return lambda samples: (
        {"code": code, name: number} for code, numbers in values(samples).items() for number in numbers
    )


_BY_CODE = _each("code", lambda samples: samples.provinces)
_BY_PROVINCE = _each("province", lambda samples: samples.provinces)
_BY_INSTRUMENT = _each("instrument_id", lambda samples: samples.instruments)
_BY_INSTITUTION = _each("institution_id", lambda samples: samples.institutions)

FILLED: Mapping[str, Fill] = {
    "/api/v1/instruments/{instrument_id}": _BY_INSTRUMENT,
    "/api/v1/institutions/{institution_id}": _BY_INSTITUTION,
    "/api/v1/provinces/{code}": _BY_CODE,
    "/api/v1/provinces/{code}/runs": _BY_CODE,
    "/api/v1/provinces/{code}/quarantine": _BY_CODE,
    "/api/v1/provinces/{code}/runs/{run_id}": _of_province("run_id", lambda samples: samples.runs),
    "/api/v1/provinces/{code}/quarantine/{item_id}": _of_province(
        "item_id", lambda samples: samples.quarantined
    ),
    "/api/v1/instruments/{instrument_id}/availability": _BY_INSTRUMENT,
    "/api/v1/instruments/{instrument_id}/tariff": _BY_INSTRUMENT,
    "/api/v1/calendars/{token}": _each("token", lambda _: ["forged"]),
    "/api/v1/usage-evidence/{token}": _each("token", lambda _: ["forged"]),
    "/api/v1/reports/{token}": _each("token", lambda _: ["forged"]),
    "/invitations/{token}": _each("token", lambda _: ["forged"]),
    "/sign-in/with/{provider}": _each("provider", lambda _: ["nobody"]),
    "/sign-in/return/{provider}": _each("provider", lambda _: ["nobody"]),
    "/api/v1/stations/{station_id}": _each(
        "station_id", lambda samples: [f"{code[:2]}-station" for code in samples.provinces]
    ),
    "/schemas/v1/codes/{name}.json": _each("name", lambda _: schemas.list_names()),
    "/schemas/v1/machines/{name}.json": _each("name", lambda _: schemas.machine_names()),
    "/schemas/v1/{name}.schema.json": _each("name", lambda _: schemas.document_names()),
    "/instruments/{instrument_id}": _BY_INSTRUMENT,
    "/institutions/{institution_id}": _BY_INSTITUTION,
    "/map/{province}": _BY_PROVINCE,
    "/programmes/{programme_id}": _each("programme_id", lambda _: ["demo-330400-voucher", "nothing"]),
    "/tools/{name}": _each("name", lambda _: ["hub-sign.py", "verify.py"]),
    "/provinces/{province}": _BY_PROVINCE,
    "/provinces/{province}/live": _BY_PROVINCE,
    "/stations/{province}": _BY_PROVINCE,
    "/problems/{code}": _each("code", lambda _: sorted(problem_codes.meanings())),
}

PAGED = (
    "/api/v1/instruments",
    "/api/v1/institutions",
    "/api/v1/services",
    "/api/v1/provinces/{code}/quarantine",
)
"""Lists that are read to their end."""


def public_addresses(app: Any, samples: Samples) -> Iterator[tuple[str, bool]]:
    """Every public GET address, and whether it is a list to be read to its end."""
    for route, names in web.access_table(app).items():
        method, _, path = route.partition(" ")
        if method != "GET" or "public" not in names:
            continue
        parameters = set(_PARAMETER.findall(path))
        if parameters and path not in FILLED:
            raise AssertionError(f"tell tests/e2e/crawl.py how to fill {path}")
        for values in FILLED[path](samples) if parameters else [{}]:
            assert values.keys() == parameters, path
            filled = {name: quote(str(value), safe="") for name, value in values.items()}
            yield _PARAMETER.sub(lambda found, filled=filled: filled[found[1]], path), path in PAGED


def searches(words: Sequence[str]) -> Iterator[str]:
    """Searching for these words in every way there is."""
    for word, path in product(words, ("/api/v1/instruments", "/search", "/api/v1/map")):
        for kind in ("instrument", "service", "institution"):
            yield f"{path}?open=any&kind={kind}&q={quote(word)}"
    for word, path in product(words, ("/api/v1/suggest", "/search/suggest")):
        yield f"{path}?q={quote(word)}"
