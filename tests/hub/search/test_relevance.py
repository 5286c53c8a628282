"""What a query must find, must not find, must rank first and must explain: the cases are data."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import schemas
from hub.search.index import SearchIndex
from hub.search.request import SearchRequest
from hub.search.service import search
from tests.bench.corpus import NOW
from tests.hub.search import catalogue

CASES = list(csv.DictReader(Path(__file__).with_name("cases.csv").read_text(encoding="utf-8").splitlines()))


def test_the_catalogue_is_valid() -> None:
    for held in catalogue.documents():
        assert schemas.is_valid(held.kind, held.document), held
        for item in held.service_items:
            assert schemas.is_valid("service-item", item), item


@pytest.mark.parametrize("case", CASES, ids=[case["query"] for case in CASES])
def test_case(catalogue_index: SearchIndex, case: dict[str, str]) -> None:
    result = search(catalogue_index, SearchRequest(q=case["query"], open="any", limit=100), now=NOW)
    found = [hit.id for hit in result.items]
    names = [hit.summary["name_zh"] for hit in result.items]
    told = [line.text_zh for line in result.explanations]
    if case["first"]:
        assert found[:1] == [catalogue.identifier(case["first"])], (names, told)
    for number in case["must"].split():
        assert catalogue.identifier(number) in found, (number, names, told)
    for number in case["must_not"].split():
        assert catalogue.identifier(number) not in found, (number, names, told)
    if case["explained"]:
        assert case["explained"] in {line.kind for line in result.explanations}, told
