"""The programmes that come with the hub: what was found published, and complete invented ones for the demo."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def published() -> tuple[Mapping[str, Any], ...]:
    """Programme documents from published texts, incomplete where nothing was found."""
    return _read("programmes.yaml")


@cache
def demo() -> tuple[Mapping[str, Any], ...]:
    """Complete programme documents with invented values, marked `demo`."""
    return _read("programmes_demo.yaml")


def _read(name: str) -> tuple[Mapping[str, Any], ...]:
    text = files("hub.settlement").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return tuple(yaml.safe_load(text))
