"""Write down what this version of the specification accepts, so that no later one forgets it.

    python -m tests.schemas.freeze

writes `compat/v1/<version>/<document>.json` for `schemas.VERSION`: the valid examples, and for every field its
extremes, all its codes, and the document without it where that is allowed. A version that has been released is
never written again: raise `schemas.VERSION` instead.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import schemas
from schemas.examples import valid_examples

FOLDER = Path(__file__).parent / "compat" / "v1"
Frozen = dict[str, Any]
Accepts = Callable[[Any], bool]


def freeze(name: str) -> Frozen:
    """What the present version accepts as a document of this name, in a small number of documents."""
    documents = {example.name: example.document for example in valid_examples(name)}
    variants = []
    for case, document in documents.items():
        for pointer, field in _fields(schemas.tree(name), document, ""):
            values = [
                value for value in _extremes(field) if schemas.is_valid(name, _with(document, pointer, value))
            ]
            variants += [{"of": case, "pointer": pointer, "values": values}] if values else []
            if schemas.is_valid(name, _without(document, pointer)):
                variants.append({"of": case, "pointer": pointer, "without": True})
    return {"written_by": schemas.VERSION, "documents": documents, "variants": variants}


def refused(frozen: Frozen, accepts: Accepts) -> Iterator[str]:
    """Which of the frozen documents are not accepted any more, one by one."""
    for case, document in frozen["documents"].items():
        if not accepts(document):
            yield case
    for variant in frozen["variants"]:
        document, pointer = frozen["documents"][variant["of"]], variant["pointer"]
        if "without" in variant and not accepts(_without(document, pointer)):
            yield f"{variant['of']} without {pointer}"
        for value in variant.get("values", ()):
            if not accepts(_with(document, pointer, value)):
                yield f"{variant['of']} with {pointer} = {str(value)[:40]!r}"


def _fields(field: schemas.Field, value: Any, pointer: str) -> Iterator[tuple[str, schemas.Field]]:
    """The fields that stand in a document; of a list the first element only."""
    if pointer:
        yield pointer, field
    inside = (
        value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    )
    for key, below in inside:
        child = field.step(key)
        if child is not None:
            yield from _fields(child, below, f"{pointer}/{key}")


def _extremes(field: schemas.Field) -> list[Any]:
    rules = field.rules
    if "enum" in rules:
        return list(rules["enum"])
    found = [rules[key] for key in ("minimum", "maximum") if key in rules]
    if rules.get("type") == "boolean":
        found += [True, False]
    if "string" in rules.get("type", ()):
        lengths = {rules.get("minLength", 1), rules.get("maxLength", 1)}
        found += [character * length for character in "文a1" for length in sorted(lengths)]
    items = field.items.rules.get("enum", []) if field.items is not None else []
    if items:
        found.append(items[: rules.get("maxItems", len(items))])
    return found


def _locate(document: Any, pointer: str) -> tuple[Any, Any]:
    *above, last = (step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
    for step in above:
        document = document[int(step) if isinstance(document, list) else step]
    return document, int(last) if isinstance(document, list) else last


def _with(document: Any, pointer: str, value: Any) -> Any:
    changed = deepcopy(document)
    parent, key = _locate(changed, pointer)
    parent[key] = value
    return changed


def _without(document: Any, pointer: str) -> Any:
    changed = deepcopy(document)
    parent, key = _locate(changed, pointer)
    del parent[key]
    return changed


def main() -> None:
    """Write the files of the present version."""
    folder = FOLDER / schemas.VERSION
    folder.mkdir(parents=True, exist_ok=True)
    for name in schemas.document_names():
        text = json.dumps(freeze(name), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
