"""Indexes that the search tests share."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from hub.search.folder import IndexFolder
from hub.search.index import SearchIndex
from hub.search.writer import IndexWriter
from tests.bench import corpus
from tests.bench.corpus import Document
from tests.hub.search import catalogue

CORPUS_SIZE = 500


def build(root: Path, documents: Iterable[Document]) -> SearchIndex:
    """An index of the documents, served under `root`."""
    folder = IndexFolder(root)
    generation = folder.new_generation()
    writer = IndexWriter(generation, is_new=True)
    for document in documents:
        assert writer.put(document)
    writer.commit({"catalog": 1})
    writer.close()
    folder.serve(generation)
    return SearchIndex(root)


@pytest.fixture(scope="session")
def catalogue_index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    """The small catalogue of `catalogue.py`."""
    return build(tmp_path_factory.mktemp("catalogue"), catalogue.documents())


@pytest.fixture(scope="session")
def corpus_documents() -> list[Document]:
    """A made-up catalogue of some hundred instruments."""
    return list(corpus.documents(CORPUS_SIZE))


@pytest.fixture(scope="session")
def corpus_index(tmp_path_factory: pytest.TempPathFactory, corpus_documents: list[Document]) -> SearchIndex:
    """The index of `corpus_documents`."""
    return build(tmp_path_factory.mktemp("corpus"), corpus_documents)
