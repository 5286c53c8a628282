"""The shared data and service specification: documents, code lists, identifiers. It imports nothing of ours.

`VERSION` is the specification's own version, apart from those of the code, the API and the database.
"""

from schemas import ids, uscc
from schemas.audience import AUDIENCES, Audience, mask, redact
from schemas.codelists import Code, CodeList, codes, crosswalk, list_names
from schemas.documents import document, document_names
from schemas.errors import InvalidIdentity, NotJson, SpecificationError, UnknownCodeList, UnknownDocument
from schemas.explanation import Problem, problems
from schemas.fields import Field, tree
from schemas.parsing import parse_json
from schemas.verdict import is_valid

VERSION = "1.0.0"

__all__ = [
    "AUDIENCES", "VERSION", "Audience", "Code", "CodeList", "Field", "InvalidIdentity", "NotJson", "Problem",
    "SpecificationError", "UnknownCodeList", "UnknownDocument", "codes", "crosswalk", "document",
    "document_names", "ids", "is_valid", "list_names", "mask", "parse_json", "problems", "redact", "tree", "uscc",
]  # fmt: skip
