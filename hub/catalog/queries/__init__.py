"""Reads of the catalogue: one record, lists by keyset, counts, and what the index is built from.

Documents come as they are held: whoever shows them outside first takes `schemas.redact(name, document, audience)`.
"""

from hub.catalog.queries.counts import (
    bands_by_province,
    categories,
    cities_of_province,
    classes_of_institution,
    countries,
    counts_by_province,
    funding_by_province,
    institutions_by_province,
    kinds_of_institution,
    sharing_by_province,
    totals,
)
from hub.catalog.queries.index_feed import (
    IndexDocument,
    documents_for_index,
    instrument_ids_of,
    iterate_documents,
    last_change_number,
)
from hub.catalog.queries.shelf import (
    Owner,
    external_instruments,
    find_institution,
    find_instrument,
    institution,
    institutions,
    institutions_by_ids,
    instrument,
    instruments,
    instruments_by_ids,
    owners,
    service_items,
    services,
)

__all__ = [
    "IndexDocument",
    "Owner",
    "bands_by_province",
    "categories",
    "cities_of_province",
    "classes_of_institution",
    "countries",
    "counts_by_province",
    "documents_for_index",
    "external_instruments",
    "find_institution",
    "find_instrument",
    "funding_by_province",
    "institution",
    "institutions",
    "institutions_by_ids",
    "institutions_by_province",
    "instrument",
    "instrument_ids_of",
    "instruments",
    "instruments_by_ids",
    "iterate_documents",
    "kinds_of_institution",
    "last_change_number",
    "owners",
    "service_items",
    "services",
    "sharing_by_province",
    "totals",
]  # fmt: skip
