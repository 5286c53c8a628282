"""Every error code that the hub or the portal can raise has a page that says what it means and what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from hub.core import problems
from station_portal import problem_codes

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[a-z]+(_[a-z]+)+")


def raised(source: str) -> Iterator[str]:
    """Codes that a module gives to an error: the first argument of a call that also has two sentences."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        texts = [
            part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)
        ]
        is_error = _is_error(node.func)
        if is_error and node.args and texts and node.args[0] is not None and CODE.fullmatch(texts[0]):
            yield texts[0]
        if is_error:
            yield from (
                keyword.value.value
                for keyword in node.keywords
                if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
            )


def _is_error(func: ast.expr) -> bool:
    if isinstance(func, ast.Attribute):
        return (
            func.attr == "__init__"
            and isinstance(func.value, ast.Call)
            and getattr(func.value.func, "id", "") == "super"
        )
    return isinstance(func, ast.Name) and func.id in {"HubError", "NotFound", "DeliveryRefused"}


def all_raised() -> set[str]:
    found = {code for code, _, _ in problems._HTTP.values()}
    for folder in ("hub", "station_portal"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(raised(path.read_text(encoding="utf-8")))
    return found


def test_every_code_has_a_meaning() -> None:
    found = all_raised()
    assert {"instrument_unknown", "csrf_refused", "not_found"} <= found
    assert found - set(problem_codes.meanings()) == set()


def test_every_meaning_is_complete_and_in_both_languages() -> None:
    for code, meaning in problem_codes.meanings().items():
        assert CODE.fullmatch(code), code
        assert all((meaning.zh, meaning.en, meaning.hint_zh, meaning.hint_en)), code
        assert not re.search(r"[\u4e00-\u9fff]", meaning.en + meaning.hint_en), code
