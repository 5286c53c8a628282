"""A province's mapping of one version: `mapping.yaml` and `vocab.csv`, compiled once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from adapters.errors import ManifestInvalid
from adapters.mapping.functions import Context
from adapters.mapping.sections import Section, compile_section
from adapters.mapping.text import DEFAULT_NULLS
from adapters.mapping.vocabulary import Vocabulary, read_vocabulary
from adapters.options import Options, fault

FORMAT = 1


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """All sections of a mapping, its version and the context its rules were compiled in."""

    version: str
    sections: Mapping[str, Section]
    context: Context
    ignored: Mapping[str, tuple[str, ...]]

    @property
    def vocabulary(self) -> Vocabulary:
        """The province's code table."""
        return self.context.vocabulary


def mapping_version(number: int, mapping: bytes, vocabulary: bytes) -> str:
    """`<number>-<first 8 hexadecimal digits of the SHA-256 of mapping and code table>`.

    Each part is preceded by its length, so that no byte can move from one file to the other unnoticed.
    """
    digest = hashlib.sha256()
    for content in (mapping, vocabulary):
        digest.update(b"%d:" % len(content))
        digest.update(content)
    return f"{number}-{digest.hexdigest()[:8]}"


def compile_mapping(
    mapping: bytes,
    vocabulary: bytes,
    *,
    province: str,
    documents: Mapping[str, str],
    is_shared: bool = False,
) -> CompiledMapping:
    """Compile the files' contents. `documents` names the document each section fills.

    A shared mapping may hold sections that this province does not use.

    Raises `ManifestInvalid` with the path of the first fault.
    """
    top = Options(_parse(mapping), "mapping")
    if top.integer("mapping", least=1) != FORMAT:
        raise fault("mapping.mapping", f"只认识格式 {FORMAT}", f"must be format {FORMAT}", top.raw("mapping"))
    number = top.integer("version", least=1)
    nulls = top.texts("nulls", tuple(sorted(DEFAULT_NULLS)))
    context = Context(province, read_vocabulary(vocabulary), nulls)
    written = top.mapping("resources")
    top.finish()
    sections, ignored = {}, {}
    for name, document_name in documents.items():
        if name not in written:
            raise fault("mapping.resources", f"缺少 {name} 一节", f"has no section {name}", None)
        path = f"mapping.resources.{name}"
        sections[name] = compile_section(written[name], path, document_name, context)
        ignored[name] = Options(written[name], path).texts("ignore", ())
    unused = sorted(set(written) - set(documents))
    if unused and not is_shared:
        raise fault("mapping.resources", "有资源清单里没有的节", "has sections no resource uses", unused)
    return CompiledMapping(mapping_version(number, mapping, vocabulary), sections, context, ignored)


def _parse(content: bytes) -> Any:
    try:
        return yaml.load(content.decode("utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = str(error).replace("\n", " ")[:200]
        raise ManifestInvalid(
            f"mapping.yaml 不是有效的 YAML：{line}", f"mapping.yaml is not YAML: {line}"
        ) from error
