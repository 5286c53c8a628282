"""`python -m schemas`: print the specification and check it.

python -m schemas                          overview and check; 1 when something is wrong
python -m schemas instrument               the JSON Schema of a document, self-contained
python -m schemas --list area              a code list
python -m schemas --explain instrument FILE   what is wrong with a document (JSON; - reads standard input)
python -m schemas --handbook               docs/specification.md
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

import schemas
from schemas.check import faults
from schemas.handbook import handbook


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the answer is the exit status: 0 good, 1 something is wrong, 2 wrongly asked."""
    asked = _read_arguments(arguments)
    try:
        if asked.handbook:
            print(handbook(schemas.VERSION), end="")
        elif asked.list:
            _print_list(asked.list)
        elif asked.explain:
            return _explain(*asked.explain)
        elif asked.document:
            print(orjson.dumps(schemas.document(asked.document), option=orjson.OPT_INDENT_2).decode())
        else:
            return _overview()
    except (schemas.SpecificationError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    reader = argparse.ArgumentParser(
        prog="python -m schemas", description="规范：打印并检查 · print and check"
    )
    reader.add_argument("document", nargs="?", help="文档名 · name of a document")
    reader.add_argument("--list", metavar="NAME", help="打印代码表 · print a code list")
    reader.add_argument("--explain", nargs=2, metavar=("DOCUMENT", "FILE"), help="说明文档的问题 · explain")
    reader.add_argument("--handbook", action="store_true", help="打印规范手册 · print docs/specification.md")
    return reader.parse_args(arguments)


def _overview() -> int:
    print(f"规范 specification {schemas.VERSION}\n")
    for name in schemas.document_names():
        root = schemas.tree(name)
        print(f"  {name:20} {sum(1 for _ in root.walk()) - 1:4} 字段 fields   {root.zh} · {root.en}")
    print()
    for name in schemas.list_names():
        about = schemas.codes(name)
        print(f"  {name:20} {len(about):4} 代码 codes    {about.zh} · {about.en}")
    print()
    for name in schemas.machine_names():
        held = schemas.machine(name)
        told = f"{len(held.states)} 状态 states, {len(held.transitions)} 转移 transitions"
        print(f"  {name:20} {told}   {held.zh} · {held.en}")
    found = faults()
    print("\n" + ("\n".join(found) if found else "检查通过 · no faults"))
    return 1 if found else 0


def _print_list(name: str) -> None:
    for entry in schemas.codes(name).values():
        attributes = " ".join(f"{key}={value}" for key, value in entry.attributes.items() if value)
        print("\t".join((entry.code, entry.zh, entry.en, entry.parent, attributes)).rstrip())


def _explain(name: str, file: str) -> int:
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    found = schemas.problems(name, schemas.parse_json(content))
    for problem in found:
        print(f"{problem.pointer or '/'}\t{problem.code}\t{problem.zh}\t{problem.en}")
    print("有效 · valid" if not found else f"{len(found)} 处问题 · problems", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
