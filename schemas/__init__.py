"""The shared data and service specification: documents, code lists, identifiers. It imports nothing of ours.

`VERSION` is the specification's own version, apart from those of the code, the API and the database.
"""

from schemas import ids, uscc
from schemas.audience import AUDIENCES, Audience, mask, redact
from schemas.codelists import Code, CodeList, codes, crosswalk, list_names
from schemas.documents import document, document_names
from schemas.errors import (
    InvalidIdentity,
    NotJson,
    SpecificationError,
    UnknownCodeList,
    UnknownDocument,
    UnknownMachine,
)
from schemas.explanation import Problem, problems
from schemas.fields import Field, tree
from schemas.machines import Machine, Transition, machine, machine_names, machine_source
from schemas.parsing import parse_json
from schemas.verdict import is_valid

VERSION = "1.3.0"

__all__ = [
    "AUDIENCES", "VERSION", "Audience", "Code", "CodeList", "Field", "InvalidIdentity", "Machine", "NotJson", "Problem",
    "SpecificationError", "Transition", "UnknownCodeList", "UnknownDocument", "UnknownMachine", "codes",
    "crosswalk", "document", "document_names", "ids", "is_valid", "list_names", "machine", "machine_names",
    "machine_source", "mask", "parse_json", "problems", "redact", "tree", "uscc",
]  # fmt: skip
