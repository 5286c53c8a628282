"""Native record → document, by rules that are data: where each field comes from and which named functions it passes.

Pure: no files, no network, no clock. JMESPath for paths and a closed set of functions; compiled once per version.
"""

from adapters.mapping.compiled import CompiledMapping, compile_mapping, mapping_version
from adapters.mapping.consistency import contradictions
from adapters.mapping.functions import BUILDERS, Context
from adapters.mapping.rules import Reader, compile_reader, value_of
from adapters.mapping.sections import Outcome, Section
from adapters.mapping.unfit import Unfit
from adapters.mapping.vocabulary import Vocabulary, read_vocabulary

__all__ = [
    "BUILDERS",
    "CompiledMapping",
    "Context",
    "Outcome",
    "Reader",
    "Section",
    "Unfit",
    "Vocabulary",
    "compile_mapping",
    "compile_reader",
    "contradictions",
    "mapping_version",
    "read_vocabulary",
    "value_of",
]
